/**
 * When each account was last used, and which records say so: lastlog, wtmp with its predecessor, lastlog2, wtmpdb, the
 * log of sshd.
 */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, known } from '../fact.ts';
import type { Host } from '../host.ts';
import {
  parseAccepted,
  parseLastlog,
  parseLastlog2,
  parseWtmp,
  parseWtmpdb,
  type Wtmp,
} from './login-records.ts';

export const LASTLOG = '/var/log/lastlog';
const WTMP = ['/var/log/wtmp', '/var/log/wtmp.1'] as const;
const AUTH_LOGS = [
  '/var/log/auth.log',
  '/var/log/auth.log.1',
  '/var/log/secure',
  '/var/log/messages',
] as const;
/** Where newer systems keep what these files held, as SQLite: lastlog2(8), wtmpdb(8). */
const LASTLOG2 = '/var/lib/lastlog/lastlog2.db';
const WTMPDB = ['/var/lib/wtmpdb/wtmp.db', '/var/log/wtmp.db'] as const;
/** Older records that wtmpdb has put aside: wtmp_20260601.db, beside its database. */
const ASIDE = /^wtmp(?:db)?_\d{8}\.db$/;
const MAX_ASIDE = 3;
const MAX_BYTES = 8 * 1024 * 1024;

export interface LastLogin {
  /** Seconds since 1970. */
  readonly at: number;
  readonly source: string;
}

/** Seconds since 1970. */
export interface Span {
  readonly since: number;
  readonly until: number;
}

export interface LoginRecords {
  readonly byName: ReadonlyMap<string, LastLogin>;
  readonly byUid: ReadonlyMap<number, LastLogin>;
  /** Seconds since 1970 of the latest login in lastlog; undefined: it has none. */
  readonly lastlog: number | undefined;
  /** Seconds since 1970 of the first and the latest record in wtmp; undefined: it has none. */
  readonly wtmp: Span | undefined;
  /** The same of wtmpdb, and the earliest and latest of the last logins in lastlog2. */
  readonly wtmpdb: Span | undefined;
  readonly lastlog2: Span | undefined;
  /** Records that are there and could not be read: somebody in them may have logged in lately. */
  readonly unread: readonly { readonly source: string; readonly reason: Text }[];
}

export const loginRecords = defineFact<LoginRecords>({
  id: 'login-records',
  collect: async (host, _get, now) => {
    const byName = new Map<string, LastLogin>();
    const unread: { source: string; reason: Text }[] = [];
    const read = async (source: string): Promise<string | undefined> => {
      const file = await host.readText(source, { maxBytes: MAX_BYTES, encoding: 'latin1' });
      if (file.state === 'unreadable') unread.push({ source, reason: file.reason });
      return file.state === 'known' ? file.value.text : undefined;
    };
    const add = (source: string, logins: ReadonlyMap<string, number>) => {
      for (const [name, at] of logins) if (at > (byName.get(name)?.at ?? 0)) byName.set(name, { at, source });
    };
    const take = async (
      source: string,
      before: Span | undefined,
      parse: (text: string) => Wtmp | undefined,
    ): Promise<Span | undefined> => {
      const text = await read(source);
      const wtmp = text === undefined ? undefined : parse(text);
      if (text !== undefined && !wtmp) unread.push({ source, reason: noRecords(source) });
      if (!wtmp) return before;
      add(source, wtmp.last);
      const { since, until } = wtmp;
      if (since === undefined || until === undefined) return before;
      return {
        since: Math.min(before?.since ?? since, since),
        until: Math.max(before?.until ?? until, until),
      };
    };
    let wtmp: Span | undefined;
    for (const source of WTMP) wtmp = await take(source, wtmp, parseWtmp);
    let wtmpdb: Span | undefined;
    for (const source of await databases(host, unread)) wtmpdb = await take(source, wtmpdb, parseWtmpdb);
    const lastlog2 = await take(LASTLOG2, undefined, parseLastlog2);
    for (const source of [LASTLOG2, ...WTMPDB]) {
      const open = await openTransaction(host, source);
      if (open) unread.push({ source, reason: beingWritten(open) });
    }
    for (const source of AUTH_LOGS) add(source, parseAccepted((await read(source)) ?? '', now));
    const text = await read(LASTLOG);
    const lastlog = text === undefined ? undefined : parseLastlog(text);
    if (text !== undefined && !lastlog) unread.push({ source: LASTLOG, reason: noRecords(LASTLOG) });
    return known({
      byName,
      byUid: new Map([...(lastlog ?? [])].map(([uid, at]) => [uid, { at, source: LASTLOG }])),
      lastlog:
        lastlog && lastlog.size > 0 ? [...lastlog.values()].reduce((a, b) => Math.max(a, b)) : undefined,
      wtmp,
      wtmpdb,
      lastlog2,
      unread,
    });
  },
});

const noRecords = (source: string): Text => ({
  en: `${source} does not hold records of a known layout`,
  de: `${source} enthält keine Einträge in bekanntem Aufbau`,
});
const beingWritten = (path: string): Text => ({
  en: `${path} holds records that are not in their database yet`,
  de: `${path} enthält Einträge, die noch nicht in ihrer Datenbank stehen`,
});

/** The database of wtmpdb, once though it goes by two names, and the newest of what was put aside. */
async function databases(host: Host, unread: { source: string; reason: Text }[]): Promise<readonly string[]> {
  const found = new Map<string, string>();
  for (const path of WTMPDB) {
    const real = await host.realPath(path);
    if (real.state === 'unreadable') unread.push({ source: path, reason: real.reason });
    if (real.state === 'known' && !found.has(real.value)) found.set(real.value, path);
  }
  const aside: string[] = [];
  for (const real of found.keys()) {
    const directory = real.slice(0, real.lastIndexOf('/'));
    const names = await host.list(directory);
    if (names.state === 'unreadable') unread.push({ source: directory, reason: names.reason });
    if (names.state === 'known')
      aside.push(
        ...names.value
          .filter((name) => ASIDE.test(name))
          .slice(-MAX_ASIDE)
          .map((name) => `${directory}/${name}`),
      );
  }
  return [...found.values(), ...aside];
}

/** A journal of SQLite with content: what was written last is, or may be, there and not in the database. */
async function openTransaction(host: Host, database: string): Promise<string | undefined> {
  const real = await host.realPath(database);
  for (const path of real.state === 'known' ? [`${real.value}-wal`, `${real.value}-journal`] : []) {
    const stat = await host.stat(path);
    if (stat.state === 'unreadable' || (stat.state === 'known' && stat.value.size > 0)) return path;
  }
  return undefined;
}
