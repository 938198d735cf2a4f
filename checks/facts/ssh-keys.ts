/**
 * Every SSH key that opens an account of this host: the files that sshd looks into for each account (patterns of
 * AuthorizedKeysFile, Match blocks included), what is in them, trusted authorities, and what can't be told from files.
 */
import type { Text } from '../../shared/outcome.ts';
import { absent, defineFact, type Fact, known, unreadable, valueIn, valueOr } from '../fact.ts';
import type { Host } from '../host.ts';
import { type AuthorizedKeys, parseAuthorizedKeys } from './authorized-keys.ts';
import { foreignAccounts } from './foreign-accounts.ts';
import { group } from './group.ts';
import { byName } from './login-shell.ts';
import { type PasswdEntry, passwd } from './passwd.ts';
import { type Patience, patienceWith } from './patience.ts';
import { type SshdServer, type SshdState, sshd } from './sshd.ts';
import { accountsOf, type SshdAccount } from './sshd-accounts.ts';
import { ADMITTING, admitsKeys } from './sshd-admits.ts';
import type { SshdConfiguration } from './sshd-config.ts';
import { sameValue, toldValue } from './sshd-dump.ts';
import type { Principal } from './sshd-match.ts';

export interface KeyFile {
  /** Links not followed; as the pattern gives it. */
  readonly path: string;
  readonly content: AuthorizedKeys;
}

export interface AccountKeys {
  readonly account: string;
  readonly uid: number;
  readonly files: readonly KeyFile[];
  /** Files of authorities whose certificates open this account: TrustedUserCAKeys. */
  readonly authorities: readonly KeyFile[];
  /** Keys that no file lists (AuthorizedKeysCommand), and files that could not be read. */
  readonly unclear: readonly { readonly source: string; readonly reason: Text }[];
}

export interface SshKeys {
  readonly accounts: readonly AccountKeys[];
  /** Set when what is on disk may not be what the running daemon does. */
  readonly notInEffect?: { readonly source: string; readonly reason: Text };
}

/** servconf.h, `_PATH_SSH_USER_PERMITTED_KEYS`. */
const DEFAULT_FILES = '.ssh/authorized_keys .ssh/authorized_keys2';
/** sshd has no limit; 10,000 keys fit into this. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Questions put to the reader of sshd_config: accounts times kinds of origin. */
const MAX_QUESTIONS = 20_000;

export const sshKeys = defineFact<SshKeys>({
  id: 'ssh-keys',
  collect: async (host, get) => {
    const state = await get(sshd);
    if (state.state !== 'known') return state.state === 'absent' ? absent(state.source) : state;
    const users = valueIn(await get(passwd));
    const groups = valueOr(await get(group), { entries: [], network: [], malformed: [] });
    const entries = byName(users.entries).filter(({ name }) => name !== '');
    const named = new Map(accountsOf(users, groups).map((account) => [account.name, account]));
    const patience = patienceWith(host);
    const read = once((path: string) => readKeys(host, patience, path));
    const foreign = await get(foreignAccounts);
    const moreGroups = foreign.state !== 'known' || foreign.value.ids.length > 0;
    const wanted = questionsOf(state.value, entries, named, moreGroups);
    if (wanted.state !== 'known') return wanted;
    const accounts: AccountKeys[] = [];
    for (const { entry, ways } of wanted.value) accounts.push(await keysOf(entry, ways, read));
    const late = state.value.servers.find(({ notInEffect }) => notInEffect)?.notInEffect;
    return known({ accounts, ...(late ? { notInEffect: late } : {}) });
  },
});

/** What sshd would do with one account's keys, from one kind of origin. */
interface Way {
  readonly patterns: string;
  readonly authorities: string;
  readonly command: string;
  readonly principalsCommand: string;
  /** Only keys with a command of their own. */
  readonly forced: boolean;
}

interface Wanted {
  readonly entry: PasswdEntry;
  readonly ways: readonly Way[];
}

function questionsOf(
  state: SshdState,
  entries: readonly PasswdEntry[],
  named: ReadonlyMap<string, SshdAccount>,
  moreGroups: boolean,
): Fact<readonly Wanted[]> {
  const ways = new Map<string, Map<string, Way>>(entries.map(({ name }) => [name, new Map()]));
  for (const server of state.servers) {
    const { reading, logins } = server;
    if (reading.state === 'refused') return cannot(server, refused(reading.words));
    if (reading.state === 'unsure') return cannot(server, reading.reason);
    if (logins === 'too many') return cannot(server, tooMany);
    const problem = disagreement(state, server, reading.configuration);
    if (problem) return cannot(server, problem);
    const origins = [
      ...new Map(
        logins.map(({ principal }) => [JSON.stringify({ ...principal, user: '', groups: [] }), principal]),
      ).values(),
    ];
    if (origins.length * entries.length > MAX_QUESTIONS) return cannot(server, tooMany);
    for (const entry of entries)
      for (const origin of origins) {
        const principal = { ...origin, user: entry.name, groups: named.get(entry.name)?.groups };
        const way = wayOf(reading.configuration, principal, entry, moreGroups);
        if (way) ways.get(entry.name)?.set(JSON.stringify(way), way);
      }
  }
  return known(entries.map((entry) => ({ entry, ways: [...(ways.get(entry.name)?.values() ?? [])] })));
}

