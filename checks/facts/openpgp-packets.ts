/** How OpenPGP writes things down: armour, packets, subpackets, numbers. RFC 4880 and 9580. Pure, bounded, never throws. */
import { looseBase64 } from '../../shared/bytes-node.ts';

const MAX_PACKETS = 20_000;

/** The bytes in every ASCII armour of one kind (`PUBLIC KEY BLOCK`, `SIGNATURE`); checksums are not needed. */
export function armoured(text: string, kind: string): Uint8Array[] {
  const block = new RegExp(
    `^-----BEGIN PGP ${kind}-----[ \\t]*\\r?\\n([\\s\\S]{0,4000000}?)^-----END PGP ${kind}-----`,
    'gm',
  );
  return [...text.matchAll(block)].map(([, body = '']) => {
    // Headers (`Version: ...`) end at the first blank line; without one there are none.
    const lines = body.split(/\r?\n/);
    const blank = lines.findIndex((line) => line.trim() === '');
    const headed = blank >= 0 && lines.slice(0, blank).every((line) => /^[A-Za-z]+: /.test(line));
    const data = (headed ? lines.slice(blank + 1) : lines).filter(
      (line) => !/^=[A-Za-z0-9+/]{4}\s*$/.test(line),
    );
    return looseBase64(data.join(''));
  });
}

export interface Packet {
  readonly tag: number;
  readonly body: Uint8Array;
}

/** Undefined where the bytes are no row of whole packets. Partial lengths are of data packets alone: RFC 4880, 4.2.2.4. */
export function packetsOf(data: Uint8Array): Packet[] | undefined {
  const packets: Packet[] = [];
  let at = 0;
  const byte = (index: number): number => data[index] ?? 0;
  while (at < data.length) {
    if (packets.length >= MAX_PACKETS) return undefined;
    const head = byte(at);
    if ((head & 0x80) === 0) return undefined;
    const fresh = (head & 0x40) !== 0;
    const tag = fresh ? head & 0x3f : (head >>> 2) & 0x0f;
    const first = byte(at + 1);
    let [length, start] = [first, at + 2];
    if (fresh) {
      if (first >= 224 && first < 255) return undefined;
      if (first === 255) [length, start] = [uint(data, at + 2, 4), at + 6];
      else if (first >= 192) [length, start] = [((first - 192) << 8) + byte(at + 2) + 192, at + 3];
    } else {
      const kind = head & 3;
      if (kind === 3) return undefined;
      const size = 2 ** kind;
      [length, start] = [uint(data, at + 1, size), at + 1 + size];
    }
    if (start + length > data.length) return undefined;
    packets.push({ tag, body: data.subarray(start, start + length) });
    at = start + length;
  }
  return packets;
}

/** Big endian; bytes past the end count as zero. */
export function uint(data: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let index = at; index < at + size; index += 1) value = value * 256 + (data[index] ?? 0);
  return value;
}

/** Type -> content; the last of a type wins. RFC 4880, 5.2.3.1 */
export function subpackets(data: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  let at = 0;
  while (at < data.length) {
    const first = data[at] ?? 0;
    let [length, start] = [first, at + 1];
    if (first === 255) [length, start] = [uint(data, at + 1, 4), at + 5];
    else if (first >= 192) [length, start] = [((first - 192) << 8) + (data[at + 1] ?? 0) + 192, at + 2];
    if (length === 0 || start + length > data.length) break;
    found.set((data[start] ?? 0) & 0x7f, data.subarray(start + 1, start + length));
    at = start + length;
  }
  return found;
}
