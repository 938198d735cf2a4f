/**
 * The weakest password that a way of changing it takes, with a sample that can be tried: candidates by number of
 * combinations, first the fewest, until one is stored. What depends on the person (old password, name, dictionary) is taken
 * to be no obstacle: the samples are neither words nor near them. Sources: libpwquality check.c and cracklib fascist.c.
 */
import type { Text } from '../../shared/outcome.ts';
import { CouldNotLook } from '../fact.ts';
import { passwdqcAccepts } from './passwdqc.ts';
import { isEnforced, type PasswordModule, type PasswordWay, takesJudged } from './password-policy.ts';
import type { QualityOptions } from './pwquality.ts';

/** Digits, small letters, capitals, others: how many there are, and samples without neighbours in the alphabet. */
const CLASSES = [
  { size: 10, letters: '7294836150' },
  { size: 26, letters: 'xqvkzmwgpjtbhdrfncls' },
  { size: 26, letters: 'KXQZVMGWPTJBHDRFNCLS' },
  { size: 33, letters: '#%+;=?!&*:@' },
] as const;
const CREDITS = ['dcredit', 'lcredit', 'ucredit', 'ocredit'] as const;
const MAX_LENGTH = 64;
const MAX_COMBINATIONS = 64;

export interface Weakest {
  readonly sample: string;
  readonly length: number;
  /** 1 to 4. */
  readonly classes: number;
}

const classOf = (letter: string): number =>
  /[0-9]/.test(letter) ? 0 : /[a-z]/.test(letter) ? 1 : /[A-Z]/.test(letter) ? 2 : 3;

/** How many letters of each class. */
const countsOf = (password: string): number[] => {
  const counts = [0, 0, 0, 0];
  for (const letter of password) counts[classOf(letter)] = (counts[classOf(letter)] ?? 0) + 1;
  return counts;
};

export const classesOf = (password: string): number => countsOf(password).filter((count) => count > 0).length;

/** Whether the longest run of letters that go on as `same` says is longer than `max`; 0: no limit. */
function runsOver(password: string, max: number, same: (before: string, letter: string) => boolean): boolean {
  let run = 1;
  for (let at = 1; max > 0 && at < password.length; at += 1) {
    run = same(password[at - 1] ?? '', password[at] ?? '') ? run + 1 : 1;
    if (run > max) return true;
  }
  return false;
}

const code = (letter: string) => letter.charCodeAt(0);

/** Pure. What pam_pwquality or pam_cracklib asks of a password by itself. */
export function qualityAccepts({ numbers, badwords }: QualityOptions, password: string): boolean {
  if (!longEnough(numbers, countsOf(password))) return false;
  if (runsOver(password, numbers.maxclassrepeat.value, (a, b) => classOf(a) === classOf(b))) return false;
  if (runsOver(password, numbers.maxrepeat.value, (a, b) => a === b)) return false;
  if (runsOver(password, numbers.maxsequence.value, (a, b) => code(b) === code(a) + 1)) return false;
  if (runsOver(password, numbers.maxsequence.value, (a, b) => code(b) === code(a) - 1)) return false;
  const small = password.toLowerCase();
  if (small === [...small].reverse().join('')) return false;
  if (badwords.value.some((word) => word.length >= 4 && near(small, word, numbers.difok.value))) return false;
  return numbers.dictcheck.value === 0 || crackable(small, password);
}

/** Credits: positive ones shorten the length wanted, negative ones are least numbers. */
function longEnough(numbers: QualityOptions['numbers'], counts: readonly number[]): boolean {
  let wanted = numbers.minlen.value;
  for (const [index, name] of CREDITS.entries()) {
    const credit = numbers[name].value;
    const count = counts[index] ?? 0;
    if (credit >= 0) wanted -= Math.min(count, credit);
    else if (count < -credit) return false;
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total >= wanted && counts.filter((count) => count > 0).length >= numbers.minclass.value;
}

function near(password: string, word: string, difok: number): boolean {
  const back = [...word].reverse().join('');
  return [word, back].some((one) => password.includes(one) || distance(password, one) < difok);
}

function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (const [index, letter] of [...left].entries()) {
    const next = [index + 1];
    for (let at = 1; at <= right.length; at += 1) {
      const change = (row[at - 1] ?? 0) + (letter === right[at - 1] ? 0 : 1);
      next.push(Math.min(change, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}

/** What cracklib asks before it looks into its dictionary. */
function crackable(small: string, password: string): boolean {
  let steps = 0;
  for (let at = 1; at < small.length; at += 1)
    if (Math.abs(code(small[at] ?? '') - code(small[at - 1] ?? '')) === 1) steps += 1;
  return (
    password.length >= 6 &&
    new Set(password).size >= 5 &&
    steps <= Math.floor(3 + 0.09 * small.length) &&
    !/^[a-z]{2}\d{6}[a-z]$/.test(small)
  );
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

const combinations = (counts: readonly number[]): number => {
  const size = CLASSES.reduce((sum, one, index) => sum + (counts[index] ? one.size : 0), 0);
  return counts.reduce((sum, count) => sum + count, 0) * Math.log2(size);
};

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
  const shapes: { counts: number[]; bits: number }[] = [];
  for (let length = 1; length <= MAX_LENGTH; length += 1)
    for (let set = 1; set < 16; set += 1) {
      const present = [0, 1, 2, 3].filter((index) => set & (1 << index));
      if (present.length > length || !counts(length, present.length)) continue;
      const bits = combinations(
        [0, 1, 2, 3].map((index) => (present.includes(index) ? length / present.length : 0)),
      );
      // Where runs of a class are limited, only an even mix can be spelled.
      for (const shape of [...split(length, present, useful), ...even(length, present)])
        shapes.push({ counts: shape, bits });
    }
  shapes.sort((a, b) => a.bits - b.bits);
  const judge = judgeOf(way);
  for (const shape of shapes) {
    if (!possible(way, shape.counts, judge)) continue;
    const sample = spell(shape.counts, run);
    if (judge(way.modules.map((module) => accepts(way, module, sample))))
      return { sample, length: sample.length, classes: classesOf(sample) };
  }
  return undefined;
}

/** Whether the lengths alone leave it open: the other opinions are taken either way, for refusals may help a password along. */
function possible(
  way: PasswordWay,
  counts: readonly number[],
  judge: (judged: readonly boolean[]) => boolean,
): boolean {
  let combinations: boolean[][] = [[]];
  for (const module of way.modules) {
    const judges = ('quality' in module || 'rules' in module) && isEnforced(way, module);
    const short = 'quality' in module && judges && !longEnough(module.quality.numbers, counts);
    const open = judges || (module.kind === 'unix' && way.who === 'account');
    const answers = short ? [false] : open ? [true, false] : [true];
    combinations = combinations.flatMap((before) => answers.map((answer) => [...before, answer]));
    if (combinations.length > MAX_COMBINATIONS) return true;
  }
  return combinations.some(judge);
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

const unknownModule = (module: string): Text => ({
  en: `what ${module} asks of a new password is not known here`,
  de: `was ${module} von einem neuen Passwort verlangt, ist hier nicht bekannt`,
});
