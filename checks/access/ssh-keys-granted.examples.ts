/** Examples of access.ssh-keys-granted. */
import type { Example } from '../check.ts';
import {
  ED25519,
  ED25519_FINGERPRINT,
  ED25519_OTHER,
  ED25519_OTHER_FINGERPRINT,
  RSA_2048,
} from './example-keys.ts';
import {
  grant,
  hashed,
  hostWith,
  hostWithoutPolicy,
  NOW,
  passwdWith,
  shadowWith,
} from './grants.examples.ts';

const annas = grant(['anna'], { keys: [ED25519_FINGERPRINT] });
const FILE = '/home/anna/.ssh/authorized_keys';
const config = (text: string) => ({ '/etc/ssh/sshd_config': text });

export const examples: readonly Example[] = [
  {
    name: 'the key is in the grant',
    outcome: 'pass',
    tree: hostWith([annas]),
    says: ['a.muster (provider)'],
  },
  { name: 'no keys at all', outcome: 'pass', tree: hostWith([], { [FILE]: '# none\n' }) },
  {
    name: 'root’s key opens nothing where root may not log in',
    outcome: 'pass',
    tree: hostWith([annas], { '/root/.ssh/authorized_keys': ED25519_OTHER }),
  },
  {
    name: 'keys open nothing where they are switched off',
    outcome: 'pass',
    tree: hostWith([], config('PubkeyAuthentication no\n')),
  },
  {
    name: 'accounts that sshd does not let in, by name and by group',
    outcome: 'pass',
    tree: hostWith([], {
      ...config('PermitRootLogin no\nAllowGroups ops\nMatch User anna\n  DenyUsers an*\n'),
      '/etc/group': 'root:x:0:\nbackup:x:34:\nanna:x:1000:\nops:x:900:anna\n',
      '/var/backups/.ssh/authorized_keys': ED25519_OTHER,
    }),
  },
  {
    name: 'methods without keys, and one that is switched off',
    outcome: 'pass',
    tree: hostWith(
      [],
      config(
        'PermitRootLogin no\nPasswordAuthentication no\nAuthenticationMethods keyboard-interactive publickey,password\n',
      ),
    ),
  },
  {
    name: 'root’s key without a command, where it takes one',
    outcome: 'pass',
    tree: hostWith([annas], {
      ...config('PermitRootLogin forced-commands-only\n'),
      '/root/.ssh/authorized_keys': ED25519_OTHER,
    }),
  },
  {
    name: 'a key whose time is over, and lines that are no keys',
    outcome: 'pass',
    tree: hostWith([annas], {
      [FILE]: `${ED25519}\nexpiry-time="20260101Z" ${ED25519_OTHER}\nssh-ed25519 AAAA\nsee the wiki\n`,
    }),
  },
  {
    name: 'a file of a Match block that is for somebody else',
    outcome: 'pass',
    tree: hostWith([annas], {
      ...config('PermitRootLogin no\nMatch User backup\n  AuthorizedKeysFile /etc/ssh/keys/%u\n'),
      '/etc/ssh/keys/anna': ED25519_OTHER,
    }),
  },
  {
    name: 'a key that no grant names',
    outcome: 'fail',
    tree: hostWith([annas], { [FILE]: `${ED25519}\n\nfrom="192.0.2.7",command="x" ${RSA_2048} job\n` }),
    says: ['"line":3', 'ssh-rsa SHA256:', 'no grant'],
  },
  {
    name: 'a key of an account that may come from one address only, or may not from one',
    outcome: 'fail',
    tree: hostWith([], {
      ...config('PermitRootLogin no\nAllowUsers anna@192.0.2.7 backup\nDenyUsers backup@198.51.100.1\n'),
      '/var/backups/.ssh/authorized_keys': ED25519_OTHER,
    }),
    says: ['anna: ssh-ed25519', 'backup: ssh-ed25519'],
  },
  {
    name: 'a key that is taken from some addresses only',
    outcome: 'fail',
    tree: hostWith(
      [],
      config('PermitRootLogin no\nDenyUsers anna\nMatch Address 192.0.2.0/24\n  DenyUsers nobody\n'),
    ),
    says: ['anna: ssh-ed25519'],
  },
  {
    name: 'a key and a password together',
    outcome: 'fail',
    tree: hostWith([], config('PermitRootLogin no\nAuthenticationMethods publickey,password\n')),
  },
  {
    name: 'root’s key with a command, where it takes one',
    outcome: 'fail',
    tree: hostWith([annas], {
      ...config('PermitRootLogin forced-commands-only\n'),
      '/root/.ssh/authorized_keys': `command="/usr/bin/backup" ${ED25519_OTHER}`,
    }),
    says: ['root: ssh-ed25519'],
  },
  {
    name: 'groups of a directory may let it in',
    outcome: 'fail',
    tree: hostWith([], {
      ...config('PermitRootLogin no\nAllowGroups ops\n'),
      '/etc/nsswitch.conf': 'passwd: files sss\ngroup: files sss\n',
    }),
    says: ['anna: ssh-ed25519'],
  },
  {
    name: 'the right key in the wrong account',
    outcome: 'fail',
    tree: hostWith([annas, grant(['backup'])], { '/var/backups/.ssh/authorized_keys': ED25519 }),
    says: ['backup: ssh-ed25519'],
  },
  { name: 'the account is granted, its key is not', outcome: 'fail', tree: hostWith([grant(['anna'])]) },
  {
    name: 'the grant ends at this instant',
    outcome: 'fail',
    tree: hostWith([grant(['anna'], { keys: [ED25519_FINGERPRINT], until: NOW })]),
  },
  {
    name: 'a key in the second file, and one in a file for all',
    outcome: 'fail',
    tree: hostWith([annas], {
      ...config('PermitRootLogin no\nAuthorizedKeysFile .ssh/authorized_keys %h/more /etc/ssh/keys/%u\n'),
      '/home/anna/more': ED25519_OTHER,
      '/etc/ssh/keys/backup': RSA_2048,
    }),
    says: ['/home/anna/more', '/etc/ssh/keys/backup'],
  },
  {
    name: 'root’s key, where root may log in with one',
    outcome: 'fail',
    tree: hostWith([annas], {
      ...config('PermitRootLogin prohibit-password\n'),
      '/root/.ssh/authorized_keys': ED25519_OTHER,
    }),
    says: ['root: ssh-ed25519'],
  },
  {
    name: 'an authority in authorized_keys',
    outcome: 'fail',
    tree: hostWith([annas], { [FILE]: `${ED25519}\ncert-authority,principals="ops" ${ED25519_OTHER}\n` }),
    says: ['(authority)'],
  },
  {
    name: 'an authority that is granted for one account, not for the other',
    outcome: 'fail',
    tree: hostWith([annas, grant(['anna'], { keys: [ED25519_OTHER_FINGERPRINT] })], {
      ...config('TrustedUserCAKeys /etc/ssh/ca.pub\n'),
      '/etc/ssh/ca.pub': ED25519_OTHER,
    }),
    says: ['root: ssh-ed25519', '/etc/ssh/ca.pub'],
  },
  {
    name: 'a key of an account that has ended',
    outcome: 'pass',
    tree: hostWith([annas], {
      '/etc/passwd': passwdWith('otto:x:1001:1001::/home/otto:/bin/sh'),
      '/etc/shadow': shadowWith(`otto:${hashed}:20000:::::20500:`),
      '/home/otto/.ssh/authorized_keys': ED25519_OTHER,
    }),
  },
  {
    name: 'no policy has come',
    outcome: 'unknown',
    tree: hostWithoutPolicy,
    says: ['no register of grants'],
  },
  {
    name: 'a file can not be read',
    outcome: 'unknown',
    tree: hostWith([annas], { [`${FILE}2`]: { unreadable: 'input/output error' } }),
    says: ['input/output error'],
  },
  {
    name: 'a program names further keys',
    outcome: 'unknown',
    tree: hostWith(
      [annas],
      config(
        'PermitRootLogin no\nAuthorizedKeysCommand /usr/bin/keys %u\nAuthorizedKeysCommandUser nobody\n',
      ),
    ),
    says: ['/usr/bin/keys'],
  },
  {
    name: 'a configuration that this reader does not know',
    outcome: 'unknown',
    tree: hostWith([annas], { '/usr/sbin/sshd': '\0OpenSSH_11.0p1\0', ...config('NewKeyword yes\n') }),
  },
];