/** Undefined where no key opens the account at all. */
function wayOf(
  configuration: SshdConfiguration,
  principal: Principal,
  { name, uid }: PasswdEntry,
  moreGroups: boolean,
): Way | undefined {
  const value = (keyword: string) => configuration.effective(principal, keyword)?.value;
  const admitted = admitsKeys(value, { name, uid, groups: principal.groups ?? [], moreGroups });
  if (admitted === 'none') return undefined;
  return {
    forced: admitted === 'forced',
    patterns: value('authorizedkeysfile') ?? DEFAULT_FILES,
    authorities: value('trustedusercakeys') ?? 'none',
    command: value('authorizedkeyscommand') ?? 'none',
    principalsCommand: value('authorizedprincipalscommand') ?? 'none',
  };
}

const COMPARED = ['authorizedkeysfile', 'trustedusercakeys', 'authorizedkeyscommand', ...ADMITTING];
const FALLBACK: Readonly<Record<string, string>> = {
  authorizedkeysfile: DEFAULT_FILES,
  authenticationmethods: 'any',
};

/** Where the running sshd says something else than its files, or says nothing, neither is to be trusted. */
function disagreement(state: SshdState, server: SshdServer, configuration: SshdConfiguration) {
  if (!state.live || server.listens === false || server.logins === 'too many') return undefined;
  for (const [index, { principal }] of server.logins.entries()) {
    const answer = server.answers[index];
    if (answer?.state === 'refused') return refused(answer.words);
    if (answer?.state === 'not asked' && answer.always) return answer.reason;
    if (answer?.state !== 'answered') continue;
    for (const keyword of COMPARED) {
      const fallback = FALLBACK[keyword] ?? 'none';
      const told = toldValue(answer.values, keyword) || fallback;
      const read = configuration.effective(principal, keyword)?.value || fallback;
      if (!sameValue(keyword, read, told)) return differ(keyword);
    }
  }
  return undefined;
}

async function keysOf(
  entry: PasswdEntry,
  ways: readonly Way[],
  read: (path: string) => Promise<Fact<AuthorizedKeys>>,
): Promise<AccountKeys> {
  const unclear: { source: string; reason: Text }[] = [];
  const load = async (paths: readonly string[]): Promise<KeyFile[]> => {
    const files: KeyFile[] = [];
    for (const path of new Set(paths)) {
      const content = await read(path);
      if (content.state === 'known') files.push({ path, content: content.value });
      else if (content.state === 'unreadable') unclear.push({ source: path, reason: content.reason });
    }
    return files;
  };
  const set = (value: string) => value.toLowerCase() !== 'none' && value !== '';
  const found = await load(
    ways.filter(({ patterns }) => set(patterns)).flatMap(({ patterns }) => filesOf(patterns, entry)),
  );
  const files = ways.every(({ forced }) => forced) ? found.map(withCommand) : found;
  const authorities = await load(ways.map((way) => way.authorities).filter(set));
  for (const command of new Set(ways.map((way) => way.command).filter(set)))
    unclear.push({ source: command.split(' ')[0] ?? command, reason: byCommand });
  const named = ways.filter(({ authorities: ca }) => set(ca)).map((way) => way.principalsCommand);
  for (const command of new Set(named.filter(set)))
    unclear.push({ source: command.split(' ')[0] ?? command, reason: byCommand });
  return { account: entry.name, uid: entry.uid, files, authorities, unclear };
}

/** What is left where sshd takes only keys that run a command; a certificate may bring its own. */
const withCommand = ({ path, content }: KeyFile): KeyFile => ({
  path,
  content: {
    ...content,
    keys: content.keys.filter(({ options }) => options.authority || options.names.includes('command')),
  },
});

/** `%h`, `%u`, `%U` and `%%` filled in; what has no leading slash lies in the home: sshd_config(5). */
export function filesOf(
  patterns: string,
  { name, uid, home }: Pick<PasswdEntry, 'name' | 'uid' | 'home'>,
): string[] {
  const values: Readonly<Record<string, string>> = { '%': '%', h: home, u: name, U: String(uid) };
  return patterns
    .split(/\s+/)
    .filter(Boolean)
    .map((pattern) => pattern.replace(/%(.)/g, (all, token: string) => values[token] ?? all))
    .map((path) => (path.startsWith('/') ? path : `${home}/${path}`));
}

async function readKeys(host: Host, patience: Patience, path: string): Promise<Fact<AuthorizedKeys>> {
  const file = await patience(path, () => host.readText(path, { maxBytes: MAX_BYTES, encoding: 'latin1' }));
  return file.state === 'known' ? known(parseAuthorizedKeys(file.value.text)) : file;
}

function once<T>(look: (path: string) => Promise<T>): (path: string) => Promise<T> {
  const seen = new Map<string, Promise<T>>();
  return (path) => {
    const before = seen.get(path) ?? look(path);
    seen.set(path, before);
    return before;
  };
}

const cannot = ({ file }: SshdServer, reason: Text): Fact<never> => unreadable(file, reason);
const refused = (words: string): Text => ({
  en: `sshd does not accept its configuration: ${words}`,
  de: `sshd nimmt seine Konfiguration nicht an: ${words}`,
});
const differ = (keyword: string): Text => ({
  en: `${keyword}: the running sshd and its files disagree`,
  de: `${keyword}: der laufende sshd und seine Dateien widersprechen sich`,
});
const tooMany: Text = {
  en: 'the Match lines tell more kinds of login apart than are judged',
  de: 'die Match-Zeilen unterscheiden mehr Arten der Anmeldung, als beurteilt werden',
};
const byCommand: Text = {
  en: 'a program names further keys or principals: they can not be seen from outside',
  de: 'ein Programm nennt weitere Schlüssel oder Namen: Von außen sind sie nicht zu sehen',
};
