/**
 * Package sources of dnf that are switched on, and their indexes in its cache: dnf.conf(5). dnf 5 has more places for
 * configuration and another cache: dnf5.conf(5).
 */
import { defineFact, type Fact, known, valueIn, valueOr } from '../fact.ts';
import type { Host } from '../host.ts';
import type { PackageIndex } from './pending-updates.ts';
import { parseRepoFile, type RepoFileEntry, repoBoolean, repoPlace } from './repo-file.ts';
import { parseRepomd } from './repomd.ts';

const CONFIGURATION = '/etc/dnf/dnf.conf';
const DIRECTORIES = ['/etc/yum.repos.d', '/etc/yum/repos.d', '/etc/distro.repos.d'];
const DIRECTORIES5 = ['/etc/yum.repos.d', '/etc/distro.repos.d', '/usr/share/dnf5/repos.d'];
const CACHE = { 4: '/var/cache/dnf', 5: '/var/cache/libdnf5' } as const;
/** Of each pair a file in the second directory hides one of the same name in the first. */
const DROP_INS5 = ['/usr/share/dnf5/libdnf.conf.d', '/etc/dnf/libdnf5.conf.d'];
const OVERRIDES5 = ['/usr/share/dnf5/repos.override.d', '/etc/dnf/repos.override.d'];
/** What decides about sources besides the sources themselves: files directly in these directories. */
export const CONFIGURATIONS5 = [...DROP_INS5, ...OVERRIDES5, '/usr/share/dnf5/repos.d'];
const REPOMD_BYTES = 1024 * 1024;

/** Which dnf this system is kept up to date by: the one that `dnf` starts, else dnf 5 where it is there. */
export const dnfGeneration = defineFact<4 | 5>({
  id: 'dnf-generation',
  collect: async (host): Promise<Fact<4 | 5>> => {
    const five = await host.stat('/usr/bin/dnf5');
    if (five.state === 'unreadable') return five;
    if (five.state === 'absent') return known(4);
    const dnf = await host.realPath('/usr/bin/dnf');
    return known(dnf.state === 'known' && !dnf.value.endsWith('/dnf5') ? 4 : 5);
  },
});

export interface YumRepos {
  /** A key of `[main]`: undefined where it is not given. */
  readonly main: ReadonlyMap<string, string>;
  /** Every source, switched on or off. */
  readonly entries: readonly RepoFileEntry[];
  readonly generation: 4 | 5;
}

const SETTINGS = 'settings of dnf';

const mainOf = (text: string, file: string): ReadonlyMap<string, string> =>
  parseRepoFile(text.replace(/^\[main\]/m, `[${SETTINGS}]`), file).find(({ id }) => id === SETTINGS)
    ?.values ?? new Map();

/** Texts of the files with that ending, in the order in which they are read. */
async function textsIn(
  host: Host,
  directories: readonly string[],
  ending: string,
): Promise<{ path: string; text: string }[]> {
  const paths = new Map<string, string>();
  for (const directory of directories) {
    for (const name of valueOr(await host.list(directory), []))
      if (name.endsWith(ending)) paths.set(name, `${directory}/${name}`);
  }
  const texts: { path: string; text: string }[] = [];
  for (const [, path] of [...paths].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const file = await host.readText(path, { encoding: 'latin1' });
    if (file.state !== 'absent') texts.push({ path, text: valueIn(file).text });
  }
  return texts;
}

/** Pure. `*`, `?` and sets in brackets; what is no pattern stands for itself. */
export function matchesId(pattern: string, id: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  try {
    return new RegExp(`^${source}$`).test(id);
  } catch {
    return pattern === id;
  }
}

/** `dnf config-manager setopt` of dnf 5 writes what it changes of a source here. Pure. */
const overridden = (
  entries: readonly RepoFileEntry[],
  overrides: readonly RepoFileEntry[],
): readonly RepoFileEntry[] =>
  entries.map((entry) => ({
    ...entry,
    values: new Map([
      ...entry.values,
      ...overrides.filter(({ id }) => matchesId(id, entry.id)).flatMap(({ values }) => [...values]),
    ]),
  }));

