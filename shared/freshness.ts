/** How old a host's last report may be before it proves nothing any more. */

const HOUR_MS = 3_600_000;
/** Receipt times come from the collector's own clock; this much disagreement with `now` is forgiven. */
const FORGIVEN_AHEAD_MS = 5 * 60_000;

/** `ahead`: received later than now, so one of the two times is wrong and nothing rests on it. */
export type Freshness = 'fresh' | 'stale' | 'never' | 'ahead';

/** Milliseconds: three report intervals, at most 26 h. */
export function freshForMs(intervalSeconds: number): number {
  return Math.min(3 * intervalSeconds * 1000, 26 * HOUR_MS);
}

/** Receipt decides, not the agent's claim. Instants are ISO 8601 in UTC; one that can't be read is stale. */
export function freshness(receivedAt: string | null, intervalSeconds: number, now: string): Freshness {
  if (receivedAt === null) return 'never';
  const age = Date.parse(now) - Date.parse(receivedAt);
  if (age < -FORGIVEN_AHEAD_MS) return 'ahead';
  return age <= freshForMs(intervalSeconds) ? 'fresh' : 'stale';
}

/** Silent: nothing received for longer than twice the interval. Earlier than stale, so that people can act in time. */
export function isSilent(lastSignAt: string, intervalSeconds: number, now: string): boolean {
  return Date.parse(now) - Date.parse(lastSignAt) > 2 * intervalSeconds * 1000;
}
