/**
 * One backup tool through the states of its life, with the real program: run by backup-world.test.ts in a mount namespace
 * in which /etc, /root, /srv and the like are its own. Prints, for each state, what each check says.
 */

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import { probeBackups } from '../../agent/backup-probe.ts';
import { linuxHost } from '../../agent/host-linux.ts';
import { backupChecks } from '../../checks/backup/index.ts';
import { evaluateRound } from '../../checks/evaluate.ts';

const HOUR_MS = 3_600_000;
const PASSPHRASE = 'canary-correct-horse';
const WHAT = ['/etc', '/var/spool/cron', '/var/lib/dpkg/status'];
const ENV_FILE = '/etc/backup.env';

interface World {
  /** The command line of the job, with more of its options, to a repository. */
  readonly job: (more: readonly string[], repository: string) => string[];
  readonly env: (passphrase: string, repository: string) => Record<string, string>;
  readonly make: (repository: string) => void;
  /** Leaves out /etc/shadow. */
  readonly exclude: readonly string[];
  /** Keeps every other run from working for as long as it is held. */
  readonly lock: () => Promise<() => void>;
  readonly damage: () => void;
  /** Whether the probe asks the repository. */
  readonly probed: boolean;
}

const REPOSITORY = '/srv/vault';
const url = (repository: string): string => `file://${repository}`;
const run = (words: readonly string[], env: Record<string, string>): number => {
  const [program = '', ...args] = words;
  const done = spawnSync(program, args, {
    env: { PATH: '/usr/bin:/bin', HOME: '/root', LC_ALL: 'C.UTF-8', ...env },
  });
  return done.status ?? 255;
};
const held = (program: string, args: readonly string[], env: Record<string, string>, ready: () => boolean) =>
  new Promise<() => void>((resolve, reject) => {
    const child = spawn(program, args, {
      env: { PATH: '/usr/bin:/bin', HOME: '/root', ...env },
      stdio: 'ignore',
    });
    child.once('exit', (status) =>
      reject(new Error(`${program} ended with ${status} instead of holding its lock`)),
    );
    const poll = setInterval(() => {
      if (!ready()) return;
      clearInterval(poll);
      child.kill('SIGSTOP');
      resolve(() => {
        child.removeAllListeners('exit');
        child.kill('SIGKILL');
      });
    }, 5);
  });
const files = (directory: string): string[] =>
  fs
    .readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => `${directory}/${name}`)
    .filter((path) => fs.statSync(path).isFile());
const overwrite = (path: string): void => {
  const bytes = fs.readFileSync(path);
  bytes.fill(0x55, Math.min(60, bytes.length >> 1));
  fs.chmodSync(path, 0o600);
  fs.writeFileSync(path, bytes);
};

const restic: World = {
  job: (more) => ['/usr/bin/restic', 'backup', '--no-cache', ...more, ...WHAT],
  env: (passphrase, repository) => ({ RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: passphrase }),
  make: (repository) => {
    run(['/usr/bin/restic', 'init', '--no-cache'], restic.env(PASSPHRASE, repository));
  },
  exclude: ['--exclude', '/etc/shadow'],
  lock: () =>
    held('/usr/bin/restic', ['check', '--no-cache', '--read-data'], restic.env(PASSPHRASE, REPOSITORY), () =>
      fs.readdirSync(`${REPOSITORY}/locks`).some((name) => /^[0-9a-f]{64}$/.test(name)),
    ),
  damage: () => {
    for (const path of files(`${REPOSITORY}/snapshots`)) overwrite(path);
  },
  probed: true,
};

const borg: World = {
  job: (more) => ['/usr/bin/borg', 'create', ...more, '::{now}', ...WHAT],
  env: (passphrase, repository) => ({ BORG_REPO: repository, BORG_PASSPHRASE: passphrase }),
  make: (repository) => {
    run(['/usr/bin/borg', 'init', '-e', 'repokey'], borg.env(PASSPHRASE, repository));
  },
  exclude: ['--exclude', '/etc/shadow'],
  lock: () =>
    held('/usr/bin/borg', ['with-lock', REPOSITORY, 'sleep', '60'], borg.env(PASSPHRASE, REPOSITORY), () =>
      fs.existsSync(`${REPOSITORY}/lock.exclusive`),
    ),
  damage: () => {
    for (const path of files(`${REPOSITORY}/data/0`)) overwrite(path);
  },
  probed: true,
};

