/** Whether apt's own cache can serve: then a simulation takes a quarter of the time, and nothing has to be written. */
import type { FileStat, Host } from '../host.ts';
import { type AptConfig, aptPath } from './apt-config.ts';

const READABLE = 0o004;
const ENTERABLE = 0o001;

/** The files that a simulation reads: lists, package database, configuration, its own cache. */
export function aptPaths(config: AptConfig) {
  const at = (name: string, otherwise: string): string => aptPath(config, name, otherwise);
  return {
    lists: at('Dir::State::lists', '/var/lib/apt/lists'),
    status: at('Dir::State::status', '/var/lib/dpkg/status'),
    extended: at('Dir::State::extended_states', '/var/lib/apt/extended_states'),
    configuration: at('Dir::Etc::main', '/etc/apt/apt.conf'),
    configurations: at('Dir::Etc::parts', '/etc/apt/apt.conf.d'),
    sources: at('Dir::Etc::sourcelist', '/etc/apt/sources.list'),
    moreSources: at('Dir::Etc::sourceparts', '/etc/apt/sources.list.d'),
    preferences: at('Dir::Etc::preferences', '/etc/apt/preferences'),
    morePreferences: at('Dir::Etc::preferencesparts', '/etc/apt/preferences.d'),
    cache: at('Dir::Cache::pkgcache', '/var/cache/apt/pkgcache.bin'),
  };
}

/**
 * Whether the cache is there, no older than lists and package database, and everything that the simulation reads can
 * be read by everybody: run as nobody, apt takes a list that it can't read for one that is not there.
 */
export async function hasFreshCache(host: Host, config: AptConfig): Promise<boolean> {
  if (config.get('dir::cache::pkgcache') === '') return false;
  const paths = aptPaths(config);
  const cache = await host.stat(paths.cache);
  if (cache.state !== 'known' || cache.value.type !== 'file' || cache.value.size === 0) return false;
  const isNewer = ({ modified }: FileStat): boolean => modified > cache.value.modified;

  const files = [
    paths.status,
    paths.extended,
    paths.configuration,
    paths.sources,
    paths.preferences,
    paths.cache,
  ];
  const directories = [paths.lists, paths.configurations, paths.moreSources, paths.morePreferences];
  for (const directory of directories) {
    const names = await host.list(directory);
    if (names.state === 'absent') continue;
    if (names.state !== 'known') return false;
    const lists = directory === paths.lists;
    for (const name of names.value) if (!lists || !NO_LIST.has(name)) files.push(`${directory}/${name}`);
  }
  for (const path of new Set([...files, ...directories].flatMap(ancestors))) {
    const stat = await host.stat(path);
    if (stat.state === 'absent') continue;
    if (stat.state !== 'known' || (stat.value.mode & ENTERABLE) === 0) return false;
  }
  for (const path of [...files, ...directories]) {
    const stat = await host.stat(path);
    if (stat.state === 'absent') continue;
    if (stat.state !== 'known' || (stat.value.mode & READABLE) === 0) return false;
    if (stat.value.type === 'directory' && (stat.value.mode & ENTERABLE) === 0) return false;
    const counts =
      path === paths.status || (path.startsWith(`${paths.lists}/`) && stat.value.type === 'file');
    if (counts && isNewer(stat.value)) return false;
  }
  return true;
}

/** What lies among the lists without being one. */
export const NO_LIST: ReadonlySet<string> = new Set(['lock', 'partial', 'auxfiles']);

function ancestors(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}
