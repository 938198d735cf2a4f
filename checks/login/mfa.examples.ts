/** Small hosts for login.mfa. */
import { ED25519, SK } from '../access/example-keys.ts';
import type { Example } from '../check.ts';
import { none, unpacked, unreadable } from './sshd-trees.ts';

const HASH = '$y$j9T$abcdefgh$0123456789012345678901234567890123456789012';
const shadow = (root: string, anna: string): string =>
  `root:${root}:20000:0:99999:7:::\ndaemon:*:20000::::::\nanna:${anna}:20000:0:99999:7:::\nbackup:*:20000::::::\n`;
const SUDO_GROUP = 'root:x:0:\ndaemon:x:1:\nanna:x:1000:\nsudo:x:27:anna\nbackup:x:34:\n';
const UNIX =
  'auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\nauth required pam_permit.so\n';
/** Debian's sshd_config without its comments. */
const DEBIAN = 'KbdInteractiveAuthentication no\nUsePAM yes\nX11Forwarding yes\nPrintMotd no\n';

const tree = (config: string, more: Example['tree']['files'] = {}): Example['tree'] =>
  unpacked(config, {
    '/etc/shadow': shadow(HASH, HASH),
    '/etc/group': SUDO_GROUP,
    '/etc/pam.d/sshd': UNIX,
    ...more,
  });
const ASKS = 'UsePAM yes\nKbdInteractiveAuthentication yes\nPasswordAuthentication no\n';

const KEYS = `${DEBIAN}PasswordAuthentication no\n`;
const TOKEN = { counts: ['second-factor'] };
const annas = (line: string): Example['tree']['files'] => ({
  '/home/anna/.ssh/authorized_keys': `${line}\n`,
});

