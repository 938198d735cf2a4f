/**
 * Globs as the backup tools read them: Go's path/filepath.Match (restic), Python's fnmatch (borg `fm:`), borg's own shell
 * patterns (`sh:`), duplicity's and rsync's. Pure. Takes time in proportion to pattern times text, whatever the pattern.
 */

export type GlobDialect = 'go' | 'fnmatch' | 'shell' | 'duplicity' | 'rsync';

type Token =
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'one'; readonly slash: boolean }
  | {
      readonly kind: 'set';
      readonly negated: boolean;
      readonly ranges: readonly (readonly [string, string])[];
      /** Whether it may stand for a slash. */
      readonly slash: boolean;
    }
  | { readonly kind: 'many'; readonly slash: boolean }
  /** `**` + `/`: no or more whole directories. */
  | { readonly kind: 'directories' };

export type Glob = readonly Token[];

/** Undefined where the tool itself refuses the pattern. */
export function compileGlob(pattern: string, dialect: GlobDialect): Glob | undefined {
  const chars = [...pattern];
  const tokens: Token[] = [];
  const slash = dialect === 'fnmatch';
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] ?? '';
    if (char === '*') {
      if (dialect === 'shell' && chars[at + 1] === '*' && chars[at + 2] === '/') {
        tokens.push({ kind: 'directories' });
        at += 2;
      } else if ((dialect === 'duplicity' || dialect === 'rsync') && chars[at + 1] === '*') {
        tokens.push({ kind: 'many', slash: true });
        while (chars[at + 1] === '*') at += 1;
      } else tokens.push({ kind: 'many', slash });
    } else if (char === '?') tokens.push({ kind: 'one', slash });
    else if (char === '[') {
      const set = readSet(chars, at + 1, dialect);
      if (set === undefined) return undefined;
      tokens.push(set.token);
      at = set.end;
    } else if (char === '\\' && (dialect === 'go' || dialect === 'rsync')) {
      at += 1;
      const escaped = chars[at];
      if (escaped === undefined) return undefined;
      tokens.push({ kind: 'char', char: escaped });
    } else tokens.push({ kind: 'char', char });
  }
  return tokens;
}

interface SetRead {
  readonly token: Token;
  /** Where the set ends. */
  readonly end: number;
}

/** `[^a-z\]]`; an empty one, or one without an end, is an error. */
function goSet(chars: readonly string[], from: number): SetRead | undefined {
  let at = from;
  const negated = chars[at] === '^';
  if (negated) at += 1;
  const ranges: [string, string][] = [];
  const next = (): string | undefined => {
    let char = chars[at];
    if (char === undefined || char === '-' || char === ']') return undefined;
    at += 1;
    if (char === '\\') {
      char = chars[at];
      at += 1;
    }
    // What ends here has no bracket behind it.
    return at < chars.length ? char : undefined;
  };
  while (chars[at] !== ']' || ranges.length === 0) {
    const low = next();
    if (low === undefined) return undefined;
    let high: string | undefined = low;
    if (chars[at] === '-') {
      at += 1;
      high = next();
      if (high === undefined) return undefined;
    }
    ranges.push([low, high]);
  }
  return { token: { kind: 'set', negated, ranges, slash: true }, end: at };
}

function readSet(chars: readonly string[], from: number, dialect: GlobDialect): SetRead | undefined {
  if (dialect === 'go') return goSet(chars, from);
  return dialect === 'rsync' ? rsyncSet(chars, from) : pythonSet(chars, from, dialect);
}

/** `[!a-z\\]]` of rsync's wildmatch: never a slash, backslashes escape, an open one matches nothing. Not read: `[:alpha:]`. */
function rsyncSet(chars: readonly string[], from: number): SetRead | undefined {
  let at = from;
  const negated = chars[at] === '!' || chars[at] === '^';
  if (negated) at += 1;
  const ranges: [string, string][] = [];
  const next = (): string | undefined => {
    if (chars[at] === '\\') at += 1;
    at += 1;
    return chars[at - 1];
  };
  do {
    if (chars[at] === '[' && chars[at + 1] === ':') return undefined;
    const low = next();
    if (low === undefined) return undefined;
    if (chars[at] === '-' && chars[at + 1] !== ']' && chars[at + 1] !== undefined) {
      at += 1;
      const high = next();
      if (high === undefined) return undefined;
      ranges.push([low, high]);
    } else ranges.push([low, low]);
    if (at >= chars.length) return undefined;
  } while (chars[at] !== ']');
  return { token: { kind: 'set', negated, ranges, slash: false }, end: at };
}

