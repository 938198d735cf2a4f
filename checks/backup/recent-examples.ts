/** Hosts for backup.recent; judged at 2026-06-15T12:00:00Z unless said otherwise. */
import type { Example } from '../check.ts';
import type { Tree } from '../host-memory.ts';

const FILE = '/var/lib/nachweis/backup/restic-web.json';

const snapshot = (at: string) => ({ at, id: 'a1b2c3d4', paths: ['/etc'] });
const result = (more: Record<string, unknown> = {}, newest = [snapshot('2026-06-15T02:30:00.000Z')]) => ({
  format: 'nachweis.backup-probe/1',
  tool: 'restic',
  job: 'web',
  host: 'web1',
  snapshotHost: 'web1',
  at: '2026-06-15T11:30:00.000Z',
  repository: { location: '/srv/vault', id: 'ab'.repeat(32) },
  outcome: { opened: true, newest, own: newest.length, others: 3 },
  ...more,
});

const tree = (
  content: unknown,
  node: { mode?: number; uid?: number } = {},
  more: Tree['files'] = {},
): Tree => ({
  files: {
    '/proc/sys/kernel/hostname': 'web1\n',
    [FILE]: { text: typeof content === 'string' ? content : JSON.stringify(content), mode: 0o600, ...node },
    ...more,
  },
});

const refused = (problem: string) => result({ outcome: { opened: false, problem } });
const stamp = (node: Tree['files'][string]): Tree => ({
  files: {
    '/etc/nachweis/backup.d/vault.yaml':
      'name: vault\ntool: rsync\nwhat: [/etc]\nto: vault.example.org\nwhen: { outside: pulled }\nlastSuccess: { file: /var/lib/vault/done }\n',
    '/var/lib/vault/done': node,
  },
});

const declaredEtc: Tree['files'] = {
  '/etc/nachweis/backup.d/web.yaml':
    'name: web\ntool: restic\nwhat: [/etc, /var/spool/cron]\nto: /srv/vault\nwhen: { outside: x }\nlastSuccess: { probe: {} }\n',
};