export const examples: readonly Example[] = [
  { name: 'keys alone', outcome: 'pass', tree: tree(`${DEBIAN}PasswordAuthentication no\n`), says: ['key'] },
  {
    name: 'a key and a password',
    outcome: 'pass',
    tree: tree(`${DEBIAN}AuthenticationMethods publickey,password\n`),
  },
  {
    name: 'a second factor in PAM',
    outcome: 'pass',
    tree: tree(ASKS, { '/etc/pam.d/sshd': `${UNIX}auth required pam_google_authenticator.so\n` }),
    says: ['second factor'],
  },
  { name: 'a security token', outcome: 'pass', tree: tree(KEYS, annas(SK)), params: TOKEN },
  {
    name: 'a security token that the server wants touched whatever its line says',
    outcome: 'pass',
    tree: tree(`${KEYS}PubkeyAuthOptions touch-required\n`, annas(`no-touch-required ${SK}`)),
    params: TOKEN,
  },
  {
    name: 'a plain key and a second factor in PAM, where a key alone does not count',
    outcome: 'pass',
    tree: tree(`${ASKS}AuthenticationMethods publickey,keyboard-interactive\n`, {
      ...annas(ED25519),
      '/etc/pam.d/sshd': `${UNIX}auth required pam_google_authenticator.so\n`,
    }),
    params: TOKEN,
  },
  {
    name: 'Debian, nobody but root is privileged',
    outcome: 'pass',
    tree: tree(DEBIAN, { '/etc/group': 'root:x:0:\nanna:x:1000:\n' }),
    says: ['prohibit-password'],
  },
  {
    name: 'Debian, administrators without a password',
    outcome: 'pass',
    tree: tree(DEBIAN, { '/etc/shadow': shadow('!', '!') }),
  },
  {
    name: 'passwords for those who are no administrators',
    outcome: 'pass',
    tree: tree(`${DEBIAN}Match Group sudo\n  PasswordAuthentication no\n`),
  },
  {
    name: 'Debian, an administrator with a password',
    outcome: 'fail',
    tree: tree(DEBIAN),
    says: ['enough by itself: password'],
  },
  {
    name: 'a rule of sudo makes the administrator',
    outcome: 'fail',
    tree: tree(DEBIAN, {
      '/etc/group': 'root:x:0:\nanna:x:1000:\n',
      '/usr/bin/sudo': { text: '\u007fELF\0sudo_plugin\x001.9.13p3\0', mode: 0o4755 },
      '/etc/sudoers': { text: 'anna ALL=(ALL:ALL) ALL\n', mode: 0o440 },
    }),
  },
  {
    name: 'root logs in with a password',
    outcome: 'fail',
    tree: tree(`${DEBIAN}PermitRootLogin yes\n`, { '/etc/group': 'root:x:0:\nanna:x:1000:\n' }),
  },
  {
    name: 'passwords through PAM',
    outcome: 'fail',
    tree: tree(ASKS),
    says: ['enough by itself: keyboard-interactive'],
  },
  {
    name: 'a key or a password',
    outcome: 'fail',
    tree: tree(`${DEBIAN}AuthenticationMethods publickey password\n`),
  },
  {
    name: 'a second factor only for those who have set it up',
    outcome: 'fail',
    tree: tree(ASKS, { '/etc/pam.d/sshd': `${UNIX}auth required pam_google_authenticator.so nullok\n` }),
  },
  {
    name: 'a second factor that is enough by itself',
    outcome: 'fail',
    tree: tree(ASKS, { '/etc/pam.d/sshd': `auth sufficient pam_oath.so\n${UNIX}` }),
  },
  {
    name: 'a second factor that some networks need not give',
    outcome: 'fail',
    tree: tree(ASKS, {
      '/etc/pam.d/sshd': `auth required pam_unix.so\nauth [success=1 default=ignore] pam_access.so accessfile=/etc/security/lan.conf\nauth required pam_oath.so\nauth required pam_permit.so\n`,
    }),
  },
  {
    name: 'a second factor in PAM, which sshd does not use',
    outcome: 'fail',
    tree: tree('UsePAM no\nPasswordAuthentication yes\n', {
      '/etc/pam.d/sshd': `${UNIX}auth required pam_oath.so\n`,
    }),
  },
  {
    name: 'passwords for administrators in one network',
    outcome: 'fail',
    tree: tree(
      `${DEBIAN}PasswordAuthentication no\nMatch Address 192.0.2.0/24\n  PasswordAuthentication yes\n`,
    ),
    says: ['192.0.2'],
  },
  {
    name: 'a plain key where only a security token counts',
    outcome: 'fail',
    tree: tree(KEYS, annas(ED25519)),
    params: TOKEN,
    says: ['enough by itself: publickey'],
  },
  {
    name: 'a plain key of an administrator without a password',
    outcome: 'fail',
    tree: tree(KEYS, { ...annas(ED25519), '/etc/shadow': shadow('!', '!') }),
    params: TOKEN,
  },
  {
    name: 'a password and a plain key where only a security token counts',
    outcome: 'fail',
    tree: tree(`${DEBIAN}AuthenticationMethods publickey,password\n`, annas(ED25519)),
    params: TOKEN,
    says: ['publickey,password'],
  },
  {
    name: 'a security token that need not be touched',
    outcome: 'fail',
    tree: tree(KEYS, annas(`no-touch-required ${SK}`)),
    params: TOKEN,
  },
  {
    name: 'a plain key of root, who may not use a password',
    outcome: 'fail',
    tree: tree(KEYS, { '/root/.ssh/authorized_keys': ED25519 }),
    params: TOKEN,
    says: ['user=root'],
  },
  {
    name: 'a second factor, which does not count',
    outcome: 'fail',
    tree: tree(ASKS, { '/etc/pam.d/sshd': `${UNIX}auth required pam_google_authenticator.so\n` }),
    params: { counts: ['key'] },
    says: ['keyboard-interactive'],
  },
  {
    name: 'everybody needs it',
    outcome: 'fail',
    tree: tree(DEBIAN, { '/etc/group': 'root:x:0:\nanna:x:1000:\n' }),
    params: { required: 'all' },
  },
  { name: 'not required', outcome: 'not-applicable', tree: tree(DEBIAN), params: { required: 'none' } },
  { name: 'no SSH server', outcome: 'not-applicable', tree: none },
  {
    name: 'a module that may ask for anything',
    outcome: 'unknown',
    tree: tree(ASKS, { '/etc/pam.d/sshd': `${UNIX}auth required pam_python.so /etc/mfa.py\n` }),
    says: ['pam_python'],
  },
  {
    name: 'administrators of a directory service may use a password',
    outcome: 'unknown',
    tree: tree(DEBIAN, {
      '/etc/group': 'root:x:0:\nanna:x:1000:\n',
      '/etc/pam.d/sshd': 'auth sufficient pam_unix.so\nauth required pam_sss.so\n',
    }),
    says: ['directory'],
  },
  {
    name: 'a directory service, and keys alone',
    outcome: 'pass',
    tree: tree(`${DEBIAN}PasswordAuthentication no\n`, {
      '/etc/pam.d/sshd': 'auth sufficient pam_unix.so\nauth required pam_sss.so\n',
    }),
  },
  {
    name: 'the configuration can not be read',
    outcome: 'unknown',
    tree: { ...unreadable, files: { ...unreadable.files, '/etc/shadow': shadow(HASH, HASH) } },
  },
  {
    name: 'certificates of which it is not known what they are for, where only a security token counts',
    outcome: 'unknown',
    tree: tree(KEYS, annas(`cert-authority ${ED25519}`)),
    params: TOKEN,
    says: ['kind'],
  },
  {
    name: 'shadow can not be read',
    outcome: 'unknown',
    tree: tree(DEBIAN, { '/etc/shadow': { unreadable: 'EACCES' } }),
  },
];