/** Absent where dnf is not set up. */
export const yumRepos = defineFact<YumRepos>({
  id: 'yum-repos',
  collect: async (host, get): Promise<Fact<YumRepos>> => {
    const generation = valueIn(await get(dnfGeneration));
    const configuration = await host.readText(CONFIGURATION);
    if (configuration.state === 'unreadable') return configuration;
    if (configuration.state === 'absent' && generation === 4) return configuration;
    const { text } = valueOr(configuration, { text: '' });
    const five = generation === 5;
    const dropIns = five ? await textsIn(host, DROP_INS5, '.conf') : [];
    const main = new Map([
      ...dropIns.flatMap((dropIn) => [...mainOf(dropIn.text, dropIn.path)]),
      ...mainOf(text, CONFIGURATION),
    ]);
    const named = main
      .get('reposdir')
      ?.split(/[\s,]+/)
      .filter((path) => path.startsWith('/'));
    const entries: RepoFileEntry[] = [...parseRepoFile(text, CONFIGURATION)];
    for (const directory of named ?? (five ? DIRECTORIES5 : DIRECTORIES))
      for (const file of await textsIn(host, [directory], '.repo'))
        entries.push(...parseRepoFile(file.text, file.path));
    const overrides = five ? await textsIn(host, OVERRIDES5, '.repo') : [];
    return known({
      main,
      entries: overridden(
        entries,
        overrides.flatMap((each) => parseRepoFile(each.text, each.path)),
      ),
      generation,
    });
  },
});

export const enabledRepos = ({ entries }: YumRepos): readonly RepoFileEntry[] =>
  entries.filter((entry) => repoBoolean(entry, 'enabled', true));

/** The directories below dnf's cache that may hold a source's index: `baseos-0123456789abcdef`. */
export async function cacheOf(host: Host, repos: YumRepos, id: string): Promise<readonly string[]> {
  const key = repos.generation === 5 ? 'system_cachedir' : 'cachedir';
  const cache = repos.main.get(key) ?? CACHE[repos.generation];
  return valueOr(await host.list(cache), [])
    .filter((name) => name.startsWith(`${id}-`) && /^[0-9a-f]{16}$/.test(name.slice(id.length + 1)))
    .map((name) => `${cache}/${name}`);
}

/**
 * When a source was last reached is the time of its list of packages: dnf renews it whenever the server says that nothing
 * is new, and leaves it alone where the server can't be reached (seen with dnf 4.14 and 5.4, the tests do it again).
 */
async function look(host: Host, repos: YumRepos, entry: RepoFileEntry): Promise<PackageIndex> {
  const place = `${entry.id} ${repoPlace(entry)}`.trim();
  const directories = await cacheOf(host, repos, entry.id);
  const [directory] = directories;
  const never = {
    place,
    file: entry.file,
    line: entry.line,
    fetched: false,
    reachedByUpdate: false,
    security: false,
  };
  if (directory === undefined) return never;
  const file = `${directory}/repodata/repomd.xml`;
  const text = await host.readText(file, { maxBytes: REPOMD_BYTES, encoding: 'latin1' });
  if (text.state === 'absent') return never;
  const repomd = parseRepomd(valueIn(text).text);
  if (repomd === undefined) return never;
  const base = { place, file, fetched: true, security: repomd.types.includes('updateinfo') };
  // A source whose address was changed leaves its old cache behind: which one counts can not be seen from the names.
  if (directories.length > 1 || repomd.primary === undefined) return { ...base, reachedByUpdate: false };
  const primary = await host.stat(`${directory}/repodata/${repomd.primary}`);
  if (primary.state === 'absent') return never;
  return {
    ...base,
    ...(repomd.made ? { made: repomd.made } : {}),
    reached: valueIn(primary).modified,
    reachedByUpdate: true,
  };
}

export const dnfIndexes = defineFact<readonly PackageIndex[]>({
  id: 'dnf-indexes',
  collect: async (host, get): Promise<Fact<readonly PackageIndex[]>> => {
    const repos = await get(yumRepos);
    if (repos.state !== 'known') return repos;
    return known(await Promise.all(enabledRepos(repos.value).map((entry) => look(host, repos.value, entry))));
  },
});
