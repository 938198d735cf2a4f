/**
 * What zypper wrote of security patches, in /var/log/zypp/history: since when each was needed here, and when it was
 * applied. Lines `2026-06-01 12:00:00|patch  |NAME|1|noarch|ALIAS|important|security|needed|applied|`, in the system's
 * local time without its zone. Days of issue are asked of zypper.
 */
import { gunzip, latin1Bytes, latin1Text } from '../../shared/bytes-node.ts';
import { type Fact, known, unreadable } from '../fact.ts';
import type { Host } from '../host.ts';
import { startOf } from './own-history.ts';
import { type Installs, MAX_PENDING } from './pending-updates.ts';
import { waitOf } from './rpm-history.ts';

const DIRECTORY = '/var/log/zypp';
export const ZYPP_HISTORY = `${DIRECTORY}/history`;
const MAX_LOG = 32 * 1024 * 1024;

export interface AppliedPatch {
  readonly name: string;
  /** Milliseconds, as if the local time were UTC. */
  readonly at: number;
  /** When a package came that needs it, where that was later than the beginning of the history. */
  readonly needed?: number;
}

/** Pure. Patches of security that were needed and then applied, in the order in which they were. */
export function parseZyppHistory(text: string): readonly AppliedPatch[] {
  const line =
    /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)\|patch *\|([^|\n]{1,200})\|[^|\n]*\|[^|\n]*\|[^|\n]*\|[^|\n]*\|security\|([a-z-]{1,20})\|([a-z-]{1,20})\|/gm;
  const needed = new Map<string, number>();
  return [...text.matchAll(line)].flatMap(([, day, time, name = '', from, to]): AppliedPatch[] => {
    const at = Date.parse(`${day}T${time}Z`);
    if (Number.isNaN(at)) return [];
    if (to === 'needed') needed.set(name, at);
    if (from !== 'needed' || to !== 'applied') return [];
    const since = needed.get(name);
    return [{ name, at, ...(since === undefined ? {} : { needed: since }) }];
  });
}

/** Within the window. Unreadable where a part of it was packed away in a form that is not read here. */
export async function appliedPatches(host: Host, now: Date): Promise<Fact<readonly AppliedPatch[]>> {
  const start = startOf(now);
  const names = await host.list(DIRECTORY);
  if (names.state !== 'known') return names;
  const parts: AppliedPatch[] = [];
  for (const name of names.value.filter((each) => /^history(?:[-.]|$)/.test(each))) {
    const path = `${DIRECTORY}/${name}`;
    const stat = await host.stat(path);
    if (stat.state === 'unreadable') return stat;
    if (stat.state === 'absent' || Date.parse(stat.value.modified) < start) continue;
    const text = await readPart(host, path);
    if (text.state !== 'known') return text;
    parts.push(...parseZyppHistory(text.value));
  }
  return known(parts.filter(({ at }) => at >= start).sort((a, b) => a.at - b.at));
}

async function readPart(host: Host, path: string): Promise<Fact<string>> {
  const file = await host.readText(path, { maxBytes: MAX_LOG, encoding: 'latin1' });
  if (file.state !== 'known') return file;
  if (/history(?:-\d+)?$/.test(path)) return known(file.value.text);
  const bytes = path.endsWith('.gz') ? gunzip(latin1Bytes(file.value.text), MAX_LOG) : undefined;
  return bytes && bytes !== 'too large'
    ? known(latin1Text(bytes))
    : unreadable(path, {
        en: `${path} is packed in a way that can not be read here`,
        de: `${path} ist auf eine Weise gepackt, die hier nicht gelesen werden kann`,
      });
}

/** Pure. `issued`: name of a patch -> milliseconds; what is missing is unexplained. */
export function installsOf(applied: readonly AppliedPatch[], issued: ReadonlyMap<string, number>): Installs {
  const last = applied.slice(-MAX_PENDING);
  return {
    upgrades: last.flatMap(({ name, at, needed }) => {
      const day = issued.get(name);
      return day === undefined ? [] : [waitOf(name, '', day, needed ?? 0, at)];
    }),
    unexplained: last.filter(({ name }) => !issued.has(name)).map(({ at }) => new Date(at).toISOString()),
  };
}
