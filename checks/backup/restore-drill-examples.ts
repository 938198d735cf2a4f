/** Hosts for backup.restore-drill; judged at 2026-06-15T12:00:00Z unless said otherwise. */
import type { Drill } from '../../shared/drill.ts';
import type { Example } from '../check.ts';
import type { Node, Tree } from '../host-memory.ts';

const FILE = '/var/lib/nachweis/backup/drill-restic-etc-0123abcd.json';

const equal: Drill = {
  at: '2026-05-20T03:00:00.000Z',
  tool: 'restic',
  job: 'etc',
  repository: { location: 'sftp:backup.example.org:/srv/web' },
  snapshot: { at: '2026-05-20T01:00:00.000Z', id: 'ab'.repeat(32) },
  sample: { seed: 'cd'.repeat(16), named: [] },
  files: { source: 22, record: 2, unclear: 0, different: 0, damaged: 0, missing: 0 },
  bytes: 1_234_567,
  milliseconds: { firstByte: 1800, restored: 42_000 },
  outcome: 'equal',
  problem: null,
};
const files = { source: 20, record: 0, unclear: 0, different: 1, damaged: 3, missing: 0 };
const unequal: Drill = { ...equal, outcome: 'unequal', files };
const unreachable: Drill = {
  ...equal,
  at: '2026-06-10T03:00:00.000Z',
  snapshot: null,
  files: { source: 0, record: 0, unclear: 0, different: 0, damaged: 0, missing: 0 },
  bytes: 0,
  milliseconds: { firstByte: null, restored: 120_000 },
  outcome: 'error',
  problem: 'unreachable',
};
const entry = (drill: Drill, record: string | null = 'ef'.repeat(32)) => ({ drill, record });

const file = (more: Record<string, unknown> = {}) =>
  JSON.stringify({
    format: 'nachweis.drill-results/1',
    host: 'web1',
    latest: entry(equal),
    conclusive: entry(equal),
    ...more,
  });

const withJob = (more: Tree['files']): Tree => ({
  files: {
    '/proc/sys/kernel/hostname': 'web1\n',
    '/etc/os-release': 'ID=debian\n',
    '/usr/bin/restic': '',
    '/etc/cron.d/etc': '0 3 * * * root restic -r /srv/vault backup /etc\n',
    ...more,
  },
});
const tree = (text: string, node: Exclude<Node, string> = {}): Tree =>
  withJob({ [FILE]: { text, mode: 0o600, ...node } });
const both = (drill: Drill) => file({ latest: entry(drill), conclusive: entry(drill) });

export const restoreDrillExamples: readonly Example[] = [
  {
    name: 'equal four weeks ago',
    outcome: 'pass',
    tree: tree(file()),
    says: ['24 files', '42.0 s', '42,0 s'],
  },
  {
    name: 'files asked for by name',
    outcome: 'pass',
    tree: tree(both({ ...equal, sample: { ...equal.sample, named: ['/etc/hostname'] } })),
    says: ['/etc/hostname'],
  },
  {
    name: 'equal then, and the repository could not be reached last week',
    outcome: 'pass',
    tree: tree(file({ latest: entry(unreachable) })),
  },
  {
    name: 'one of two jobs was drilled',
    outcome: 'pass',
    tree: withJob({
      [FILE]: { text: file(), mode: 0o600 },
      '/etc/cron.d/other': '0 4 * * * root restic -r /srv/other backup /srv\n',
    }),
  },
  { name: 'no drill ever', outcome: 'fail', tree: withJob({}), says: ['no drill yet'] },
  {
    name: 'equal, but four months ago',
    outcome: 'fail',
    tree: tree(both({ ...equal, at: '2026-02-10T03:00:00.000Z' })),
  },
  {
    name: 'four months are within the time asked for here',
    outcome: 'pass',
    params: { days: 180 },
    tree: tree(both({ ...equal, at: '2026-02-10T03:00:00.000Z' })),
  },
  { name: 'files were not equal', outcome: 'fail', tree: tree(both(unequal)), says: ['4 of them not'] },
  {
    name: 'one job equal, another not',
    outcome: 'fail',
    tree: withJob({
      [FILE]: { text: file(), mode: 0o600 },
      [FILE.replace('0123', '4567')]: { text: both({ ...unequal, job: 'other' }), mode: 0o600 },
    }),
  },
  {
    name: 'the repository holds no backup of this host',
    outcome: 'fail',
    tree: tree(both({ ...unreachable, outcome: 'unequal', problem: 'no-snapshot' })),
  },
  {
    name: 'the repository could not be reached, and nothing is known from before',
    outcome: 'unknown',
    tree: tree(file({ latest: entry(unreachable), conclusive: null })),
    says: ['unreachable'],
  },
  {
    name: 'not signed',
    outcome: 'unknown',
    tree: tree(file({ conclusive: entry(equal, null) })),
    says: ['not signed'],
  },
  { name: 'somebody else could have written it', outcome: 'unknown', tree: tree(file(), { mode: 0o666 }) },
  { name: 'somebody else wrote it', outcome: 'unknown', tree: tree(file(), { uid: 1000 }) },
  {
    name: 'an ACL lets somebody write it',
    outcome: 'unknown',
    tree: tree(file(), { acl: ['user:anna:rw-'] }),
  },
  {
    name: 'somebody else could have put it there',
    outcome: 'unknown',
    tree: withJob({
      [FILE]: { text: file(), mode: 0o600 },
      '/var/lib/nachweis': { directory: true, mode: 0o777 },
    }),
  },
  {
    name: 'a link to a file of root',
    outcome: 'unknown',
    tree: withJob({ [FILE]: { link: '/root/other' }, '/root/other': { text: file(), mode: 0o600 } }),
  },
  {
    name: 'copied from another system',
    outcome: 'unknown',
    tree: tree(file({ host: 'web2' })),
    says: ['web2'],
  },
  {
    name: 'from the future',
    outcome: 'unknown',
    tree: tree(both({ ...equal, at: '2026-06-20T03:00:00.000Z' })),
    says: ['future'],
  },
  {
    name: 'equal, it says, though files differ',
    outcome: 'unknown',
    tree: tree(both({ ...equal, files })),
    says: ['not valid'],
  },
  { name: 'no JSON', outcome: 'unknown', tree: tree('{'), says: ['not valid'] },
  {
    name: 'no job, nothing to restore from',
    outcome: 'not-applicable',
    tree: { files: { '/proc/sys/kernel/hostname': 'web1\n', '/etc/os-release': 'ID=debian\n' } },
  },
];
