/** Examples of access.home-directories. */
import type { Example } from '../check.ts';
import type { Node } from '../host-memory.ts';

const PASSWD = `root:x:0:0:root:/root:/bin/bash
sync:x:4:65534:sync:/bin:/bin/sync
postgres:x:105:113::/var/lib/postgresql:/bin/bash
anna:x:1000:1000::/home/anna:/bin/bash
`;
const home = (mode: number, uid = 1000, gid = 1000): Node => ({ directory: true, mode, uid, gid });
const file = (mode: number, uid = 1000, gid = 1000, text = 'x'): Node => ({ text, mode, uid, gid });
const tree = (more: Readonly<Record<string, Node>> = {}): Example['tree'] => ({
  files: {
    '/etc/passwd': PASSWD,
    '/etc/group': 'root:x:0:\npostgres:x:113:\nanna:x:1000:\nstaff:x:50:anna,otto\n',
    '/root': home(0o700, 0, 0),
    '/var/lib/postgresql': home(0o755, 105, 113),
    '/home/anna': home(0o700),
    '/home/anna/.profile': file(0o644),
    '/home/anna/.bash_history': file(0o600),
    '/home/anna/.ssh': home(0o700),
    '/home/anna/.ssh/id_ed25519': file(0o600),
    '/home/anna/.ssh/id_ed25519.pub': file(0o644),
    ...more,
  },
});

export const examples: readonly Example[] = [
  { name: 'closed', outcome: 'pass', tree: tree(), says: ['/home/anna', 'anna: 0700'] },
  { name: 'others pass through', outcome: 'pass', tree: tree({ '/home/anna': home(0o711) }) },
  {
    name: 'readable for all, by param',
    outcome: 'pass',
    tree: tree({ '/home/anna': home(0o755) }),
    params: { others: 'list' },
  },
  {
    name: 'a group of one’s own may write',
    outcome: 'pass',
    tree: tree({ '/home/anna': home(0o770), '/home/anna/.profile': file(0o664) }),
  },
  {
    name: 'root’s home of a jailed account',
    outcome: 'pass',
    tree: tree({ '/home/anna': home(0o751, 0, 0) }),
  },
  {
    name: 'a history that leads to /dev/null',
    outcome: 'pass',
    tree: tree({
      '/home/anna/.bash_history': { link: '/dev/null' },
      '/dev/null': { type: 'other', mode: 0o666 },
    }),
  },
  {
    name: 'a link that leads nowhere, and an empty history',
    outcome: 'pass',
    tree: tree({ '/home/anna/.x': { link: '/nowhere' }, '/home/anna/.lesshst': file(0o644, 1000, 1000, '') }),
  },
  {
    name: 'readable for all',
    outcome: 'fail',
    tree: tree({ '/home/anna': home(0o755) }),
    says: ['anna: 0755', '0751'],
  },
  {
    name: 'passing through is too much',
    outcome: 'fail',
    tree: tree({ '/home/anna': home(0o711) }),
    params: { others: 'none' },
  },
  {
    name: 'writable for a group of several',
    outcome: 'fail',
    tree: tree({ '/home/anna': home(0o770, 1000, 50) }),
  },
  {
    name: 'writable for all, with the sticky bit',
    outcome: 'fail',
    tree: tree({ '/home/anna': home(0o1777) }),
    params: { others: 'list' },
  },
  {
    name: 'the home of a service is writable for all',
    outcome: 'fail',
    tree: tree({ '/var/lib/postgresql': home(0o777, 105, 113) }),
  },
  {
    name: 'belongs to somebody else',
    outcome: 'fail',
    tree: tree({ '/home/anna': home(0o700, 1001) }),
    says: ['UID 1001'],
  },
  {
    name: 'missing',
    outcome: 'fail',
    tree: {
      files: {
        ...tree().files,
        '/etc/passwd': `${PASSWD}otto:x:1001:1001::/home/otto:/bin/bash\n`,
      },
    },
    says: ['/home/otto', '"line":5'],
  },
  { name: 'no directory', outcome: 'fail', tree: tree({ '/home/anna': file(0o644) }) },
  {
    name: 'a start file that others can write',
    outcome: 'fail',
    tree: tree({ '/home/anna/.bashrc': file(0o666) }),
    says: ['/home/anna/.bashrc'],
  },
  {
    name: 'a start file of somebody else',
    outcome: 'fail',
    tree: tree({ '/home/anna/.bashrc': file(0o644, 1001) }),
  },
  {
    name: 'secrets that others can read',
    outcome: 'fail',
    tree: tree({ '/home/anna/.ssh/id_rsa': file(0o644), '/home/anna/.netrc': file(0o640, 1000, 50) }),
    says: ['.ssh/id_rsa', '.netrc'],
  },
  {
    name: 'a home that does not answer',
    outcome: 'unknown',
    tree: tree({
      '/home/anna': { directory: true, mode: 0o700, uid: 1000, gid: 1000, unreadable: 'did not answer' },
    }),
    says: ['did not answer'],
  },
  {
    name: 'groups can not be read',
    outcome: 'unknown',
    tree: tree({ '/etc/group': { unreadable: 'permission denied' } }),
  },
  { name: 'no accounts', outcome: 'unknown', tree: { files: {} } },
];
