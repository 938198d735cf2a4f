/** How the value of a keyword of sshd is judged: with what params, what passes, and how the wish is written. */
import { z } from 'zod';
import type { ParamValue, Phrase } from '../../shared/outcome.ts';
import { matchesPattern } from '../facts/sshd-pattern.ts';
import type { Assessment, Server, Values } from './sshd-judge.ts';

export type Params = Readonly<Record<string, ParamValue>>;

export interface Context {
  /** The row's own keyword and those that it looks at besides, in lower case. */
  readonly values: Values;
  readonly params: Params;
  readonly server: Server;
}

export interface Measure {
  readonly params: z.ZodObject;
  /** True and false stand for the value as it is. */
  readonly assess: (value: string, context: Context) => Assessment | boolean;
  readonly wanted: (params: Params) => Phrase;
}

const textsIn = (value: ParamValue | undefined): readonly string[] =>
  Array.isArray(value) ? value.map(String) : [];
export const numberIn = (value: ParamValue | undefined, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise;
const limits = (limit: number, { min, max }: { min: number; max: number }) =>
  z.strictObject({ max: z.int().min(min).max(max).default(limit) });

/** Values from the weakest to the strictest: whatever is as strict as the weakest allowed one, or stricter, passes. */
export function atLeast(
  order: readonly [string, ...string[]],
  allowed: readonly string[],
  adjustable = true,
): Measure {
  const weakest = (names: readonly string[]) => Math.min(...names.map((name) => order.indexOf(name)));
  const allowedIn = (params: Params): readonly string[] =>
    Array.isArray(params.allowed) ? textsIn(params.allowed) : allowed;
  return {
    params: adjustable
      ? z.strictObject({
          allowed: z
            .array(z.enum(order))
            .min(1)
            .max(order.length)
            .default([...allowed]),
        })
      : z.strictObject({}),
    assess: (value, { params }) =>
      order.includes(value) && order.indexOf(value) >= weakest(allowedIn(params)),
    wanted: (params) =>
      order
        .slice(weakest(allowedIn(params)))
        .reverse()
        .join(', '),
  };
}

export const mustBeNo = atLeast(['yes', 'no'], ['no'], false);
export const mustBeYes = atLeast(['no', 'yes'], ['yes'], false);

/** Words of which none is stricter than another, but for one that always passes. */
export function oneOf(
  names: readonly [string, ...string[]],
  allowed: readonly string[],
  strictest?: string,
): Measure {
  const allowedIn = (params: Params) => [
    ...new Set([...textsIn(params.allowed), ...(strictest === undefined ? [] : [strictest])]),
  ];
  return {
    params: z.strictObject({
      allowed: z
        .array(z.enum(names))
        .min(1)
        .max(names.length)
        .default([...allowed]),
    }),
    assess: (value, { params }) => allowedIn(params).includes(value),
    wanted: (params) => allowedIn(params).join(', '),
  };
}

/** A number that may not be higher. */
export function atMost(limit: number, range: { min: number; max: number }): Measure {
  const max = (params: Params) => numberIn(params.max, limit);
  return {
    params: limits(limit, range),
    assess: (value, { params }) => /^\d+$/.test(value) && Number(value) <= max(params),
    wanted: (params) => `<= ${max(params)}`,
  };
}

/** Seconds that may not be more; 0 stands for no limit at all. */
export function secondsAtMost(limit: number, range: { min: number; max: number }): Measure {
  const max = (params: Params) => numberIn(params.max, limit);
  return {
    params: limits(limit, range),
    assess: (value, { params }) => ({
      passes: /^\d+$/.test(value) && Number(value) > 0 && Number(value) <= max(params),
      shown: value === '0' ? { en: '0 (no limit)', de: '0 (unbegrenzt)' } : `${value} s`,
    }),
    wanted: (params) => ({ en: `1 to ${max(params)} s`, de: `1 bis ${max(params)} s` }),
  };
}

/** `measure`, but what another keyword makes pointless passes: `unless` says so in words, or undefined. */
export function unless(measure: Measure, condition: (context: Context) => Assessment | undefined): Measure {
  return {
    ...measure,
    assess: (value, context) => {
      const straight = measure.assess(value, context);
      const passes = typeof straight === 'boolean' ? straight : straight.passes;
      return passes ? straight : (condition(context) ?? straight);
    },
  };
}

const patterns = (standard: readonly string[]) =>
  z
    .array(z.string().min(1).max(64))
    .max(100)
    .default([...standard]);
/** Longer lists are counted, not named. */
const MAX_NAMED = 240;

/**
 * A list of algorithms without weak ones. Params: `refused`, names and wildcards that are weak; `allowed`, where not
 * empty, all that may be there besides.
 * @param alsoWeak further weak ones, unless `allowed` names them
 */
export function without(
  refused: readonly string[],
  alsoWeak: (name: string, server: Server) => boolean = () => false,
): Measure {
  const fits = (name: string, list: readonly string[]) =>
    list.some((pattern) => matchesPattern(name, pattern));
  return {
    params: z.strictObject({ refused: patterns(refused), allowed: patterns([]) }),
    assess: (value, { params, server }) => {
      const allowed = textsIn(params.allowed);
      const names = value.split(',').filter(Boolean);
      const weak = names.filter(
        (name) =>
          fits(name, textsIn(params.refused)) ||
          (allowed.length > 0 ? !fits(name, allowed) : alsoWeak(name, server)),
      );
      const all = names.join(', ');
      if (weak.length === 0)
        return {
          passes: true,
          shown:
            all.length <= MAX_NAMED
              ? all
              : { en: `${names.length}, none of them weak`, de: `${names.length}, keines davon schwach` },
        };
      return {
        passes: false,
        shown: {
          en: `weak: ${weak.join(', ')} (of ${names.length} in all)`,
          de: `schwach: ${weak.join(', ')} (von insgesamt ${names.length})`,
        },
      };
    },
    wanted: (params) => {
      const allowed = textsIn(params.allowed).join(', ');
      const none = textsIn(params.refused).join(', ');
      return allowed === ''
        ? { en: `none of ${none}`, de: `keines von ${none}` }
        : { en: `only ${allowed}`, de: `nur ${allowed}` };
    },
  };
}
