/** The list of pending security updates that goes into a report, each with the deadline that it was judged by. */
import { MAX_UPDATE_ENTRIES, type UpdateEntry, type UpdateList } from '../../shared/update-list.ts';
import { redact, redactText } from '../evidence.ts';
import type { GetFact } from '../fact.ts';
import { packageManager, patchState } from '../facts/patch-state.ts';
import type { WaitingUpdate } from '../facts/pending-updates.ts';
import { deadlineOf, type UpdateParams, updateParams } from './security-updates.ts';

/**
 * @param given parameters of patch.security-updates; the defaults where they are not valid, as that check is then unknown
 * @returns undefined where no package manager could be asked
 */
export async function collectUpdates(get: GetFact, given: unknown): Promise<UpdateList | undefined> {
  const [manager, state] = await Promise.all([get(packageManager), get(patchState)]);
  if (manager.state !== 'known' || state.state !== 'known') return undefined;
  const params = updateParams.safeParse(given ?? {}).data ?? updateParams.parse({});
  const { updates, doubt, gap } = state.value;
  const why = doubt ?? gap;
  return {
    manager: manager.value.id,
    entries: updates.slice(0, MAX_UPDATE_ENTRIES).map((update) => entryOf(update, params)),
    more: Math.max(0, updates.length - MAX_UPDATE_ENTRIES),
    ...(why ? { doubt: redactText(why) } : {}),
  };
}

function entryOf(update: WaitingUpdate, params: UpdateParams): UpdateEntry {
  const { name, arch, installed, candidate, origin, advisories, severity, fate, since, exact } = update;
  const deadline = deadlineOf(update, params);
  return {
    ...{ name: cut(name), arch: cut(arch), installed: cut(installed), candidate: cut(candidate) },
    origin: redact(origin),
    advisories: advisories.slice(0, 50).map(cut),
    severity,
    fate,
    ...(since === undefined ? {} : { since }),
    ...(exact ? { exact: true } : {}),
    ...(deadline === undefined ? {} : { deadline }),
  };
}

/** The limit of shared/update-list.ts: a package manager's names are shorter. */
const cut = (text: string): string => redact(text).slice(0, 300);
