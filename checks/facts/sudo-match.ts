/**
 * Who and what a rule of sudoers means: users, groups, hosts, run-as lists and commands, as sudo's match.c does it.
 * `maybe` where it can't be told from this host's files (netgroups, addresses, directory services). Pure.
 */
import type { Text } from '../../shared/outcome.ts';
import { CouldNotLook } from '../fact.ts';
import type { Aliases, SudoPolicy } from './sudo-policy.ts';
import type { AliasKind, Member } from './sudoers-parse.ts';

/** `none`: the list says nothing about it, and an earlier rule may. */
export type Match = 'allow' | 'deny' | 'none' | 'maybe';

/** Somebody who calls sudo, or whom a command runs as. */
export interface Subject {
  readonly name: string;
  /** Undefined for somebody whom this host's files don't name. */
  readonly uid: number | undefined;
  /** Lower-case names and ids of all groups, the primary one too. */
  readonly groups: ReadonlySet<string>;
  readonly gids: ReadonlySet<number>;
  /** False for accounts that only a directory service may have. */
  readonly local: boolean;
}

export interface MatchContext {
  readonly policy: SudoPolicy;
  readonly hostNames: readonly string[];
  /** `Defaults use_netgroups`, group_plugin: what is in force for all. */
  readonly groupPlugin: boolean;
  /** Counts work; throws when it is more than a real policy needs. */
  readonly spend: (steps?: number) => void;
}

const negate = (match: Match, negated: boolean): Match =>
  !negated || match === 'none' || match === 'maybe' ? match : match === 'allow' ? 'deny' : 'allow';

/** The last member that says something decides; a `maybe` before it is known keeps the answer open. */
function matchList(
  context: MatchContext,
  kind: AliasKind,
  list: readonly Member[],
  leaf: (member: Member) => boolean | undefined,
  inUse: readonly string[] = [],
): Match {
  for (let index = list.length - 1; index >= 0; index -= 1) {
    context.spend();
    const member = list[index];
    if (!member) continue;
    const alias = aliasOf(context.policy.aliases, kind, member, inUse);
    let match: Match;
    if (alias) match = matchList(context, kind, alias, leaf, [...inUse, member.name]);
    else {
      const found = member.type === 'all' ? true : leaf(member);
      match = found === undefined ? 'maybe' : found ? 'allow' : 'none';
    }
    if (match !== 'none') return negate(match, member.negated);
  }
  return 'none';
}

const MAX_NESTING = 100;
const TOO_DEEP: Text = {
  en: 'aliases of sudoers stand in one another too many times',
  de: 'Aliase in sudoers sind zu tief ineinander verschachtelt',
};

/** An alias that is used inside itself is a plain name there, as in sudo. */
function aliasOf(
  aliases: Aliases,
  kind: AliasKind,
  member: Member,
  inUse: readonly string[],
): readonly Member[] | undefined {
  if (member.type !== 'alias' || inUse.includes(member.name)) return undefined;
  if (inUse.length >= MAX_NESTING) throw new CouldNotLook(member.name, TOO_DEEP);
  return aliases[kind].get(member.name);
}

/** The id in `#1000`; leading zeros and -1 as strtol(3) takes them. */
export function numberAfter(name: string, prefix: string): number | undefined {
  const digits = name.startsWith(prefix) ? /^-?\d{1,20}$/.exec(name.slice(prefix.length))?.[0] : undefined;
  if (digits === undefined) return undefined;
  const value = Number(digits);
  return value < 0 ? value + 2 ** 32 : value;
}

/** Names are compared without regard to case, as sudo does unless it is told otherwise. */
export function isUser(name: string, subject: Subject): boolean {
  const uid = numberAfter(name, '#');
  if (uid !== undefined && subject.uid === uid) return true;
  return name.toLowerCase() === subject.name.toLowerCase();
}

export function isInGroup(name: string, subject: Subject): boolean {
  const gid = numberAfter(name, '#');
  return gid !== undefined && subject.gids.has(gid) ? true : subject.groups.has(name.toLowerCase());
}

function subjectLeaf(context: MatchContext, subject: Subject): (member: Member) => boolean | undefined {
  return ({ type, name }) => {
    if (type === 'netgroup') return undefined;
    if (type === 'group') {
      if (isInGroup(name.slice(1), subject)) return true;
      return context.groupPlugin ? undefined : false;
    }
    return type === 'self' ? false : isUser(name, subject);
  };
}

export function matchUser(context: MatchContext, list: readonly Member[], subject: Subject): Match {
  return matchList(context, 'user', list, subjectLeaf(context, subject));
}

export function matchHost(context: MatchContext, list: readonly Member[]): Match {
  return matchList(context, 'host', list, ({ type, name }) => {
    if (type === 'netgroup' || type === 'address') return undefined;
    const found = new Set(context.hostNames.map((one) => isHost(name, one)));
    return found.size === 1 ? [...found][0] : undefined;
  });
}

/**
 * Names without a dot are compared with the short name, others with the full one, which the resolver may know and we
 * don't: a full name that begins like ours may be ours.
 */