/** `[!a-z]`; a bracket without an end is a bracket. A range that runs backwards: fnmatch drops it, borg's `sh:` refuses it. */
function pythonSet(
  chars: readonly string[],
  from: number,
  dialect: 'fnmatch' | 'shell' | 'duplicity',
): SetRead | undefined {
  let end = from;
  const isNot = (char: string | undefined): boolean =>
    char === '!' || (char === '^' && dialect === 'duplicity');
  if (isNot(chars[end])) end += 1;
  if (chars[end] === ']') end += 1;
  while (end < chars.length && chars[end] !== ']') end += 1;
  if (end >= chars.length) return { token: { kind: 'char', char: '[' }, end: from - 1 };
  const negated = isNot(chars[from]);
  const inner = chars.slice(negated ? from + 1 : from, end);
  const ranges: [string, string][] = [];
  for (let at = 0; at < inner.length; at += 1) {
    const low = inner[at] ?? '';
    const high = inner[at + 1] === '-' ? inner[at + 2] : undefined;
    if (high === undefined) ranges.push([low, low]);
    else {
      at += 2;
      if (before(high, low)) {
        if (dialect !== 'fnmatch') return undefined;
      } else ranges.push([low, high]);
    }
  }
  return { token: { kind: 'set', negated, ranges, slash: true }, end };
}

const before = (a: string, b: string): boolean => (a.codePointAt(0) ?? 0) < (b.codePointAt(0) ?? 0);

/** Whether the whole text matches. */
export function globMatches(glob: Glob, text: string): boolean {
  // Most texts differ from most patterns at one of their ends.
  let start = 0;
  for (const token of glob) {
    if (token.kind !== 'char') break;
    if (!text.startsWith(token.char, start)) return false;
    start += token.char.length;
  }
  const last = glob.at(-1);
  if (last?.kind === 'char' && !text.endsWith(last.char)) return false;
  const chars = [...text];
  /** Positions of the text that the tokens so far can reach. */
  let reached: boolean[] = [true];
  for (const token of glob) {
    const next: boolean[] = [];
    let open = false;
    for (let at = 0; at <= chars.length; at += 1) {
      const char = chars[at - 1] ?? '';
      if (token.kind === 'many') {
        open = reached[at] === true || (open && (token.slash || char !== '/'));
        if (open) next[at] = true;
      } else if (token.kind === 'directories') {
        if (reached[at] || (open && char === '/')) next[at] = true;
        open ||= reached[at] === true;
      } else if (at > 0 && reached[at - 1] && isOne(token, char)) next[at] = true;
    }
    if (next.length === 0) return false;
    reached = next;
  }
  return reached[chars.length] === true;
}

function isOne(token: Exclude<Token, { kind: 'many' | 'directories' }>, char: string): boolean {
  if (token.kind === 'char') return token.char === char;
  if (char === '/' && !token.slash) return false;
  return (
    token.kind === 'one' ||
    token.negated !== token.ranges.some(([low, high]) => !before(char, low) && !before(high, char))
  );
}

/** A path without `.`, `..` and double slashes, as path.Clean of Go and os.path.normpath of Python have it. */
export function cleanPath(path: string): string {
  const rooted = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (!rooted) parts.push(part);
  }
  return (rooted ? '/' : '') + parts.join('/') || '.';
}

/** The path and every directory above it up to `from`, which comes first; empty where it does not lie there. */
export function stepsTo(path: string, from: string): string[] {
  if (path === from) return [from];
  const prefix = from === '/' ? '/' : `${from}/`;
  if (!path.startsWith(prefix)) return [];
  const steps = [from];
  for (let at = path.indexOf('/', prefix.length); at >= 0; at = path.indexOf('/', at + 1))
    steps.push(path.slice(0, at));
  return [...steps, path];
}
