/**
 * `npm run bench -- backup [--runs N] [--source|--executable FILE]`: what the backup checks add to a run of the agent on this machine, where no
 * repository is opened. Whole processes, in turn in one run: login and access alone, the same with backup, and with a job
 * of each tool that has to be judged, so that all of /etc is walked and every pattern tried. At most 100 ms of CPU more,
 * given also as a multiple of what a bare Node takes: a busy machine slows both.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bareNode, inTurn, measuredAgent, type Row, runsOf, seeing, table } from './processes.ts';

const JOBS = `[Service]
Environment=RESTIC_REPOSITORY=sftp:vault.example.org:/web BORG_REPO=vault.example.org:web
ExecStart=/usr/bin/restic backup --exclude '*.tmp' --exclude /var/cache /etc /var/spool/cron /var/lib/dpkg/status
ExecStart=/usr/bin/borg create --exclude '*.tmp' --pattern '- /var/cache' ::x /etc /var/spool/cron /var/lib/dpkg/status
ExecStart=/usr/bin/duplicity --include /etc --include /var/spool/cron --include /var/lib/dpkg/status --exclude '**' / sftp://vault.example.org/web
ExecStart=/usr/bin/rsnapshot alpha
`;
const CONF = `config_version\t1.2
snapshot_root\t/srv/snapshots
cmd_rsync\t/usr/bin/rsync
retain\talpha\t6
exclude\t*.tmp
backup\t/etc/\tlocalhost/
backup\t/var/spool/cron/\tlocalhost/
backup\t/var/lib/dpkg/status\tlocalhost/
`;

export async function bench(args: readonly string[]): Promise<void> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'nachweis-bench-'));
  try {
    await compare(args, directory);
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

async function compare(args: readonly string[], directory: string): Promise<void> {
  const agent = await measuredAgent(args, directory);
  const { start, env } = agent;
  const root = process.getuid?.() === 0 ? jobsRoot(directory) : undefined;
  const check = (name: string, ids: string, before: readonly string[] = []): Row => ({
    name,
    command: [...before, ...start, 'check', '--format', 'json', '--only', ids],
    env: { ...env, NACHWEIS_STATE: path.join(directory, 'none') },
  });
  const [without, and] = ['login.*,access.*', 'login.*,access.*,backup.*'];
  const here = [check('login and access', without), check('and backup', and)] as const;
  const jobs =
    root === undefined
      ? undefined
      : ([
          check('with jobs, without backup', without, seeing({ '/etc': path.join(root, 'etc') })),
          check('with jobs, and backup', and, seeing({ '/etc': path.join(root, 'etc') })),
        ] as const);
  const rows = [bareNode, ...here, ...(jobs ?? [])];
  const figures = await inTurn(rows, runsOf(args, 7), agent);
  const more = ([before, after]: readonly [Row, Row]): string => {
    const added = figures.each((cpu) => cpu(after.name) - cpu(before.name));
    return `${added.toFixed(0)} ms, ${(added / figures.of(bareNode.name).cpuMs).toFixed(1)} x bare Node`;
  };
  const lines = [
    figures.heading,
    ...table(
      figures,
      rows.map(({ name }) => name),
      { cpuMs: 'CPU ms' },
    ),
    `backup adds ${more(here)} here (at most 100 ms on an idle machine)`,
    ...(jobs ? [`backup adds ${more(jobs)} with a job of each tool (at most 100 ms)`] : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** This machine's /etc with jobs of four tools. */
function jobsRoot(directory: string): string {
  const root = path.join(directory, 'root');
  for (const name of ['usr/bin', 'usr/lib/systemd', 'var/spool/cron', 'var/lib/dpkg', 'srv/snapshots'])
    fs.mkdirSync(path.join(root, name), { recursive: true });
  fs.cpSync('/etc', path.join(root, 'etc'), { recursive: true, verbatimSymlinks: true });
  fs.cpSync('/usr/lib/systemd/system', path.join(root, 'usr/lib/systemd/system'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  fs.rmSync(path.join(root, 'etc/os-release'));
  fs.copyFileSync('/etc/os-release', path.join(root, 'etc/os-release'));
  fs.copyFileSync('/var/lib/dpkg/status', path.join(root, 'var/lib/dpkg/status'));
  for (const name of ['restic', 'borg', 'duplicity', 'rsnapshot', 'rsync'])
    fs.writeFileSync(path.join(root, 'usr/bin', name), '', { mode: 0o755 });
  fs.writeFileSync(path.join(root, 'etc/systemd/system/backup.service'), JOBS);
  fs.writeFileSync(path.join(root, 'etc/rsnapshot.conf'), CONF);
  return root;
}
