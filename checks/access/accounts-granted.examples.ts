/** Examples of access.accounts-granted. */
import type { Example } from '../check.ts';
import { ED25519_OTHER } from './example-keys.ts';
import {
  grant,
  hashed,
  hostWith,
  hostWithoutPolicy,
  NOW,
  passwdWith,
  shadowWith,
} from './grants.examples.ts';

const both = grant(['root', 'anna']);

export const examples: readonly Example[] = [
  {
    name: 'each account has a grant',
    outcome: 'pass',
    tree: hostWith([both]),
    says: ['anna: a.muster (provider)'],
  },
  {
    name: 'an account of the customer and one of a service',
    outcome: 'pass',
    tree: hostWith(
      [
        both,
        grant(['shop'], { subject: 'customer', party: 'customer' }),
        grant(['backup'], { subject: 'backup', party: 'service' }),
      ],
      {
        '/etc/passwd': passwdWith('shop:x:1001:1001::/home/shop:/bin/bash'),
        '/etc/shadow': shadowWith(`shop:${hashed}:20000::::::`),
        '/var/backups/.ssh/authorized_keys': ED25519_OTHER,
      },
    ),
    says: ['shop: customer (customer)', 'backup: backup (service)'],
  },
  {
    name: 'accounts that nobody can log in to need none: locked, expired, without password and key',
    outcome: 'pass',
    tree: hostWith([both], {
      '/etc/passwd': passwdWith(
        'deploy:x:1002:1002::/home/deploy:/bin/bash\nlocked:x:1003:1003::/:/bin/sh\nold:x:1004:1004::/:/bin/sh',
      ),
      '/etc/shadow': shadowWith(`locked:!${hashed}:20000::::::\nold:${hashed}:20000:::::20500:`),
    }),
  },
  {
    name: 'Kerberos could open an account that has no grant and no password here',
    outcome: 'unknown',
    tree: hostWith([both], {
      '/etc/passwd': passwdWith('deploy:x:1002:1002::/home/deploy:/bin/bash'),
      '/etc/pam.d/common-auth': 'auth sufficient pam_krb5.so minimum_uid=1000\nauth required pam_unix.so\n',
    }),
    says: ['pam_krb5.so', '/etc/pam.d/common-auth'],
  },
  {
    name: 'sshd takes tickets',
    outcome: 'unknown',
    tree: hostWith([both], {
      '/etc/passwd': passwdWith('deploy:x:1002:1002::/home/deploy:/bin/bash'),
      '/etc/ssh/sshd_config': 'GSSAPIAuthentication yes\n',
    }),
    says: ['gssapiauthentication'],
  },
  {
    name: 'tickets where every account with a shell is granted',
    outcome: 'pass',
    tree: hostWith([both], {
      '/etc/ssh/sshd_config': 'GSSAPIAuthentication yes\n',
      '/etc/pam.d/common-auth': 'auth sufficient pam_krb5.so\nauth required pam_unix.so\n',
    }),
  },
  {
    name: 'the last moment of a grant',
    outcome: 'pass',
    tree: hostWith([grant(['root', 'anna'], { until: NOW })]),
    now: '2026-06-15T11:59:59.999Z',
  },
  {
    name: 'what can not be read of an account that is granted anyway',
    outcome: 'pass',
    tree: hostWith([both], { '/home/anna/.ssh/authorized_keys': { unreadable: 'input/output error' } }),
  },
  {
    name: 'an account without a grant',
    outcome: 'fail',
    tree: hostWith([grant(['root'])]),
    says: ['anna: no grant; ways in: SSH key', '"line":4'],
  },
  { name: 'the register is empty', outcome: 'fail', tree: hostWith([]), says: ['root', 'anna'] },
  {
    name: 'a grant that has ended at this instant',
    outcome: 'fail',
    tree: hostWith([grant(['root', 'anna'], { until: NOW })]),
  },
  {
    name: 'a grant that has yet to begin',
    outcome: 'fail',
    tree: hostWith([grant(['root', 'anna'], { from: '2026-06-15T12:00:00.001Z' })]),
  },
  {
    name: 'the name in another letter case is another account',
    outcome: 'fail',
    tree: hostWith([grant(['root', 'Anna'])]),
  },
  {
    name: 'a service with nologin and a password',
    outcome: 'fail',
    tree: hostWith([both], { '/etc/shadow': shadowWith('').replace('backup:*', `backup:${hashed}`) }),
    says: ['backup: no grant; ways in: password'],
  },
  {
    name: 'an empty password in passwd',
    outcome: 'fail',
    tree: hostWith([both], { '/etc/passwd': passwdWith('guest::1005:1005::/:/bin/sh') }),
    says: ['guest'],
  },
  {
    name: 'a certificate authority opens every account with a shell',
    outcome: 'fail',
    tree: hostWith([grant(['root'])], {
      '/etc/ssh/sshd_config': 'TrustedUserCAKeys /etc/ssh/ca.pub\n',
      '/etc/ssh/ca.pub': ED25519_OTHER,
      '/home/anna/.ssh/authorized_keys': '',
    }),
    says: ['anna: no grant; ways in: certificate'],
  },
  {
    name: 'no policy has come',
    outcome: 'unknown',
    tree: hostWithoutPolicy,
    says: ['no register of grants'],
  },
  {
    name: 'the policy holds no register',
    outcome: 'unknown',
    tree: hostWith(null),
    says: ['no register of grants', 'kein Register'],
  },
  {
    name: 'the policy has run out',
    outcome: 'unknown',
    tree: hostWith([both]),
    now: '2026-07-01T00:00:00.000Z',
    says: ['2026-06-22'],
  },
  {
    name: 'keys of an account without a grant can not be read',
    outcome: 'unknown',
    tree: hostWith([grant(['root'])], {
      '/home/anna/.ssh/authorized_keys': { unreadable: 'input/output error' },
    }),
    says: ['input/output error'],
  },
  {
    name: 'shadow can not be read',
    outcome: 'unknown',
    tree: hostWith([both], { '/etc/shadow': { unreadable: 'permission denied' } }),
    says: ['permission denied'],
  },
  {
    name: 'accounts of a directory',
    outcome: 'unknown',
    tree: hostWith([both], { '/etc/nsswitch.conf': 'passwd: files sss\n' }),
    says: ['sss'],
  },
  {
    name: 'an SSH server that can not be judged',
    outcome: 'unknown',
    tree: hostWith([both], {
      '/usr/sbin/sshd': { type: 'other' },
      '/etc/passwd': passwdWith('x:x:1009:1009::/:/bin/sh'),
    }),
  },
];
