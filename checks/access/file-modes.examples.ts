/** Examples of access.file-modes. */
import type { Example } from '../check.ts';

const at = (mode: number, gid = 0, uid = 0) => ({ text: '', mode, gid, uid });
const directory = (mode: number, gid = 0) => ({ directory: true as const, mode, gid });

/** A system as CIS wants it. */
const strict: Example['tree']['files'] = {
  '/etc/passwd': { text: 'root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\n' },
  '/etc/passwd-': at(0o600),
  '/etc/group': { text: 'root:x:0:\nshadow:x:42:\ncrontab:x:101:\nstaff:x:50:\nssh_keys:x:999:\n' },
  '/etc/shadow': at(0o640, 42),
  '/etc/shadow-': at(0o640, 42),
  '/etc/gshadow': at(0o640, 42),
  '/etc/gshadow-': at(0o600),
  '/etc/security/opasswd': at(0o600),
  '/etc/sudoers': at(0o440),
  '/etc/sudoers.d/README': at(0o440),
  '/etc/ssh/sshd_config': at(0o600),
  '/etc/ssh/ssh_host_ed25519_key': at(0o600),
  '/etc/ssh/ssh_host_ed25519_key.pub': at(0o644),
  '/etc/crontab': at(0o600),
  '/etc/cron.d': directory(0o700),
  '/etc/cron.daily': directory(0o700),
  '/etc/cron.daily/apt': at(0o755),
  '/var/spool/cron/crontabs': directory(0o1730, 101),
  '/etc/pam.d/login': at(0o644),
};
const but = (files: Example['tree']['files']): Example['tree'] => ({ files: { ...strict, ...files } });
const without = (path: string): Example['tree'] => ({
  files: Object.fromEntries(Object.entries(strict).filter(([name]) => name !== path)),
});

export const examples: readonly Example[] = [
  { name: 'as CIS wants it', outcome: 'pass', tree: but({}), says: ['0640 root:shadow', '/etc/pam.d/*'] },
  {
    name: 'stricter, as on RHEL',
    outcome: 'pass',
    tree: but({ '/etc/shadow': at(0), '/etc/gshadow': at(0) }),
  },
  {
    name: 'host key readable by ssh_keys',
    outcome: 'pass',
    tree: but({ '/etc/ssh/ssh_host_ed25519_key': at(0o640, 999) }),
  },
  { name: 'backups and optional files are not there', outcome: 'pass', tree: without('/etc/passwd-') },
  {
    name: 'as delivered by Debian',
    outcome: 'pass',
    tree: but({
      '/etc/ssh/sshd_config': at(0o644),
      '/etc/crontab': at(0o644),
      '/etc/cron.d': directory(0o755),
    }),
  },
  {
    name: 'an ACL that gives what everybody has',
    outcome: 'pass',
    tree: but({ '/etc/passwd-': { ...at(0o644), acl: ['user:1000:r--'] } }),
  },
  {
    name: 'shadow readable by all',
    outcome: 'fail',
    tree: but({ '/etc/shadow': at(0o644, 42) }),
    says: ['0644 root:shadow', '0640 root:root|shadow or stricter'],
  },
  {
    name: 'shadow readable by another group',
    outcome: 'fail',
    tree: but({ '/etc/shadow': at(0o640, 50) }),
    says: ['staff'],
  },
  {
    name: 'the number of Debian’s group shadow where no group is called so',
    outcome: 'fail',
    tree: but({ '/etc/group': 'root:x:0:\n' }),
  },
  {
    name: 'passwd belongs to a user',
    outcome: 'fail',
    tree: but({ '/etc/passwd-': at(0o644, 0, 1000) }),
    says: ['anna'],
  },
  {
    name: 'a link whose target is open',
    outcome: 'fail',
    tree: but({ '/etc/sudoers.d/x': { link: '/srv/x' }, '/srv/x': at(0o666) }),
    says: ['/srv/x'],
  },
  {
    name: 'an ACL lets a user write to sudoers',
    outcome: 'fail',
    tree: but({ '/etc/sudoers': { ...at(0o460), acl: ['user:1000:rw-'] } }),
    says: ['ACL user:1000:rw-'],
  },
  {
    name: 'an ACL lets a user read shadow, mode and group as they should be',
    outcome: 'fail',
    tree: but({ '/etc/shadow': { ...at(0o640, 42), acl: ['user:1000:r--'] } }),
  },
  {
    name: 'sshd configuration readable by all, by the book',
    params: { config: 'cis' },
    outcome: 'fail',
    tree: but({ '/etc/ssh/sshd_config': at(0o644) }),
    says: ['0600'],
  },
  {
    name: 'host key readable by group root',
    outcome: 'fail',
    tree: but({ '/etc/ssh/ssh_host_ed25519_key': at(0o640) }),
  },
  {
    name: 'a cron job that a group can change',
    outcome: 'fail',
    tree: but({ '/etc/cron.daily/apt': at(0o775, 50) }),
  },
  {
    name: 'the vendor’s configuration of sshd below /usr/etc, writable by all',
    outcome: 'fail',
    tree: but({ '/usr/etc/ssh/sshd_config': at(0o666) }),
    says: ['/usr/etc/ssh/sshd_config'],
  },
  {
    name: 'RHEL’s algorithms for sshd, behind a link, writable by all',
    outcome: 'fail',
    tree: but({
      '/etc/crypto-policies/back-ends/opensshserver.config': { link: '/srv/opensshserver.txt' },
      '/srv/opensshserver.txt': at(0o666),
    }),
    says: ['opensshserver.config'],
  },
  { name: 'a PAM file writable by all', outcome: 'fail', tree: but({ '/usr/lib/pam.d/sudo': at(0o666) }) },
  { name: 'setuid on passwd', outcome: 'fail', tree: but({ '/etc/passwd-': at(0o4644) }) },
  {
    name: 'crontabs writable by all',
    outcome: 'fail',
    tree: but({ '/var/spool/cron/crontabs': directory(0o1777, 101) }),
  },
  {
    name: 'a directory that can not be listed',
    outcome: 'unknown',
    tree: {
      ...but({ '/etc/sudoers.d': { directory: true, unreadable: 'permission denied' } }),
      privileged: false,
    },
    says: ['permission denied'],
  },
  { name: 'no accounts at all', outcome: 'unknown', tree: without('/etc/passwd') },
];
