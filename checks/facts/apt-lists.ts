/** The Packages files on disk, read piece by piece: a large archive's has 60 MB, and the agent does not. */
import { findBytes, latin1Bytes, latin1Text } from '../../shared/bytes-node.ts';
import type { Text } from '../../shared/outcome.ts';
import { valueOr } from '../fact.ts';
import type { Host } from '../host.ts';
import { lz4Reader } from './lz4.ts';

/** The largest list of the largest archive is 60 MB. */
const MAX_LIST = 256 * 1024 * 1024;

/**
 * @param take gets the text of the list as bytes, unpacked; they are valid during the call only
 * @returns how many bytes it has, or why it could not be read to its end
 */
export async function readList(
  host: Host,
  path: string,
  take: (bytes: Uint8Array) => void,
): Promise<number | Text> {
  let bytes = 0;
  const isTooLong = (): boolean => bytes > MAX_LIST;
  const plain = (piece: Uint8Array): void => {
    bytes += piece.length;
    if (isTooLong()) throw new Error('too long');
    take(piece);
  };
  const packed = /\.([a-z0-9]+)$/.exec(path.slice(path.lastIndexOf('_Packages')))?.[1];
  if (packed !== undefined && packed !== 'lz4') return unknownKind(path);
  const unpacked = packed ? lz4Reader(plain) : undefined;
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
    if (broken) return isTooLong() ? tooLong(path) : damaged(path);
    if (read.state === 'absent') return damaged(path);
    if (read.state === 'unreadable') {
      const { size } = valueOr(await host.stat(path), { size: 0 });
      return size > MAX_LIST ? tooLong(path) : read.reason;
    }
    unpacked?.end();
    return bytes;
  } catch {
    return isTooLong() ? tooLong(path) : damaged(path);
  }
}

const MARK = latin1Bytes('\nPackage: ');
const LAST = MARK.length - 1;
const NEWLINE = 10;
const MAX_NAME = 1024;
const WORK = 64 * 1024;

/** FNV-1a of a name, so that those that nobody asked for never become text. */
const step = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193);
const START = 0x811c9dc5;

/** Takes each of the `wanted` names as often as a Packages file that comes in pieces has a paragraph of it. */
export function nameReader(
  wanted: ReadonlySet<string>,
  take: (name: string) => void,
): { push(bytes: Uint8Array): void; end(): void } {
  const hashes = new Set<number>();
  for (const name of wanted) {
    let hash = START;
    for (let at = 0; at < name.length; at += 1) hash = step(hash, name.charCodeAt(at));
    hashes.add(hash);
  }
  const work = new Uint8Array(WORK);
  // The first line has none before it.
  work[0] = NEWLINE;
  let held = 1;
  const found = (start: number, end: number): void => {
    const name = latin1Text(work.subarray(start, end));
    if (wanted.has(name)) take(name);
  };
  const scan = (): void => {
    let from = 0;
    // A mark may have begun in the last bytes.
    let keep = Math.max(0, held - LAST);
    const filled = work.subarray(0, held);
    for (let at = findBytes(filled, MARK, 0); at >= 0; at = findBytes(filled, MARK, from)) {
      const start = at + MARK.length;
      let hash = START;
      let end = start;
      while (end < held && work[end] !== NEWLINE) {
        hash = step(hash, work[end] ?? 0);
        end += 1;
      }
      // A name may go on in the next piece; so long a line holds none.
      if (end === held && held - start < MAX_NAME) {
        keep = at;
        break;
      }
      if (end - start < MAX_NAME && hashes.has(hash)) found(start, end);
      keep = Math.max(end, held - LAST);
      from = end;
    }
    work.copyWithin(0, keep, held);
    held -= keep;
  };
  return {
    push(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const more = Math.min(WORK - held, bytes.length - at);
        work.set(bytes.subarray(at, at + more), held);
        at += more;
        held += more;
        scan();
      }
    },
    end() {
      work[held] = NEWLINE;
      held += 1;
      scan();
    },
  };
}

const MAX_PARAGRAPH = 1024 * 1024;

/** Text in pieces -> paragraphs of a Packages file, whole ones only. Lines end with LF there. */
export function paragraphReader(take: (paragraph: string) => void): {
  push(bytes: Uint8Array): void;
  end(): void;
} {
  let rest = '';
  return {
    push(bytes) {
      // Names and versions are ASCII: bytes are characters, and no piece can cut one in two.
      const all = rest + latin1Text(bytes);
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

export const damaged = (path: string): Text => ({
  en: `the package lists are damaged (${path}); apt-get update fetches them again`,
  de: `die Paketlisten sind beschädigt (${path}); apt-get update holt sie neu`,
});
export const tooLong = (path: string): Text => ({
  en: `the package list ${path} is larger than any known archive has (${MAX_LIST >> 20} MB); if apt-get update does not replace it, its source is at fault`,
  de: `die Paketliste ${path} ist größer, als bei bekannten Archiven vorkommt (${MAX_LIST >> 20} MB); wenn apt-get update sie nicht ersetzt, liegt es an der Quelle`,
});
const unknownKind = (path: string): Text => ({
  en: `${path} is compressed in a way that can not be read here`,
  de: `${path} ist auf eine Weise gepackt, die hier nicht gelesen werden kann`,
});
