/** Since when updates wait: what the host remembers, and what the indexes show, brought together. Pure. */
import type { Memory, Waiting } from '../memory.ts';
import { MAX_REMEMBERED } from '../memory.ts';
import type { PendingUpdate, WaitingUpdate } from './pending-updates.ts';

/** Whoever looked no longer ago than this has seen how it began; indexes may themselves be as old. */
const WATCHING_MS = 2 * 86_400_000;
const MAX_OFFERS = 8;

const keyOf = ({ name, arch }: { name: string; arch: string }): string => `${name}:${arch}`;
const earlier = (a: string, b: string): string => (a < b ? a : b);

export interface Looked {
  readonly updates: readonly PendingUpdate[];
  /** Whether these are all: only then is what is not among them forgotten. */
  readonly complete: boolean;
  readonly now: Date;
}

/**
 * What is remembered from now on. An update keeps its beginning over restarts and over newer versions that take its
 * place; it begins anew where the package was upgraded to what was on offer. Instants from the future count as now.
 */
export function remember(memory: Pick<Memory, 'waiting' | 'looked'>, { updates, complete, now }: Looked) {
  const at = now.toISOString();
  const before = new Map(memory.waiting.map((each) => [keyOf(each), each]));
  const ago = memory.looked === undefined ? Number.NaN : now.getTime() - Date.parse(memory.looked);
  const watched = ago >= 0 && ago <= WATCHING_MS;
  const waiting = new Map<string, Waiting>();
  if (!complete) for (const [key, each] of before) waiting.set(key, each);
  for (const update of updates) {
    const { name, arch, installed, candidate, listed } = update;
    const old = before.get(keyOf(update));
    const offers = (old ? stillOpen(old, update) : []).map((offer) => ({
      ...offer,
      since: earlier(offer.since, at),
    }));
    if (!offers.some(({ version }) => version === candidate)) {
      const fromIndex = listed !== undefined && listed < at;
      offers.push({
        version: candidate,
        since: fromIndex ? listed : at,
        exact: watched,
        from: fromIndex ? 'index' : 'seen',
      });
    }
    // The first one says since when; the last ones are what the next upgrade may bring.
    const kept =
      offers.length > MAX_OFFERS ? [...offers.slice(0, 1), ...offers.slice(1 - MAX_OFFERS)] : offers;
    waiting.set(keyOf(update), { name, arch, installed, offers: kept });
  }
  const all = [...waiting.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return {
    waiting: all.slice(0, MAX_REMEMBERED),
    ...(complete
      ? { looked: at }
      : memory.looked === undefined
        ? {}
        : { looked: earlier(memory.looked, at) }),
  };
}

/** Of an upgraded package: what came after the version that is installed now. */
function stillOpen(
  { installed: then, offers }: Waiting,
  { installed, candidate }: PendingUpdate,
): Waiting['offers'] {
  if (then === installed) return offers;
  const reached = offers.findIndex(({ version }) => version === installed);
  return reached < 0 ? offers.filter(({ version }) => version === candidate) : offers.slice(reached + 1);
}

/** `updates` with their beginnings. `memory`: what `remember` gave; undefined where nothing is remembered at all. */
export function withBeginnings(
  updates: readonly PendingUpdate[],
  memory: Pick<Memory, 'waiting'> | undefined,
): WaitingUpdate[] {
  const known = new Map(memory?.waiting.map((each) => [keyOf(each), each]));
  return updates.map((update): WaitingUpdate => {
    const { published, listed } = update;
    const first = known.get(keyOf(update))?.offers[0];
    if (published !== undefined && (first === undefined || published <= first.since))
      return { ...update, since: published, exact: true, from: 'published' };
    if (first) return { ...update, since: first.since, exact: first.exact, from: first.from };
    if (listed !== undefined) return { ...update, since: listed, exact: false, from: 'index' };
    return { ...update, exact: false, from: 'nowhere' };
  });
}
