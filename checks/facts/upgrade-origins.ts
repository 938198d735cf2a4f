/**
 * Which archives unattended-upgrades takes updates from: Unattended-Upgrade::Allowed-Origins and Origins-Pattern, as the
 * program itself reads them. Pure, never throws, bounded: patterns are matched without regular expressions.
 */
import type { AptSetting } from './apt-conf-file.ts';
import { aptList } from './apt-config.ts';

/** An archive with one of its components, by the names in its Release file. */
export interface UpgradeOrigin {
  readonly origin: string;
  readonly label: string;
  readonly archive: string;
  readonly codename: string;
  readonly component: string;
  readonly site: string;
}

/** For `${distro_id}` and `${distro_codename}`. */
export interface Distro {
  readonly id: string;
  readonly codename: string;
}

const FIELDS: Readonly<Record<string, keyof UpgradeOrigin>> = {
  o: 'origin',
  origin: 'origin',
  l: 'label',
  label: 'label',
  a: 'archive',
  suite: 'archive',
  archive: 'archive',
  c: 'component',
  component: 'component',
  site: 'site',
  n: 'codename',
  codename: 'codename',
};

/** Python's fnmatch: `*`, `?`, `[a-z]`, `[!a-z]`; an open bracket that is never closed stands for itself. */
export function fnmatch(text: string, pattern: string): boolean {
  const pieces = piecesOf(pattern);
  let [at, piece, star, resume] = [0, 0, -1, 0];
  while (at < text.length) {
    const here = pieces[piece];
    if (here === '*') {
      star = piece;
      resume = at;
      piece += 1;
    } else if (here?.(text.charAt(at))) {
      at += 1;
      piece += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      piece = star + 1;
    } else return false;
  }
  return pieces.slice(piece).every((rest) => rest === '*');
}

type Piece = '*' | ((character: string) => boolean);

function piecesOf(pattern: string): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern.charAt(at);
    if (char === '*') {
      if (pieces.at(-1) !== '*') pieces.push('*');
    } else if (char === '?') pieces.push(() => true);
    else if (char === '[') {
      // A bracket right behind the opening one, or behind `!`, is a member.
      const first = pattern.charAt(at + 1) === '!' ? at + 2 : at + 1;
      const end = pattern.indexOf(']', pattern.charAt(first) === ']' ? first + 1 : first);
      if (end < 0) pieces.push((other) => other === '[');
      else {
        const not = first === at + 2;
        const members = pattern.slice(first, end);
        pieces.push((other) => isMember(other, members) !== not);
        at = end;
      }
    } else pieces.push((other) => other === char);
  }
  return pieces;
}

function isMember(character: string, members: string): boolean {
  for (let at = 0; at < members.length; at += 1) {
    const from = members.charAt(at);
    const range = members.charAt(at + 1) === '-' && at + 2 < members.length;
    if (range ? character >= from && character <= members.charAt(at + 2) : character === from) return true;
    if (range) at += 2;
  }
  return false;
}

/** Python's string.Template; undefined where it would end the program: an unknown name, or a `$` that begins none. */
function substitute(text: string, distro: Distro): string | undefined {
  const names: Readonly<Record<string, string>> = {
    distro_id: distro.id,
    distro_codename: distro.codename,
  };
  let broken = false;
  const whole = text.replace(
    /\$(?:(\$)|([_a-z][_a-z0-9]*)|\{([_a-z][_a-z0-9]*)\}|)/gi,
    (_all, dollar, bare, braced) => {
      if (dollar) return '$';
      const value = names[bare ?? braced ?? ''];
      if (value === undefined) broken = true;
      return value ?? '';
    },
  );
  return broken ? undefined : whole;
}

/** The patterns in force, in the order in which they are tried; undefined for one that ends the program. */
export function allowedOrigins(
  settings: readonly AptSetting[],
  distro: Distro,
): readonly (string | undefined)[] {
  const legacy = aptList(settings, 'Unattended-Upgrade::Allowed-Origins').map((text) => {
    const parts = /(?<!\\):/.test(text) ? text.split(/(?<!\\):/) : text.trim().split(/\s+/);
    const [id, codename] = parts;
    if (parts.length !== 2 || id === undefined || codename === undefined) return undefined;
    const comma = (part: string): string => part.replace(/([^\\]),/g, '$1\\,');
    const [o, a] = [
      substitute(comma(id.replaceAll('\\:', ':')), distro),
      substitute(comma(codename), distro),
    ];
    return o === undefined || a === undefined ? undefined : `o=${o},a=${a}`;
  });
  const patterns = aptList(settings, 'Unattended-Upgrade::Origins-Pattern').map((text) =>
    substitute(text, distro),
  );
  return [...legacy, ...patterns];
}

/** Whether one pattern takes an origin; undefined where it ends the program instead. */
export function matchesOrigin(pattern: string, origin: UpgradeOrigin, distro: Distro): boolean | undefined {
  if (pattern.trim() === '') return false;
  let all = true;
  for (const token of pattern.trim().replaceAll('\\,', '%2C').split(',')) {
    const parts = token.split('=').map((part) => part.trim().replaceAll('%2C', ','));
    const [what = '', text = ''] = parts;
    const value = parts.length === 2 ? substitute(text, distro) : undefined;
    const field = Object.hasOwn(FIELDS, what) ? FIELDS[what] : undefined;
    if (value === undefined || field === undefined) return undefined;
    all = fnmatch(origin[field], value) && all;
  }
  return all;
}

/**
 * The first pattern that takes the origin wins. Undefined where the program ends before that: at a pattern that it can
 * not read when it begins, or at one that it comes to first.
 */
export function isAllowed(
  patterns: readonly (string | undefined)[],
  origin: UpgradeOrigin,
  distro: Distro,
): boolean | undefined {
  if (patterns.includes(undefined)) return undefined;
  for (const pattern of patterns) {
    const matches = matchesOrigin(pattern ?? '', origin, distro);
    if (matches !== false) return matches;
  }
  return false;
}
