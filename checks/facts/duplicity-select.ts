/**
 * Which files duplicity takes: the first of its selection functions that says yes or no decides, and a directory that may
 * hold something included is searched. duplicity(1) "File selection", selection.py and globmatch.py. Pure.
 */
import type { CallOption } from './backup-call.ts';
import { compileGlob, type Glob, globMatches, stepsTo } from './path-glob.ts';
import { plainExpression } from './plain-expression.ts';

/** `search`: a directory that is entered for what may be included in it. */
type Say = 'in' | 'out' | 'search' | undefined;
export type DuplicityRule = (path: string, isDirectory: boolean) => Say;

/** Undefined where duplicity refuses the pattern, or it is not understood. */
export function duplicityGlob(text: string, include: boolean): DuplicityRule | undefined {
  const caseless = /^ignorecase:/i.test(text);
  const plain = caseless ? text.slice('ignorecase:'.length).toLowerCase() : text;
  if (plain === '') return undefined;
  const say: Say = include ? 'in' : 'out';
  if (plain === '**') return () => say;
  const onlyDirectory = plain.length > 1 && plain.endsWith('/');
  const pattern = plain === '/' ? '/**' : onlyDirectory ? plain.slice(0, -1) : plain;
  const glob = compileGlob(pattern, 'duplicity');
  const above = prefixes(pattern);
  if (!glob || !above) return undefined;
  return (given, isDirectory) => {
    const path = caseless ? given.toLowerCase() : given;
    const steps = stepsTo(path, '/');
    const isWithin = steps.slice(0, -1).some((step) => globMatches(glob, step));
    const isSame = globMatches(glob, path);
    if (isWithin || isSame) return !isWithin && onlyDirectory && !isDirectory ? undefined : say;
    return include && above.some((each) => globMatches(each, path)) ? 'search' : undefined;
  };
}

/** Globs of the directories on the way, up to the first `**`; undefined for double slashes, which it refuses. */
function prefixes(pattern: string): Glob[] | undefined {
  const double = pattern.indexOf('**');
  const parts = (double < 0 ? pattern : pattern.slice(0, double + 2)).split('/');
  if (parts.slice(1, -1).includes('')) return undefined;
  const globs = parts.map((_, index) => compileGlob(parts.slice(0, index + 1).join('/') || '/', 'duplicity'));
  return globs.every((glob) => glob !== undefined) ? globs : undefined;
}

export interface DuplicityRules {
  readonly rules: readonly DuplicityRule[];
  /** `--exclude-if-present`. */
  readonly tags: readonly string[];
  readonly oneFileSystem: boolean;
  /** Something less than is known may be copied: a pattern that was not understood. */
  readonly odd: boolean;
  /** An inclusion stands before `--exclude-other-filesystems`: more than is known may be copied. */
  readonly mayAdd: boolean;
}

/**
 * The options in their order.
 * @param root what is backed up: duplicity refuses patterns that nothing below it can match
 * @param lines what a file of patterns holds; empty where it could not be read
 */
export async function duplicityRules(
  options: readonly CallOption[],
  root: string,
  lines: (path: string | undefined) => Promise<readonly string[]>,
): Promise<DuplicityRules> {
  const rules: DuplicityRule[] = [];
  const tags: string[] = [];
  let [oneFileSystem, odd, mayAdd, included] = [false, false, false, false];
  const add = (rule: DuplicityRule | undefined, include: boolean): void => {
    if (rule) rules.push(rule);
    else odd = true;
    included ||= include;
  };
  const glob = (text: string, include: boolean): void => {
    const plain = /^ignorecase:/i.test(text) ? text.slice('ignorecase:'.length).toLowerCase() : text;
    const reaches = duplicityGlob(plain, true)?.(root, true) !== undefined;
    add(reaches && !/[$`]\{?\w/.test(text) ? duplicityGlob(text, include) : undefined, include);
  };
  for (const { name, value } of options) {
    const kind = /^--(in|ex)clude(?:-(?:globbing-)?(filelist|regexp))?$/.exec(name);
    if (kind?.[2] === 'filelist') {
      for (const line of await lines(value)) {
        const read = filelistLine(line, kind[1] === 'in');
        if (read) glob(read.text, read.include);
      }
    } else if (kind?.[2] === 'regexp') {
      const expression = plainExpression(value ?? '');
      const say: Say = kind[1] === 'in' ? 'in' : 'out';
      add(expression && ((path) => (expression.test(path) ? say : undefined)), kind[1] === 'in');
    } else if (kind) glob(value ?? '', kind[1] === 'in');
    else if (name === '--exclude-if-present') tags.push(value ?? '');
    else if (name === '--exclude-other-filesystems') {
      oneFileSystem = true;
      mayAdd ||= included;
    } else if (name === '--exclude-older-than' || name.endsWith('-filelist-stdin')) odd = true;
  }
  return { rules, tags, oneFileSystem, odd, mayAdd };
}

/** `+ path`, `- path`, comments and quotes. */
function filelistLine(line: string, otherwise: boolean): { text: string; include: boolean } | undefined {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return undefined;
  const sign = /^[+-] /.exec(text)?.[0].charAt(0);
  const rest = sign === undefined ? text : text.slice(2);
  const bare = /^(['"])(.*)\1$/.exec(rest)?.[2] ?? rest;
  return { text: bare, include: sign === undefined ? otherwise : sign === '+' };
}

/** Whether duplicity, started on `root`, comes to `path` and takes it. Judges each directory once. */
export function duplicityKeeper(
  rules: readonly DuplicityRule[],
): (path: string, root: string, isDirectory: boolean) => boolean {
  const known = new Map<string, Say>();
  const sayOf = (path: string, isDirectory: boolean): Say => {
    const key = `${path}\0${isDirectory}`;
    if (known.has(key)) return known.get(key);
    const say = decide(rules, path, isDirectory);
    known.set(key, say);
    return say;
  };
  return (path, root, isDirectory) => {
    const steps = stepsTo(path, root);
    if (steps.length === 0) return false;
    // The root itself is always taken.
    const above = steps.slice(1, -1).map((step) => sayOf(step, true));
    if (above.includes('out')) return false;
    const own = steps.length === 1 ? 'in' : sayOf(path, isDirectory);
    return own === 'in' || (own === 'search' && isDirectory);
  };
}

/** The first yes or no; a search that was asked for before wins over a no. */
function decide(rules: readonly DuplicityRule[], path: string, isDirectory: boolean): Say {
  let search = false;
  for (const rule of rules) {
    const say = rule(path, isDirectory);
    if (say === 'in') return 'in';
    if (say === 'out') return search ? 'search' : 'out';
    search ||= say === 'search';
  }
  return search ? 'search' : 'in';
}
