/** Small hosts for login.root-console. */
import type { Example } from '../check.ts';

const HASH = '$y$j9T$abcdefgh$0123456789012345678901234567890123456789012';
const COMMON =
  'auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\nauth required pam_permit.so\n';
const ACCOUNT =
  'account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so\naccount requisite pam_deny.so\naccount required pam_permit.so\n';
/** As Debian 11 to 13 deliver it; `first` is what stands before. */
const login = (first = ''): string =>
  `${first}auth optional pam_faildelay.so delay=3000000\nauth requisite pam_nologin.so\n@include common-auth\n@include common-account\n`;
const GUARD =
  'auth [success=ok new_authtok_reqd=ok ignore=ignore user_unknown=bad default=die] pam_securetty.so\n';
const tree = (field: string, pamLogin: string, more: Example['tree']['files'] = {}): Example['tree'] => ({
  files: {
    '/etc/passwd': 'root:x:0:0::/root:/bin/bash\nanna:x:1000:1000::/home/anna:/bin/bash\n',
    '/etc/shadow': `root:${field}:20000:0:99999:7:::\nanna:${HASH}:20000:0:99999:7:::\n`,
    '/etc/pam.d/login': pamLogin,
    '/etc/pam.d/common-auth': COMMON,
    '/etc/pam.d/common-account': ACCOUNT,
    ...more,
  },
});
const guarded = (list: string): Example['tree'] => tree(HASH, login(GUARD), { '/etc/securetty': list });

export const examples: readonly Example[] = [
  { name: 'Debian, root locked', outcome: 'pass', tree: tree('!', login()), says: ['locked'] },
  { name: 'Debian cloud image', outcome: 'pass', tree: tree('*', login()) },
  { name: 'a hash behind a lock', outcome: 'pass', tree: tree(`!${HASH}`, login()) },
  {
    name: 'pam_securetty with the first console',
    outcome: 'pass',
    tree: guarded('# few\nconsole\ntty1\n'),
    says: ['pam_securetty', 'tty1'],
  },
  { name: 'pam_securetty with an empty list', outcome: 'pass', tree: guarded(''), says: ['no terminal'] },
  {
    name: 'a serial line that is allowed',
    outcome: 'pass',
    tree: guarded('ttyS0\n'),
    params: { terminals: ['ttyS0'] },
  },
  { name: 'Debian, root with a password', outcome: 'fail', tree: tree(HASH, login()), says: ['/etc/shadow'] },
  { name: 'root with an empty password', outcome: 'fail', tree: tree('', login()) },
  {
    name: 'pam_securetty without its file',
    outcome: 'fail',
    tree: tree(HASH, login(GUARD)),
    says: ['/etc/securetty'],
  },
  { name: 'a serial line in the list', outcome: 'fail', tree: guarded('tty1\nttyS0\n'), says: ['ttyS0'] },
  { name: 'pseudo terminals in the list', outcome: 'fail', tree: guarded('tty1\npts/0\n'), says: ['pts/0'] },
  {
    name: 'pam_securetty that refuses nobody',
    outcome: 'fail',
    tree: tree(HASH, login('auth optional pam_securetty.so\n'), { '/etc/securetty': 'tty1\n' }),
  },
  {
    name: 'the list alone, which no module reads',
    outcome: 'fail',
    tree: tree(HASH, login(`#${GUARD}`), { '/etc/securetty': 'tty1\n' }),
  },
  {
    name: 'pam_securetty behind a password that is sufficient',
    outcome: 'fail',
    tree: tree(HASH, `auth sufficient pam_unix.so\n${GUARD}@include common-account\n`, {
      '/etc/securetty': 'tty1\n',
    }),
  },
  {
    name: 'a second account with UID 0',
    outcome: 'fail',
    tree: tree('!', login(), {
      '/etc/passwd': 'root:x:0:0::/root:/bin/bash\ntoor:x:0:0::/root:/bin/bash\n',
      '/etc/shadow': `root:!:20000::::::\ntoor:${HASH}:20000::::::\n`,
    }),
    says: ['toor'],
  },
  {
    name: 'another module may keep root out',
    outcome: 'unknown',
    tree: tree(HASH, `${login()}account required pam_access.so\n`),
    says: ['pam_access'],
  },
  {
    name: 'shadow can not be read',
    outcome: 'unknown',
    tree: tree('!', login(), { '/etc/shadow': { unreadable: 'EACCES' } }),
  },
  {
    name: 'the list can not be read',
    outcome: 'unknown',
    tree: tree(HASH, login(GUARD), { '/etc/securetty': { unreadable: 'EACCES' } }),
  },
];
