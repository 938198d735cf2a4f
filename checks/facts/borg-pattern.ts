/** What borg takes and leaves by pattern: `borg help patterns`, borg/patterns.py. The first pattern that matches decides. Pure. */
import { cleanPath, compileGlob, globMatches, stepsTo } from './path-glob.ts';
import { plainExpression } from './plain-expression.ts';

export type BorgStyle = 'fm' | 'sh' | 're' | 'pp' | 'pf';

export interface BorgRule {
  readonly include: boolean;
  /** Whether a directory that it leaves out is still entered. */
  readonly enters: boolean;
  /** `pf:` goes before all others. */
  readonly full?: string;
  readonly matches: (path: string) => boolean;
}

export type BorgLine =
  | { readonly kind: 'rule'; readonly rule: BorgRule }
  | { readonly kind: 'root'; readonly root: string }
  | { readonly kind: 'style'; readonly style: BorgStyle };

const STYLES = ['fm', 'sh', 're', 'pp', 'pf'] as const;
const isStyle = (text: string): text is BorgStyle => STYLES.some((style) => style === text);

/** A line of `--pattern` or `--patterns-from`: `- sh:...`, `+ ...`, `! ...`, `R /etc`, `P re`. Undefined where borg refuses it. */
export function borgLine(line: string, style: BorgStyle): BorgLine | undefined {
  const command = line.charAt(0);
  const rest = line.slice(1).trimStart();
  if (rest === '') return undefined;
  if (command === 'R' || command === 'r') return { kind: 'root', root: rest };
  if (command === 'P' || command === 'p') return isStyle(rest) ? { kind: 'style', style: rest } : undefined;
  if (!'+-!'.includes(command)) return undefined;
  const rule = borgRule(rest, style, command === '+', command !== '!');
  return rule && { kind: 'rule', rule };
}

/** The value of `--exclude`, or a line of `--exclude-from`. */
export const borgExclude = (pattern: string): BorgRule | undefined => borgRule(pattern, 'fm', false, false);

function borgRule(
  text: string,
  fallback: BorgStyle,
  include: boolean,
  enters: boolean,
): BorgRule | undefined {
  const prefix = /^([0-9A-Za-z]{2}):/.exec(text)?.[1];
  if (prefix !== undefined && !isStyle(prefix)) return undefined;
  const pattern = prefix === undefined ? text : text.slice(3);
  const style = prefix ?? fallback;
  if (style === 'pf') {
    const full = bare(cleanPath(pattern));
    return { include, enters, full, matches: (path) => path === full };
  }
  const matches = matcher(pattern, style);
  return matches && { include, enters, matches };
}

const bare = (path: string): string => path.replace(/^\/+/, '');

function matcher(pattern: string, style: 'fm' | 'sh' | 're' | 'pp'): BorgRule['matches'] | undefined {
  const clean = cleanPath(pattern);
  if (style === 'pp') {
    const start = bare(clean === '/' ? '/' : `${clean}/`);
    return (path) => `${path}/`.startsWith(start);
  }
  if (style === 're') {
    const expression = plainExpression(pattern);
    return expression && ((path) => expression.test(path));
  }
  const any = style === 'fm' ? '*' : '**/*';
  const open = clean.replace(/\/+$/, '');
  // A slash at the end means what is in a directory, not the directory; the root has none but that.
  const whole = pattern.endsWith('/') ? `${open}/${any}/` : `${clean}/${any}`;
  const glob = compileGlob(bare(whole), style === 'fm' ? 'fnmatch' : 'shell');
  return glob && ((path) => globMatches(glob, `${path}/`));
}

/** Whether borg, started on `root`, comes to `path` and keeps it. Keeps what was found, so that each path is judged once. */
export function borgKeeper(rules: readonly BorgRule[]): (path: string, root: string) => boolean {
  const full = new Map(
    rules.flatMap((rule) => (rule.full === undefined ? [] : [[rule.full, rule] as const])),
  );
  const others = rules.filter((rule) => rule.full === undefined);
  const known = new Map<string, BorgRule | undefined>();
  const ruleFor = (path: string): BorgRule | undefined => {
    if (known.has(path)) return known.get(path);
    const name = bare(path);
    const rule = full.get(name) ?? others.find((each) => each.matches(name));
    known.set(path, rule);
    return rule;
  };
  return (path, root) => {
    const steps = stepsTo(path, root);
    if (steps.length === 0) return false;
    const isClosed = steps.slice(0, -1).some((step) => {
      const rule = ruleFor(step);
      return rule && !rule.include && !rule.enters;
    });
    return !isClosed && (ruleFor(path)?.include ?? true);
  };
}

export const borgKeeps = (rules: readonly BorgRule[], path: string, root: string): boolean =>
  borgKeeper(rules)(path, root);
