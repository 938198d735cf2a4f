/** Examples of login.empty-password. */
import type { Example } from '../check.ts';

const HASH = '$y$j9T$exampleexampleexampl$exampleexampleexampleexampleexampleexampleexa';
const PASSWD =
  'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/usr/sbin:/usr/sbin/nologin\nanna:x:1000:1000::/home/anna:/bin/bash\n';
const aged = (name: string, password: string) => `${name}:${password}:19800:0:365:7:::\n`;
const shadow = (anna: string, root = '*') => ({
  text: aged('root', root) + aged('daemon', '*') + aged('anna', anna),
  mode: 0o640,
  gid: 42,
});
const NULLOK = 'auth\t[success=1 default=ignore]\tpam_unix.so nullok\nauth\trequisite\tpam_deny.so\n';
const STRICT = NULLOK.replace(' nullok', '');
const base = {
  '/etc/nsswitch.conf': 'passwd: files systemd\nshadow: files\n',
  '/etc/passwd': PASSWD,
  '/etc/pam.d/common-auth': NULLOK,
  '/etc/pam.d/login': '@include common-auth\n',
  '/etc/ssh/sshd_config': 'UsePAM yes\n#PermitEmptyPasswords yes\n',
};

export const examples: readonly Example[] = [
  {
    name: 'Debian as delivered: nullok, and every account has a password or is locked',
    outcome: 'pass',
    tree: { files: { ...base, '/etc/shadow': shadow(HASH) } },
    says: ['3 accounts'],
  },
  {
    name: 'an empty password that no service accepts',
    outcome: 'pass',
    tree: { files: { ...base, '/etc/pam.d/common-auth': STRICT, '/etc/shadow': shadow('') } },
    says: ['anna', 'nullok'],
  },
  {
    name: 'locked with ! and nothing behind it, gshadow without passwords',
    outcome: 'pass',
    tree: { files: { ...base, '/etc/shadow': shadow('!'), '/etc/gshadow': 'root:::\nusers:::\n' } },
  },
  {
    name: 'a + line that the service files skips',
    outcome: 'pass',
    tree: { files: { ...base, '/etc/passwd': `${PASSWD}+::::::\n`, '/etc/shadow': shadow(HASH) } },
  },
  {
    name: 'passwd -d with nullok',
    outcome: 'fail',
    tree: { files: { ...base, '/etc/shadow': shadow('') } },
    says: ['anna', '/etc/pam.d/common-auth', 'nullok'],
  },
  {
    name: 'nullok_secure of older Debian',
    outcome: 'fail',
    tree: {
      files: {
        ...base,
        '/etc/pam.d/common-auth': STRICT.replace('pam_unix.so', 'pam_unix.so nullok_secure'),
        '/etc/shadow': shadow(''),
      },
    },
  },
  {
    name: 'empty field in passwd hides the hash in shadow',
    outcome: 'fail',
    tree: {
      files: { ...base, '/etc/passwd': PASSWD.replace('anna:x:', 'anna::'), '/etc/shadow': shadow(HASH) },
    },
    says: ['/etc/passwd'],
  },
  {
    name: 'empty password of an account with nologin, nullok only below /usr/lib/pam.d',
    outcome: 'fail',
    tree: {
      files: {
        ...base,
        '/etc/pam.d/common-auth': STRICT,
        '/usr/lib/pam.d/vsftpd': 'auth required \\\n  pam_unix.so shadow nullok\n',
        '/etc/shadow': shadow(HASH).text.replace('daemon:*', 'daemon:'),
      },
    },
    says: ['daemon', '/usr/lib/pam.d/vsftpd'],
  },
  {
    name: 'root without a password: rescue mode is open even without nullok',
    outcome: 'fail',
    tree: { files: { ...base, '/etc/pam.d/common-auth': STRICT, '/etc/shadow': shadow(HASH, '') } },
    says: ['sulogin'],
  },
  {
    name: 'sshd that permits empty passwords inside a Match block',
    outcome: 'fail',
    tree: {
      files: {
        ...base,
        '/etc/pam.d/common-auth': STRICT,
        '/etc/ssh/sshd_config.d/10-x.conf': 'UsePAM no\nMatch User anna\n  permitemptypasswords=YES\n',
        '/etc/shadow': shadow(''),
      },
    },
    says: ['PermitEmptyPasswords'],
  },
  {
    name: 'no PAM at all',
    outcome: 'fail',
    tree: { files: { '/etc/passwd': PASSWD, '/etc/shadow': shadow('') } },
  },
  {
    name: 'shadow not readable without root',
    outcome: 'unknown',
    tree: { files: { ...base, '/etc/shadow': { unreadable: 'permission denied' } }, privileged: false },
    says: ['permission denied'],
  },
  {
    name: 'an account without a password field',
    outcome: 'unknown',
    tree: { files: { ...base, '/etc/shadow': `${shadow(HASH).text}otto\n` } },
    says: ['/etc/shadow'],
  },
  {
    name: 'NIS accounts through nss_compat',
    outcome: 'unknown',
    tree: {
      files: {
        ...base,
        '/etc/nsswitch.conf': 'passwd: compat\n',
        '/etc/passwd': `${PASSWD}+::::::\n`,
        '/etc/shadow': shadow(HASH),
      },
    },
  },
  {
    name: 'accounts from LDAP while empty passwords are accepted',
    outcome: 'unknown',
    tree: {
      files: {
        ...base,
        '/etc/nsswitch.conf': 'passwd: files ldap\nshadow: files\n',
        '/etc/shadow': shadow(HASH),
      },
    },
    says: ['ldap'],
  },
  {
    name: 'an empty password, and PAM can not be read',
    outcome: 'unknown',
    tree: {
      files: {
        ...base,
        '/etc/pam.d/common-auth': { unreadable: 'permission denied' },
        '/etc/shadow': shadow(''),
      },
    },
  },
];
