/** What a report says of updates besides results: which wait until when, and what the next round should remember. */
import { MAX_UPDATE_ENTRIES, type UpdateEntry, type UpdateList } from '../../shared/update-list.ts';
import { redact, redactText } from '../evidence.ts';
import type { GetFact } from '../fact.ts';
import { packageManager, patchState } from '../facts/patch-state.ts';
import type { Holes, WaitingUpdate } from '../facts/pending-updates.ts';
import { heldLatency } from '../facts/update-latency.ts';
import { MAX_REMEMBERED, type Memory } from '../memory.ts';
import { deadlineOf, doubtOf, securityUpdates, type UpdateParams, updateParams } from './security-updates.ts';

/**
 * @param params of the round; the defaults of patch.security-updates where its own are not valid, as it is then unknown
 * @returns undefined where no package manager could be asked
 */
export async function collectUpdates(
  get: GetFact,
  given: Readonly<Record<string, unknown>>,
  now: Date,
): Promise<UpdateList | undefined> {
  const [manager, state] = await Promise.all([get(packageManager), get(patchState)]);
  if (manager.state !== 'known' || state.state !== 'known') return undefined;
  const params = updateParams.safeParse(given[securityUpdates.id] ?? {}).data ?? updateParams.parse({});
  const { updates, holes } = state.value;
  const why = doubtOf(state.value, params.maxAgeDays, now)?.reason;
  return {
    manager: manager.value.id,
    entries: updates.slice(0, MAX_UPDATE_ENTRIES).map((update) => entryOf(update, params)),
    more: Math.max(0, updates.length - MAX_UPDATE_ENTRIES),
    ...(holes ? { cves: holesCut(holes) } : {}),
    ...(why ? { doubt: redactText(why) } : {}),
  };
}

function entryOf(update: WaitingUpdate, params: UpdateParams): UpdateEntry {
  const { name, arch, source, installed, candidate, origin, advisories, severity, fate, since, exact } =
    update;
  const deadline = deadlineOf(update, params);
  return {
    ...{ name: cut(name), arch: cut(arch), ...(source ? { source: cut(source) } : {}) },
    ...{ installed: cut(installed), candidate: cut(candidate) },
    origin: redact(origin),
    advisories: advisories.slice(0, 50).map(cut),
    severity,
    fate,
    ...(since === undefined ? {} : { since }),
    ...(exact ? { exact: true } : {}),
    ...(deadline === undefined ? {} : { deadline }),
  };
}

const holesCut = (holes: Holes): Record<string, string[]> =>
  Object.fromEntries(Object.entries(holes).map(([advisory, cves]) => [cut(advisory), [...cves]]));

/** The limit of shared/update-list.ts: a package manager's names are shorter. */
const cut = (text: string): string => redact(text).slice(0, 300);

/** For `Host.memory` of the next round; undefined where there is nothing to remember. */
export async function memoryOf(get: GetFact): Promise<Memory | undefined> {
  const patch = await get(patchState);
  return patch.state === 'known' ? withLatency(patch.value.memory, get) : undefined;
}

async function withLatency(memory: Memory, get: GetFact): Promise<Memory> {
  const latency = await get(heldLatency);
  const keeps = latency.state === 'known' && latency.value.inputs !== '';
  return keeps && latency.value.value.upgrades.length <= MAX_REMEMBERED
    ? { ...memory, latency: latency.value }
    : memory;
}
