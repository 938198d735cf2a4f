/**
 * What rsync leaves out: rsync(1) "FILTER RULES", rule_matches() of exclude.c. The first rule that matches decides, and a
 * directory that is left out is not entered. Pure.
 */
import { compileGlob, type Glob, globMatches, stepsTo } from './path-glob.ts';

export interface RsyncRule {
  readonly include: boolean;
  readonly matches: (name: string, isDirectory: boolean) => boolean;
}

/**
 * One pattern, as behind `--exclude=`. Undefined where it is not read, such as `[[:alpha:]]`.
 * @param text without a sign in front
 */
export function rsyncRule(text: string, include: boolean): RsyncRule | undefined {
  const onlyDirectory = text.length > 1 && text.endsWith('/');
  const pattern = onlyDirectory ? text.slice(0, -1) : text;
  if (pattern === '') return undefined;
  const anchored = pattern.startsWith('/');
  const body = anchored ? pattern.slice(1) : pattern;
  const slashes = pattern.split('/').length - 1;
  const double = pattern.includes('**');
  const isWild = /[*?[]/.test(pattern);
  const glob = isWild ? compileGlob(body, 'rsync') : undefined;
  if (isWild && !glob) return undefined;
  const same = (name: string): boolean => (glob ? matches(glob, name) : name === body);
  // `dir/***` is the directory and all that is in it.
  const withSlash = body.endsWith('***');
  const tails = tailsOf({ anchored, slashes, double, leading: body.startsWith('**') });
  return {
    include,
    matches: (name, isDirectory) => {
      if (!isDirectory && onlyDirectory) return false;
      const full = isDirectory && withSlash ? `${name}/` : name;
      return tails(full).some(same);
    },
  };
}

const matches = (glob: Glob, text: string): boolean => globMatches(glob, text);

/** Which parts of a name a pattern is held against. */
function tailsOf({
  anchored,
  slashes,
  double,
  leading,
}: {
  anchored: boolean;
  slashes: number;
  double: boolean;
  leading: boolean;
}): (name: string) => string[] {
  if (anchored) return (name) => [name];
  if (slashes === 0 && !double) return (name) => [name.slice(name.lastIndexOf('/') + 1)];
  // `**/x` may match at the start: the name then has a slash in front.
  if (leading) return (name) => [`/${name}`];
  if (double) return (name) => [name, ...afterSlashes(name)];
  return (name) => [lastParts(name, slashes + 1)].filter((part) => part !== undefined);
}

function afterSlashes(name: string): string[] {
  const tails: string[] = [];
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) tails.push(name.slice(at + 1));
  return tails;
}

function lastParts(name: string, count: number): string | undefined {
  const parts = name.split('/');
  return parts.length < count ? undefined : parts.slice(-count).join('/');
}

export interface RsyncOptions {
  readonly rules: readonly RsyncRule[];
  /** Names are held against patterns as whole paths: `--relative`. */
  readonly relative: boolean;
  readonly oneFileSystem: boolean;
  /** Not so for a plain directory without `-r` or `-a`: then nothing of it is copied. */
  readonly recursive: boolean;
  /** Something less than is known may be copied. */
  readonly odd: boolean;
  /** Files with further patterns could not be read. */
  readonly unread: readonly string[];
}

/** Options that change nothing about which files are copied. */
const HARMLESS =
  /^--(?:delete(?:-\w+)?|numeric-ids|hard-links|acls|xattrs|perms|owner|group|times|devices|specials|compress(?:-level)?|partial(?:-dir)?|bwlimit|rsh|timeout|contimeout|link-dest|log-file(?:-format)?|stats|progress|human-readable|verbose|quiet|inplace|whole-file|no-whole-file|sparse|checksum|fake-super|rsync-path|temp-dir|info|debug|itemize-changes|out-format|preallocate|fsync|omit-dir-times|omit-link-times|chmod|chown|usermap|groupmap|port|sockopts|address|ipv4|ipv6|password-file|fuzzy|no-implied-dirs|implied-dirs|no-\w+-times|open-noatime|atimes|crtimes|max-alloc|backup|backup-dir|suffix|super|links|recursive|archive|relative|no-relative|no-R|no-motd|ignore-errors|force|protect-args|secluded-args|old-args|mkpath|outbuf|8-bit-output|iconv|no-o|no-g|no-p|no-t|no-D|no-owner|no-group|no-perms|no-times|no-devices|no-specials)$/;
