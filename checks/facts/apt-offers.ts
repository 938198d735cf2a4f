/**
 * Which installed packages have a newer version in a security archive, read off the lists themselves. No pin, hold,
 * phasing or later ordinary update can hide one here, no solver is needed, and it works for an unpacked system.
 */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, known, valueIn } from '../fact.ts';
import type { Host } from '../host.ts';
import { aptConfiguration } from './apt-config.ts';
import { type AptIndex, aptIndexes } from './apt-index.ts';
import { isSecurityIndex } from './apt-security.ts';
import { type DpkgPackage, dpkgStatus } from './dpkg-status.ts';
import { compareVersions } from './dpkg-version.ts';
import { lz4Reader } from './lz4.ts';

export interface AptOffer {
  readonly name: string;
  readonly arch: string;
  readonly installed: string;
  readonly candidate: string;
  readonly index: AptIndex;
}

export interface AptOffers {
  readonly offers: readonly AptOffer[];
  /** Why there may be more. */
  readonly doubt?: Text;
}

/** The largest list of the largest archive is 60 MB; a security archive's is a tenth of that. */
const MAX_LIST = 256 * 1024 * 1024;
const MAX_ALL = 512 * 1024 * 1024;
const MAX_PARAGRAPH = 1024 * 1024;

const GONE = new Set(['config-files', 'not-installed']);

/** Text in pieces -> paragraphs of a Packages file, whole ones only. Lines end with LF there. */
export function paragraphReader(take: (paragraph: string) => void): {
  push(text: string): void;
  end(): void;
} {
  let rest = '';
  return {
    push(text) {
      const all = rest + text;
      let start = 0;
      for (let end = all.indexOf('\n\n'); end >= 0; end = all.indexOf('\n\n', start)) {
        take(all.slice(start, end));
        start = end + 2;
      }
      rest = all.slice(start);
      if (rest.length > MAX_PARAGRAPH) throw new Error('no end of a paragraph');
    },
    end() {
      if (rest.trim() !== '') take(rest);
    },
  };
}

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
  return here
    .filter((each) => sameArch(each.architecture, arch, native) && compareVersions(version, each.version) > 0)
    .map((each) => ({ name, arch: each.architecture, installed: each.version, candidate: version }));
}

/** A package may turn from `all` into the machine's own architecture and back. */
function sameArch(installed: string, offered: string, native: string): boolean {
  const own = (arch: string): string => (arch === 'all' || arch === '' ? native : arch);
  return own(installed) === own(offered);
}

/** Names and versions are ASCII: bytes are characters, and no piece can cut one in two. */
function characters(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + 8192) as unknown as number[]);
  return text;
}

async function readList(host: Host, path: string, take: (text: string) => void): Promise<number | Text> {
  let bytes = 0;
  const plain = (piece: Uint8Array): void => {
    bytes += piece.length;
    if (bytes > MAX_LIST) throw new Error('too long');
    take(characters(piece));
  };
  const compressed = /\.([a-z0-9]+)$/.exec(path.slice(path.lastIndexOf('_Packages')))?.[1];
  if (compressed !== undefined && compressed !== 'lz4') return unknownKind(path);
  const unpacked = compressed ? lz4Reader(plain) : undefined;
  try {
    let broken = false;
    const read = await host.scan(path, MAX_LIST, (piece) => {
      try {
        if (unpacked) unpacked.push(piece);
        else plain(piece);
      } catch {
        broken = true;
      }
      return !broken;
    });
    if (broken) return damaged(path);
    if (read.state !== 'known') return read.state === 'unreadable' ? read.reason : damaged(path);
    unpacked?.end();
    return bytes;
  } catch {
    return damaged(path);
  }
}

/** Pure. Which file of the Release a list is: `main/binary-amd64/Packages`. */
function placeIn(index: AptIndex, path: string): string {
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
    const offers = new Map<string, AptOffer>();
    let doubt: Text | undefined;
    let total = 0;
    const done = new Set<string>();
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
        const read = await readList(host, path, (text) => reader.push(text));
        if (typeof read !== 'number') {
          doubt ??= read;
          continue;
        }
        try {
          reader.end();
        } catch {
          doubt ??= damaged(path);
        }
        const said = index.sizes.get(placeIn(index, path));
        if (said !== undefined && said !== read) doubt ??= damaged(path);
        total += read;
        if (total > MAX_ALL) return known({ offers: sorted(offers), doubt: damaged(path) });
      }
    }
    return known({ offers: sorted(offers), ...(doubt ? { doubt } : {}) });
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

const damaged = (path: string): Text => ({
  en: `the package lists are damaged (${path}); apt-get update fetches them again`,
  de: `die Paketlisten sind beschädigt (${path}); apt-get update holt sie neu`,
});
const unknownKind = (path: string): Text => ({
  en: `${path} is compressed in a way that can not be read here`,
  de: `${path} ist auf eine Weise gepackt, die hier nicht gelesen werden kann`,
});
