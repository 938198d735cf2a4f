/**
 * LZ4 frames, as apt keeps its lists in where `Acquire::GzipIndexes` is set: the frame format of lz4.org, version 1.6.
 * Piece by piece; never more than a block (4 MB) and the 64 kB before it are held. Checksums are not verified.
 */

export class Lz4Error extends Error {}

const MAGIC = 0x184d2204;
const HISTORY = 64 * 1024;
const BLOCK_SIZES = [0, 0, 0, 0, 64 * 1024, 256 * 1024, 1024 * 1024, 4 * 1024 * 1024];

/** @param out gets what was unpacked; the bytes are valid during the call only. */
export function lz4Reader(out: (bytes: Uint8Array) => void): {
  push(bytes: Uint8Array): void;
  /** @throws Lz4Error where the last frame is not whole */
  end(): void;
} {
  let rest = new Uint8Array(64 * 1024);
  let held = 0;
  let frame: { blockMax: number; blockChecksum: boolean; checksum: boolean } | undefined;
  let window = new Uint8Array(0);
  let filled = 0;

  /** How many bytes of `bytes` from `at` were used up; 0: more are needed. */
  function header(bytes: Uint8Array, at: number): number {
    if (bytes.length - at < 7) return 0;
    if (word(bytes, at) !== MAGIC) throw new Lz4Error('not an LZ4 frame');
    const flags = bytes[at + 4] ?? 0;
    const blockMax = BLOCK_SIZES[((bytes[at + 5] ?? 0) >> 4) & 7] ?? 0;
    if (flags >> 6 !== 1 || blockMax === 0 || flags & 1) throw new Lz4Error('a kind of LZ4 frame not known');
    const length = 7 + (flags & 8 ? 8 : 0);
    if (bytes.length - at < length) return 0;
    frame = { blockMax, blockChecksum: (flags & 16) !== 0, checksum: (flags & 4) !== 0 };
    if (window.length < HISTORY + blockMax) window = new Uint8Array(HISTORY + blockMax);
    filled = 0;
    return length;
  }

  function block(
    bytes: Uint8Array,
    at: number,
    { blockMax, blockChecksum, checksum }: NonNullable<typeof frame>,
  ) {
    if (bytes.length - at < 4) return 0;
    const size = word(bytes, at);
    if (size === 0) {
      const length = checksum ? 8 : 4;
      if (bytes.length - at < length) return 0;
      frame = undefined;
      return length;
    }
    const length = size & 0x7fffffff;
    if (length > blockMax) throw new Lz4Error('a block that is too long');
    const whole = 4 + length + (blockChecksum ? 4 : 0);
    if (bytes.length - at < whole) return 0;
    if (filled > HISTORY) {
      window.copyWithin(0, filled - HISTORY, filled);
      filled = HISTORY;
    }
    const start = filled;
    const data = bytes.subarray(at + 4, at + 4 + length);
    if (size > 0x7fffffff) {
      window.set(data, filled);
      filled += length;
    } else {
      filled = unpack(data, window, filled, start + blockMax);
    }
    out(window.subarray(start, filled));
    return whole;
  }

  /** Bytes of the next header or block, as far as can be told from the first `length` bytes of it. */
  function needed(bytes: Uint8Array, length: number): number {
    if (!frame) return length < 7 ? 7 : 7 + ((bytes[4] ?? 0) & 8 ? 8 : 0);
    if (length < 4) return 4;
    const size = word(bytes, 0) & 0x7fffffff;
    if (size === 0) return frame.checksum ? 8 : 4;
    return 4 + Math.min(size, frame.blockMax) + (frame.blockChecksum ? 4 : 0);
  }

  return {
    push(bytes) {
      let at = 0;
      // What began in the pieces before: completed with as few bytes as it takes. The caller uses its buffer again.
      while (held > 0) {
        const all = needed(rest, held);
        if (rest.length < all) rest = grown(rest, held, all);
        const more = Math.min(all - held, bytes.length - at);
        rest.set(bytes.subarray(at, at + more), held);
        at += more;
        held += more;
        if (held < all) return;
        const whole = rest.subarray(0, held);
        if ((frame ? block(whole, 0, frame) : header(whole, 0)) > 0) held = 0;
      }
      for (;;) {
        const used = frame ? block(bytes, at, frame) : header(bytes, at);
        if (used === 0) break;
        at += used;
      }
      held = bytes.length - at;
      if (rest.length < held) rest = new Uint8Array(held);
      rest.set(bytes.subarray(at));
    },
    end() {
      if (frame || held > 0) throw new Lz4Error('ends in the middle');
    },
  };
}

const word = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16)) +
  (bytes[at + 3] ?? 0) * 2 ** 24;

function grown(from: Uint8Array, used: number, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size);
  larger.set(from.subarray(0, used));
  return larger;
}

/** Up to so many bytes a loop is quicker than a call. */
const SHORT = 48;

/** One block into `to` from `start` on; the new end. `limit`: where it must end at the latest. */
function unpack(from: Uint8Array, to: Uint8Array, start: number, limit: number): number {
  let end = start;
  let at = 0;
  const long = (short: number): number => {
    let length = short;
    if (short === 15) {
      let more: number;
      do {
        more = from[at] ?? 0;
        if (at >= from.length) throw new Lz4Error('ends in the middle');
        at += 1;
        length += more;
      } while (more === 255);
    }
    return length;
  };
  while (at < from.length) {
    const token = from[at] ?? 0;
    at += 1;
    const literals = long(token >> 4);
    if (at + literals > from.length || end + literals > limit) throw new Lz4Error('a run that is too long');
    if (literals > SHORT) {
      to.set(from.subarray(at, at + literals), end);
      at += literals;
      end += literals;
    } else {
      for (const stop = at + literals; at < stop; at += 1, end += 1) to[end] = from[at] ?? 0;
    }
    // The last sequence has literals only.
    if (at >= from.length) return end;
    const offset = (from[at] ?? 0) | ((from[at + 1] ?? 0) << 8);
    at += 2;
    const length = long(token & 15) + 4;
    if (offset === 0 || offset > end || at > from.length || end + length > limit)
      throw new Lz4Error('a match that leads nowhere');
    if (offset >= length && length > SHORT) {
      to.copyWithin(end, end - offset, end - offset + length);
      end += length;
    } else {
      for (let i = 0; i < length; i += 1, end += 1) to[end] = to[end - offset] ?? 0;
    }
  }
  return end;
}
