/** Examples of access.expired-grants. */
import type { Example } from '../check.ts';
import { ED25519, ED25519_FINGERPRINT } from './example-keys.ts';
import {
  grant,
  hashed,
  hostWith,
  hostWithoutPolicy,
  NOW,
  passwdWith,
  shadowWith,
} from './grants.examples.ts';

const over = { until: '2026-05-31T22:00:00.000Z' };
const both = grant(['root', 'anna'], { keys: [ED25519_FINGERPRINT] });

export const examples: readonly Example[] = [
  { name: 'no grant has ended', outcome: 'pass', tree: hostWith([both]) },
  {
    name: 'an account whose grant ended is gone, another is locked',
    outcome: 'pass',
    tree: hostWith([both, grant(['otto', 'otto-admin'], over)], {
      '/etc/passwd': passwdWith('otto-admin:x:1001:1001::/:/bin/bash'),
      '/etc/shadow': shadowWith(`otto-admin:!${hashed}:20000::::::`),
    }),
    says: ['grants that have ended: 1'],
  },
  {
    name: 'a new grant follows the old one',
    outcome: 'pass',
    tree: hostWith([grant(['anna'], { keys: [ED25519_FINGERPRINT], ...over }), both]),
  },
  {
    name: 'an account is still open',
    outcome: 'fail',
    tree: hostWith([both, grant(['otto'], { subject: 'o.otto', ...over })], {
      '/etc/passwd': passwdWith('otto:x:1001:1001::/home/otto:/bin/bash'),
      '/etc/shadow': shadowWith(`otto:${hashed}:20000::::::`),
    }),
    says: ['otto: the grant of o.otto ended 2026-05-31T22:00:00.000Z; still open: password'],
  },
  {
    name: 'the grant ends at this instant',
    outcome: 'fail',
    tree: hostWith([grant(['anna'], { until: NOW })]),
  },
  {
    name: 'a key is left in the account of somebody else',
    outcome: 'fail',
    tree: hostWith([grant(['anna', 'root']), grant(['otto'], { keys: [ED25519_FINGERPRINT], ...over })]),
    says: ['/home/anna/.ssh/authorized_keys', 'anna: ssh-ed25519'],
  },
  {
    name: 'the account goes on under another grant, the key does not',
    outcome: 'fail',
    tree: hostWith([
      grant(['anna'], { keys: [ED25519_FINGERPRINT], ...over }),
      grant(['anna', 'root'], { subject: 'c.nachfolger' }),
    ]),
  },
  {
    name: 'a privilege is left, the account goes on',
    outcome: 'fail',
    tree: hostWith([both, grant(['anna'], { privileges: ['docker'], ...over })], {
      '/etc/group': 'root:x:0:\nanna:x:1000:\ndocker:x:998:anna\n',
    }),
    says: ['anna: group docker; the grant of a.muster ended'],
  },
  {
    name: 'whether a privilege is left can not be read',
    outcome: 'unknown',
    tree: hostWith([both, grant(['anna'], { privileges: ['sudo'], ...over })], {
      '/usr/bin/sudo': { text: '\u007fELF\0sudo_plugin\x001.9.13p3\0', mode: 0o4755 },
      '/etc/sudoers': { unreadable: 'permission denied' },
    }),
  },
  {
    name: 'no policy has come',
    outcome: 'unknown',
    tree: hostWithoutPolicy,
    says: ['no register of grants'],
  },
  { name: 'the policy holds no register', outcome: 'unknown', tree: hostWith(null) },
  {
    name: 'accounts of a directory',
    outcome: 'unknown',
    tree: hostWith([both, grant(['otto'], over)], { '/etc/nsswitch.conf': 'passwd: files sss\n' }),
    says: ['sss'],
  },
  {
    name: 'a key could lie in a file that can not be read',
    outcome: 'unknown',
    tree: hostWith([both, grant(['otto'], { keys: [ED25519_FINGERPRINT], ...over })], {
      '/var/backups/.ssh/authorized_keys': { unreadable: 'input/output error' },
    }),
    says: ['input/output error'],
  },
  {
    name: 'whether the account is locked can not be read',
    outcome: 'unknown',
    tree: hostWith([grant(['backup'], over)], { '/etc/shadow': { unreadable: 'permission denied' } }),
    says: ['permission denied'],
  },
  {
    name: 'another account’s keys can not be read, and no key was granted',
    outcome: 'pass',
    tree: hostWith([both, grant(['otto'], over)], {
      '/var/backups/.ssh/authorized_keys': { unreadable: 'input/output error' },
      '/home/anna/.ssh/authorized_keys': ED25519,
    }),
  },
];
