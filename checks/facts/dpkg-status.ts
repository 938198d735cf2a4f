/** What dpkg says is installed: /var/lib/dpkg/status and what an interrupted run left, dpkg(1). */
import { defineFact, type Fact, known, valueOr } from '../fact.ts';

export interface DpkgPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Selection state: install, hold, deinstall, purge, unknown. */
  readonly wanted: string;
  /** `ok`, or `reinstreq` where it has to be installed again. */
  readonly flag: string;
  /** Package state: installed, config-files, half-installed, unpacked, half-configured, triggers-... */
  readonly state: string;
}

export interface DpkgStatus {
  readonly packages: readonly DpkgPackage[];
  /** Names of packages that are neither installed nor gone. */
  readonly halfDone: readonly string[];
  /** A run of dpkg was interrupted: its journal in /var/lib/dpkg/updates is still there. */
  readonly interrupted: boolean;
}

const FINE = new Set(['installed', 'config-files', 'not-installed', 'triggers-awaited', 'triggers-pending']);

/** Pure. Paragraphs without Package or Status are skipped. */
export function parseDpkgStatus(text: string): readonly DpkgPackage[] {
  const packages: DpkgPackage[] = [];
  for (const paragraph of text.split(/\n[ \t]*\n/)) {
    const field = (name: string): string =>
      new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(paragraph)?.[1]?.trim() ?? '';
    const [wanted, flag, state] = field('Status').split(/\s+/);
    const name = field('Package');
    if (!name || !wanted || !flag || !state) continue;
    packages.push({
      name,
      version: field('Version'),
      architecture: field('Architecture'),
      wanted,
      flag,
      state,
    });
  }
  return packages;
}

/** Absent where there is no dpkg. */
export const dpkgStatus = defineFact<DpkgStatus>({
  id: 'dpkg-status',
  collect: async (host): Promise<Fact<DpkgStatus>> => {
    const file = await host.readText('/var/lib/dpkg/status', {
      maxBytes: 64 * 1024 * 1024,
      encoding: 'latin1',
    });
    if (file.state !== 'known') return file;
    const packages = parseDpkgStatus(file.value.text);
    const journal = valueOr(await host.list('/var/lib/dpkg/updates'), []);
    return known({
      packages,
      halfDone: packages.filter(({ state }) => !FINE.has(state)).map(({ name }) => name),
      interrupted: journal.some((name) => /^\d+$/.test(name)),
    });
  },
});
