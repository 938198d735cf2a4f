/** Examples of access.system-accounts. */
import type { Example } from '../check.ts';

const BASE = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
sync:x:4:65534:sync:/bin:/bin/sync
_apt:x:42:65534::/nonexistent:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
anna:x:1000:1000:Anna:/home/anna:/bin/bash
`;
const SHADOW = `root:$6$salt$abcdefghijklmnop:20000:0:99999:7:::
daemon:*:20000:0:99999:7:::
sync:*:20000:0:99999:7:::
_apt:!:20000:0:99999:7:::
nobody:*:20000:0:99999:7:::
anna:$6$salt$abcdefghijklmnop:20000:0:99999:7:::
`;
const HASH = '$6$saltsalt$qwertzuiopasdfghjklyxcvbnmqwertzuiopasdfghjklyxcvbnm';
const tree = (more = '', shadows = SHADOW, files: Example['tree']['files'] = {}): Example['tree'] => ({
  files: {
    '/etc/passwd': BASE + more,
    '/etc/shadow': shadows,
    '/etc/login.defs': 'UID_MIN 1000\n',
    ...files,
  },
});

export const examples: readonly Example[] = [
  { name: 'as Debian delivers it', outcome: 'pass', tree: tree(), says: ['UID 1000'] },
  {
    name: 'shutdown and halt of RHEL, without login.defs',
    outcome: 'pass',
    tree: {
      files: {
        '/etc/passwd': `${BASE}shutdown:x:6:0:shutdown:/sbin:/sbin/shutdown\nhalt:x:7:0:halt:/sbin:/sbin/halt\n`,
        '/etc/shadow': SHADOW,
      },
    },
  },
  {
    name: 'a hash that is locked',
    outcome: 'pass',
    tree: tree('app:x:998:998::/srv/app:/bin/false\n', `${SHADOW}app:!${HASH}:20000:0:99999:7:::\n`),
  },
  {
    name: 'a service that needs its shell',
    outcome: 'pass',
    tree: tree('postgres:x:105:113::/var/lib/postgresql:/bin/bash\n'),
    params: { allowed: ['root', 'postgres'] },
  },
  {
    name: 'a service with a shell',
    outcome: 'fail',
    tree: tree('backup:x:34:34::/var/backups:/bin/sh\n'),
    says: ['backup', '/bin/sh', '"line":7'],
  },
  {
    name: 'an empty shell is /bin/sh',
    outcome: 'fail',
    tree: tree('backup:x:34:34::/var/backups:\n'),
    says: ['/bin/sh'],
  },
  {
    name: 'nobody with a shell',
    outcome: 'fail',
    tree: {
      files: {
        '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n',
        '/etc/shadow': SHADOW,
      },
    },
  },
  {
    name: 'a password, although the shell is nologin',
    outcome: 'fail',
    tree: tree('app:x:998:998::/srv/app:/usr/sbin/nologin\n', `${SHADOW}app:${HASH}:20000:0:99999:7:::\n`),
    says: ['/etc/shadow', 'app'],
  },
  {
    name: 'a service that may have a shell, but no password',
    outcome: 'fail',
    tree: tree(
      'postgres:x:105:113::/var/lib/postgresql:/bin/bash\n',
      `${SHADOW}postgres:${HASH}:20000:0:99999:7:::\n`,
    ),
    params: { allowed: ['root', 'postgres'] },
  },
  {
    name: 'an empty password in passwd',
    outcome: 'fail',
    tree: tree('app::998:998::/srv/app:/usr/sbin/nologin\n'),
  },
  {
    name: 'people begin at 500 here',
    outcome: 'pass',
    tree: tree('otto:x:600:600::/home/otto:/bin/bash\n', SHADOW, { '/etc/login.defs': 'UID_MIN 500\n' }),
  },
  {
    name: 'shadow can not be read',
    outcome: 'unknown',
    tree: tree('', SHADOW, { '/etc/shadow': { unreadable: 'permission denied' } }),
    says: ['permission denied'],
  },
  {
    name: 'a shell is seen without shadow',
    outcome: 'fail',
    tree: tree('backup:x:34:34::/var/backups:/bin/sh\n', SHADOW, {
      '/etc/shadow': { unreadable: 'permission denied' },
    }),
  },
  { name: 'no accounts', outcome: 'unknown', tree: { files: {} } },
];
