/** Package sources of zypper that are switched on, their indexes, and the packages that are locked: zypper(8). */
import { defineFact, type Fact, known, valueIn, valueOr } from '../fact.ts';
import type { Host } from '../host.ts';
import type { PackageIndex } from './pending-updates.ts';
import { parseRepoFile, type RepoFileEntry, repoBoolean, repoPlace } from './repo-file.ts';
import { parseRepomd } from './repomd.ts';

const DIRECTORY = '/etc/zypp/repos.d';
const RAW = '/var/cache/zypp/raw';
const SOLV = '/var/cache/zypp/solv';

/** Absent where zypper is not set up. */
export const zyppRepos = defineFact<readonly RepoFileEntry[]>({
  id: 'zypp-repos',
  collect: async (host): Promise<Fact<readonly RepoFileEntry[]>> => {
    const names = await host.list(DIRECTORY);
    if (names.state !== 'known') return names;
    const entries: RepoFileEntry[] = [];
    for (const name of names.value.filter((each) => each.endsWith('.repo'))) {
      const file = await host.readText(`${DIRECTORY}/${name}`, { encoding: 'latin1' });
      if (file.state === 'unreadable') return file;
      if (file.state === 'known') entries.push(...parseRepoFile(file.value.text, `${DIRECTORY}/${name}`));
    }
    return known(entries);
  },
});

/** A source that does not say so is on: libzypp's RepoInfo. */
export const enabledZypp = (entries: readonly RepoFileEntry[]): readonly RepoFileEntry[] =>
  entries.filter((entry) => repoBoolean(entry, 'enabled', true));

/**
 * A source of the distribution's updates that is there and switched off, while what it updates is on: SUSE pairs
 * `...-Pool` with `...-Updates`, openSUSE names them `repo-update`, `repo-update-non-oss`, `repo-sle-update`.
 */
export function switchedOffUpdates(entries: readonly RepoFileEntry[]): string | undefined {
  const enabled = enabledZypp(entries);
  const off = entries.filter(
    (entry) => !enabled.includes(entry) && /(?:^|[-_:])updates?(?:$|[-_])/i.test(entry.id),
  );
  return off.find(({ id }) => {
    if (/debug|source/i.test(id) || enabled.some((entry) => entry.id === id)) return false;
    const base = id.replace(/([-_:])updates$/i, '$1Pool').replace(/[-_]update(?=$|[-_])/i, '');
    const updated = entries.find((entry) => entry.id === base);
    return updated === undefined || enabled.includes(updated);
  })?.id;
}

/** Directory names of a source's caches: slashes in an alias become underscores. */
const escaped = (alias: string): string => alias.replaceAll('/', '_');
export const rawOf = (alias: string): string => `${RAW}/${escaped(alias)}`;
export const solvOf = (alias: string): string => `${SOLV}/${escaped(alias)}`;

/**
 * When a source was last reached is the time of repomd.xml: zypper renews it when the server says that nothing is new,
 * and leaves it alone where the server can't be reached (seen with zypper 1.14.42, the tests do it again).
 */
async function look(host: Host, entry: RepoFileEntry): Promise<PackageIndex> {
  const place = `${entry.id} ${repoPlace(entry)}`.trim();
  const path = entry.values.get('path')?.replace(/^\/+|\/+$/g, '') ?? '';
  const file = `${rawOf(entry.id)}/${path ? `${path}/` : ''}repodata/repomd.xml`;
  const never = {
    place,
    file: entry.file,
    line: entry.line,
    fetched: false,
    reachedByUpdate: false,
    security: false,
  };
  const text = await host.readText(file, { encoding: 'latin1' });
  if (text.state === 'absent') return never;
  const { text: xml, stat } = valueIn(text);
  const repomd = parseRepomd(xml);
  if (repomd === undefined) return never;
  return {
    place,
    file,
    fetched: true,
    ...(repomd.made ? { made: repomd.made } : {}),
    reached: stat.modified,
    reachedByUpdate: true,
    security: repomd.types.includes('updateinfo'),
  };
}

export const zyppIndexes = defineFact<readonly PackageIndex[]>({
  id: 'zypp-indexes',
  collect: async (host, get): Promise<Fact<readonly PackageIndex[]>> => {
    const entries = await get(zyppRepos);
    if (entries.state !== 'known') return entries;
    return known(await Promise.all(enabledZypp(entries.value).map((entry) => look(host, entry))));
  },
});

/** Names and patterns of /etc/zypp/locks: `solvable_name: kernel-default`. */
export async function zyppLocks(host: Host): Promise<readonly string[]> {
  const { text } = valueOr(await host.readText('/etc/zypp/locks'), { text: '' });
  return [...text.matchAll(/^solvable_name:[ \t]*(\S+)[ \t]*$/gm)].map((match) => match[1] ?? '');
}
