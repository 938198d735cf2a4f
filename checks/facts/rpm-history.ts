/** How long security updates waited on a system with rpm: its history against the days of issue of advisories. Pure. */
import { type Installs, MAX_PENDING, type SecurityUpgrade } from './pending-updates.ts';
import { compareEvr } from './rpm-version.ts';

const DAY_MS = 86_400_000;

/** A package that a transaction brought or took away. Times in milliseconds. */
export interface RpmEvent {
  readonly at: number;
  readonly came: boolean;
  readonly name: string;
  readonly arch: string;
  readonly evr: string;
}

export interface RpmHistory {
  /** In the order in which they happened. */
  readonly events: readonly RpmEvent[];
  /** What is installed now, and since when, by rpm itself. */
  readonly present: readonly Omit<RpmEvent, 'came'>[];
  /** Versions that closed holes; `issued` 0: since when is not known. */
  readonly fixes: readonly {
    readonly name: string;
    readonly arch: string;
    readonly evr: string;
    readonly issued: number;
  }[];
}

const keyOf = ({ name, arch }: { name: string; arch: string }): string => `${name}.${arch}`;

function grouped<T extends { name: string; arch: string }>(all: readonly T[]): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const group = groups.get(keyOf(each));
    if (group) group.push(each);
    else groups.set(keyOf(each), [each]);
  }
  return groups;
}

interface Change {
  readonly event: RpmEvent;
  /** The newest older version that was there until then, and when that had come, where it is known. */
  readonly from: { readonly evr: string; readonly at?: number } | undefined;
}

/** What came to one package in the order of its events. A kernel stands beside its predecessor, others replace theirs. */
function changesOf(events: readonly RpmEvent[], present: readonly Omit<RpmEvent, 'came'>[]): Change[] {
  const here = new Map<string, number | undefined>();
  // What the history never saw come was there before it.
  for (const { evr, at } of present)
    if (!events.some((event) => event.came && event.evr === evr)) here.set(evr, at);
  const changes: Change[] = [];
  for (let start = 0; start < events.length; ) {
    const at = events[start]?.at;
    const together = events.slice(start).filter((event) => event.at === at);
    start += together.length;
    for (const { came, evr } of together) if (!came && !here.has(evr)) here.set(evr, undefined);
    for (const event of together.filter(({ came }) => came)) {
      const older = [...here].filter(
        ([evr, since]) => compareEvr(evr, event.evr) < 0 && (since === undefined || since <= event.at),
      );
      const newest = older.sort(([a], [b]) => compareEvr(b, a))[0];
      const from = newest && { evr: newest[0], ...(newest[1] === undefined ? {} : { at: newest[1] }) };
      changes.push({ event, from });
    }
    for (const { came, evr } of together) if (!came) here.delete(evr);
    for (const { came, evr } of together) if (came) here.set(evr, at);
  }
  return changes;
}

/** A wait that begins before the version it ends had come is none of this system's. */
export function waitOf(
  name: string,
  version: string,
  issued: number,
  arrived: number,
  installed: number,
): SecurityUpgrade {
  const available = Math.min(installed, Math.max(issued, arrived));
  return {
    name,
    version,
    available: new Date(available).toISOString(),
    installed: new Date(installed).toISOString(),
    waited: Math.round(((installed - available) / DAY_MS) * 10) / 10,
  };
}

/** Of every architecture of a package the first one stands for all that came at once. */
export function fromInstalls({ events, present, fixes }: RpmHistory): Installs {
  const [all, now, closed] = [grouped(events), grouped(present), grouped(fixes)];
  const upgrades = new Map<string, SecurityUpgrade>();
  const unexplained = new Map<string, number>();
  for (const [key, own] of closed) {
    const changes = changesOf(all.get(key) ?? [], now.get(key) ?? []);
    for (const { event, from } of changes) {
      if (from === undefined) continue;
      const brought = own.filter(
        ({ evr }) => compareEvr(evr, from.evr) > 0 && compareEvr(evr, event.evr) <= 0,
      );
      if (brought.length === 0) continue;
      const id = `${event.at} ${event.name} ${event.evr}`;
      if (brought.some(({ issued }) => issued === 0)) unexplained.set(id, event.at);
      else {
        const issued = Math.min(...brought.map((fix) => fix.issued));
        upgrades.set(id, waitOf(event.name, event.evr, issued, from.at ?? 0, event.at));
      }
    }
    // What rpm has and no transaction brought: what it replaced is not known.
    for (const { name, evr, at } of now.get(key) ?? []) {
      if (!changes.some(({ event }) => event.evr === evr)) unexplained.set(`${at} ${name} ${evr}`, at);
    }
  }
  return {
    upgrades: [...upgrades.values()]
      .sort((a, b) => (a.installed < b.installed ? -1 : a.installed > b.installed ? 1 : 0))
      .slice(-MAX_PENDING),
    unexplained: [...unexplained.values()]
      .sort((a, b) => a - b)
      .slice(-MAX_PENDING)
      .map((at) => new Date(at).toISOString()),
  };
}
