/**
 * Whether sshd lets an account in by a key at all: who is allowed (AllowUsers and its like), and which methods it takes
 * (AuthenticationMethods). In doubt it does: sshd_config(5), `allowed_user` in auth.c.
 */
import { matchesPattern } from './sshd-pattern.ts';

/** The effective value of a keyword for one kind of login; undefined where it has none. */
export type SshdValue = (keyword: string) => string | undefined;

export interface Who {
  readonly name: string;
  readonly uid: number;
  /** Names of its groups. */
  readonly groups: readonly string[];
  /** A directory may know of more groups. */
  readonly moreGroups: boolean;
}

/** Keywords that decide here. */
export const ADMITTING = [
  'allowusers',
  'denyusers',
  'allowgroups',
  'denygroups',
  'authenticationmethods',
  'permitrootlogin',
  'pubkeyauthentication',
] as const;

/** `forced`: only keys with a command of their own are taken (PermitRootLogin forced-commands-only). */
export function admitsKeys(value: SshdValue, who: Who): 'all' | 'forced' | 'none' {
  const is = (keyword: string, wanted: string) => value(keyword)?.toLowerCase() === wanted;
  if (is('refuseconnection', 'yes') || is('pubkeyauthentication', 'no')) return 'none';
  if (who.uid === 0 && is('permitrootlogin', 'no')) return 'none';
  if (!methodsTakeKeys(value) || !isAllowed(value, who)) return 'none';
  return who.uid === 0 && is('permitrootlogin', 'forced-commands-only') ? 'forced' : 'all';
}

const words = (value: string | undefined): readonly string[] =>
  value === undefined || value === 'none' ? [] : value.split(/\s+/).filter(Boolean);

function isAllowed(value: SshdValue, { name, groups, moreGroups }: Who): boolean {
  // `name@from` shuts out, or lets in, from some addresses only.
  const denied = words(value('denyusers')).some((pattern) => {
    const { user, from } = parted(pattern);
    return (from === undefined || from === '*') && matchesPattern(name, user);
  });
  if (denied) return false;
  const users = words(value('allowusers'));
  if (users.length > 0 && !users.some((pattern) => matchesPattern(name, parted(pattern).user))) return false;
  const inOne = (patterns: readonly string[]) =>
    groups.some((group) => patterns.some((pattern) => matchesPattern(group, pattern)));
  if (inOne(words(value('denygroups')))) return false;
  const wanted = words(value('allowgroups'));
  return wanted.length === 0 || moreGroups || inOne(wanted);
}

/** At the first `@`, as sshd does; a pattern has no negation here. */
function parted(pattern: string): { readonly user: string; readonly from?: string } {
  const at = pattern.indexOf('@');
  return at < 0 ? { user: pattern } : { user: pattern.slice(0, at), from: pattern.slice(at + 1) };
}

/** A list with a method that is switched off counts for nothing; without any list each method is enough. */
function methodsTakeKeys(value: SshdValue): boolean {
  const lists = words(value('authenticationmethods'));
  if (lists.length === 0 || lists[0]?.toLowerCase() === 'any') return true;
  const off = (method: string) => {
    const keyword = SWITCHES[method];
    return keyword !== undefined && value(keyword)?.toLowerCase() === 'no';
  };
  return lists
    .map((list) => list.split(',').map((method) => method.split(':')[0]?.toLowerCase() ?? ''))
    .some((list) => list.includes('publickey') && !list.some(off));
}

const SWITCHES: Readonly<Record<string, string>> = {
  password: 'passwordauthentication',
  'keyboard-interactive': 'kbdinteractiveauthentication',
  hostbased: 'hostbasedauthentication',
};