const archive = (): string =>
  `/root/.cache/duplicity/${createHash('md5').update(url(REPOSITORY)).digest('hex')}`;
const duplicity: World = {
  job: (more, repository) => [
    '/usr/bin/duplicity',
    ...more,
    ...WHAT.flatMap((path) => ['--include', path]),
    '--exclude',
    '**',
    '/',
    url(repository),
  ],
  env: (passphrase) => ({ PASSPHRASE: passphrase }),
  make: (repository) => fs.mkdirSync(repository),
  exclude: ['--exclude', '/etc/shadow'],
  lock: () => {
    const ready = '/srv/held';
    const script = `import fcntl,time\nf=open(${JSON.stringify(`${archive()}/lockfile`)},'a')\nfcntl.lockf(f,fcntl.LOCK_EX)\nopen('${ready}','w')\ntime.sleep(60)`;
    return held('/usr/bin/python3', ['-c', script], {}, () => fs.existsSync(ready));
  },
  damage: () => {
    for (const path of files(REPOSITORY)) if (path.includes('.difftar')) fs.rmSync(path);
  },
  probed: true,
};

const rsnapshotConf = (root: string, more = ''): void =>
  fs.writeFileSync(
    '/etc/rsnapshot.conf',
    [
      'config_version\t1.2',
      `snapshot_root\t${root}`,
      'cmd_rsync\t/usr/bin/rsync',
      'cmd_cp\t/bin/cp',
      'retain\talpha\t6',
      'logfile\t/srv/rsnapshot.log',
      'lockfile\t/srv/rsnapshot.pid',
      more,
      ...WHAT.map((path) => `backup\t${path}\tlocalhost/`),
      '',
    ].join('\n'),
  );
const rsnapshot: World = {
  job: (more, repository) => {
    rsnapshotConf(repository, more.join('\t'));
    return ['/usr/bin/rsnapshot', 'alpha'];
  },
  env: () => ({}),
  make: () => undefined,
  exclude: ['exclude', '/etc/shadow'],
  lock: async () => {
    fs.writeFileSync('/srv/rsnapshot.pid', String(process.pid));
    return () => fs.rmSync('/srv/rsnapshot.pid');
  },
  damage: () => fs.rmSync(`${REPOSITORY}/alpha.0`, { recursive: true }),
  probed: false,
};

const worlds: Readonly<Record<string, World>> = { restic, borg, duplicity, rsnapshot };
const tool = process.argv[2] ?? '';
const world = worlds[tool];
if (!world) throw new Error(`no such tool: ${tool}`);

/** What systemd has of the job. */
function configure(more: readonly string[] = [], passphrase = PASSPHRASE, repository = REPOSITORY): void {
  const env = Object.entries(world?.env(passphrase, repository) ?? {});
  fs.writeFileSync(ENV_FILE, env.map(([name, value]) => `${name}=${value}\n`).join(''), { mode: 0o600 });
  const words = world?.job(more, repository) ?? [];
  fs.writeFileSync(
    '/etc/systemd/system/backup.service',
    `[Service]\nType=oneshot\nEnvironmentFile=-${ENV_FILE}\nExecStart=${words.join(' ')}\n`,
  );
  fs.writeFileSync('/etc/systemd/system/backup.timer', '[Timer]\nOnCalendar=daily\n');
  fs.writeFileSync(
    '/etc/nachweis/backup.d/web.yaml',
    JSON.stringify({
      name: 'web',
      tool,
      what: WHAT,
      to: tool === 'duplicity' ? url(repository) : repository,
      when: { timer: 'backup.timer' },
      lastSuccess: {
        probe: {
          environmentFile: ENV_FILE,
          ...(tool === 'duplicity' ? { repository: url(repository) } : {}),
        },
      },
      lastCheck: '/srv/checked',
    }),
  );
  if (!world?.probed) fs.rmSync('/etc/nachweis/backup.d/web.yaml');
}

