/**
 * The weakest password that a way of changing it takes, with a sample that can be tried: candidates by number of
 * combinations, first the fewest, until one is stored. What depends on the person (old password, name, dictionary) is taken
 * to be no obstacle: the samples are neither words nor near them. Sources: libpwquality check.c and cracklib fascist.c.
 */
import type { Text } from '../../shared/outcome.ts';
import { CouldNotLook } from '../fact.ts';
import { passwdqcAccepts } from './passwdqc.ts';
import { CREDITS, classesOf, longEnough, qualityAccepts } from './password-judge.ts';
import { isEnforced, type PasswordModule, type PasswordWay, takesJudged } from './password-policy.ts';

/** Digits, small letters, capitals, others: how many there are, and samples without neighbours in the alphabet. */
const CLASSES = [
  { size: 10, letters: '7294836150' },
  { size: 26, letters: 'xqvkzmwgpjtbhdrfncls' },
  { size: 26, letters: 'KXQZVMGWPTJBHDRFNCLS' },
  { size: 33, letters: '#%+;=?!&*:@' },
] as const;
const MAX_LENGTH = 64;
const MAX_COMBINATIONS = 1024;
/** Up to here every share of the classes is tried. */
const MAX_EVERY = 13;

export interface Weakest {
  readonly sample: string;
  readonly length: number;
  /** 1 to 4. */
  readonly classes: number;
}

/** Whether this module lets the password pass, for whoever goes this way. */
function accepts(way: PasswordWay, module: PasswordModule, password: string): boolean {
  if ('quality' in module) return !isEnforced(way, module) || qualityAccepts(module.quality, password);
  if (module.kind === 'passwdqc') return !isEnforced(way, module) || passwdqcAccepts(module.rules, password);
  if (module.kind !== 'unix' || way.who === 'root') return true;
  return password.length >= module.unix.minlen.value;
}

/** Pure. Whether `password` may be stored this way. A module that is not known here counts as one that accepts. */
export const takes = (way: PasswordWay, password: string): boolean =>
  takesJudged(
    way,
    way.modules.map((module) => accepts(way, module, password)),
  );

/** `takesJudged` for one way, each combination worked out once: there are few, and thousands of candidates. */
function judgeOf(way: PasswordWay): (judged: readonly boolean[]) => boolean {
  const seen = new Map<string, boolean>();
  return (judged) => {
    const key = judged.map(Number).join('');
    const before = seen.get(key);
    if (before !== undefined) return before;
    const answer = takesJudged(way, judged);
    seen.set(key, answer);
    return answer;
  };
}

interface Mix {
  readonly length: number;
  /** Which classes occur. */
  readonly present: readonly number[];
}

/** Every length with every set of classes, those with the fewest combinations first. */
function allMixes(): readonly Mix[] {
  const mixes: (Mix & { bits: number })[] = [];
  for (let length = 1; length <= MAX_LENGTH; length += 1)
    for (let set = 1; set < 16; set += 1) {
      const present = [0, 1, 2, 3].filter((index) => set & (1 << index));
      const size = present.reduce((sum, index) => sum + (CLASSES[index]?.size ?? 0), 0);
      if (present.length <= length) mixes.push({ length, present, bits: length * Math.log2(size) });
    }
  return mixes.sort((a, b) => a.bits - b.bits);
}
let mixes: readonly Mix[] | undefined;

/**
 * Pure. The weakest password stored this way, of those that `counts` (all where it is left out); undefined: none up to 64
 * characters.
 * @throws CouldNotLook where a module of the stack is not known here
 */
export function weakest(
  way: PasswordWay,
  counts: (length: number, classes: number) => boolean = () => true,
): Weakest | undefined {
  const strange = way.modules.find(({ kind }) => kind === 'unknown');
  if (strange) throw new CouldNotLook(strange.line.file, unknownModule(strange.line.module));
  const limits = way.modules.flatMap((one) =>
    'quality' in one && isEnforced(way, one) ? [one.quality.numbers] : [],
  );
  const run = Math.min(
    ...limits.map(({ maxclassrepeat }) => maxclassrepeat.value).filter((value) => value > 0),
  );
  // pam_passwdqc does not count one at the edge.
  const edges = way.modules.some(({ kind }) => kind === 'passwdqc') ? [2] : [];
  /** How many of a class may matter: one, what is demanded, what gives credit. */
  const useful = CREDITS.map((name) =>
    [...new Set([1, ...edges, ...limits.map((one) => Math.abs(one[name].value))])].filter(Boolean),
  );
  const judge = judgeOf(way);
  const possible = possibleOf(way, judge);
  mixes ??= allMixes();
  for (const { length, present } of mixes) {
    if (!counts(length, present.length)) continue;
    // Of long mixes those that matter; where runs of a class are limited, only an even one can be spelled.
    const shapes =
      length <= MAX_EVERY || present.length <= 2
        ? every(length, present)
        : [...split(length, present, useful), ...even(length, present)];
    for (const shape of shapes) {
      if (!possible(shape)) continue;
      const sample = spell(shape, run);
      if (judge(way.modules.map((module) => accepts(way, module, sample))))
        return { sample, length: sample.length, classes: classesOf(sample) };
    }
  }
  return undefined;
}

