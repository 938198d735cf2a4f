/**
 * The binary records of logins: wtmp (utmp(5)) and lastlog(8). Pure. glibc writes two layouts, both little-endian on
 * the systems here: with 32-bit times on x86_64, with 64-bit ones on aarch64. Text is latin1, one character a byte.
 * And their successors in SQLite: wtmpdb(8), lastlog2(8).
 */
import { readSqliteTable, type SqliteRow } from './sqlite-table.ts';

/** Seconds since 1970 of the last login, by account. */
export type LastLogins = ReadonlyMap<string, number>;

export interface Wtmp {
  readonly last: LastLogins;
  /** Seconds since 1970 of the earliest record of any kind; undefined where there is none. */
  readonly since: number | undefined;
  /** And of the latest: a system that has stopped writing the file leaves it lying. */
  readonly until: number | undefined;
}

const byte = (text: string, at: number): number => text.charCodeAt(at) & 0xff;
const uint16 = (text: string, at: number): number => byte(text, at) | (byte(text, at + 1) << 8);
const uint32 = (text: string, at: number): number => (uint16(text, at) | (uint16(text, at + 2) << 16)) >>> 0;
const uint64 = (text: string, at: number): number => uint32(text, at) + uint32(text, at + 4) * 2 ** 32;

interface Layout {
  readonly size: number;
  readonly time: (text: string, record: number) => number;
}

/** Bytes of a wtmp record, and where its time stands: bits/types/struct_utmp. */
const WTMP: readonly Layout[] = [
  { size: 384, time: (text, at) => uint32(text, at + 340) },
  { size: 400, time: (text, at) => uint64(text, at + 344) },
];
const USER_AT = 44;
const USER_LENGTH = 32;
const USER_PROCESS = 7;
const ACCOUNTING = 9;

/** 1990 to 2106: outside of it a number is no time. */
const plausible = (seconds: number): boolean => seconds === 0 || (seconds > 631_152_000 && seconds < 2 ** 32);

/** Undefined where the text has neither layout. */
export function parseWtmp(text: string): Wtmp | undefined {
  if (text.length === 0) return { last: new Map(), since: undefined, until: undefined };
  // One that comes out even first; a torn end is still read.
  const even = (one: Layout) => Number(text.length % one.size !== 0);
  const layout = [...WTMP].sort((a, b) => even(a) - even(b)).find((one) => fits(text, one));
  if (!layout) return undefined;
  const last = new Map<string, number>();
  let since: number | undefined;
  let until: number | undefined;
  for (let at = 0; at + layout.size <= text.length; at += layout.size) {
    const seconds = layout.time(text, at);
    if (!isRecord(text, at, layout) || seconds === 0) continue;
    since = Math.min(since ?? seconds, seconds);
    until = Math.max(until ?? seconds, seconds);
    if (uint16(text, at) !== USER_PROCESS) continue;
    const user = text.slice(at + USER_AT, at + USER_AT + USER_LENGTH).split('\0')[0] ?? '';
    if (user !== '') last.set(user, Math.max(last.get(user) ?? 0, seconds));
  }
  return { last, since, until };
}

const isRecord = (text: string, at: number, layout: Layout): boolean =>
  uint16(text, at) <= ACCOUNTING && uint16(text, at + 2) === 0 && plausible(layout.time(text, at));

/** Nearly all records must say something: a crash may leave a torn one. */
function fits(text: string, layout: Layout): boolean {
  const count = Math.floor(text.length / layout.size);
  let right = 0;
  for (let at = 0; at + layout.size <= text.length; at += layout.size)
    if (isRecord(text, at, layout) && uint16(text, at) > 0 && layout.time(text, at) !== 0) right += 1;
  return count > 0 && right >= count * 0.95;
}

/** A lastlog record: the time, the line (32 bytes), the host (256 bytes); its place is the user ID. */
const LASTLOG: readonly Layout[] = [
  { size: 292, time: (text, at) => uint32(text, at) },
  { size: 296, time: (text, at) => uint64(text, at) },
];

/** By user ID; an account that never logged in is not in it. Undefined where the text has neither layout. */
export function parseLastlog(text: string): ReadonlyMap<number, number> | undefined {
  if (text.length === 0) return new Map();
  for (const { size, time } of LASTLOG) {
    if (text.length % size !== 0) continue;
    const last = new Map<number, number>();
    let sane = true;
    for (let uid = 0; uid * size < text.length && sane; uid += 1) {
      const seconds = time(text, uid * size);
      sane = plausible(seconds);
      if (seconds !== 0) last.set(uid, seconds);
    }
    if (sane) return last;
  }
  return undefined;
}

/** wtmpdb: times in microseconds; the same kinds of record by other numbers (wtmpdb.h). */
export function parseWtmpdb(text: string): Wtmp | undefined {
  return fromTable(
    text,
    'wtmp',
    'user',
    'login',
    1_000_000,
    (row) => row.get('type') === WTMPDB_USER_PROCESS,
  );
}

const WTMPDB_USER_PROCESS = 3;

/** lastlog2: the last login of each account, in seconds. Its span is from the earliest of them to the latest. */
export function parseLastlog2(text: string): Wtmp | undefined {
  return fromTable(text, 'lastlog2', 'name', 'time', 1, () => true);
}

/** Undefined where it is no such database; an empty file is one without records. */
function fromTable(
  text: string,
  table: string,
  user: string,
  time: string,
  unit: number,
  counts: (row: SqliteRow) => boolean,
): Wtmp | undefined {
  const rows = text === '' ? [] : readSqliteTable(text, table);
  if (!rows) return undefined;
  const last = new Map<string, number>();
  let since: number | undefined;
  let until: number | undefined;
  for (const row of rows) {
    const [name, at] = [row.get(user), row.get(time)];
    if (typeof name !== 'string' || typeof at !== 'number') return undefined;
    const seconds = Math.floor(at / unit);
    if (!plausible(seconds)) return undefined;
    if (seconds === 0) continue;
    since = Math.min(since ?? seconds, seconds);
    until = Math.max(until ?? seconds, seconds);
    if (counts(row)) last.set(name, Math.max(last.get(name) ?? 0, seconds));
  }
  return { last, since, until };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Accepted publickey for anna from ...` in the log of authentications; times without a year are the latest possible. */
export function parseAccepted(text: string, now: Date): LastLogins {
  const last = new Map<string, number>();
  const line =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) \S+ sshd(?:-session)?\[\d+\]: Accepted \S+ for (\S+) from /gm;
  for (const [, stamp = '', user = ''] of text.matchAll(line)) {
    const seconds = stamp.includes('T') ? Date.parse(stamp) / 1000 : withoutYear(stamp, now);
    if (Number.isFinite(seconds)) last.set(user, Math.max(last.get(user) ?? 0, seconds));
  }
  return last;
}

function withoutYear(stamp: string, now: Date): number {
  const [, name = '', day = '', time = ''] = /^(\w{3}) +(\d+) (\S+)$/.exec(stamp) ?? [];
  const month = String(MONTHS.indexOf(name) + 1).padStart(2, '0');
  const at = (year: number) => Date.parse(`${year}-${month}-${day.padStart(2, '0')}T${time}Z`);
  const year = now.getUTCFullYear();
  // In local time, which may be ahead of ours by most of a day.
  return (at(year) > now.getTime() + 86_400_000 ? at(year - 1) : at(year)) / 1000;
}
