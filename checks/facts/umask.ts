/**
 * The umask with which a login shell starts: what PAM sets (pam_umask(8) with login.defs), and what the system's start
 * files of sh and bash say after it. Users' own start files are their own business.
 */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, type GetFact, known, valueOr } from '../fact.ts';
import type { Host } from '../host.ts';
import { group } from './group.ts';
import { loginDefs, parseLoginDefs } from './login-defs.ts';
import { osRelease } from './os-release.ts';
import { pam } from './pam.ts';
import { passwd } from './passwd.ts';
import { sessionUmasks } from './umask-session.ts';

export interface UmaskValue {
  readonly source: string;
  readonly line?: number;
  /** Undefined: a value that is not written out. */
  readonly mask: number | undefined;
  /** Whether it is set whenever the file is read, or only in a branch. */
  readonly always: boolean;
  /** The accounts that it concerns, or why, where not everybody. */
  readonly whose?: Text;
}

export interface UmaskChain {
  /** Before any shell starts: what the services through which one logs in set, for the accounts that are here. */
  readonly bases: readonly UmaskValue[];
  /** In the order in which a login shell meets them. */
  readonly statements: readonly UmaskValue[];
}

/** Asked by pam_umask where login.defs says nothing. */
const FALLBACK = '/etc/default/login';

/** `027`, `0027`, `u=rwx,g=rx,o=`; undefined for anything else. Pure. */
export function parseMask(text: string): number | undefined {
  if (/^[0-7]{1,4}$/.test(text)) return Number.parseInt(text, 8) & 0o777;
  const clauses = text.split(',').map((clause) => /^([ugoa]+)=([rwx]*)$/.exec(clause));
  if (clauses.some((clause) => !clause)) return undefined;
  const named = new Set<string>();
  let allowed = 0;
  for (const clause of clauses) {
    const [, who = '', rights = ''] = clause ?? [];
    const bits =
      (rights.includes('r') ? 4 : 0) | (rights.includes('w') ? 2 : 0) | (rights.includes('x') ? 1 : 0);
    for (const [letter, shift] of [
      ['u', 6],
      ['g', 3],
      ['o', 0],
    ] as const)
      if (who.includes(letter) || who.includes('a')) {
        named.add(letter);
        allowed |= bits << shift;
      }
  }
  // What is not named stays as it was, which is not known here.
  return named.size === 3 ? ~allowed & 0o777 : undefined;
}

const OPENS = /(?:^|[;&|]|\b(?:then|do|else)\b)\s*(?:if|case|for|while|until|select)\b|\{\s*$|\(\s*$/g;
const CLOSES = /(?:^|[;&|])\s*(?:fi|esac|done)\b|^\s*\}/g;
const STATEMENT = /(^|[;&|{(]|\b(?:then|do|else)\b|\))\s*umask(?:[ \t]+(?!-)([^\s;&|#)}]+))(?=$|[\s;&|#)}])/g;

const oddQuotes = (line: string): boolean => (line.split("'").length + line.split('"').length) % 2 === 1;

/** Every `umask VALUE` of a start file. Pure, never throws; what stands behind a condition is not `always`. */
export function umaskStatements(text: string, source: string): UmaskValue[] {
  const found: UmaskValue[] = [];
  let depth = 0;
  // Behind an early end, inside a here-document or quotes of several lines nothing is sure to be run.
  let sure = true;
  let joined = false;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/(^|\s)#.*$/, '$1');
    const opened = [...line.matchAll(OPENS)].length;
    for (const [, before = '', value = ''] of line.matchAll(STATEMENT)) {
      const plain = /^['"]?([^'"]*)['"]?$/.exec(value)?.[1] ?? value;
      found.push({
        source,
        line: index + 1,
        mask: parseMask(plain),
        always: sure && !joined && depth === 0 && opened === 0 && before === '',
      });
    }
    if (/<<|\b(?:return|exit|exec)\b/.test(line) || oddQuotes(line)) sure = false;
    joined = /(?:\\|&&|\|)\s*$/.test(line);
    depth = Math.max(0, depth + opened - [...line.matchAll(CLOSES)].length);
  }
  return found;
}

export const umaskChain = defineFact<UmaskChain>({
  id: 'umask',
  collect: async (host, get) => {
    const bases = await basesOf(host, get);
    const statements: UmaskValue[] = [];
    const read = async (path: string, always: boolean): Promise<Fact<never> | undefined> => {
      const file = await host.readText(path, { encoding: 'latin1' });
      if (file.state === 'unreadable') return file;
      if (file.state === 'known')
        statements.push(
          ...umaskStatements(file.value.text, path).map((one) => ({ ...one, always: one.always && always })),
        );
      return undefined;
    };
    const parts = await profileParts(host);
    if (parts.state === 'unreadable') return parts;
    const profile = await firstThere(host, ['/etc/profile', '/usr/etc/profile']);
    const bashrc = await firstThere(host, ['/etc/bash.bashrc', '/usr/etc/bash.bashrc']);
    for (const [path, always] of [
      [profile, true],
      ...valueOr(parts, []).map((path) => [path, true] as const),
      // Read by interactive shells only.
      [bashrc, false],
      ['/etc/bashrc', false],
    ] as const) {
      const problem = await read(path, always);
      if (problem) return problem;
    }
    return known({ bases, statements });
  },
});

/** The vendor's directory (SUSE 16), then the administrator's. */
async function profileParts(host: Host): Promise<Fact<readonly string[]>> {
  const paths: string[] = [];
  for (const directory of ['/usr/etc/profile.d', '/etc/profile.d']) {
    const names = await host.list(directory);
    if (names.state === 'unreadable') return names;
    if (names.state === 'known') paths.push(...names.value.map((name) => `${directory}/${name}`));
  }
  return known(paths.filter((path) => path.endsWith('.sh')));
}

/** The administrator's file hides the vendor's. */
async function firstThere(host: Host, paths: readonly [string, string]): Promise<string> {
  return (await host.stat(paths[0])).state === 'absent' ? paths[1] : paths[0];
}

/** @throws CouldNotLook where PAM's files, login.defs or the accounts can not be read */
async function basesOf(host: Host, get: GetFact): Promise<readonly UmaskValue[]> {
  const configuration = valueOr(await get(pam), undefined);
  const fallback = valueOr(await host.readText(FALLBACK, { encoding: 'latin1' }), undefined);
  return sessionUmasks(configuration, {
    defs: valueOr(await get(loginDefs), undefined),
    fallback: fallback && parseLoginDefs(fallback.text, FALLBACK),
    system: valueOr(await get(osRelease), undefined),
    accounts: valueOr(await get(passwd), { entries: [], network: [], malformed: [] }),
    groups: valueOr(await get(group), { entries: [], network: [], malformed: [] }),
  });
}

/** The values that may be in force in the end: one set in any case replaces all before it, others join them. Pure. */
export function inForce({ bases, statements }: UmaskChain): readonly UmaskValue[] {
  const last = statements.findLastIndex(({ always }) => always);
  return last < 0 ? [...bases, ...statements] : statements.slice(last);
}

export const notWritten: Text = {
  en: 'the umask is set to a value that is not written out',
  de: 'die umask wird auf einen Wert gesetzt, der nicht ausgeschrieben ist',
};

export const asBuilt: Text = {
  en: 'whether pam_umask opens new files to the accounts’ own groups depends on how it was built; `nousergroups` behind it decides',
  de: 'ob pam_umask neue Dateien für die eigene Gruppe der Konten öffnet, hängt davon ab, wie es gebaut wurde; `nousergroups` dahinter legt es fest',
};