const TAKES_VALUE =
  /^--(?:exclude|include|exclude-from|include-from|filter|rsh|bwlimit|timeout|contimeout|link-dest|log-file|partial-dir|rsync-path|temp-dir|out-format|chmod|chown|usermap|groupmap|port|address|password-file|backup-dir|suffix|compress-level|info|debug|max-size|min-size|files-from|compare-dest|copy-dest|iconv)$/;
/** Of the short options: `x`, `r`, `a`, `R`, and those that change nothing about which files are copied. */
const SHORT = /^-[aAvqzcHXSEtpogDWPhiyxrRlsbN46U]+$/;

/**
 * What the words that rsync gets say about which files are copied.
 * @param lines what a file of patterns holds; undefined where it can't be read
 */
export async function rsyncOptions(
  words: readonly string[],
  lines: (path: string) => Promise<readonly string[] | undefined>,
): Promise<RsyncOptions> {
  let rules: RsyncRule[] = [];
  const unread: string[] = [];
  let [relative, oneFileSystem, recursive, links, odd] = [false, false, false, false, false];
  const add = (text: string, include: boolean): void => {
    if (text === '!') rules = [];
    else {
      const sign = /^[+-] /.exec(text)?.[0].charAt(0);
      const rule = rsyncRule(
        sign === undefined ? text : text.slice(2),
        sign === undefined ? include : sign === '+',
      );
      if (rule) rules.push(rule);
      else odd = true;
    }
  };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (!word.startsWith('--')) {
      if (!SHORT.test(word)) odd = true;
      recursive ||= /[ar]/.test(word);
      links ||= /[al]/.test(word);
      relative ||= word.includes('R');
      oneFileSystem ||= word.includes('x');
      continue;
    }
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    let value = equals < 0 ? '' : word.slice(equals + 1);
    if (equals < 0 && TAKES_VALUE.test(name)) {
      at += 1;
      value = words[at] ?? '';
    }
    if (name === '--exclude' || name === '--include') add(value, name === '--include');
    else if (name === '--exclude-from' || name === '--include-from') {
      const found = await lines(value);
      if (!found) unread.push(value);
      for (const line of found ?? [])
        if (!/^\s*$|^[;#]/.test(line)) add(line.replace(/\r$/, ''), name === '--include-from');
    } else if (name === '--filter') {
      const rule = /^(?:([+-])[ _]|(exclude|include)[ _])(.+)$/.exec(value);
      // rsnapshot's own: keeps its snapshots out of themselves.
      if (/^-\/_\//.test(value)) continue;
      if (rule?.[3] === undefined) odd = true;
      else add(`${rule[1] ?? (rule[2] === 'include' ? '+' : '-')} ${rule[3]}`, false);
    } else if (name === '--relative') relative = true;
    else if (name === '--no-relative' || name === '--no-R') relative = false;
    else if (name === '--one-file-system') oneFileSystem = true;
    else if (name === '--recursive') recursive = true;
    else if (name === '--archive') [recursive, links] = [true, true];
    else if (name === '--links') links = true;
    else if (!HARMLESS.test(name)) odd = true;
  }
  return { rules, relative, oneFileSystem, recursive, odd: odd || (recursive && !links), unread };
}

/**
 * Whether rsync, started on the directory `root`, comes to `path` and copies it. Judges each directory once.
 * @param relative whether patterns see whole paths; else they see what is below `root`
 */
export function rsyncKeeper(
  rules: readonly RsyncRule[],
  relative: boolean,
): (path: string, root: string, isDirectory: boolean) => boolean {
  const known = new Map<string, boolean>();
  const isOut = (name: string, isDirectory: boolean): boolean => {
    const key = `${name}\0${isDirectory}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const rule = rules.find((each) => each.matches(name, isDirectory));
    const out = rule !== undefined && !rule.include;
    known.set(key, out);
    return out;
  };
  return (path, root, isDirectory) => {
    const steps = stepsTo(path, root);
    if (steps.length === 0) return false;
    // The directories above what was named meet no pattern; what was named does only under its whole path.
    return steps.every((step, index) => {
      const name = relative ? step.slice(1) : step.slice(root === '/' ? 1 : root.length + 1);
      return name === '' || !isOut(name, index < steps.length - 1 || isDirectory);
    });
  };
}