/** Whether the lengths alone leave it open: the other opinions are taken either way, for refusals may help a password along. */
function possibleOf(
  way: PasswordWay,
  judge: (judged: readonly boolean[]) => boolean,
): (counts: readonly number[]) => boolean {
  const seen = new Map<string, boolean>();
  return (counts) => {
    const short = way.modules.map(
      (module) =>
        'quality' in module && isEnforced(way, module) && !longEnough(module.quality.numbers, counts),
    );
    const key = short.map(Number).join('');
    const answer = seen.get(key) ?? opinions(way, short).some(judge);
    seen.set(key, answer);
    return answer;
  };
}

/** Every combination of opinions that leaves those refusing that are `short`. */
function opinions(way: PasswordWay, short: readonly boolean[]): boolean[][] {
  let combinations: boolean[][] = [[]];
  for (const [at, module] of way.modules.entries()) {
    const judges = ('quality' in module || 'rules' in module) && isEnforced(way, module);
    const open = judges || (module.kind === 'unix' && way.who === 'account');
    const answers = short[at] ? [false] : open ? [true, false] : [true];
    combinations = combinations.flatMap((before) => answers.map((answer) => [...before, answer]));
    // libpam allows for any number of modules, people hardly for a handful.
    if (combinations.length > MAX_COMBINATIONS)
      throw new CouldNotLook(module.line.file, tooMany(module.line.file));
  }
  return combinations;
}

/** Every way to share out the letters, each class having at least one. */
function every(length: number, present: readonly number[]): number[][] {
  const [first, ...others] = present;
  if (first === undefined) return [];
  if (others.length === 0) return [[0, 0, 0, 0].with(first, length)];
  const shapes: number[][] = [];
  for (let count = length - others.length; count > 0; count -= 1)
    for (const rest of every(length - count, others)) shapes.push(rest.with(first, count));
  return shapes;
}

/** One class takes the rest, the others a number that may matter. */
function split(
  length: number,
  present: readonly number[],
  useful: readonly (readonly number[])[],
): number[][] {
  return present.flatMap((rest) => {
    let partial = [[0, 0, 0, 0]];
    for (const index of present)
      if (index !== rest)
        partial = partial.flatMap((counts) =>
          (useful[index] ?? [1]).map((count) => counts.with(index, count)),
        );
    return partial.flatMap((counts) => {
      const left = length - counts.reduce((sum, count) => sum + count, 0);
      return left > 0 ? [counts.with(rest, left)] : [];
    });
  });
}

/** As many of each class as of the others, the rest to one after another. */
function even(length: number, present: readonly number[]): number[][] {
  return present.map((_, start) => {
    const counts = [0, 0, 0, 0];
    for (let at = 0; at < length; at += 1) {
      const index = present[(start + at) % present.length] ?? 0;
      counts[index] = (counts[index] ?? 0) + 1;
    }
    return counts;
  });
}

/** Small letters first, digits last; spread out where runs of a class are limited. */
function spell(counts: readonly number[], run: number): string {
  const left = [...counts];
  const used = [0, 0, 0, 0];
  let out = '';
  let last = -1;
  let same = 0;
  for (;;) {
    const order = [1, 2, 3, 0].filter((index) => (left[index] ?? 0) > 0);
    if (order.length === 0) return out;
    if (Number.isFinite(run)) order.sort((a, b) => (left[b] ?? 0) - (left[a] ?? 0));
    const index = order.find((one) => one !== last || same < run) ?? order[0] ?? 0;
    same = index === last ? same + 1 : 1;
    last = index;
    const letters = CLASSES[index]?.letters ?? 'x';
    out += letters[(used[index] ?? 0) % letters.length];
    used[index] = (used[index] ?? 0) + 1;
    left[index] = (left[index] ?? 0) - 1;
  }
}

const tooMany = (file: string): Text => ({
  en: `the PAM stack around ${file} has too many modules that judge passwords`,
  de: `der PAM-Stapel um ${file} hat zu viele Module, die Passwörter beurteilen`,
});

const unknownModule = (module: string): Text => ({
  en: `what ${module} asks of a new password is not known here`,
  de: `was ${module} von einem neuen Passwort verlangt, ist hier nicht bekannt`,
});