export const recentExamples: readonly Example[] = [
  {
    name: 'this morning',
    outcome: 'pass',
    tree: tree(result()),
    says: ['2026-06-15T02:30:00.000Z', '/srv/vault'],
  },
  {
    name: 'an archive of borg, this morning',
    outcome: 'pass',
    tree: {
      files: {
        '/proc/sys/kernel/hostname': 'web1\n',
        '/var/lib/nachweis/backup/borg-web.json': {
          text: JSON.stringify(
            result(
              { tool: 'borg', repository: { location: 'vault.example.org:web', encryption: 'repokey' } },
              [{ ...snapshot('2026-06-15T02:30:00.000Z'), paths: [] }],
            ),
          ),
          mode: 0o600,
        },
      },
    },
    says: ['2026-06-15T02:30:00.000Z in vault.example.org:web, seen'],
  },
  {
    name: 'a job of borg, into whose repository nobody looked',
    outcome: 'unknown',
    tree: tree(
      result(),
      {},
      {
        '/usr/bin/borg': '',
        '/etc/os-release': 'ID=debian\n',
        '/etc/cron.d/second': '0 3 * * * root borg create /srv/second::x /etc\n',
      },
    ),
    says: ['/etc/cron.d/second'],
  },
  {
    name: 'the newest snapshot is three days old',
    outcome: 'fail',
    tree: tree(result({}, [snapshot('2026-06-12T02:30:00.000Z')])),
    says: ['2026-06-12T02:30:00.000Z'],
  },
  {
    name: 'three days old is young enough by a longer RPO',
    outcome: 'pass',
    params: { rpoHours: 96 },
    tree: tree(result({}, [snapshot('2026-06-12T02:30:00.000Z')])),
  },
  {
    name: 'only other systems have snapshots there',
    outcome: 'fail',
    tree: tree(result({}, [])),
    says: ['no snapshot of web1'],
  },
  {
    name: 'the snapshot was young when the probe looked, 20 h ago, and no longer is',
    outcome: 'unknown',
    tree: tree(result({ at: '2026-06-14T16:00:00.000Z' }, [snapshot('2026-06-14T02:30:00.000Z')])),
    says: ['more often'],
  },
  {
    name: 'no probe',
    outcome: 'unknown',
    tree: { files: { '/proc/sys/kernel/hostname': 'web1\n' } },
    says: ['nachweis probe backup'],
  },
  {
    name: 'the probe itself ran days ago',
    outcome: 'unknown',
    tree: tree(result({ at: '2026-06-10T11:30:00.000Z' })),
  },
  {
    name: 'a result from the future',
    outcome: 'unknown',
    tree: tree(result({ at: '2026-06-16T11:30:00.000Z' })),
    says: ['future'],
  },
  {
    name: 'a snapshot from the future',
    outcome: 'unknown',
    tree: tree(result({}, [snapshot('2026-06-20T02:30:00.000Z')])),
    says: ['future'],
  },
  {
    name: 'a result of another system',
    outcome: 'unknown',
    tree: tree(result({ host: 'web2' })),
    says: ['another system'],
  },
  { name: 'wrong password', outcome: 'unknown', tree: tree(refused('wrong-password')), says: ['password'] },
  { name: 'not reachable', outcome: 'unknown', tree: tree(refused('unreachable')), says: ['reached'] },
  {
    name: 'a result that others could have written',
    outcome: 'unknown',
    tree: tree(result(), { mode: 0o666 }),
  },
  { name: 'a result of somebody else', outcome: 'unknown', tree: tree(result(), { uid: 1000 }) },
  { name: 'no JSON', outcome: 'unknown', tree: tree('{"format":'), says: ['not valid'] },
  { name: 'an unknown field', outcome: 'unknown', tree: tree(result({ extra: 1 })), says: ['not valid'] },
  {
    name: 'a second job, into whose repository nobody looked',
    outcome: 'unknown',
    tree: tree(
      result(),
      {},
      {
        '/usr/bin/restic': '',
        '/etc/os-release': 'ID=debian\n',
        '/etc/cron.d/second': '0 3 * * * root restic -r /srv/second backup /etc\n',
      },
    ),
    says: ['/etc/cron.d/second'],
  },
  {
    name: 'a declared job succeeded this morning',
    outcome: 'pass',
    tree: stamp({ text: '', modified: '2026-06-15T02:30:00.000Z' }),
  },
  {
    name: 'a declared job last succeeded in May',
    outcome: 'fail',
    tree: stamp({ text: '', modified: '2026-05-15T02:30:00.000Z' }),
  },
  {
    name: 'the sign of success can be set by a user',
    outcome: 'unknown',
    tree: stamp({ text: '', uid: 1000, modified: '2026-06-15T02:30:00.000Z' }),
  },
  {
    name: 'snapshots of other paths in the same repository prove nothing',
    outcome: 'fail',
    tree: tree(result({}, [{ ...snapshot('2026-06-15T02:30:00.000Z'), paths: ['/tmp'] }]), {}, declaredEtc),
    says: ['contains /etc'],
  },
  {
    name: 'of several paths that which was copied longest ago decides',
    outcome: 'fail',
    tree: tree(
      result({}, [
        { ...snapshot('2026-06-15T02:30:00.000Z'), paths: ['/var/spool/cron'] },
        { ...snapshot('2026-06-12T02:30:00.000Z'), paths: ['/etc'] },
      ]),
      {},
      declaredEtc,
    ),
    says: ['2026-06-12'],
  },
  {
    name: 'the whole system contains them all',
    outcome: 'pass',
    tree: tree(result({}, [{ ...snapshot('2026-06-15T02:30:00.000Z'), paths: ['/'] }]), {}, declaredEtc),
  },
  {
    name: 'a file of the last success in a directory that is not root’s',
    outcome: 'unknown',
    tree: {
      files: {
        ...stamp({ text: '', modified: '2026-06-15T02:30:00.000Z' }).files,
        '/var/lib/vault': { directory: true, uid: 1000 },
      },
    },
    says: ['/var/lib/vault'],
  },
];
