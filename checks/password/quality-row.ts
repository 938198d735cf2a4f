/** One row of the table of single settings of a quality module, and the measures that several rows share. */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import type { UnixPasswordOptions } from '../facts/password-policy.ts';
import type { QualityKey, QualityOptions, Setting } from '../facts/pwquality.ts';

type Numbers = QualityOptions['numbers'];
export type Params = Readonly<Record<string, number>>;

export interface Assessed {
  readonly right: boolean;
  /** The setting that decides: it says where the evidence points. */
  readonly at: Setting<number>;
  readonly shown: Text;
}

export interface Row {
  readonly id: string;
  readonly title: Text;
  readonly why: Text;
  /** What to write into pwquality.conf. */
  readonly line: string;
  readonly params: z.ZodObject;
  readonly wanted: (params: Params) => Text;
  readonly assess: (numbers: Numbers, params: Params) => Assessed;
  /** What pam_unix does by itself, where it knows such a limit at all. */
  readonly unix?: (unix: UnixPasswordOptions, params: Params) => Assessed;
  /** Every module must keep to it, not only one of them. */
  readonly each?: true;
  readonly references: readonly string[];
}

/** `minlen 8 (default)` */
export function settingWords(name: string, { value, source }: Setting<number>): Text {
  return source === undefined
    ? { en: `${name} ${value} (default)`, de: `${name} ${value} (Voreinstellung)` }
    : { en: `${name} ${value}`, de: `${name} ${value}` };
}

/** A limit that 0 switches off. */
export function limit(key: QualityKey, most: number): Pick<Row, 'params' | 'wanted' | 'assess'> {
  return {
    params: z.strictObject({ max: z.int().min(1).max(64).default(most) }),
    wanted: ({ max }) => ({ en: `1 to ${max}`, de: `1 bis ${max}` }),
    assess: (numbers, { max }) => {
      const at = numbers[key];
      const off = at.value <= 0;
      const words = settingWords(key, at);
      return {
        right: !off && at.value <= (max ?? most),
        at,
        shown: off ? { en: `${words.en}: no limit`, de: `${words.de}: keine Grenze` } : words,
      };
    },
  };
}

export function least(key: QualityKey, value: number): Pick<Row, 'params' | 'wanted' | 'assess'> {
  return {
    params: z.strictObject({ min: z.int().min(1).max(64).default(value) }),
    wanted: ({ min }) => ({ en: `at least ${min}`, de: `mindestens ${min}` }),
    assess: (numbers, { min }) => ({
      right: numbers[key].value >= (min ?? value),
      at: numbers[key],
      shown: settingWords(key, numbers[key]),
    }),
  };
}

/** A credit of -2 asks for two letters of the class. minclass = 4 asks for one of each as well. */
export function credit(key: QualityKey): Pick<Row, 'params' | 'wanted' | 'assess'> {
  return {
    params: z.strictObject({ credit: z.int().min(-64).max(-1).default(-1) }),
    wanted: ({ credit: most }) => ({ en: `${most} or less`, de: `${most} oder weniger` }),
    assess: (numbers, { credit: most = -1 }) => {
      const own = numbers[key];
      if (own.value <= most || most < -1 || numbers.minclass.value < 4)
        return { right: own.value <= most, at: own, shown: settingWords(key, own) };
      return { right: true, at: numbers.minclass, shown: settingWords('minclass', numbers.minclass) };
    },
  };
}

const CREDITS = ['dcredit', 'ucredit', 'lcredit', 'ocredit'] as const;

/** What cracklib calls too short before it looks into its dictionary. */
const CRACKLIB = 6;

/**
 * The shortest password that minlen and the credits let through: letters of a class with a positive credit count twice,
 * up to that credit; negative ones are least numbers, and their sum is a length too.
 */
export function shortest(numbers: Numbers): number {
  const values = CREDITS.map((key) => numbers[key].value);
  const demanded = values.reduce((sum, value) => sum - Math.min(0, value), 0);
  const given = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  const rest = Math.max(0, numbers.minlen.value - demanded);
  const length = demanded + Math.max(Math.ceil(rest / (given > 0 ? 2 : 1)), rest - given);
  return Math.max(length, numbers.dictcheck.value === 0 ? 0 : CRACKLIB);
}

/** How many classes a password must have: minclass, or as many as have a negative credit. */
export const demandedClasses = (numbers: Numbers): number =>
  Math.max(numbers.minclass.value, CREDITS.filter((key) => numbers[key].value < 0).length);
