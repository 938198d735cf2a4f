/** Hosts on which rsnapshot runs; the clock of their logs is that of Berlin. */
import type { Example } from '../check.ts';
import { ALL, cronLines, type Files, toolTree } from './tool-host.ts';

const HEAD = [
  'config_version\t1.2',
  'snapshot_root\t/mnt/nas/web1/',
  'cmd_rsync\t/usr/bin/rsync',
  'retain\talpha\t6',
  'retain\tbeta\t7',
  'retain\tgamma\t4',
  'lockfile\t/run/rsnapshot.pid',
];
const POINTS = ALL.map((path) => `backup\t${path}\tlocalhost/`);
const conf = (...lines: string[]): Files => ({
  '/etc/rsnapshot.conf': `${[...HEAD, 'logfile\t/var/log/rsnapshot.log', ...lines].join('\n')}\n`,
});
const jobs = cronLines(
  '0 */4 * * * root /usr/bin/rsnapshot alpha',
  '50 3 * * * root /usr/bin/rsnapshot beta',
  '40 3 * * 1 root /usr/bin/rsnapshot gamma',
);
const whole = (...lines: string[]): Files => ({ ...jobs, ...conf(...POINTS, ...lines) });
const snapshot = (modified: string, name = 'alpha.0'): Files => ({
  [`/mnt/nas/web1/${name}`]: { directory: true, modified },
});
const log = (...lines: string[]): Files => ({
  '/var/log/rsnapshot.log': `${lines.map((line) => line.replaceAll('RUN', '/usr/bin/rsnapshot alpha')).join('\n')}\n`,
});
const GOOD = log(
  '[2026-06-15T12:00:01] RUN: started',
  '[2026-06-15T12:00:01] echo 4711 > /run/rsnapshot.pid',
  '[2026-06-15T12:01:30] RUN: completed successfully',
);
const BAD = log(
  '[2026-06-15T12:00:01] RUN: started',
  '[2026-06-15T12:01:30] RUN: ERROR: /usr/bin/rsync returned 11 while processing /etc/',
  '[2026-06-15T12:01:30] RUN: ERROR: RUN: completed, but with some errors',
);
const NOON = '2026-06-15T10:01:29.000Z';

