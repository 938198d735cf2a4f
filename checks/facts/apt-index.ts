/**
 * The package indexes on disk, per source, and when each source was last reached.
 *
 * What apt 2.6 was seen to leave behind (test/checks/patch/apt-index.test.ts does it again):
 *
 *   trace                                  new index   nothing new (304)   source not reachable
 *   mtime of the InRelease file            server's    unchanged           unchanged
 *   ctime of the InRelease file            renewed     renewed             unchanged
 *   ctime of lists/partial                 renewed     renewed             renewed
 *   mtime of pkgcache.bin                  renewed     renewed             renewed
 *   exit status of apt-get update          0           0                   0
 *
 * `update-success-stamp` and `update-stamp` hang on that exit status, so they too are renewed while the one source
 * that matters is down. That leaves the signed `Date` (the index is at least so new) and the ctime, per source.
 * A ctime proves nothing where the whole system was copied or unpacked at that time.
 */
import { defineFact, type Fact, known, valueIn, valueOr } from '../fact.ts';
import type { Host } from '../host.ts';
import { aptConfiguration, aptPath } from './apt-config.ts';
import { type AptSource, aptSources } from './apt-sources.ts';

export interface Release {
  readonly origin: string;
  readonly label: string;
  readonly suite: string;
  readonly codename: string;
  /** When the archive made it: UTC instant, signed. Undefined where it has none. */
  readonly date?: string;
  readonly validUntil?: string;
}

export interface AptIndex {
  readonly source: AptSource;
  /** The InRelease or Release file, as apt names it. */
  readonly file: string;
  /** Undefined: never fetched. */
  readonly release?: Release;
  /** Components of which a Packages file is there. */
  readonly components: readonly string[];
  /** The Packages files on disk: whole paths. */
  readonly packages: readonly string[];
  /** `main/binary-amd64/Packages` -> bytes, as the Release file says it. */
  readonly sizes: ReadonlyMap<string, number>;
  /** No later than this was the source reached (st_ctime). Undefined for an unpacked system. */
  readonly changed?: string;
  /** Whether `changed` is the moment of an update and not that of the system's own installation. */
  readonly changedByUpdate: boolean;
}

const COPYING_MS = 3_600_000;
const SYSTEM_FILES = ['/usr/bin/dpkg', '/usr/bin/apt-get', '/etc/os-release'];

/** Pure. The header of a Release file, within its signature or without: `Date` and `Valid-Until` as UTC instants. */
export function parseRelease(text: string): Release | undefined {
  const body = text.startsWith('-----BEGIN PGP SIGNED MESSAGE-----')
    ? text.slice(text.search(/\r?\n\r?\n/))
    : text;
  const head = body.trimStart().split(/^(?:MD5Sum|SHA\d+):/m)[0] ?? '';
  const field = (name: string): string =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(head)?.[1]?.trim() ?? '';
  const date = instant(field('Date'));
  const validUntil = instant(field('Valid-Until'));
  const release = {
    origin: field('Origin'),
    label: field('Label'),
    suite: field('Suite'),
    codename: field('Codename'),
    ...(date ? { date } : {}),
    ...(validUntil ? { validUntil } : {}),
  };
  return /^[A-Z][A-Za-z0-9-]*:/m.test(head) ? release : undefined;
}

/** Pure. The sizes of the Packages files that a Release file names, uncompressed. */
export function parseSizes(text: string): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const [, size, path] of text.matchAll(
    /^ [0-9a-f]{32,128} +(\d{1,15}) +(\S*binary-[^/\s]+\/Packages)$/gm,
  )) {
    if (path) sizes.set(path, Number(size));
  }
  return sizes;
}

/** `Sat, 21 Nov 2026 00:53:02 UTC`: the one form archives use. */
function instant(text: string): string | undefined {
  if (
    !/^[A-Z][a-z]{2}, +\d{1,2} [A-Z][a-z]{2} \d{4} \d{1,2}:\d{2}:\d{2} (?:UTC|GMT|Z|[+-]\d{4})$/.test(text)
  ) {
    return undefined;
  }
  const milliseconds = Date.parse(text.replace(/ Z$/, ' UTC'));
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds).toISOString();
}

/** One entry per source, in the order of the sources. Absent where apt is not installed. */
export const aptIndexes = defineFact<readonly AptIndex[]>({
  id: 'apt-indexes',
  collect: async (host, get): Promise<Fact<readonly AptIndex[]>> => {
    const [sources, configuration] = [await get(aptSources), await get(aptConfiguration)];
    if (sources.state !== 'known') return sources;
    const lists = aptPath(valueIn(configuration), 'Dir::State::lists', '/var/lib/apt/lists');
    const names = valueOr(await host.list(lists), []);
    const installed = await systemSince(host, lists);
    return known(
      await Promise.all(sources.value.map((source) => look(host, source, lists, names, installed))),
    );
  },
});

async function look(
  host: Host,
  source: AptSource,
  lists: string,
  names: readonly string[],
  installed: number,
): Promise<AptIndex> {
  const name = ['InRelease', 'Release']
    .map((end) => source.stem + end)
    .find((wanted) => names.includes(wanted));
  const file = `${lists}/${name ?? `${source.stem}InRelease`}`;
  const packages = names.filter(
    (each) => each.startsWith(source.stem) && /_Packages(?:\.[a-z0-9]+)?$/.test(each),
  );
  const components = source.components.filter((component) =>
    packages.some((each) => each.startsWith(`${source.stem}${component.replaceAll('/', '_')}_binary-`)),
  );
  const paths = packages.map((each) => `${lists}/${each}`);
  if (name === undefined)
    return { source, file, components, packages: paths, sizes: new Map(), changedByUpdate: false };
  const { text, stat } = valueIn(
    await host.readText(file, { maxBytes: 16 * 1024 * 1024, encoding: 'latin1' }),
  );
  const release = parseRelease(text);
  return {
    source,
    file,
    ...(release ? { release } : {}),
    components: source.suite.endsWith('/') && packages.length > 0 ? source.components : components,
    packages: paths,
    sizes: parseSizes(text),
    ...(host.live ? { changed: stat.changed } : {}),
    changedByUpdate: host.live && Date.parse(stat.changed) - installed > COPYING_MS,
  };
}

/** Since when the system's own files are where they are, in milliseconds: the oldest of a few that updates leave alone. */
async function systemSince(host: Host, lists: string): Promise<number> {
  const stats = await Promise.all([...SYSTEM_FILES, `${lists}/lock`].map((path) => host.stat(path)));
  const times = stats.flatMap((stat) => (stat.state === 'known' ? [Date.parse(stat.value.changed)] : []));
  return times.length > 0 ? Math.min(...times) : Number.POSITIVE_INFINITY;
}
