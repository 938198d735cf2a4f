/** `Match` lines: their criteria, and whether a login meets them: sshd_config(5). */
import { matchesAddressList, validAddressList } from './sshd-address.ts';
import { nextWord, splitArguments } from './sshd-lexer.ts';
import { matchesHostList, matchesList } from './sshd-pattern.ts';
import { formatVersion, type SshdVersion, since } from './sshd-version.ts';

/** A kind of login, as `sshd -T -C` takes it. */
export interface Principal {
  readonly user: string;
  /** Names of the groups of `user`; undefined where there is no such account (then no group fits). */
  readonly groups: readonly string[] | undefined;
  readonly host: string;
  readonly addr: string;
  readonly laddr: string;
  readonly lport: number;
  readonly rdomain: string;
}

export const criterionNames = [
  'all',
  'user',
  'group',
  'host',
  'address',
  'localaddress',
  'localport',
  'rdomain',
  'version',
  'invalid-user',
] as const;
export type CriterionName = (typeof criterionNames)[number];

export interface Criterion {
  readonly name: CriterionName;
  /** The pattern list, address list or number; empty where there is none. */
  readonly value: string;
}

export type MatchLine =
  | { readonly criteria: readonly Criterion[] }
  | { readonly problem: string }
  | { readonly unsure: string };

const isName = (name: string): name is CriterionName => criterionNames.some((known) => known === name);

/** Criteria and their values as sshd cuts them: by `nextWord` up to 9.8, by shell-like words since. */
function wordsOf(rest: string, version: SshdVersion): { words: string[]; left: boolean } {
  if (since(version, '9.9')) {
    const words = (splitArguments(rest) ?? []).flatMap((word) => {
      const pair = /^(user|group|host|address|localaddress|localport|rdomain|version)=(.*)$/is.exec(word);
      return pair ? [pair[1] ?? '', pair[2] ?? ''] : [word];
    });
    return { words, left: false };
  }
  const words: string[] = [];
  let next = nextWord(rest);
  for (; next.word !== undefined && next.word !== ''; next = nextWord(next.rest)) {
    if (next.word.startsWith('#')) return { words, left: false };
    words.push(next.word);
  }
  return { words, left: next.word === '' && next.rest !== undefined && next.rest !== '' };
}

/** What follows the word `Match`. `problem` is what sshd says when it refuses the line. */
export function parseMatch(rest: string, version: SshdVersion): MatchLine {
  const { words, left } = wordsOf(rest, version);
  const criteria: Criterion[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const name = words[at]?.toLowerCase() ?? '';
    if (name === 'all') {
      if (criteria.length > 0 || words.length > 1)
        return { problem: "'all' cannot be combined with other Match attributes" };
      return { criteria: [{ name, value: '' }] };
    }
    if (name === 'invalid-user' && since(version, '9.9')) {
      criteria.push({ name, value: '' });
      continue;
    }
    at += 1;
    const value = words[at];
    if (value === undefined || value === '' || value.startsWith('#'))
      return { problem: `Missing Match criteria for ${words[at - 1]}` };
    const problem = problemWith(name, value, version);
    if (problem) return problem;
    if (isName(name)) criteria.push({ name, value });
  }
  if (criteria.length === 0) return { problem: 'One or more attributes required for Match' };
  return left ? { problem: 'keyword Match extra arguments at end of line' } : { criteria };
}

function problemWith(name: string, value: string, version: SshdVersion): MatchLine | undefined {
  const known = isName(name) && name !== 'invalid-user' && (name !== 'version' || since(version, '9.9'));
  if (!known) {
    // Between two releases: 9.9 and 10.0 brought these two, vendors may have brought them earlier.
    if (name === 'version' || name === 'invalid-user')
      return { unsure: `Match ${name} in OpenSSH ${formatVersion(version)}` };
    return { problem: `Unsupported Match attribute ${name}` };
  }
  // The version string's end differs between builds (p1, p2, the distribution's addition).
  if (
    name === 'version' &&
    !value.split(',').every((element) => /^!?(?:\*|OpenSSH_[\d.?]*\*)$/.test(element))
  )
    return { unsure: `Match version ${value}` };
  if ((name === 'address' || name === 'localaddress') && !validAddressList(value, since(version, '10.0')))
    return { problem: `Invalid Match ${name} argument '${value}'` };
  if (name === 'localport' && !/^\+?\d+$/.test(value)) {
    if (/^[a-z]/i.test(value)) return { unsure: `port ${value}` };
    return { problem: `Invalid LocalPort '${value}' on Match line` };
  }
  if (name === 'localport' && Number(value) > 65_535)
    return { problem: `Invalid LocalPort '${value}' on Match line` };
  return undefined;
}

/** Whether the login meets the criterion. */
export function meets(principal: Principal, { name, value }: Criterion, version: SshdVersion): boolean {
  switch (name) {
    case 'all':
      return true;
    case 'user':
      return matchesList(principal.user, value) === 1;
    case 'group':
      return matchesGroups(principal.groups ?? [], value);
    case 'host':
      return matchesHostList(principal.host, value) === 1;
    case 'address':
      return matchesAddressList(principal.addr, value);
    case 'localaddress':
      return matchesAddressList(principal.laddr, value);
    case 'localport':
      return Number(value) === principal.lport;
    case 'rdomain':
      return matchesList(principal.rdomain, value) === 1;
    case 'version':
      return matchesList(`OpenSSH_${formatVersion(version)}p1`, value) === 1;
    case 'invalid-user':
      return principal.groups === undefined;
  }
}

/** A negated element that fits any of the groups decides against. */
function matchesGroups(groups: readonly string[], list: string): boolean {
  const found = groups.map((group) => matchesList(group, list));
  return found.includes(1) && !found.includes(-1);
}
