/**
 * What waits on this system, since when, and what is to be remembered of it. The package manager is asked only where
 * something that its answer depends on has changed since the last round; else the last answer holds.
 */
import type { Text } from '../../shared/outcome.ts';
import type { GetFact } from '../fact.ts';
import { defineFact, type Fact, known, mapFact, unreadable } from '../fact.ts';
import type { Host } from '../host.ts';
import { lookAgain } from '../host-once.ts';
import type { Memory } from '../memory.ts';
import { apt } from './apt-manager.ts';
import { aptObsolete } from './apt-obsolete.ts';
import { dnf } from './dnf-manager.ts';
import { freshness } from './index-freshness.ts';
import { distributionManager, osRelease } from './os-release.ts';
import type {
  Holes,
  Installs,
  ManagerAnswer,
  ObsoletePackage,
  PackageIndex,
  PackageManager,
  WaitingUpdate,
} from './pending-updates.ts';
import { remember, withBeginnings } from './waiting-since.ts';
import { zypper } from './zypper-manager.ts';

export interface PatchState {
  readonly source: string;
  readonly indexes: readonly PackageIndex[];
  readonly gap: Text | undefined;
  readonly updates: readonly WaitingUpdate[];
  /** Why there may be more. */
  readonly doubt?: Text;
  /** When the package manager gave this answer; only where the host remembers it. UTC instant. */
  readonly asked?: string;
  readonly holes?: Holes;
  readonly unfinished?: string;
  readonly obsolete?: readonly ObsoletePackage[];
  readonly installs?: Installs;
  /** For the round after this one. */
  readonly memory: Memory;
}

const managers = { apt, dnf, zypper } as const;

/** Which package manager keeps this system up to date: by the distribution, whatever else is installed. */
export const packageManager = defineFact<PackageManager>({
  id: 'package-manager',
  collect: async (_host, get): Promise<Fact<PackageManager>> => {
    const os = await get(osRelease);
    const manager = managers[os.state === 'known' ? distributionManager(os.value) : 'apt'];
    const installed = await get(manager.indexes);
    return installed.state === 'absent' ? unreadable(manager.id, none(manager.id)) : known(manager);
  },
});

export const packageIndexes = defineFact<readonly PackageIndex[]>({
  id: 'package-indexes',
  collect: async (_host, get): Promise<Fact<readonly PackageIndex[]>> => {
    const manager = await get(packageManager);
    return manager.state === 'known' ? get(manager.value.indexes) : manager;
  },
});

/** As old as this an index may be for "nothing else is pending" to be remembered as seen. */
const FRESH_DAYS = 2;

export const patchState = defineFact<PatchState>({
  id: 'patch-state',
  collect: async (host, get, now): Promise<Fact<PatchState>> => {
    const found = await get(packageManager);
    if (found.state !== 'known') return found;
    const manager = found.value;
    const [indexes, gap] = [await get(manager.indexes), await get(manager.gap)];
    if (indexes.state !== 'known') return indexes;
    if (gap.state !== 'known') return gap;
    const before =
      host.memory.state === 'known' && (host.memory.value.manager ?? manager.id) === manager.id
        ? host.memory.value
        : undefined;
    const given = await ask(host, get, now, manager, before);
    if (given.state !== 'known') return given;
    const { updates, doubt, holes, unfinished, obsolete, installs, kept } = given.value;
    const fresh = indexes.value.every(
      (index) => !index.security || freshness(index, FRESH_DAYS, now) === 'fresh',
    );
    const complete = doubt === undefined && gap.value === undefined && fresh;
    const next = remember(before ?? { waiting: [] }, { updates, complete, now });
    return known({
      source: manager.source,
      indexes: indexes.value,
      gap: gap.value,
      updates: withBeginnings(updates, before && next),
      ...(doubt ? { doubt } : {}),
      ...(before && kept ? { asked: kept.asked } : {}),
      ...(holes ? { holes } : {}),
      ...(unfinished ? { unfinished } : {}),
      ...(obsolete ? { obsolete } : {}),
      ...(installs ? { installs } : {}),
      memory: {
        format: 'nachweis.memory/1',
        manager: manager.id,
        ...next,
        ...(kept ? { answer: kept } : {}),
      },
    });
  },
});

