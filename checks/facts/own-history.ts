/** What of a system's past is its own, and how far back it counts. */
import type { Host } from '../host.ts';

export const WINDOW_DAYS = 90;
export const DAY_MS = 86_400_000;

/** First instant of the window, in milliseconds: windows begin at midnight UTC, so that nothing moves during a day. */
export const startOf = (now: Date): number =>
  Math.floor(now.getTime() / DAY_MS) * DAY_MS - WINDOW_DAYS * DAY_MS;

/** When a copy of a template becomes a system of its own: both are made anew then, and either may be renewed later. */
export const OWN = ['/etc/machine-id', '/etc/ssh/ssh_host_ed25519_key', '/etc/ssh/ssh_host_rsa_key'] as const;

/** Milliseconds; 0 where nothing tells it. */
export async function bornAt(host: Host): Promise<number> {
  const stats = await Promise.all(OWN.map((path) => host.stat(path)));
  const times = stats.flatMap((stat) => (stat.state === 'known' ? [Date.parse(stat.value.modified)] : []));
  return times.length > 0 ? Math.min(...times) : 0;
}
