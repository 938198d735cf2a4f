/** apt, in the shape in which every package manager is judged. */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, mapFact } from '../fact.ts';
import { aptPaths, NO_LIST } from './apt-cache-files.ts';
import { aptConfiguration, aptSettings } from './apt-config.ts';
import { type AptIndex, aptIndexes } from './apt-index.ts';
import { aptPending } from './apt-pending.ts';
import { isSecurityIndex } from './apt-security.ts';
import { digestInputs } from './input-digest.ts';
import { type OsRelease, osRelease } from './os-release.ts';
import type { PackageIndex, PackageManager } from './pending-updates.ts';

function toIndex(index: AptIndex): PackageIndex {
  const { source, release, changed, changedByUpdate, file } = index;
  // A snapshot may be frozen on purpose, but not where security updates should come from: nothing new ever would.
  const security = isSecurityIndex(index);
  return {
    place: `${source.uri} ${source.suite}`,
    ...(release ? { file } : { file: source.file, line: source.line }),
    fetched: release !== undefined,
    ...(release?.date ? { made: release.date } : {}),
    ...(release?.validUntil && (source.validUntil || security) ? { validUntil: release.validUntil } : {}),
    ...(changed && release ? { reached: changed } : {}),
    reachedByUpdate: changedByUpdate,
    security,
  };
}

const indexes = defineFact<readonly PackageIndex[]>({
  id: 'apt-package-indexes',
  collect: async (_host, get) => mapFact(await get(aptIndexes), (all) => all.map(toIndex)),
});

const inputs = defineFact<string>({
  id: 'apt-inputs',
  collect: async (host, get, now): Promise<Fact<string>> => {
    const [configuration, settings] = [await get(aptConfiguration), await get(aptSettings)];
    if (configuration.state !== 'known') return configuration;
    if (settings.state !== 'known') return settings;
    const paths = aptPaths(configuration.value);
    const names = async (directory: string): Promise<string[]> => {
      const found = await host.list(directory);
      return found.state === 'known' ? found.value.map((name) => `${directory}/${name}`) : [];
    };
    const lists = (await names(paths.lists)).filter(
      (path) => !NO_LIST.has(path.slice(path.lastIndexOf('/') + 1)),
    );
    return digestInputs(
      host,
      {
        files: [
          ...lists,
          paths.status,
          paths.extended,
          '/usr/bin/apt-get',
          '/usr/bin/dpkg',
          '/var/lib/dpkg/arch',
          '/etc/apt/auth.conf.d/90ubuntu-advantage',
        ],
        directories: ['/var/lib/dpkg/updates'],
        contents: [
          paths.sources,
          ...(await names(paths.moreSources)),
          paths.preferences,
          ...(await names(paths.morePreferences)),
          '/etc/machine-id',
          '/proc/sys/kernel/random/boot_id',
        ],
        extra: [
          'apt/2',
          paths.lists,
          ...settings.value.map(({ name, value }) => JSON.stringify([name, value])),
        ],
      },
      now,
    );
  },
});

const gap = defineFact<Text | undefined>({
  id: 'apt-gap',
  collect: async (_host, get): Promise<Fact<Text | undefined>> => {
    const [os, found] = [await get(osRelease), await get(aptIndexes)];
    return mapFact(found, (all) => gapIn(os, all));
  },
});

/** What the sources of security updates leave out. Pure. */
function gapIn(os: Fact<OsRelease>, all: readonly AptIndex[]): Text | undefined {
  const own = all.filter(
    (index) => isSecurityIndex(index) && (index.release === undefined || isOwn(os, index)),
  );
  if (own.length === 0) {
    return {
      en: 'no source of security updates for this release is configured',
      de: 'für diese Version ist keine Quelle für Sicherheitsupdates eingerichtet',
    };
  }
  const covered = new Set(own.flatMap(({ source }) => source.components));
  const missing = all
    .filter((index) => isOwn(os, index) && !isSecurityIndex(index))
    .flatMap(({ source }) => source.components)
    .find((component) => !covered.has(component));
  if (missing !== undefined) {
    return {
      en: `the source of security updates does not cover the component ${missing}, which is in use`,
      de: `die Quelle für Sicherheitsupdates deckt den verwendeten Bereich ${missing} nicht ab`,
    };
  }
  const empty = own.find((index) => index.components.length === 0);
  return empty && outdated(empty);
}

const outdated = ({ source }: AptIndex): Text => ({
  en: `the index of ${source.uri} ${source.suite} is not up to date, so nothing can be said about pending updates`,
  de: `der Index von ${source.uri} ${source.suite} ist nicht aktuell; über ausstehende Updates ist keine Aussage möglich`,
});

/** Whether an index is the distribution's, for the release that runs. Derivatives use their parent's: any counts. */
function isOwn(os: Fact<OsRelease>, { release }: AptIndex): boolean {
  if (!release || os.state !== 'known') return false;
  const { id, codename } = os.value;
  if (id !== 'debian' && id !== 'ubuntu') return true;
  const origin = release.origin.toLowerCase();
  const codenames = release.codename.split(/[-/]/)[0] ?? '';
  return origin.startsWith(id) && (codename === '' || codenames === '' || codenames === codename);
}

export const apt: PackageManager = {
  id: 'apt',
  source: 'apt-get -s dist-upgrade',
  obsoleteSource: '/var/lib/dpkg/status',
  history: '/var/log/dpkg.log',
  indexes,
  inputs,
  answer: aptPending,
  gap: gap as PackageManager['gap'],
};
