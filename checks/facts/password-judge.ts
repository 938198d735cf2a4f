/** What pam_pwquality and pam_cracklib say to a password by itself: libpwquality's check.c, cracklib's fascist.c. Pure. */
import type { QualityOptions } from './pwquality.ts';

export const CREDITS = ['dcredit', 'lcredit', 'ucredit', 'ocredit'] as const;

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
export function longEnough(numbers: QualityOptions['numbers'], counts: readonly number[]): boolean {
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
