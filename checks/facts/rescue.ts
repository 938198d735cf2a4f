/**
 * The units that give a root shell when the system does not start as usual, and the debug shell:
 * systemd.special(7), systemd-debug-generator(8), systemd-sulogin-shell, sulogin(8).
 */
import { defineFact, type Fact, known } from '../fact.ts';
import type { Host } from '../host.ts';
import { readUnit, systemdUnits, type Unit, unitList } from './systemd-unit.ts';
import { execCommands, parseUnitFile, type UnitSetting } from './systemd-unit-file.ts';
import { type PulledIn, pulledInUnits } from './wanted-units.ts';

export interface Place {
  readonly source: string;
  readonly line?: number;
}

export interface RescueUnit {
  readonly unit: Unit;
  readonly commands: readonly { readonly setting: UnitSetting; readonly words: readonly string[] }[];
  /** Where SYSTEMD_SULOGIN_FORCE is set to something true for it. */
  readonly forced?: Place;
}

export interface Rescue {
  /** rescue.service, emergency.service and their kind, where they are there. */
  readonly units: readonly RescueUnit[];
  readonly debugShell: RescueUnit | undefined;
  /** Where the debug shell is pulled in, or its control group if it runs. */
  readonly debugStarted?: PulledIn;
}

export const FORCE = 'SYSTEMD_SULOGIN_FORCE';
/** systemd's booleans. */
export const isTrue = (value: string | undefined): boolean => /^(?:1|y|yes|t|true|on)$/i.test(value ?? '');

const RESCUE_UNITS = ['rescue.service', 'emergency.service', 'console-shell.service'];
const DEBUG_SHELL = 'debug-shell.service';
/** A control group is there as long as its unit runs; second form: the older layout. */
const GROUPS = ['/sys/fs/cgroup/system.slice', '/sys/fs/cgroup/systemd/system.slice'];

/** Absent without systemd. */
export const rescue = defineFact<Rescue>({
  id: 'rescue',
  collect: async (host, get): Promise<Fact<Rescue>> => {
    const tree = await get(systemdUnits);
    if (tree.state !== 'known') return tree;
    const everywhere = await managerForce(host);
    if (everywhere.state === 'unreadable') return everywhere;
    const units: RescueUnit[] = [];
    let debugShell: RescueUnit | undefined;
    for (const name of [...RESCUE_UNITS, DEBUG_SHELL]) {
      const unit = await readUnit(host, tree.value, name);
      if (unit.state === 'unreadable') return unit;
      if (unit.state !== 'known' || unit.value.state === 'missing') continue;
      const forced = await forcedBy(host, unit.value);
      if (forced.state === 'unreadable') return forced;
      const place = forced.state === 'known' ? forced.value : everywhere.value;
      const found = {
        unit: unit.value,
        commands: unitList(unit.value, 'Service', 'ExecStart').flatMap((setting) =>
          execCommands(setting.value).map((words) => ({ setting, words })),
        ),
        ...(place ? { forced: place } : {}),
      };
      if (name === DEBUG_SHELL) debugShell = found;
      else units.push(found);
    }
    const started = await debugStarted(host, await get(pulledInUnits));
    if (started.state === 'unreadable') return started;
    return known({
      units,
      debugShell,
      ...(started.state === 'known' && started.value ? { debugStarted: started.value } : {}),
    });
  },
});

async function debugStarted(
  host: Host,
  pulledIn: Fact<ReadonlyMap<string, PulledIn>>,
): Promise<Fact<PulledIn | undefined>> {
  if (pulledIn.state === 'unreadable') return pulledIn;
  const place = pulledIn.state === 'known' ? pulledIn.value.get(DEBUG_SHELL) : undefined;
  if (place || !host.live) return known(place);
  for (const group of GROUPS) {
    const running = await host.stat(`${group}/${DEBUG_SHELL}`);
    if (running.state === 'known') return known({ source: `${group}/${DEBUG_SHELL}` });
  }
  return known(undefined);
}

/** The unit's own environment; absent where it says nothing. A variable that is set to a false value is known as such. */
async function forcedBy(host: Host, unit: Unit): Promise<Fact<Place | undefined>> {
  for (const { value } of unitList(unit, 'Service', 'EnvironmentFile')) {
    const path = value.replace(/^-/, '');
    const file = await host.readText(path, { encoding: 'latin1' });
    if (file.state === 'unreadable') return file;
    const lines = file.state === 'known' ? file.value.text.split(/\r?\n/) : [];
    const at = lines.findLastIndex((raw) => raw.trimStart().startsWith(`${FORCE}=`));
    if (at >= 0) {
      const set = (lines[at] ?? '')
        .split('=')[1]
        ?.trim()
        .replace(/^(["'])(.*)\1$/, '$2');
      return known(isTrue(set) ? { source: path, line: at + 1 } : undefined);
    }
  }
  const assigned = unitList(unit, 'Service', 'Environment').flatMap((setting) =>
    execCommands(setting.value)
      .flat()
      .filter((word) => word.startsWith(`${FORCE}=`))
      .map((word) => ({ setting, set: word.slice(FORCE.length + 1) })),
  );
  const last = assigned.at(-1);
  if (!last) return { state: 'absent', source: unit.name };
  const { source, line } = last.setting;
  return known(isTrue(last.set) ? { source, line } : undefined);
}

/** systemd-system.conf(5), DefaultEnvironment: counts for every unit that says nothing itself. */
async function managerForce(
  host: Host,
): Promise<Fact<Place | undefined> & { state: 'known' | 'unreadable' }> {
  const chosen = new Map<string, string>();
  for (const base of ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib']) {
    const names = await host.list(`${base}/systemd/system.conf.d`);
    if (names.state === 'unreadable') return names;
    for (const name of names.state === 'known' ? names.value : [])
      if (name.endsWith('.conf') && !chosen.has(name))
        chosen.set(name, `${base}/systemd/system.conf.d/${name}`);
  }
  const main = await firstThere(host, ['/etc/systemd/system.conf', '/usr/lib/systemd/system.conf']);
  const dropIns = [...chosen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  let place: Place | undefined;
  for (const path of [...(main ? [main] : []), ...dropIns]) {
    const file = await host.readText(path, { encoding: 'latin1' });
    if (file.state === 'unreadable') return file;
    if (file.state !== 'known') continue;
    for (const { section, key, value, line } of parseUnitFile(file.value.text, path)) {
      if (section !== 'Manager' || !/^(?:Default|Manager)Environment$/.test(key)) continue;
      if (value === '') place = undefined;
      for (const word of execCommands(value).flat())
        if (word.startsWith(`${FORCE}=`))
          place = isTrue(word.slice(FORCE.length + 1)) ? { source: path, line } : undefined;
    }
  }
  return { state: 'known', value: place };
}

async function firstThere(host: Host, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if ((await host.stat(path)).state !== 'absent') return path;
  return undefined;
}
