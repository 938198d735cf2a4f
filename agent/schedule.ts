/** When the resident process does what. Pure: the clock and chance come in. */

export interface Schedule {
  /** When the next round falls due by the grid of intervals, in milliseconds since 1970. */
  readonly due: number;
  /** When it is really run: somewhat later, so that a fleet started together does not report together. */
  readonly at: number;
}

/** A tenth of the interval, at most five minutes. */
const spreadMs = (intervalMs: number): number => Math.min(intervalMs / 10, 300_000);

/** The first: at once, or an interval after the last one that an earlier process made. */
export function firstRound(nowMs: number, lastRoundMs: number | undefined, intervalMs: number): Schedule {
  const due = lastRoundMs === undefined ? nowMs : Math.max(nowMs, lastRoundMs + intervalMs);
  // A clock that was set back must not silence the agent until it has caught up.
  const sane = Math.min(due, nowMs + intervalMs);
  return { due: sane, at: sane };
}

/** @param random from 0 to 1 */
export function nextRound(before: Schedule, nowMs: number, intervalMs: number, random: number): Schedule {
  const next = before.due + intervalMs;
  // After a suspend, a long round, or a clock that was set: the grid starts anew.
  const due = next > nowMs && next <= nowMs + intervalMs ? next : nowMs + intervalMs;
  return { due, at: due + random * spreadMs(intervalMs) };
}
