/** Settings files that systemd's programs read with drop-ins: system.conf, logind.conf, journald.conf (systemd.syntax(7), same order for all). */
import { defineFact, type Fact, type FactDefinition, known } from '../fact.ts';
import type { Host } from '../host.ts';
import { parseUnitFile, type UnitSetting } from './systemd-unit-file.ts';

export type ManagerSetting = UnitSetting;

const BASES = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'];

/** Every assignment of `section`, in the order in which they count: main file, then drop-ins by name. The last one wins. */
export async function readSettings(
  host: Host,
  file: string,
  section: string,
): Promise<Fact<readonly ManagerSetting[]>> {
  let main: string | undefined;
  const chosen = new Map<string, string>();
  for (const base of BASES) {
    const path = `${base}/systemd/${file}`;
    if (main === undefined && (await host.stat(path)).state !== 'absent') main = path;
    const names = await host.list(`${path}.d`);
    if (names.state === 'unreadable') return names;
    for (const name of names.state === 'known' ? names.value : [])
      if (name.endsWith('.conf') && !chosen.has(name)) chosen.set(name, `${path}.d/${name}`);
  }
  const dropIns = [...chosen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  const settings: ManagerSetting[] = [];
  for (const path of [...(main ? [main] : []), ...dropIns]) {
    // A drop-in that leads to /dev/null switches those of the same name below it off.
    const real = await host.realPath(path);
    if (real.state === 'unreadable') return real;
    if (real.state === 'absent' || real.value === '/dev/null') continue;
    const text = await host.readText(path, { encoding: 'latin1' });
    if (text.state === 'unreadable') return text;
    if (text.state === 'known')
      settings.push(...parseUnitFile(text.value.text, path).filter((setting) => setting.section === section));
  }
  return known(settings);
}

const settingsOf = (id: string, file: string, section: string): FactDefinition<readonly ManagerSetting[]> =>
  defineFact({ id, collect: (host) => readSettings(host, file, section) });

export const managerSettings = settingsOf('systemd-manager', 'system.conf', 'Manager');
export const logindSettings = settingsOf('systemd-logind', 'logind.conf', 'Login');
export const journaldSettings = settingsOf('systemd-journald', 'journald.conf', 'Journal');

/** The last assignment of a key; empty ones put the default back in force. */
export function lastSetting(settings: readonly ManagerSetting[], key: string): ManagerSetting | undefined {
  const last = settings.filter((setting) => setting.key === key).at(-1);
  return last?.value === '' ? undefined : last;
}
