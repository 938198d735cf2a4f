/** When each account was last used, and which records say so: lastlog, wtmp with its predecessor, the log of sshd. */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, known } from '../fact.ts';
import { parseAccepted, parseLastlog, parseWtmp } from './login-records.ts';

export const LASTLOG = '/var/log/lastlog';
const WTMP = ['/var/log/wtmp', '/var/log/wtmp.1'] as const;
const AUTH_LOGS = [
  '/var/log/auth.log',
  '/var/log/auth.log.1',
  '/var/log/secure',
  '/var/log/messages',
] as const;
/** Where newer systems keep what these files held: SQLite, which is not read here. */
const DATABASES = ['/var/lib/lastlog/lastlog2.db', '/var/lib/wtmpdb/wtmp.db', '/var/log/wtmp.db'] as const;
const MAX_BYTES = 8 * 1024 * 1024;

export interface LastLogin {
  /** Seconds since 1970. */
  readonly at: number;
  readonly source: string;
}

export interface LoginRecords {
  readonly byName: ReadonlyMap<string, LastLogin>;
  readonly byUid: ReadonlyMap<number, LastLogin>;
  /** Seconds since 1970 of the latest login in lastlog; undefined: it has none. */
  readonly lastlog: number | undefined;
  /** Seconds since 1970 of the first and the latest record in wtmp; undefined: it has none. */
  readonly wtmp: { readonly since: number; readonly until: number } | undefined;
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
    let span: LoginRecords['wtmp'];
    for (const source of WTMP) {
      const text = await read(source);
      const wtmp = text === undefined ? undefined : parseWtmp(text);
      if (text !== undefined && !wtmp) unread.push({ source, reason: noRecords(source) });
      if (!wtmp) continue;
      add(source, wtmp.last);
      const { since, until } = wtmp;
      if (since === undefined || until === undefined) continue;
      span = { since: Math.min(span?.since ?? since, since), until: Math.max(span?.until ?? until, until) };
    }
    for (const source of AUTH_LOGS) add(source, parseAccepted((await read(source)) ?? '', now));
    const text = await read(LASTLOG);
    const lastlog = text === undefined ? undefined : parseLastlog(text);
    if (text !== undefined && !lastlog) unread.push({ source: LASTLOG, reason: noRecords(LASTLOG) });
    for (const source of DATABASES) {
      const stat = await host.stat(source);
      if (stat.state === 'unreadable') unread.push({ source, reason: stat.reason });
      else if (stat.state === 'known' && stat.value.size > 0)
        unread.push({ source, reason: database(source) });
    }
    return known({
      byName,
      byUid: new Map([...(lastlog ?? [])].map(([uid, at]) => [uid, { at, source: LASTLOG }])),
      lastlog:
        lastlog && lastlog.size > 0 ? [...lastlog.values()].reduce((a, b) => Math.max(a, b)) : undefined,
      wtmp: span,
      unread,
    });
  },
});

const noRecords = (source: string): Text => ({
  en: `${source} does not hold records of a known layout`,
  de: `${source} enthält keine Einträge in bekanntem Aufbau`,
});
const database = (source: string): Text => ({
  en: `${source} is a database that this check does not read`,
  de: `${source} ist eine Datenbank, die diese Prüfung nicht liest`,
});
