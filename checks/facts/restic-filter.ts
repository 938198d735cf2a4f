/** What restic leaves out by pattern: `--exclude` and its like, internal/filter of restic. Pure. */
import { cleanPath, compileGlob, type Glob, globMatches, stepsTo } from './path-glob.ts';

type Part = { readonly text: string; readonly glob?: Glob };

export interface ResticPattern {
  readonly parts: readonly Part[];
  /** `!pattern`: takes back what patterns before it left out. */
  readonly negated: boolean;
}

/** More of them in one pattern is nobody's, and trying them all takes long. */
const MAX_DOUBLE = 5;

/** Undefined where restic refuses the pattern. */
export function resticPattern(text: string): ResticPattern | undefined {
  const negated = text.startsWith('!');
  const parts: Part[] = [];
  for (const part of split(cleanPath(negated ? text.slice(1) : text))) {
    if (part === '**' || !/[\\[\]*?]/.test(part)) parts.push({ text: part });
    else {
      const glob = compileGlob(part, 'go');
      if (!glob) return undefined;
      parts.push({ text: part, glob });
    }
  }
  return parts.filter(({ text: part }) => part === '**').length > MAX_DOUBLE ? undefined : { parts, negated };
}

/** The root is a part of its own. */
const split = (path: string): string[] => {
  const parts = path.split('/');
  return parts[0] === '' ? ['/', ...parts.slice(1)].filter((part) => part !== '') : parts;
};

const ANY: Part = { text: '*', glob: [{ kind: 'many', slash: false }] };

/** Matches any part of the path that the pattern covers from its own first part on, and so everything below. */
function matches(parts: readonly Part[], path: readonly string[]): boolean {
  const double = parts.findIndex(({ text }) => text === '**');
  if (double >= 0) {
    for (let count = 0; count <= path.length - parts.length + 1; count += 1) {
      const stars = Array<Part>(count).fill(ANY);
      if (matches([...parts.slice(0, double), ...stars, ...parts.slice(double + 1)], path)) return true;
    }
    return false;
  }
  if (parts.length === 0 || parts.length > path.length) return parts.length === path.length;
  const last = parts[0]?.text === '/' ? 0 : path.length - parts.length;
  const first = parts[0]?.text !== '/' && path[0] === '/' ? 1 : 0;
  for (let offset = last; offset >= first; offset -= 1) {
    if (
      parts.every(({ text, glob }, index) => {
        const name = path[offset + index] ?? '';
        return glob ? globMatches(glob, name) : text === name;
      })
    )
      return true;
  }
  return false;
}

/** Whether the patterns, in their order, leave this one path out. */
export function resticExcludes(patterns: readonly ResticPattern[], path: string): boolean {
  const parts = split(path);
  let out = false;
  for (const { parts: wanted, negated } of patterns) {
    const match = matches(wanted, parts);
    out = negated ? out && !match : out || match;
  }
  return out;
}

/**
 * Whether restic, started on `root`, comes to `path`: a directory that is left out is not entered. Keeps what was found of
 * the directories, so that each is judged once.
 */
export function resticKeeper(patterns: readonly ResticPattern[]): (path: string, root: string) => boolean {
  const known = new Map<string, boolean>();
  const isOut = (path: string): boolean => {
    const before = known.get(path);
    if (before !== undefined) return before;
    const out = patterns.length > 0 && resticExcludes(patterns, path);
    known.set(path, out);
    return out;
  };
  return (path, root) => {
    const steps = stepsTo(path, root);
    return steps.length > 0 && !steps.some(isOut);
  };
}

export const resticKeeps = (patterns: readonly ResticPattern[], path: string, root: string): boolean =>
  resticKeeper(patterns)(path, root);