export const rsnapshotExamples: Readonly<Record<string, readonly Example[]>> = {
  'backup.configured': [
    { name: 'rsnapshot', outcome: 'pass', tree: toolTree(whole()), says: ['rsnapshot', '/mnt/nas/web1'] },
    {
      name: 'rsnapshot as Debian brings it: its lines of cron are comments',
      outcome: 'fail',
      tree: toolTree(conf(...POINTS), {
        '/etc/cron.d/rsnapshot': '# 0 */4 * * * root /usr/bin/rsnapshot alpha\n',
      }),
    },
    {
      name: 'only the levels that hand on are started',
      outcome: 'fail',
      tree: toolTree(cronLines('/usr/bin/rsnapshot beta'), conf(...POINTS)),
      says: ['no backup job'],
    },
    {
      name: 'blanks in place of tabs: rsnapshot refuses to run',
      outcome: 'fail',
      tree: toolTree(jobs, conf('backup /etc/ localhost/')),
      says: ['line 9'],
    },
    {
      name: 'a source that is not there: rsnapshot refuses to run',
      outcome: 'fail',
      tree: toolTree(whole('backup\t/nowhere/\tlocalhost/')),
      says: ['line 12'],
    },
    {
      name: 'the configuration takes in what a command prints',
      outcome: 'pass',
      tree: toolTree(whole('include_conf\t`/bin/cat /etc/more`')),
    },
  ],
  'backup.scheduled': [
    { name: 'rsnapshot by cron', outcome: 'pass', tree: toolTree(whole()), says: ['*/4'] },
    {
      name: 'rsnapshot with sync_first, of which nothing starts the sync',
      outcome: 'fail',
      tree: toolTree(whole('sync_first\t1')),
    },
  ],
  'backup.scope': [
    { name: 'rsnapshot copies all of it', outcome: 'pass', tree: toolTree(whole()) },
    {
      name: 'rsnapshot leaves out a file',
      outcome: 'fail',
      tree: toolTree(whole('exclude\tshadow')),
      says: ['/etc/shadow'],
    },
    {
      name: 'a source with patterns of its own is not touched by those for all',
      outcome: 'pass',
      tree: toolTree(
        jobs,
        conf('exclude\tshadow', 'backup\t/etc/\tlocalhost/\texclude=*.tmp', ...POINTS.slice(1)),
      ),
    },
    {
      name: 'rsnapshot on a list of patterns that may not be read',
      outcome: 'unknown',
      tree: toolTree(whole('exclude_file\t/etc/excludes'), {
        '/etc/excludes': { text: '', unreadable: 'permission denied' },
      }),
    },
    {
      name: 'rsync does not go into directories',
      outcome: 'unknown',
      tree: toolTree(whole('rsync_short_args\t-lptgoD')),
      says: ['rsync_short_args'],
    },
    {
      name: 'only other systems are copied',
      outcome: 'fail',
      tree: toolTree(jobs, conf('cmd_ssh\t/usr/bin/rsync', 'backup\troot@web2.example.org:/etc/\tweb2/')),
      says: ['/etc'],
    },
  ],
  'backup.recent': [
    {
      name: 'rsnapshot ended well, as its log and its newest snapshot say',
      outcome: 'pass',
      tree: toolTree(whole(), GOOD, snapshot(NOON)),
      says: [NOON],
    },
    {
      name: 'the same log three days later',
      outcome: 'fail',
      now: '2026-06-18T12:00:00.000Z',
      tree: toolTree(whole(), GOOD, snapshot(NOON)),
    },
    {
      name: 'rsnapshot ended with errors and renewed the time of the snapshot all the same',
      outcome: 'fail',
      tree: toolTree(whole(), BAD, snapshot(NOON)),
      says: ['ended with errors'],
    },
    {
      name: 'a good line in the log and an old snapshot',
      outcome: 'unknown',
      tree: toolTree(whole(), GOOD, snapshot('2026-06-01T10:01:29.000Z')),
    },
    {
      name: 'a new snapshot and no log',
      outcome: 'unknown',
      tree: toolTree(jobs, { '/etc/rsnapshot.conf': `${[...HEAD, ...POINTS].join('\n')}\n` }, snapshot(NOON)),
      says: ['logfile'],
    },
    {
      name: 'a new snapshot and a log that was turned over',
      outcome: 'pass',
      tree: toolTree(whole(), snapshot(NOON), {
        '/var/log/rsnapshot.log.1': (GOOD['/var/log/rsnapshot.log'] ?? '') as string,
        '/var/log/rsnapshot.log': '',
      }),
    },
    {
      name: 'a log that others can write',
      outcome: 'unknown',
      tree: toolTree(whole(), snapshot(NOON), {
        '/var/log/rsnapshot.log': { text: (GOOD['/var/log/rsnapshot.log'] ?? '') as string, mode: 0o666 },
      }),
    },
    {
      name: 'some files were not copied',
      outcome: 'unknown',
      tree: toolTree(
        whole(),
        log(
          '[2026-06-15T12:00:01] RUN: started',
          '[2026-06-15T12:01:30] WARNING: RUN: completed, but with some warnings',
        ),
        snapshot(NOON),
      ),
      says: ['not copied'],
    },
    {
      name: 'the lock of a process that died stops every run',
      outcome: 'fail',
      now: '2026-06-18T12:00:00.000Z',
      tree: toolTree(whole('stop_on_stale_lockfile\t1'), GOOD, snapshot(NOON), {
        '/run/rsnapshot.pid': '4711',
      }),
      says: ['/run/rsnapshot.pid'],
    },
    { name: 'rsnapshot never ran', outcome: 'fail', tree: toolTree(whole()), says: ['no snapshot'] },
  ],
  'backup.encrypted': [
    { name: 'rsnapshot keeps plain copies', outcome: 'fail', tree: toolTree(whole()), says: ['plain'] },
  ],
  'backup.retention': [
    {
      name: 'four weeks of rsnapshot, by the level that is started once a week',
      outcome: 'pass',
      tree: toolTree(whole()),
      says: ['28 days'],
    },
    {
      name: 'only the first level of rsnapshot is started: six times four hours',
      outcome: 'fail',
      tree: toolTree(whole(), cronLines('0 */4 * * * root rsnapshot alpha')),
      says: ['1 days'],
    },
  ],
  'backup.off-host': [
    { name: 'rsnapshot on NFS', outcome: 'pass', tree: toolTree(whole()), says: ['vault.example.org'] },
  ],
  'backup.tamper-resistant': [
    { name: 'rsnapshot removes old ones itself', outcome: 'fail', tree: toolTree(whole()), says: ['oldest'] },
  ],
};
