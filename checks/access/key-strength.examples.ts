/** Examples of access.key-strength. */
import type { Example } from '../check.ts';
import { DSA, ECDSA, ED25519, ED25519_OTHER, RSA_2048, RSA_3072 } from './example-keys.ts';

const files: Example['tree']['files'] = {
  '/usr/sbin/sshd': { text: '\u007fELF\0OpenSSH_9.2p1 Debian-2\0', mode: 0o755 },
  '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
  '/etc/passwd':
    'root:x:0:0:root:/root:/bin/bash\nanna:x:1000:1000::/home/anna:/bin/bash\notto:x:1001:1001::/home/otto:/bin/bash\nbackup:x:34:34::/var/backups:/usr/sbin/nologin\n',
  '/etc/group': 'root:x:0:\nanna:x:1000:\notto:x:1001:\nbackup:x:34:\n',
  '/etc/ssh/sshd_config': 'PermitRootLogin prohibit-password\n',
  '/etc/ssh/ssh_host_ed25519_key': { text: '', mode: 0o600 },
  '/etc/ssh/ssh_host_ed25519_key.pub': ED25519_OTHER,
};
const tree = (more: Example['tree']['files']): Example['tree'] => ({
  live: false,
  files: { ...files, ...more },
});

export const examples: readonly Example[] = [
  {
    name: 'ED25519, ECDSA and long RSA keys',
    outcome: 'pass',
    tree: tree({
      '/home/anna/.ssh/authorized_keys': `# mine\n${ED25519} anna\nfrom="192.0.2.1",no-pty ${ECDSA} job\n`,
      '/root/.ssh/authorized_keys2': `${RSA_3072}\n`,
    }),
    says: ['SHA256:'],
  },
  {
    name: 'one person’s key for the own account, root and a service',
    outcome: 'pass',
    tree: tree({
      '/home/anna/.ssh/authorized_keys': ED25519,
      '/root/.ssh/authorized_keys': ED25519,
      '/var/backups/.ssh/authorized_keys': ED25519,
    }),
  },
  {
    name: 'a weak key that opens nothing: root may not log in',
    outcome: 'pass',
    tree: tree({ '/etc/ssh/sshd_config': 'PermitRootLogin no\n', '/root/.ssh/authorized_keys': DSA }),
  },
  {
    name: 'a file of a Match block that is for somebody else',
    outcome: 'pass',
    tree: tree({
      '/etc/ssh/sshd_config': 'Match User otto\n  AuthorizedKeysFile /etc/ssh/keys/%u\n',
      '/etc/ssh/keys/anna': DSA,
    }),
  },
  {
    name: 'shorter RSA keys by param',
    outcome: 'pass',
    tree: tree({ '/root/.ssh/authorized_keys': RSA_2048 }),
    params: { rsaBits: 2048 },
  },
  {
    name: 'a DSA key',
    outcome: 'fail',
    tree: tree({ '/root/.ssh/authorized_keys': DSA }),
    says: ['ssh-dss 1024'],
  },
  {
    name: 'an RSA key of 2048 bits behind options with spaces and quotes',
    outcome: 'fail',
    tree: tree({
      '/home/anna/.ssh/authorized_keys': `\n  command="echo \\"a b\\"",no-pty\t${RSA_2048} anna\r\n`,
    }),
    says: ['ssh-rsa 2048', '"line":2'],
  },
  {
    name: 'an account without a shell has a weak key',
    outcome: 'fail',
    tree: tree({ '/var/backups/.ssh/authorized_keys': RSA_2048 }),
  },
  {
    name: 'a pattern with the account’s name, in a Match block',
    outcome: 'fail',
    tree: tree({
      '/etc/ssh/sshd_config': 'Match User otto\n  AuthorizedKeysFile /etc/ssh/keys/%u\n',
      '/etc/ssh/keys/otto': DSA,
    }),
    says: ['/etc/ssh/keys/otto'],
  },
  {
    name: 'a weak authority',
    outcome: 'fail',
    tree: tree({
      '/etc/ssh/sshd_config': 'TrustedUserCAKeys /etc/ssh/ca.pub\n',
      '/etc/ssh/ca.pub': RSA_2048,
    }),
    says: ['/etc/ssh/ca.pub'],
  },
  {
    name: 'a key that opens the accounts of two people',
    outcome: 'fail',
    tree: tree({
      '/home/anna/.ssh/authorized_keys': ED25519,
      '/home/otto/.ssh/authorized_keys': ED25519,
    }),
    says: ['anna, otto'],
  },
  {
    name: 'a weak host key',
    outcome: 'fail',
    tree: tree({
      '/etc/ssh/ssh_host_rsa_key': { text: '', mode: 0o600 },
      '/etc/ssh/ssh_host_rsa_key.pub': RSA_2048,
    }),
    says: ['/etc/ssh/ssh_host_rsa_key.pub'],
  },
  {
    name: 'keys can not be read',
    outcome: 'unknown',
    tree: tree({ '/root/.ssh/authorized_keys': { unreadable: 'permission denied' } }),
    says: ['permission denied'],
  },
  {
    name: 'a pipe in place of the keys',
    outcome: 'unknown',
    tree: tree({ '/root/.ssh/authorized_keys': { type: 'other' } }),
  },
  {
    name: 'a program names further keys',
    outcome: 'unknown',
    tree: tree({
      '/etc/ssh/sshd_config':
        'AuthorizedKeysCommand /usr/bin/sss_ssh_authorizedkeys %u\nAuthorizedKeysCommandUser nobody\n',
    }),
    says: ['seen from outside'],
  },
  {
    name: 'the public half of a host key is missing',
    outcome: 'unknown',
    tree: tree({ '/etc/ssh/ssh_host_rsa_key': { text: '', mode: 0o600 } }),
  },
  {
    name: 'no SSH server',
    outcome: 'not-applicable',
    tree: { live: false, files: { '/etc/passwd': files['/etc/passwd'] ?? '' } },
  },
];
