/** How long security updates waited here before they were installed, whichever package manager says so. */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, known, mapFact, unreadable } from '../fact.ts';
import type { Host } from '../host.ts';
import type { Memory } from '../memory.ts';
import { DPKG_LOGS, dpkgInstalls, type UpdateLatency } from './dpkg-history.ts';
import { digestInputs } from './input-digest.ts';
import { bornAt, DAY_MS, OWN, startOf } from './own-history.ts';
import { packageManager, patchState } from './patch-state.ts';
import type { Installs } from './pending-updates.ts';
import { waitOf } from './rpm-history.ts';

/** Changelogs change with an upgrade, and that is in the log. Unreadable for an unpacked system, which has no memory. */
const latencyInputs = async (host: Host, now: Date): Promise<Fact<string>> =>
  host.live
    ? digestInputs(
        host,
        {
          files: [...DPKG_LOGS, ...OWN, '/var/lib/dpkg/status'],
          directories: [],
          contents: [],
          extra: ['latency/1', new Date(startOf(now)).toISOString()],
        },
        now,
      )
    : unreadable('', { en: 'nothing is remembered', de: 'nichts wird gemerkt' });

/** apt's: what was remembered where nothing has changed since, else read anew. Absent where there is no log of dpkg. */
export const heldLatency = defineFact<NonNullable<Memory['latency']>>({
  id: 'held-latency',
  collect: async (host, get, now): Promise<Fact<NonNullable<Memory['latency']>>> => {
    const inputs = await latencyInputs(host, now);
    const held = host.memory.state === 'known' ? host.memory.value.latency : undefined;
    if (held && inputs.state === 'known' && held.inputs === inputs.value) return known(held);
    // Without inputs it serves this round only: '' is no digest.
    const digest = inputs.state === 'known' ? inputs.value : '';
    return mapFact(await get(dpkgInstalls), ({ upgrades, ...rest }) => ({
      inputs: digest,
      value: { ...rest, upgrades: upgrades.map((each) => ({ ...each })) },
    }));
  },
});

export const updateLatency = defineFact<UpdateLatency>({
  id: 'update-latency',
  collect: async (host, get, now): Promise<Fact<UpdateLatency>> => {
    const manager = await get(packageManager);
    if (manager.state !== 'known' || manager.value.id === 'apt')
      return mapFact(await get(heldLatency), ({ value }) => value);
    const state = await get(patchState);
    if (state.state !== 'known') return state;
    const { source, installs, doubt } = state.value;
    return installs
      ? known(ownOf(installs, now, await bornAt(host)))
      : unreadable(source, doubt ?? NO_HISTORY);
  },
});

/** Pure. What lies within the window, and is not of the template that this system is a copy of. */
function ownOf({ upgrades, unexplained }: Installs, now: Date, born: number): UpdateLatency {
  const start = startOf(now);
  // zypper's history has the local time: a day more or less.
  const first = new Date(Math.max(start, born - DAY_MS)).toISOString();
  return {
    upgrades: upgrades
      .filter(({ installed }) => installed >= first)
      .map(({ name, version, available, installed }) =>
        waitOf(name, version, Date.parse(available), born, Date.parse(installed)),
      ),
    unexplained: unexplained.filter((at) => at >= first).length,
    since: new Date(start).toISOString().slice(0, 10),
  };
}

const NO_HISTORY: Text = {
  en: 'the package manager’s history of what it installed is not there, or could not be read whole',
  de: 'der Verlauf der Paketverwaltung über das, was sie installiert hat, fehlt oder war nicht ganz zu lesen',
};
