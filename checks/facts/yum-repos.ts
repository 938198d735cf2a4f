/** Package sources of dnf that are switched on, and their indexes in its cache: dnf.conf(5). */
import { defineFact, type Fact, known, valueIn, valueOr } from '../fact.ts';
import type { Host } from '../host.ts';
import type { PackageIndex } from './pending-updates.ts';
import { parseRepoFile, type RepoFileEntry, repoBoolean, repoPlace } from './repo-file.ts';
import { parseRepomd } from './repomd.ts';

const CONFIGURATION = '/etc/dnf/dnf.conf';
const DIRECTORIES = ['/etc/yum.repos.d', '/etc/yum/repos.d', '/etc/distro.repos.d'];
const REPOMD_BYTES = 1024 * 1024;

export interface YumRepos {
  /** A key of `[main]`: undefined where it is not given. */
  readonly main: ReadonlyMap<string, string>;
  /** Every source, switched on or off. */
  readonly entries: readonly RepoFileEntry[];
}

const mainOf = (text: string): ReadonlyMap<string, string> =>
  parseRepoFile(text.replace(/^\[main\]/m, '[settings of dnf]'), CONFIGURATION).find(
    ({ id }) => id === 'settings of dnf',
  )?.values ?? new Map();

/** Absent where dnf is not set up. */
export const yumRepos = defineFact<YumRepos>({
  id: 'yum-repos',
  collect: async (host): Promise<Fact<YumRepos>> => {
    const configuration = await host.readText(CONFIGURATION);
    if (configuration.state !== 'known') return configuration;
    const { text } = configuration.value;
    const main = mainOf(text);
    const named = main
      .get('reposdir')
      ?.split(/[\s,]+/)
      .filter((path) => path.startsWith('/'));
    const entries: RepoFileEntry[] = [...parseRepoFile(text, CONFIGURATION)];
    for (const directory of named ?? DIRECTORIES) {
      for (const name of valueOr(await host.list(directory), [])) {
        if (!name.endsWith('.repo')) continue;
        const file = await host.readText(`${directory}/${name}`, { encoding: 'latin1' });
        if (file.state === 'known') entries.push(...parseRepoFile(file.value.text, `${directory}/${name}`));
        else if (file.state === 'unreadable') return file;
      }
    }
    return known({ main, entries: entries.filter(({ id }) => id !== 'settings of dnf') });
  },
});

export const enabledRepos = ({ entries }: YumRepos): readonly RepoFileEntry[] =>
  entries.filter((entry) => repoBoolean(entry, 'enabled', true));

/** The directories below dnf's cache that may hold a source's index: `baseos-0123456789abcdef`. */
export async function cacheOf(host: Host, repos: YumRepos, id: string): Promise<readonly string[]> {
  const cache = repos.main.get('cachedir') ?? '/var/cache/dnf';
  return valueOr(await host.list(cache), [])
    .filter((name) => name.startsWith(`${id}-`) && /^[0-9a-f]{16}$/.test(name.slice(id.length + 1)))
    .map((name) => `${cache}/${name}`);
}

/**
 * When a source was last reached is the time of its list of packages: dnf 4 renews it whenever the server says that
 * nothing is new, and leaves it alone where the server can't be reached (seen with dnf 4.14, the tests do it again).
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
