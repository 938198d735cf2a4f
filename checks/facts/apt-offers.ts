/**
 * Which installed packages have a newer version in a security archive, read off the lists themselves. No pin, hold,
 * phasing or later ordinary update can hide one here, no solver is needed, and it works for an unpacked system.
 */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, known, valueIn } from '../fact.ts';
import { aptConfiguration } from './apt-config.ts';
import { type AptIndex, aptIndexes } from './apt-index.ts';
import { damaged, nameReader, paragraphReader, readList, tooLong } from './apt-lists.ts';
import { isSecurityIndex } from './apt-security.ts';
import { type DpkgPackage, dpkgStatus } from './dpkg-status.ts';
import { compareVersions } from './dpkg-version.ts';

export interface AptOffer {
  readonly name: string;
  readonly arch: string;
  /** Where it has another name than the package. */
  readonly source?: string;
  readonly installed: string;
  readonly candidate: string;
  readonly index: AptIndex;
}

export interface AptOffers {
  readonly offers: readonly AptOffer[];
  /** Why there may be more. */
  readonly doubt?: Text;
  /** The lists that were read for it, and which installed packages they name: nobody else needs to read them. */
  readonly read: ReadonlySet<string>;
  readonly named: ReadonlySet<string>;
}

const MAX_ALL = 512 * 1024 * 1024;

const GONE = new Set(['config-files', 'not-installed']);

const field = (paragraph: string, name: string): string => {
  const start = paragraph.indexOf(`\n${name}: `);
  if (start < 0) return '';
  const end = paragraph.indexOf('\n', start + 1);
  return paragraph.slice(start + name.length + 3, end < 0 ? undefined : end).trim();
};

type Installed = ReadonlyMap<string, readonly DpkgPackage[]>;

/** Pure. What a paragraph of a Packages file offers to what is installed. */
export function offerOf(paragraph: string, installed: Installed, native: string) {
  const start = paragraph.startsWith('Package: ') ? paragraph : `\n${paragraph}`;
  const name = start.startsWith('Package: ')
    ? start.slice(9, start.indexOf('\n') < 0 ? undefined : start.indexOf('\n')).trim()
    : field(start, 'Package');
  const here = installed.get(name);
  if (!here) return name === '' && paragraph.trim() !== '' ? 'damaged' : [];
  const version = field(start, 'Version');
  const arch = field(start, 'Architecture');
  if (!version || !arch) return 'damaged';
  const from = field(start, 'Source').replace(/ .*$/, '');
  const source = from === '' || from === name ? {} : { source: from };
  return here
    .filter((each) => sameArch(each.architecture, arch, native) && compareVersions(version, each.version) > 0)
    .map((each) => ({
      name,
      arch: each.architecture,
      ...source,
      installed: each.version,
      candidate: version,
    }));
}

/** A package may turn from `all` into the machine's own architecture and back. */
function sameArch(installed: string, offered: string, native: string): boolean {
  const own = (arch: string): string => (arch === 'all' || arch === '' ? native : arch);
  return own(installed) === own(offered);
}

/** Pure. Which file of the Release a list is: `main/binary-amd64/Packages`. */
export function placeIn(index: AptIndex, path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1, path.lastIndexOf('_Packages'));
  return `${name.slice(index.source.stem.length).replaceAll('_', '/')}/Packages`;
}

/** Absent where apt or dpkg is not installed. */
export const aptOffers = defineFact<AptOffers>({
  id: 'apt-offers',
  collect: async (host, get): Promise<Fact<AptOffers>> => {
    const [indexes, dpkg, configuration] = [
      await get(aptIndexes),
      await get(dpkgStatus),
      await get(aptConfiguration),
    ];
    if (indexes.state !== 'known') return indexes;
    if (dpkg.state !== 'known') return dpkg;
    const native = valueIn(configuration).get('apt::architecture') ?? '';
    const installed = new Map<string, DpkgPackage[]>();
    for (const each of dpkg.value.packages) {
      if (GONE.has(each.state) || !each.version) continue;
      const others = installed.get(each.name);
      if (others) others.push(each);
      else installed.set(each.name, [each]);
    }
    const wanted = new Set(installed.keys());
    const offers = new Map<string, AptOffer>();
    let doubt: Text | undefined;
    let total = 0;
    const done = new Set<string>();
    const read = new Set<string>();
    const named = new Set<string>();
    for (const index of indexes.value.filter(isSecurityIndex)) {
      if (index.release) doubt ??= missingList(index, native);
      for (const path of index.packages) {
        if (done.has(path)) continue;
        done.add(path);
        const take = (paragraph: string): void => {
          const found = offerOf(paragraph, installed, native);
          if (found === 'damaged') throw new Error('damaged');
          for (const offer of found) {
            const key = `${offer.name}:${offer.arch}`;
            const before = offers.get(key);
            if (!before || compareVersions(offer.candidate, before.candidate) > 0)
              offers.set(key, { ...offer, index });
          }
        };
        const reader = paragraphReader(take);
        const names = nameReader(wanted, (name) => named.add(name));
        const length = await readList(host, path, (bytes) => {
          reader.push(bytes);
          names.push(bytes);
        });
        if (typeof length !== 'number') {
          doubt ??= length;
          continue;
        }
        try {
          reader.end();
          names.end();
          const said = index.sizes.get(placeIn(index, path));
          if (said === undefined || said === length) read.add(path);
        } catch {
          // Said below.
        }
        if (!read.has(path)) doubt ??= damaged(path);
        total += length;
        if (total > MAX_ALL) return known({ offers: sorted(offers), doubt: tooLong(path), read, named });
      }
    }
    return known({ offers: sorted(offers), ...(doubt ? { doubt } : {}), read, named });
  },
});

const sorted = (offers: ReadonlyMap<string, AptOffer>): AptOffer[] =>
  [...offers.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, offer]) => offer);

/** A list that the Release file announces and that is not on disk. Empty ones apt does not keep. */
function missingList(index: AptIndex, native: string): Text | undefined {
  const there = new Set(index.packages.map((path) => placeIn(index, path)));
  const gone = index.source.components
    .map((component) => `${component}/binary-${native}/Packages`)
    .find((place) => (index.sizes.get(place) ?? 0) > 0 && !there.has(place));
  if (gone === undefined) return undefined;
  const { uri, suite } = index.source;
  return {
    en: `the list ${gone} of ${uri} ${suite} is missing (apt-get update fetches it again)`,
    de: `die Liste ${gone} von ${uri} ${suite} fehlt (apt-get update holt sie neu)`,
  };
}
