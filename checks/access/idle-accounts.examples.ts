/** Examples of access.idle-accounts; records are built here byte for byte. */
import type { Example } from '../check.ts';
import { ED25519 } from './example-keys.ts';
import { grant, hashed, hostWith, hostWithoutPolicy, passwdWith, shadowWith } from './grants.examples.ts';

const seconds = (iso: string): number => Date.parse(`${iso}T08:00:00Z`) / 1000;
const le32 = (value: number): string =>
  String.fromCharCode(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff);
const padded = (text: string, length: number): string => text.padEnd(length, '\0');

/** A wtmp record of x86_64 (32-bit times) or aarch64. */
function wtmp(user: string, iso: string, wide = false): string {
  const head = `${le32(7)}${le32(1)}${padded('pts/0', 32)}${padded('ts/0', 4)}${padded(user, 32)}${padded('', 256)}${le32(0)}`;
  const time = le32(seconds(iso));
  return padded(wide ? `${padded(head, 344)}${time}` : `${head}${le32(1)}${time}`, wide ? 400 : 384);
}

/** lastlog with a login of root this month, and one of UID 1000. */
const lastlog = (iso: string, root = '2026-06-14'): string =>
  padded(padded(le32(seconds(root)), 1000 * 292) + le32(seconds(iso)), 1001 * 292);

const both = grant(['root', 'anna']);
const log = (text: string, files: Example['tree']['files'] = {}) =>
  hostWith([both], { '/var/log/lastlog': text, ...files });
const WTMP = '/var/log/wtmp';

export const examples: readonly Example[] = [
  {
    name: 'used lately, says lastlog',
    outcome: 'pass',
    tree: log(lastlog('2026-06-01')),
    says: ['/var/log/lastlog'],
  },
  {
    name: 'used lately, says wtmp',
    outcome: 'pass',
    tree: hostWith([both], { [WTMP]: wtmp('anna', '2026-05-01') }),
  },
  {
    name: 'used lately, says wtmp of aarch64',
    outcome: 'pass',
    tree: hostWith([both], { [WTMP]: wtmp('anna', '2026-05-01', true) }),
  },
  {
    name: 'used lately without a terminal, says the log of sshd',
    outcome: 'pass',
    tree: log(lastlog('2025-06-01'), {
      '/var/log/auth.log':
        'Jun 10 08:00:00 web sshd[7]: Accepted publickey for anna from 192.0.2.1 port 5 ssh2\n',
    }),
  },
  {
    name: 'new: its password is of this month',
    outcome: 'pass',
    tree: log(lastlog('2026-06-01'), {
      '/etc/passwd': passwdWith('otto:x:1001:1001::/home/otto:/bin/sh'),
      '/etc/shadow': shadowWith(`otto:${hashed}:20610::::::`),
    }),
  },
  {
    name: 'accounts of the customer and of services are left out',
    outcome: 'pass',
    tree: hostWith([grant(['anna'], { party: 'service' })], { '/var/log/lastlog': lastlog('2025-01-01') }),
  },
  {
    name: 'idle, says lastlog',
    outcome: 'fail',
    tree: log(lastlog('2026-01-20')),
    says: ['anna: last login in 2026-01-07/2026-02-05'],
  },
  {
    name: 'idle by wtmp, which reaches back far enough',
    outcome: 'fail',
    tree: hostWith([both], {
      [WTMP]: wtmp('root', '2026-06-01'),
      '/var/log/wtmp.1': wtmp('root', '2026-01-01'),
    }),
    says: ['anna: no login on record'],
  },
  {
    name: 'without a register all accounts are judged',
    outcome: 'fail',
    tree: {
      ...hostWithoutPolicy,
      files: { ...hostWithoutPolicy.files, '/var/log/lastlog': lastlog('2025-01-01') },
    },
  },
  { name: 'a shorter time', outcome: 'fail', tree: log(lastlog('2026-06-01')), params: { days: 7 } },
  {
    name: 'root too, where no account is for emergencies',
    outcome: 'fail',
    tree: log(lastlog('2026-06-01', '2026-02-01')),
    params: { emergency: [] },
    says: ['root'],
  },
  { name: 'nothing is recorded', outcome: 'unknown', tree: hostWith([both]), says: ['no record of logins'] },
  {
    name: 'a lastlog that a newer system no longer writes',
    outcome: 'unknown',
    tree: log(lastlog('2026-01-20', '2026-01-21'), { [WTMP]: wtmp('root', '2026-01-01') }),
    says: ['no longer kept'],
  },
  {
    name: 'wtmp begins too late',
    outcome: 'unknown',
    tree: hostWith([both], { [WTMP]: wtmp('root', '2026-06-01') }),
  },
  {
    name: 'records in a database that is none',
    outcome: 'unknown',
    tree: log(lastlog('2026-01-20'), { '/var/lib/lastlog/lastlog2.db': 'SQLite format 3\0' }),
    says: ['lastlog2.db'],
  },
  {
    name: 'a key that gives no terminal leaves no record',
    outcome: 'unknown',
    tree: log(lastlog('2026-01-20'), {
      '/home/anna/.ssh/authorized_keys': `restrict,command="x" ${ED25519}\n`,
    }),
  },
  { name: 'wtmp is no such file', outcome: 'unknown', tree: hostWith([both], { [WTMP]: 'x'.repeat(4000) }) },
  {
    name: 'shadow can not be read',
    outcome: 'unknown',
    tree: log(lastlog('2026-06-01'), { '/etc/shadow': { unreadable: 'permission denied' } }),
  },
];
