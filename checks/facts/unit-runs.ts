/**
 * How the last runs of services ended, by systemd's own entries in the journal: systemd.journal-fields(7). Only what
 * process 1 wrote counts. A service of type oneshot is `done` where its programs ended with status 0.
 */
import type { Text } from '../../shared/outcome.ts';
import { journalUnits } from '../commands.ts';
import { type Fact, known, unreadable } from '../fact.ts';
import type { Host } from '../host.ts';

export interface UnitRuns {
  /** UTC instants of the newest of each kind, within the last 90 days. */
  readonly success?: string;
  readonly failure?: string;
}

const SOURCE = 'journalctl';

/** Pure. Newest first; lines that are none of these entries are left out. */
export function parseUnitRuns(text: string): ReadonlyMap<string, UnitRuns> {
  const runs = new Map<string, { success?: string; failure?: string }>();
  for (const line of text.split('\n')) {
    const entry = fieldsOf(line);
    const [unit, result, micros] = [
      entry?.UNIT,
      entry?.JOB_RESULT ?? entry?.RESULT,
      entry?.__REALTIME_TIMESTAMP,
    ];
    if (!unit || !/^\d{15,17}$/.test(micros ?? '')) continue;
    const kind = result === 'done' ? 'success' : 'failure';
    const own = runs.get(unit) ?? {};
    own[kind] ??= new Date(Math.floor(Number(micros) / 1000)).toISOString();
    runs.set(unit, own);
  }
  return runs;
}

function fieldsOf(line: string): Readonly<Record<string, string>> | undefined {
  try {
    const found: unknown = JSON.parse(line);
    if (typeof found !== 'object' || found === null) return undefined;
    return Object.fromEntries(Object.entries(found).filter(([, value]) => typeof value === 'string'));
  } catch {
    return undefined;
  }
}

/** Empty for a service that has not run. Unreadable on an unpacked system and where there is no journal to read. */
export async function unitRuns(
  host: Host,
  services: readonly string[],
): Promise<Fact<ReadonlyMap<string, UnitRuns>>> {
  const asked = services.map((name) => `UNIT=${name}`).filter((each) => journalUnits.argument.test(each));
  if (asked.length === 0) return known(new Map());
  const said = await host.run(journalUnits, asked.slice(0, journalUnits.maxArguments));
  if (said.state === 'unreadable') return said;
  if (said.state === 'absent' || said.value.status !== 0) return unreadable(SOURCE, NO_JOURNAL);
  return known(parseUnitRuns(said.value.stdout));
}

const NO_JOURNAL: Text = { en: 'the journal could not be read', de: 'das Journal war nicht zu lesen' };