function isHost(pattern: string, hostName: string): boolean | undefined {
  const short = hostName.split('.')[0] ?? '';
  if (!pattern.includes('.')) return glob(pattern, short);
  if (hostName.includes('.')) return glob(pattern, hostName);
  return glob(pattern.split('.')[0] ?? '', short) === false ? false : undefined;
}

/** Shell wildcards of fnmatch(3); undefined for classes, which are rare here. */
function glob(pattern: string, text: string): boolean | undefined {
  if (/[[\]\\]/.test(pattern)) return undefined;
  if (!/[*?]/.test(pattern)) return pattern.toLowerCase() === text.toLowerCase();
  if (pattern.length > 255) return undefined;
  // Greedy matching with one place to go back to: no pattern takes more than length times length steps.
  const wanted = pattern.toLowerCase();
  const found = text.toLowerCase();
  let at = 0;
  let from = 0;
  let star = -1;
  let back = 0;
  while (from < found.length) {
    if (wanted[at] === '*') {
      star = at;
      back = from;
      at += 1;
    } else if (wanted[at] === '?' || wanted[at] === found[from]) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      back += 1;
      from = back;
      at = star + 1;
    } else return false;
  }
  while (wanted[at] === '*') at += 1;
  return at === wanted.length;
}

/** Whom a command may run as. A list that is not there means `runas_default`. */
export function matchRunas(
  context: MatchContext,
  list: readonly Member[] | undefined,
  target: Subject,
  caller: Subject | undefined,
  runasDefault: string,
): Match {
  if (list === undefined) return isUser(runasDefault, target) ? 'allow' : 'none';
  const leaf = subjectLeaf(context, target);
  return matchList(context, 'runas', list, (member) =>
    member.type === 'self' ? caller?.name === target.name : leaf(member),
  );
}

/** `name` is a group as in group(5). */
export function matchRunasGroup(
  context: MatchContext,
  list: readonly Member[] | undefined,
  group: { readonly name: string; readonly gid: number | undefined },
): Match {
  if (list === undefined) return 'none';
  return matchList(context, 'runas', list, ({ name }) => {
    const gid = numberAfter(name, '#');
    return (gid !== undefined && gid === group.gid) || name.toLowerCase() === group.name.toLowerCase();
  });
}

/** One command as a rule ends up meaning it, aliases resolved. */
export interface Leaf {
  readonly all: boolean;
  readonly path: string;
  /** Undefined for any, empty for none. */
  /** Undefined for any, empty for none. */
  readonly args: string | undefined;
  readonly hasDigest: boolean;
  readonly allow: boolean;
}

/** The commands that `member` stands for, in order. An alias that does not exist stands for none. */
export function leavesOf(context: MatchContext, member: Member, inUse: readonly string[] = []): Leaf[] {
  // Leaves are kept, so they count for more than a comparison does.
  context.spend(100);
  if (member.type === 'alias') {
    const list = aliasOf(context.policy.aliases, 'command', member, inUse) ?? [];
    const within = list.flatMap((one) => leavesOf(context, one, [...inUse, member.name]));
    return member.negated ? within.map((leaf) => ({ ...leaf, allow: !leaf.allow })) : within;
  }
  const { digests, negated, name, type } = member;
  const args = member.args === '""' ? '' : member.args;
  return [{ all: type === 'all', path: name, args, hasDigest: (digests?.length ?? 0) > 0, allow: !negated }];
}

const hasWildcard = ({ path, args }: Leaf): boolean =>
  path.startsWith('^') || /[*?[\]]/.test(path) || (args !== undefined && /[*?[\]\\^]/.test(args));

/** Whether whatever `inner` means is surely also meant by `outer`. */
export function covers(outer: Leaf, inner: Leaf): boolean {
  if (outer.hasDigest) return false;
  if (outer.all) return true;
  if (inner.all) return false;
  if (outer.path.endsWith('/') && outer.path !== inner.path && !hasWildcard(outer)) {
    const rest = inner.path.startsWith(outer.path) ? inner.path.slice(outer.path.length) : '';
    return rest !== '' && !rest.includes('/') && !inner.path.startsWith('^');
  }
  return outer.path === inner.path && (outer.args === undefined || outer.args === inner.args);
}

const lastName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Whether some command may be meant by both: sudo compares files, and `/bin/vi` may be `/usr/bin/vi`. */
export function mayMeet(a: Leaf, b: Leaf): boolean {
  if (covers({ ...a, hasDigest: false }, b) || covers({ ...b, hasDigest: false }, a)) return true;
  if (hasWildcard(a) || hasWildcard(b)) return true;
  return a.path.endsWith('/') || b.path.endsWith('/') || lastName(a.path) === lastName(b.path);
}

/** The command as people write it. */
export function formatLeaf({ all, path, args }: Leaf): string {
  const words = all ? 'ALL' : args === undefined ? path : args === '' ? `${path} ""` : `${path} ${args}`;
  return words.length > 120 ? `${words.slice(0, 117)}...` : words;
}