type Given = ManagerAnswer & { readonly kept?: NonNullable<Memory['answer']> };

async function ask(
  host: Host,
  get: GetFact,
  now: Date,
  manager: PackageManager,
  memory: Memory | undefined,
): Promise<Fact<Given>> {
  const inputs = host.live ? await get(manager.inputs) : unreadable('', none(manager.id));
  const last = memory?.answer;
  if (
    last &&
    inputs.state === 'known' &&
    last.inputs === inputs.value &&
    Date.parse(last.asked) <= now.getTime()
  ) {
    const { updates, holes, unfinished, obsolete, installs } = last;
    return known({
      updates: updates as ManagerAnswer['updates'],
      ...(holes ? { holes } : {}),
      ...(unfinished ? { unfinished } : {}),
      ...(obsolete ? { obsolete } : {}),
      ...(installs ? { installs } : {}),
      kept: last,
    });
  }
  const answer = await get(manager.answer);
  if (answer.state !== 'known') return answer;
  // Only what holds as a whole is kept, and only if nothing moved while it was given.
  if (answer.value.doubt || inputs.state !== 'known') return answer;
  const after = await manager.inputs.collect(lookAgain(host), get, now);
  if (after.state !== 'known' || after.value !== inputs.value) return answer;
  const updates = answer.value.updates.map((update) => ({ ...update, advisories: [...update.advisories] }));
  const holes = answer.value.holes && structuredHoles(answer.value.holes);
  const obsolete = answer.value.obsolete?.map((each) => ({ ...each }));
  const installs = answer.value.installs && {
    upgrades: answer.value.installs.upgrades.map((each) => ({ ...each })),
    unexplained: [...answer.value.installs.unexplained],
  };
  const asked = now.toISOString();
  return known({
    ...answer.value,
    kept: {
      inputs: inputs.value,
      asked,
      updates,
      ...(holes ? { holes } : {}),
      ...(answer.value.unfinished ? { unfinished: answer.value.unfinished } : {}),
      ...(obsolete ? { obsolete } : {}),
      ...(installs ? { installs } : {}),
    },
  });
}

const structuredHoles = (holes: Holes): Record<string, string[]> =>
  Object.fromEntries(Object.entries(holes).map(([advisory, cves]) => [advisory, [...cves]]));

/** As the answer has them; of apt read off the lists where it holds none. Absent without a package manager. */
export const obsoletePackages = defineFact<{
  readonly source: string;
  readonly packages: readonly ObsoletePackage[];
}>({
  id: 'obsolete-packages',
  collect: async (_host, get) => {
    const [manager, state] = [await get(packageManager), await get(patchState)];
    const source = manager.state === 'known' ? manager.value.obsoleteSource : '';
    if (state.state === 'known' && state.value.obsolete)
      return known({ source, packages: state.value.obsolete });
    if (manager.state === 'known' && manager.value.id !== 'apt')
      return state.state === 'known' ? unreadable(source, notTold(manager.value.id)) : state;
    return mapFact(await get(aptObsolete), (packages) => ({ source: '/var/lib/dpkg/status', packages }));
  },
});

const notTold = (manager: string): Text => ({
  en: `${manager} could not say which packages no source has: an index is missing`,
  de: `${manager} konnte nicht sagen, welche Pakete keine Quelle führt: ein Index fehlt`,
});

const none = (manager: string): Text => ({
  en: `${manager} is not installed, and no other package manager is judged on this system`,
  de: `${manager} ist nicht installiert, und eine andere Paketverwaltung wird auf diesem System nicht beurteilt`,
});
