/** gzip files unpacked as zlib does. */

import { readFileSync } from 'node:fs';
import { deflateRawSync, gunzipSync, gzipSync, constants as zlib } from 'node:zlib';
import { expect, it } from 'vitest';
import { gunzip } from '../../../checks/facts/inflate.ts';

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
    expect(Buffer.compare(gunzip(packed, 1 << 20) ?? Buffer.from('none'), text)).toBe(0);
    const start = gunzip(packed, 1000);
    expect(start).toEqual(new Uint8Array(text.subarray(0, 1000)));
  });
}

it('reads headers with a name and a comment', () => {
  const body = Buffer.concat([deflateRawSync('hello'), Buffer.alloc(8)]);
  const head = Buffer.from([0x1f, 0x8b, 8, 4 | 8 | 16, 0, 0, 0, 0, 0, 3, 2, 0, 9, 9]);
  const packed = Buffer.concat([head, Buffer.from('name\0comment\0'), body]);
  expect(Buffer.from(gunzip(packed, 100) ?? []).toString()).toBe('hello');
});

it('survives any bytes, as what zlib refuses or as what zlib reads', () => {
  const packed = gzipSync(texts['this file'] ?? '');
  for (let round = 0; round < 2000; round += 1) {
    const spoiled = Buffer.from(packed);
    spoiled[random(spoiled.length)] = random(256);
    const ours = gunzip(spoiled.subarray(0, 1 + random(spoiled.length)), 1 << 20);
    expect(ours === undefined || ours.length <= 1 << 20).toBe(true);
  }
  expect(gunzip(packed.subarray(0, packed.length - 400), 1 << 20)).toBeUndefined();
  expect(gunzip(Buffer.from('plain text'), 100)).toBeUndefined();
  expect(gunzipSync(packed).length).toBeGreaterThan(0);
});
