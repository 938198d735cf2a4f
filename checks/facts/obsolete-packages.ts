/** Installed packages that no index has any more, under any version: `apt list ?obsolete`, apt-patterns(7). */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, known, unreadable } from '../fact.ts';
import type { Host } from '../host.ts';
import { aptIndexes } from './apt-index.ts';
import { dpkgStatus } from './dpkg-status.ts';
import { lz4Reader } from './lz4.ts';

export interface ObsoletePackage {
  readonly name: string;
  readonly version: string;
}

/** The largest list of the largest archive is 60 MB. */
const MAX_LIST = 256 * 1024 * 1024;
const MARK = [...'Package: '].map((character) => character.charCodeAt(0));
const NEWLINE = 10;
const MAX_LINE = 64 * 1024;

/** Takes every name of a Packages file that comes in pieces. Looks at bytes: 60 MB are not worth a string each. */
export function nameReader(take: (name: string) => void): { push(bytes: Uint8Array): void; end(): void } {
  const decoder = new TextDecoder('latin1');
  // The beginning of a line that goes on in the next piece.
  let rest = new Uint8Array(0);
  const line = (bytes: Uint8Array, from: number, to: number): void => {
    if (MARK.every((byte, index) => bytes[from + index] === byte))
      take(decoder.decode(bytes.subarray(from + MARK.length, to)).trim());
  };
  return {
    push(bytes) {
      let from = 0;
      let to = bytes.indexOf(NEWLINE);
      if (rest.length > 0) {
        const end = to < 0 ? bytes.length : to;
        const joined = new Uint8Array(Math.min(rest.length + end, MAX_LINE));
        joined.set(rest);
        joined.set(bytes.subarray(0, joined.length - rest.length), rest.length);
        rest = joined;
        if (to < 0) return;
        line(rest, 0, rest.length);
        from = to + 1;
        to = bytes.indexOf(NEWLINE, from);
      }
      for (; to >= 0; to = bytes.indexOf(NEWLINE, from)) {
        line(bytes, from, to);
        from = to + 1;
      }
      // So long a line holds no name.
      rest = bytes.slice(from, Math.min(bytes.length, from + MAX_LINE));
    },
    end() {
      line(rest, 0, rest.length);
    },
  };
}

const notRead = (path: string): Text => ({
  en: `${path} could not be read`,
  de: `${path} war nicht lesbar`,
});

async function readNames(host: Host, path: string, take: (name: string) => void): Promise<Text | undefined> {
  const packed = /_Packages(?:\.([a-z0-9]+))?$/.exec(path)?.[1];
  if (packed !== undefined && packed !== 'lz4') return notRead(path);
  const names = nameReader(take);
  const unpacked = packed === 'lz4' ? lz4Reader((bytes) => names.push(bytes)) : undefined;
  try {
    const read = await host.scan(path, MAX_LIST, (bytes) => {
      if (unpacked) unpacked.push(bytes);
      else names.push(bytes);
      return undefined;
    });
    if (read.state !== 'known') return read.state === 'unreadable' ? read.reason : notRead(path);
    unpacked?.end();
    names.end();
    return undefined;
  } catch {
    return notRead(path);
  }
}

/** Sorted by name. Absent without apt or dpkg; unreadable where a list is missing or damaged. */
export const obsoletePackages = defineFact<readonly ObsoletePackage[]>({
  id: 'obsolete-packages',
  collect: async (host, get): Promise<Fact<readonly ObsoletePackage[]>> => {
    const [dpkg, indexes] = [await get(dpkgStatus), await get(aptIndexes)];
    if (dpkg.state !== 'known') return dpkg;
    if (indexes.state !== 'known') return indexes;
    const offered = new Set<string>();
    const lists = new Set(indexes.value.flatMap(({ packages }) => packages));
    const empty = indexes.value.find(({ packages }) => packages.length === 0);
    if (lists.size === 0 || empty) {
      const { uri = '', suite = '' } = empty?.source ?? {};
      const place = `${uri} ${suite}`.trim() || 'apt';
      return unreadable(place, {
        en: `no package list of ${place} is there (apt-get update fetches it)`,
        de: `von ${place} gibt es keine Paketliste (apt-get update holt sie)`,
      });
    }
    const installed = dpkg.value.packages.filter(
      ({ state }) => state !== 'config-files' && state !== 'not-installed',
    );
    const wanted = new Set(installed.map(({ name }) => name));
    for (const path of lists) {
      const problem = await readNames(host, path, (name) => {
        if (wanted.has(name)) offered.add(name);
      });
      if (problem) return unreadable(path, problem);
    }
    const obsolete = installed.filter(({ name }) => !offered.has(name));
    return known(
      obsolete
        .map(({ name, version }) => ({ name, version }))
        .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
    );
  },
});
