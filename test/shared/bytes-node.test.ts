/** gzip files as zlib packs them, whole and from their beginning; bytes as text and back. */
import { readFileSync } from 'node:fs';
import { deflateRawSync, gzipSync, constants as zlib } from 'node:zlib';
import { expect, it } from 'vitest';
import {
  digestOf,
  findBytes,
  gunzip,
  gunzipStart,
  latin1Bytes,
  latin1Text,
  looseBase64,
} from '../../shared/bytes-node.ts';

let seed = 5;
const random = (below: number): number => {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return (seed >>> 8) % below;
};

const texts: Readonly<Record<string, Buffer>> = {
  empty: Buffer.alloc(0),
  short: Buffer.from('2026-06-01 12:00:00 upgrade openssl:amd64 3.0.1 3.0.2\n'),
  'this file': readFileSync(import.meta.filename),
  repeated: Buffer.alloc(300_000, 'abc'),
  random: Buffer.from(Array.from({ length: 70_000 }, () => random(256))),
  words: Buffer.from(Array.from({ length: 40_000 }, () => `word${random(500)} `).join('')),
};
const ways = {
  usual: {},
  best: { level: 9 },
  stored: { level: 0 },
  fixed: { strategy: zlib.Z_FIXED },
  huffman: { strategy: zlib.Z_HUFFMAN_ONLY },
};

for (const [name, text] of Object.entries(texts)) {
  it.each(Object.entries(ways))(`${name}, %s`, (_way, options) => {
    const packed = gzipSync(text, options);
    expect(Buffer.compare(Buffer.from(gunzip(packed, 1 << 20) ?? 'none'), text)).toBe(0);
    if (text.length > 1000) expect(gunzip(packed, 1000)).toBe('too large');
    for (const step of [20, 500, 5000, packed.length]) {
      const start = gunzipStart(packed.subarray(0, step)) ?? Buffer.from('none');
      expect(Buffer.compare(Buffer.from(start), text.subarray(0, start.length))).toBe(0);
      if (step === packed.length) expect(start.length).toBe(text.length);
    }
  });
}

it('reads several members as one file', () => {
  const packed = Buffer.concat([gzipSync('first '), gzipSync('second')]);
  expect(Buffer.from(gunzip(packed, 100) ?? []).toString()).toBe('first second');
});

it('reads headers with a name and a comment', () => {
  const whole = gzipSync('hello');
  const head = Buffer.from([0x1f, 0x8b, 8, 4 | 8 | 16, 0, 0, 0, 0, 0, 3, 2, 0, 9, 9]);
  const packed = Buffer.concat([
    head,
    Buffer.from('name\0comment\0'),
    deflateRawSync('hello'),
    whole.subarray(-8),
  ]);
  expect(Buffer.from(gunzip(packed, 100) ?? []).toString()).toBe('hello');
});

it('survives any bytes, and no bomb grows beyond its limit', () => {
  const packed = gzipSync(texts['this file'] ?? '');
  for (let round = 0; round < 2000; round += 1) {
    const spoiled = Buffer.from(packed);
    spoiled[random(spoiled.length)] = random(256);
    const part = spoiled.subarray(0, 1 + random(spoiled.length));
    for (const found of [gunzip(part, 1 << 20), gunzipStart(part.subarray(0, 1 + random(part.length)))])
      expect(found === undefined || found.length <= 1 << 20).toBe(true);
  }
  expect(gunzip(packed.subarray(0, packed.length - 400), 1 << 20)).toBeUndefined();
  expect(gunzip(Buffer.from('plain text'), 100)).toBeUndefined();
  expect(gunzipStart(Buffer.from('plain text'))).toBeUndefined();
  const bomb = gzipSync(Buffer.alloc(64 << 20));
  expect(gunzip(bomb, 1 << 20)).toBe('too large');
  expect(gunzipStart(bomb.subarray(0, 4096))?.length).toBeLessThanOrEqual(4097 * 1032);
});

it('keeps every byte in Latin-1', () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  expect(latin1Bytes(latin1Text(all))).toEqual(Buffer.from(all));
  expect(latin1Text(all.subarray(200, 203))).toBe('\u00c8\u00c9\u00ca');
});

it('finds bytes in bytes', () => {
  const bytes = Uint8Array.from([0, 1, 2, 3, 1, 2, 250]).subarray(1);
  const needle = Uint8Array.from([1, 2]);
  expect([0, 1, 4].map((from) => findBytes(bytes, needle, from))).toEqual([0, 3, -1]);
});

it('reads base64 with line ends, without padding, and nothing else', () => {
  expect(Buffer.from(looseBase64('aGVs\r\nbG8')).toString()).toBe('hello');
  expect(looseBase64('')).toHaveLength(0);
});

it('digests as FIPS 180-4 and RFC 1321 say', () => {
  const hex = (algorithm: Parameters<typeof digestOf>[0]) =>
    Buffer.from(digestOf(algorithm, latin1Bytes('abc'))).toString('hex');
  expect(hex('md5')).toBe('900150983cd24fb0d6963f7d28e17f72');
  expect(hex('sha1')).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
  expect(hex('sha256')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
