/**
 * `npm run bench -- backup [--runs N] [--executable FILE]`: what the backup checks add to a run of the agent on this machine, where no
 * repository is opened. Whole processes, in turn in one run: login and access alone, the same with backup, and with a job
 * of each tool that has to be judged, so that all of /etc is walked and every pattern tried. At most 100 ms of CPU more,
 * given also as a multiple of what a bare Node takes: a busy machine slows both.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { agent, env, measure, median, option, type Sample, whole } from './check.ts';

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
  const runs = Math.max(1, Number(option(args, '--runs') ?? 7) || 7);
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'nachweis-bench-'));
  const executable = option(args, '--executable');
  const root = process.getuid?.() === 0 ? jobsRoot(directory) : undefined;
  const state = { NACHWEIS_STATE: path.join(directory, 'none') };
  const start = executable ? [executable] : [process.execPath, ...agent];
  const check = (ids: string, before: readonly string[] = []) =>
    whole([...before, ...start, 'check', '--format', 'json', '--only', ids], { ...env, ...state });
  const [without, and] = ['login.*,access.*', 'login.*,access.*,backup.*'];
  const rows: [string, () => Promise<Sample>][] = [
    ['bare Node (-e 0)', () => measure(['-e', '0'], directory)],
    ['login and access', () => check(without)],
    ['and backup', () => check(and)],
    ...(root === undefined
      ? []
      : ([
          ['with jobs, without backup', () => check(without, withEtcOf(root))],
          ['with jobs, and backup', () => check(and, withEtcOf(root))],
        ] as [string, () => Promise<Sample>][])),
  ];
  try {
    const cpu = rows.map((): number[] => []);
    // One round to warm the caches of the disk, not counted.
    for (let run = 0; run <= runs; run += 1) {
      for (const [index, [, take]] of rows.entries()) {
        const { cpuMs } = await take();
        if (run > 0) cpu[index]?.push(cpuMs);
      }
    }
    const medians = cpu.map(median);
    const more = (from: number): string => {
      const added = (medians[from + 1] ?? 0) - (medians[from] ?? 0);
      return `${added.toFixed(0)} ms, ${(added / (medians[0] ?? 1)).toFixed(1)} x bare Node`;
    };
    const lines = [
      `median of ${runs} runs each, in turn; ${os.cpus().length} processors, Node ${process.version}${executable ? `, ${path.basename(executable)}` : ', from source'}`,
      `${''.padEnd(28)}${'CPU ms'.padStart(8)}`,
      ...rows.map(([name], row) => `${name.padEnd(28)}${(medians[row] ?? 0).toFixed(0).padStart(8)}`),
      `backup adds ${more(1)} here (at most 100 ms on an idle machine)`,
      ...(root === undefined ? [] : [`backup adds ${more(3)} with a job of each tool (at most 100 ms)`]),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

/** What makes a program see this system with another /etc, in a mount namespace of its own: unshare(1). */
const withEtcOf = (root: string): readonly string[] => [
  '/usr/bin/unshare',
  '--mount',
  '/bin/sh',
  '-c',
  'mount --bind "$1/etc" /etc && shift && exec "$@"',
  'sh',
  root,
];

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
