/** Hosts for backup.encrypted and backup.retention. */
import type { Example } from '../check.ts';
import type { Tree } from '../host-memory.ts';

type Files = Tree['files'];

const base: Files = {
  '/etc/os-release': 'ID=debian\nVERSION_ID=12\n',
  '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n',
  '/proc/sys/kernel/hostname': 'web1\n',
  '/usr/bin/restic': '',
  '/usr/bin/borg': '',
  '/usr/bin/borgmatic': '',
  '/usr/sbin/cron': '',
};
const tree = (...parts: Files[]): Tree => ({ files: Object.assign({}, base, ...parts) });
const cron = (...lines: string[]): Files => ({
  '/etc/cron.d/backup': lines.map((line) => `30 2 * * * root ${line}\n`).join(''),
});
const RESTIC = 'restic -r /srv/vault backup /etc';
const BORG = 'borg create /srv/vault::x /etc';
const declared: Files = {
  '/etc/nachweis/backup.d/vault.yaml':
    'name: vault\ntool: rsync\nwhat: [/etc]\nto: vault.example.org\nwhen: { outside: pulled }\nlastSuccess: { file: /x }\n',
};
const probed = (encryption: string, more: Record<string, unknown> = {}): Files => ({
  '/var/lib/nachweis/backup/borg-web.json': {
    text: JSON.stringify({
      format: 'nachweis.backup-probe/1',
      tool: 'borg',
      job: 'web',
      host: 'web1',
      snapshotHost: 'web1',
      at: '2026-06-15T11:30:00.000Z',
      repository: { location: '/srv/vault', encryption },
      outcome: { opened: true, newest: [], own: 0, others: 0 },
      ...more,
    }),
    mode: 0o600,
  },
});

export const encryptedExamples: readonly Example[] = [
  { name: 'restic', outcome: 'pass', tree: tree(cron(RESTIC)), says: ['restic encrypts always'] },
  {
    name: 'borg, key in the repository',
    outcome: 'pass',
    tree: tree(cron(BORG), probed('repokey-blake2')),
    says: ['repokey-blake2'],
  },
  { name: 'borg, key in a file', outcome: 'pass', tree: tree(cron(BORG), probed('keyfile')) },
  {
    name: 'borg without encryption',
    outcome: 'fail',
    tree: tree(cron(BORG), probed('none')),
    says: ['borg, none'],
  },
  {
    name: 'borg, authenticated is not encrypted',
    outcome: 'fail',
    tree: tree(cron(BORG), probed('authenticated-blake2')),
  },
  {
    name: 'restic without a password',
    outcome: 'fail',
    tree: tree(cron('restic -r /srv/vault --insecure-no-password backup /etc')),
    says: ['empty password'],
  },
  {
    name: 'one of two repositories is not encrypted',
    outcome: 'fail',
    tree: tree(cron(BORG, 'restic -r /srv/two backup /etc'), probed('none')),
    says: ['/srv/vault'],
  },
  { name: 'no job', outcome: 'not-applicable', tree: tree() },
  { name: 'borg that no probe has opened', outcome: 'unknown', tree: tree(cron(BORG)), says: ['probe'] },
  {
    name: 'another repository was opened',
    outcome: 'unknown',
    tree: tree(cron(BORG.replace('vault', 'other')), probed('repokey')),
  },
  {
    name: 'the result of another system',
    outcome: 'unknown',
    tree: tree(cron(BORG), probed('repokey', { host: 'web2' })),
  },
  { name: 'a declared job of another tool', outcome: 'unknown', tree: tree(declared), says: ['this tool'] },
];

const forget = (policy: string): Tree => tree(cron(RESTIC, `restic -r /srv/vault forget --prune ${policy}`));
const prune = (policy: string): Tree => tree(cron(BORG, `borg prune ${policy} /srv/vault`));
const borgmatic = (text: string): Tree =>
  tree(cron('borgmatic'), {
    '/etc/borgmatic/config.yaml': `source_directories: [/etc]\nrepositories: [/srv/vault]\n${text}`,
  });

export const retentionExamples: readonly Example[] = [
  {
    name: 'nothing is ever removed',
    outcome: 'pass',
    tree: tree(cron(RESTIC)),
    says: ['nothing on this system removes'],
  },
  { name: '14 days', outcome: 'pass', tree: forget('--keep-daily 14'), says: ['kept for 14 days'] },
  { name: 'few days and many weeks', outcome: 'pass', tree: forget('-d 3 -w=8'), says: ['kept for 56 days'] },
  {
    name: 'a length of time',
    outcome: 'pass',
    tree: forget('--keep-within 1m5d'),
    says: ['kept for 35 days'],
  },
  {
    name: 'borg, without an end',
    outcome: 'pass',
    tree: prune('--keep-daily=7 --keep-monthly=-1'),
    says: ['all are kept'],
  },
  { name: 'borgmatic without a policy prunes nothing', outcome: 'pass', tree: borgmatic('') },
  {
    name: 'borgmatic',
    outcome: 'pass',
    tree: borgmatic('keep_daily: 7\nkeep_weekly: 4\n'),
    says: ['kept for 28 days'],
  },
  { name: 'a dry run removes nothing', outcome: 'pass', tree: forget('--keep-daily 1 --dry-run') },
  {
    name: 'another repository is kept for a short time only',
    outcome: 'pass',
    tree: tree(cron(RESTIC, 'restic -r /srv/other forget --keep-daily 1')),
  },
  { name: 'a week', outcome: 'fail', tree: forget('--keep-daily 7'), says: ['kept for 7 days'] },
  { name: '48 hours', outcome: 'fail', tree: forget('--keep-hourly 48'), says: ['kept for 2 days'] },
  { name: 'borg, three days', outcome: 'fail', tree: prune('-d 3'), says: ['kept for 3 days'] },
  {
    name: 'borgmatic, within a week',
    outcome: 'fail',
    tree: borgmatic('retention:\n  keep_within: 7d\n'),
    says: ['kept for 7 days'],
  },
  { name: 'a month is wanted', outcome: 'fail', params: { days: 30 }, tree: forget('--keep-daily 14') },
  {
    name: 'a line that prunes every repository',
    outcome: 'fail',
    tree: tree(cron(RESTIC, 'restic -r $ALL forget --keep-daily 2')),
  },
  { name: 'no job', outcome: 'not-applicable', tree: tree() },
  { name: 'a number of snapshots, whatever their age', outcome: 'unknown', tree: forget('--keep-last 20') },
  { name: 'a variable', outcome: 'unknown', tree: forget('--keep-daily $KEEP') },
  { name: 'a declared job', outcome: 'unknown', tree: tree(declared), says: ['can not be seen'] },
];
