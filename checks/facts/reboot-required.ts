/** The flag that packages set when only a reboot puts them into effect: /run/reboot-required. */
import { defineFact, type Fact, known, unreadable, valueOr } from '../fact.ts';

export interface RebootRequired {
  readonly path: string;
  /** UTC instant at which it was set. */
  readonly since: string;
  /** Packages that asked for it, sorted. */
  readonly packages: readonly string[];
}

/** Absent when no reboot is asked for. */
export const rebootRequired = defineFact<RebootRequired>({
  id: 'reboot-required',
  collect: async (host): Promise<Fact<RebootRequired>> => {
    if (!host.live) {
      return unreadable('/run/reboot-required', {
        en: 'an unpacked system is not running',
        de: 'ein entpacktes System läuft nicht',
      });
    }
    for (const path of ['/run/reboot-required', '/var/run/reboot-required']) {
      const flag = await host.stat(path);
      if (flag.state === 'absent') continue;
      if (flag.state === 'unreadable') return flag;
      const list = valueOr(await host.readText(`${path}.pkgs`), { text: '' }).text;
      const packages = list
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => /^[a-z0-9][a-z0-9+.-]*$/.test(line));
      return known({ path, since: flag.value.modified, packages: [...new Set(packages)].sort() });
    }
    return { state: 'absent', source: '/run/reboot-required' };
  },
});
