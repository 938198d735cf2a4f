/** When to try again: exponential, with jitter, remembered over restarts. */
import { z } from 'zod';
import { instantSchema } from '../shared/identifier.ts';

const FIRST_S = 10;
const MOST_S = 1800;
/** The longest Retry-After that is taken. */
export const MOST_ASKED_S = 86_400;

/** `sending.json`: what the last tries gave. Losing it costs nothing but a try too early. */
export const sendingSchema = z.strictObject({
  format: z.literal('nachweis.sending/1'),
  /** Tries that failed since the last one that worked. */
  attempts: z.int().nonnegative(),
  notBefore: instantSchema.nullable(),
  /** The collector itself asked for the pause: then nobody may cut it short. */
  asked: z.boolean(),
  lastTry: instantSchema.nullable(),
  lastAnswer: instantSchema.nullable(),
  /** How far this clock is ahead of the collector's, in seconds, as of `lastAnswer`. */
  clockAheadSeconds: z.number().nullable(),
  problem: z.strictObject({ code: z.string(), message: z.string(), next: z.string() }).nullable(),
});
export type Sending = z.infer<typeof sendingSchema>;

export const neverSent: Sending = {
  format: 'nachweis.sending/1',
  attempts: 0,
  notBefore: null,
  asked: false,
  lastTry: null,
  lastAnswer: null,
  clockAheadSeconds: null,
  problem: null,
};

/**
 * Pause before try number `attempts` + 1, in milliseconds: 10 s doubling to half an hour, between half and all of it.
 * @param random from 0 to 1
 */
export function pauseMs(attempts: number, random: number): number {
  const whole = Math.min(MOST_S, FIRST_S * 2 ** Math.min(attempts - 1, 20));
  return Math.round(whole * 1000 * (0.5 + random / 2));
}

/** Whether the pause is not over. One longer than any that is ever made comes from a clock that was set since. */
export function isPausing({ notBefore, asked }: Sending, now: Date): boolean {
  if (notBefore === null) return false;
  const left = Date.parse(notBefore) - now.getTime();
  return left > 0 && left <= (asked ? MOST_ASKED_S : MOST_S) * 1000;
}
