/**
 * Unpacks gzip files (RFC 1952, RFC 1951) up to a limit, for logs that were rotated and changelogs: facts import no
 * program's library. Pure; never throws, never reads or writes past its bounds.
 */

const LENGTHS: readonly (readonly [number, number])[] = bases();
const DISTANCES: readonly (readonly [number, number])[] = distances();
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Lengths 3 to 258: base and number of extra bits of the codes 257 to 285. */
function bases(): [number, number][] {
  const all: [number, number][] = [];
  let base = 3;
  for (const [extra, count] of [8, 4, 4, 4, 4, 4].entries()) {
    for (let index = 0; index < count; index += 1) {
      all.push([base, extra]);
      base += 2 ** extra;
    }
  }
  all.push([258, 0]);
  return all;
}

function distances(): [number, number][] {
  const all: [number, number][] = [];
  let base = 1;
  for (let code = 0; code < 30; code += 1) {
    const extra = code < 4 ? 0 : (code >> 1) - 1;
    all.push([base, extra]);
    base += 2 ** extra;
  }
  return all;
}

/** Canonical Huffman code: how many symbols each length has, and the symbols in their order. */
interface Code {
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

function codeOf(lengths: readonly number[]): Code {
  const counts = new Uint16Array(16);
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
  counts[0] = 0;
  const offsets = new Uint16Array(16);
  for (let length = 1; length < 15; length += 1)
    offsets[length + 1] = (offsets[length] ?? 0) + (counts[length] ?? 0);
  const symbols = new Uint16Array(lengths.length);
  for (const [symbol, length] of lengths.entries()) {
    if (length === 0) continue;
    const at = offsets[length] ?? 0;
    symbols[at] = symbol;
    offsets[length] = at + 1;
  }
  return { counts, symbols };
}

const FIXED = codeOf(
  Array.from({ length: 288 }, (_, index) => (index < 144 ? 8 : index < 256 ? 9 : index < 280 ? 7 : 8)),
);
const FIXED_DISTANCES = codeOf(Array.from({ length: 30 }, () => 5));

class Broken extends Error {}

class Reader {
  readonly #data: Uint8Array;
  #at: number;
  #held = 0;
  #count = 0;

  constructor(data: Uint8Array, at: number) {
    this.#data = data;
    this.#at = at;
  }

  bits(count: number): number {
    while (this.#count < count) {
      const byte = this.#data[this.#at];
      if (byte === undefined) throw new Broken();
      this.#held |= byte << this.#count;
      this.#at += 1;
      this.#count += 8;
    }
    const value = this.#held & ((1 << count) - 1);
    this.#held >>>= count;
    this.#count -= count;
    return value;
  }

  symbol({ counts, symbols }: Code): number {
    let [code, first, index] = [0, 0, 0];
    for (let length = 1; length < 16; length += 1) {
      code |= this.bits(1);
      const count = counts[length] ?? 0;
      if (code - count < first) return symbols[index + (code - first)] ?? 0;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new Broken();
  }

  /** The bytes of a stored block. */
  stored(): Uint8Array {
    this.#held = 0;
    this.#count = 0;
    const length = (this.#data[this.#at] ?? 0) | ((this.#data[this.#at + 1] ?? 0) << 8);
    const start = this.#at + 4;
    if (start + length > this.#data.length) throw new Broken();
    this.#at = start + length;
    return this.#data.subarray(start, this.#at);
  }
}

function dynamicCodes(reader: Reader): [Code, Code] {
  const [literals, others, order] = [reader.bits(5) + 257, reader.bits(5) + 1, reader.bits(4) + 4];
  const lengths = new Array<number>(19).fill(0);
  for (const place of ORDER.slice(0, order)) lengths[place] = reader.bits(3);
  const code = codeOf(lengths);
  const all: number[] = [];
  while (all.length < literals + others) {
    const symbol = reader.symbol(code);
    if (symbol < 16) all.push(symbol);
    else {
      const [value, times] =
        symbol === 16
          ? [all.at(-1), 3 + reader.bits(2)]
          : [0, symbol === 17 ? 3 + reader.bits(3) : 11 + reader.bits(7)];
      if (value === undefined || all.length + times > literals + others) throw new Broken();
      for (let index = 0; index < times; index += 1) all.push(value);
    }
  }
  return [codeOf(all.slice(0, literals)), codeOf(all.slice(literals))];
}

class Full extends Error {}

class Writer {
  out: Uint8Array;
  length = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
    this.out = new Uint8Array(Math.min(limit, 64 * 1024));
  }

  put(byte: number): void {
    if (this.length >= this.#limit) throw new Full();
    if (this.length >= this.out.length) {
      const larger = new Uint8Array(Math.min(this.#limit, this.out.length * 2));
      larger.set(this.out);
      this.out = larger;
    }
    this.out[this.length] = byte;
    this.length += 1;
  }
}

function block(reader: Reader, writer: Writer, literals: Code, others: Code): void {
  for (;;) {
    const symbol = reader.symbol(literals);
    if (symbol === 256) return;
    if (symbol < 256) {
      writer.put(symbol);
      continue;
    }
    const length = LENGTHS[symbol - 257];
    if (!length) throw new Broken();
    const size = length[0] + reader.bits(length[1]);
    const distance = DISTANCES[reader.symbol(others)];
    if (!distance) throw new Broken();
    const back = distance[0] + reader.bits(distance[1]);
    if (back > writer.length) throw new Broken();
    for (let index = 0; index < size; index += 1) writer.put(writer.out[writer.length - back] ?? 0);
  }
}

/** Where the data begins behind the header; undefined where it is no gzip file. */
function headerEnd(data: Uint8Array): number | undefined {
  if (data[0] !== 0x1f || data[1] !== 0x8b || data[2] !== 8) return undefined;
  const flags = data[3] ?? 0;
  let at = 10;
  if (flags & 4) at += 2 + (data[at] ?? 0) + ((data[at + 1] ?? 0) << 8);
  for (const flag of [8, 16]) {
    if (!(flags & flag)) continue;
    while (at < data.length && data[at] !== 0) at += 1;
    at += 1;
  }
  if (flags & 2) at += 2;
  return at < data.length ? at : undefined;
}

/** The beginning of what a gzip file holds, `limit` bytes at most; undefined where it is none or damaged. */
export function gunzip(data: Uint8Array, limit: number): Uint8Array | undefined {
  const start = headerEnd(data);
  if (start === undefined) return undefined;
  const reader = new Reader(data, start);
  const writer = new Writer(limit);
  try {
    for (let last = 0; last === 0; ) {
      last = reader.bits(1);
      const kind = reader.bits(2);
      if (kind === 0) for (const byte of reader.stored()) writer.put(byte);
      else if (kind === 1) block(reader, writer, FIXED, FIXED_DISTANCES);
      else if (kind === 2) block(reader, writer, ...dynamicCodes(reader));
      else throw new Broken();
    }
  } catch (error) {
    if (error instanceof Broken) return undefined;
    if (!(error instanceof Full)) throw error;
  }
  return writer.out.subarray(0, writer.length);
}