const backup = (more: readonly string[] = [], repository = REPOSITORY): number =>
  run(world.job(more, repository), world.env(PASSPHRASE, repository));

const report: Record<string, Record<string, { outcome: string; text: string }>> = {};
async function look(state: string, hours = 0, probe = world?.probed): Promise<void> {
  const now = new Date(Date.now() + hours * HOUR_MS);
  if (probe) await probeBackups({ host: linuxHost(), hostName: os.hostname(), now: () => now });
  const { results } = await evaluateRound({
    host: linuxHost(),
    system: { id: 'debian', version: '12', like: [], kind: 'vm' },
    checks: backupChecks,
    params: {},
    now,
    monotonic: () => 0,
  });
  report[state] = Object.fromEntries(
    results.map(({ check, outcome, reason, evidence }) => [
      check,
      { outcome, text: JSON.stringify([reason, evidence]) },
    ]),
  );
}

/** How the job itself ended. */
function ended(state: string, status: number): void {
  report[state] = {
    ...report[state],
    job: { outcome: status === 0 ? 'pass' : 'fail', text: `status ${status}` },
  };
}

const WANTS = '/etc/systemd/system/timers.target.wants';
fs.mkdirSync(WANTS, { recursive: true });
fs.mkdirSync('/etc/nachweis/backup.d', { recursive: true });
const enable = (): void => fs.symlinkSync('/etc/systemd/system/backup.timer', `${WANTS}/backup.timer`);

await look('nothing', 0, false);
world.make(REPOSITORY);
configure();
enable();
await look('never');
if (backup() !== 0) throw new Error('the job does not work');
await look('run');

const release = await world.lock();
const locked = backup();
// Not asked again: it is the job that the lock keeps from working.
await look('locked', 0, false);
ended('locked', locked);
release();
if (tool === 'restic')
  execFileSync('/usr/bin/restic', ['unlock', '--remove-all', '--no-cache'], {
    env: { PATH: '/usr/bin', HOME: '/root', ...restic.env(PASSPHRASE, REPOSITORY) },
  });
if (tool === 'borg')
  execFileSync('/usr/bin/borg', ['break-lock', REPOSITORY], {
    env: { PATH: '/usr/bin', HOME: '/root', ...borg.env(PASSPHRASE, REPOSITORY) },
  });

await look('aged', 48);

fs.rmSync(`${WANTS}/backup.timer`);
await look('disabled', 0, false);
enable();
fs.rmSync('/etc/systemd/system/backup.timer');
fs.symlinkSync('/dev/null', '/etc/systemd/system/backup.timer');
await look('masked', 0, false);
fs.rmSync('/etc/systemd/system/backup.timer');

configure(world.exclude);
await look('excluded', 0, false);

if (world.probed) {
  configure([], 'canary-wrong');
  await look('wrong passphrase');
}

configure();
// A check of the repository renews a file when all is well, as its remedy says.
if (tool === 'restic') {
  fs.writeFileSync('/srv/checked', '');
  fs.utimesSync('/srv/checked', 0, Date.now() / 1000 - 60 * 86_400);
  for (const path of files(`${REPOSITORY}/data`)) overwrite(path);
  const status = run(
    ['/usr/bin/restic', 'check', '--no-cache', '--read-data'],
    restic.env(PASSPHRASE, REPOSITORY),
  );
  if (status === 0) fs.utimesSync('/srv/checked', Date.now() / 1000, Date.now() / 1000);
  await look('damaged pack', 0, false);
}
world.damage();
await look('damaged');

fs.mkdirSync('/srv/full');
execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=3m,mode=755', 'none', '/srv/full']);
const FULL = '/srv/full/vault';
world.make(FULL);
fs.writeFileSync('/etc/large', randomBytes(6 * 1024 * 1024));
fs.rmSync('/srv/rsnapshot.log', { force: true });
configure([], PASSPHRASE, FULL);
const full = backup([], FULL);
await look('full disk');
ended('full disk', full);
process.stdout.write(JSON.stringify(report));
