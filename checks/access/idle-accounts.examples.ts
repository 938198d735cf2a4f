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

const be = (value: number, bytes: number): string =>
  Array.from({ length: bytes }, (_, at) =>
    String.fromCharCode(Math.floor(value / 256 ** (bytes - 1 - at)) % 256),
  ).join('');

/** A row of SQLite: texts of at most 57 bytes, numbers of eight bytes, nothing. */
function row(id: number, values: readonly (string | number | null)[]): string {
  const types = values.map((value) =>
    value === null ? 0 : typeof value === 'number' ? 6 : 13 + 2 * value.length,
  );
  // Types of more than 127 take two bytes.
  const coded = types.map((type) =>
    type < 128 ? be(type, 1) : be(128 + (type >> 7), 1) + be(type & 127, 1),
  );
  const head = coded.join('');
  const body = values.map((value) => (typeof value === 'number' ? be(value, 8) : (value ?? ''))).join('');
  const payload = be(head.length + 1, 1) + head + body;
  const size = payload.length;
  return (size < 128 ? be(size, 1) : be(128 + (size >> 7), 1) + be(size & 127, 1)) + be(id, 1) + payload;
}

/** A page of a table: what comes before (the file's header), the number of rows, where each is, the rows. */
function page(before: string, rows: readonly string[]): string {
  const text = rows.join('');
  const starts = rows.map((_, at) => 1024 - rows.slice(at).join('').length);
  const head = `${before}\x0d\0\0${be(rows.length, 2)}${be(1024 - text.length, 2)}\0${starts.map((at) => be(at, 2)).join('')}`;
  return padded(head, 1024 - text.length) + text;
}

/** A database with one table, on its second page. */
function database(
  table: string,
  columns: string,
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const sql = `CREATE TABLE ${table}(${columns})`;
  const header = `${padded(`SQLite format 3\0${be(1024, 2)}\x01\x01\0`, 56)}${be(1, 4)}`;
  return (
    page(padded(header, 100), [row(1, ['table', table, table, 2, sql])]) +
    page(
      '',
      rows.map((values, at) => row(at + 1, values)),
    )
  );
}

const wtmpdb = (...logins: (readonly [string, string])[]): string =>
  database(
    'wtmp',
    'ID INTEGER PRIMARY KEY, Type INTEGER, User TEXT NOT NULL, Login INTEGER, Logout INTEGER',
    logins.map(([user, iso]) => [null, 3, user, seconds(iso) * 1_000_000, null]),
  );
const lastlog2 = (...logins: (readonly [string, string])[]): string =>
  database(
    'Lastlog2',
    'Name TEXT PRIMARY KEY, Time INTEGER, TTY TEXT',
    logins.map(([user, iso]) => [user, seconds(iso), 'ssh']),
  );
const LASTLOG2 = '/var/lib/lastlog/lastlog2.db';
const WTMPDB = '/var/lib/wtmpdb/wtmp.db';
const ASKED =
  '/usr/bin/journalctl --no-pager --quiet --reverse --lines=20000 --since=-90d --output=json --output-fields=MESSAGE --grep=^Accepted  _UID=0 _COMM=sshd _COMM=sshd-session';
const inJournal = (message: string, iso: string): string =>
  `${JSON.stringify({ MESSAGE: message, __REALTIME_TIMESTAMP: `${seconds(iso)}000000` })}\n`;
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
    name: 'used lately, says lastlog2',
    outcome: 'pass',
    tree: hostWith([both], { [LASTLOG2]: lastlog2(['root', '2026-06-01'], ['anna', '2026-05-01']) }),
    says: ['lastlog2.db'],
  },
  {
    name: 'used lately, says wtmpdb, by another name',
    outcome: 'pass',
    tree: hostWith([both], {
      [WTMPDB]: { link: '../../log/wtmp.db' },
      '/var/log/wtmp.db': wtmpdb(['anna', '2025-05-01'], ['anna', '2026-05-01']),
    }),
  },
  {
    name: 'used lately without a terminal, says the journal',
    outcome: 'pass',
    tree: {
      files: {
        '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nanna:x:1000:1000::/home/anna:/bin/bash\n',
        '/etc/shadow': `anna:${hashed}:20000:0:99999:7:::\n`,
        '/var/log/lastlog': lastlog('2025-06-01'),
      },
      commands: {
        [ASKED]: inJournal('Accepted publickey for anna from 192.0.2.1 port 5 ssh2', '2026-06-10'),
      },
    },
    says: ['journalctl'],
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
    name: 'idle, says lastlog2',
    outcome: 'fail',
    tree: hostWith([both], { [LASTLOG2]: lastlog2(['root', '2026-06-01'], ['anna', '2026-01-20']) }),
    says: ['anna: last login in 2026-01-07/2026-02-05'],
  },
  {
    name: 'idle by wtmpdb with what it put aside',
    outcome: 'fail',
    tree: hostWith([both], {
      [WTMPDB]: wtmpdb(['root', '2026-05-01'], ['root', '2026-06-01']),
      '/var/lib/wtmpdb/wtmp_20260501.db': wtmpdb(['root', '2026-01-01']),
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
    name: 'a young lastlog2 without the account, and a wtmpdb that nobody writes',
    outcome: 'unknown',
    tree: hostWith([both], {
      [LASTLOG2]: lastlog2(['root', '2026-06-01']),
      [WTMPDB]: wtmpdb(['root', '2025-01-01'], ['root', '2025-06-01']),
    }),
  },
  {
    name: 'records that are not in their database yet',
    outcome: 'unknown',
    tree: hostWith([both], {
      [LASTLOG2]: lastlog2(['root', '2026-06-01'], ['anna', '2026-01-20']),
      [`${LASTLOG2}-wal`]: 'x',
    }),
    says: ['lastlog2.db-wal'],
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
