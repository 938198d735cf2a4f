/** How fresh a package index is, at one instant. Pure. */
import type { PackageIndex } from './pending-updates.ts';

/** `unsure`: what is there neither shows that it is fresh nor that it is not. */
export type Freshness = 'fresh' | 'stale' | 'expired' | 'never' | 'future' | 'unsure';

const DAY_MS = 86_400_000;
const CLOCK_MS = 5 * 60_000;

/**
 * Fresh: made by the archive (its signed date) or reached within `maxAgeDays`. Past its Valid-Until it is expired,
 * unless that is switched off for a source that brings no security updates.
 */
export function freshness(index: PackageIndex, maxAgeDays: number, now: Date): Freshness {
  if (!index.fetched) return 'never';
  const oldest = now.getTime() - maxAgeDays * DAY_MS;
  const made = index.made === undefined ? Number.NEGATIVE_INFINITY : Date.parse(index.made);
  const reached = index.reached === undefined ? undefined : Date.parse(index.reached);
  if (made > now.getTime() + CLOCK_MS || (reached ?? 0) > now.getTime() + CLOCK_MS) return 'future';
  if (index.validUntil !== undefined && Date.parse(index.validUntil) < now.getTime()) return 'expired';
  if (made >= oldest) return 'fresh';
  if (reached === undefined) return 'unsure';
  if (reached < oldest) return 'stale';
  return index.reachedByUpdate ? 'fresh' : 'unsure';
}
