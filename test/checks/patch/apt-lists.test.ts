/** The readers of package lists: the same names and offers however the pieces fall, and what the real lz4 packs. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nameReader, paragraphReader } from '../../../checks/facts/apt-lists.ts';
import { offerOf } from '../../../checks/facts/apt-offers.ts';
import { parseDpkgStatus } from '../../../checks/facts/dpkg-status.ts';
import { Lz4Error, lz4Reader } from '../../../checks/facts/lz4.ts';
import { describeWith } from '../../support/programs.ts';

const SEED = { seed: 20261124 };

/** As `Host.scan` gives them: pieces of one buffer that is used again, and `Buffer`s at that. */
function inPieces(bytes: Uint8Array, cuts: readonly number[], push: (piece: Uint8Array) => void): void {
  const buffer = Buffer.alloc(Math.max(1, ...cuts, bytes.length));
  let at = 0;
  for (const cut of [...cuts, bytes.length]) {
    const piece = bytes.subarray(at, at + cut);
    if (piece.length === 0) continue;
    buffer.fill(0x21, 0, Math.min(buffer.length, 70_000));
    buffer.set(piece);
    push(buffer.subarray(0, piece.length));
    at += piece.length;
  }
}

const word = fc.stringMatching(/^[a-z][a-z0-9+.-]{0,12}$/);
const paragraph = fc.record({
  name: word,
  version: fc.stringMatching(/^[0-9][0-9.~+]{0,5}$/),
  text: fc.constantFrom(
    '',
    'Description: Package: x\n',
    'Tag: ä ö\n',
    'Depends: a,\n Package: b\n',
    `Long: ${'x'.repeat(3000)}\n`,
  ),
});
const list = fc.array(paragraph, { maxLength: 40 });
const cuts = fc.array(fc.oneof(fc.nat(12), fc.nat(3000)), { maxLength: 200 });
const textOf = (all: readonly { name: string; version: string; text: string }[]): string =>
  all
    .map(({ name, version, text }) => `Package: ${name}\nArchitecture: amd64\nVersion: ${version}\n${text}`)
    .join('\n');

it('names what is wanted once for each paragraph, however the pieces fall', () => {
  fc.assert(
    fc.property(list, cuts, (all, where) => {
      const names: string[] = [];
      const wanted = new Set(all.map(({ name }) => name).filter((_, index) => index % 3 !== 0));
      const reader = nameReader(wanted, (name) => names.push(name));
      inPieces(Buffer.from(textOf(all)), where, reader.push);
      reader.end();
      expect(names).toEqual(all.map(({ name }) => name).filter((name) => wanted.has(name)));
    }),
    { ...SEED, numRuns: 300 },
  );
});

it('a name as long as the work space is none, and hides no other', () => {
  const text = `Package: ${'x'.repeat(200_000)}\nVersion: 1\n\nPackage: b\n\nPackage: c`;
  for (const size of [1000, 65_535, 65_536, 300_000]) {
    const names: string[] = [];
    const reader = nameReader(new Set(['b', 'c', 'x']), (name) => names.push(name));
    inPieces(Buffer.from(text), Array(Math.ceil(text.length / size)).fill(size), reader.push);
    reader.end();
    expect(names).toEqual(['b', 'c']);
  }
});

it('offers the same, however the pieces fall', () => {
  fc.assert(
    fc.property(list, cuts, (all, where) => {
      const status = all.filter((_, index) => index % 3 !== 0);
      const installed = new Map(
        parseDpkgStatus(
          status
            .map(
              ({ name }) =>
                `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n`,
            )
            .join('\n'),
        ).map((each) => [each.name, [each]]),
      );
      const read = (pieces: readonly number[]): unknown[] => {
        const found: unknown[] = [];
        const reader = paragraphReader((text) => found.push(offerOf(text, installed, 'amd64')));
        inPieces(Buffer.from(textOf(all)), pieces, reader.push);
        reader.end();
        return found;
      };
      expect(read(where)).toEqual(read([]));
      expect(read(where)).toHaveLength(all.length);
    }),
    { ...SEED, numRuns: 200 },
  );
});

describeWith(['lz4'], 'lz4 frames against the real program', () => {
  const pack = (bytes: Uint8Array, ...options: string[]): Buffer =>
    execFileSync('lz4', ['-c', '-q', ...options], { input: bytes, maxBuffer: 1 << 28 });
  const unpack = (packed: Uint8Array, where: readonly number[]): Buffer => {
    const out: Buffer[] = [];
    const reader = lz4Reader((bytes) => out.push(Buffer.from(bytes)));
    inPieces(packed, where, reader.push);
    reader.end();
    return Buffer.concat(out);
  };
  // Pieces that come again, near and far: the noise has a fixed seed.
  const sample = (length: number, kinds: number): Buffer => {
    let state = 20261124;
    const next = (): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state >>> 16;
    };
    const words = Array.from({ length: kinds }, () =>
      Buffer.from(Array.from({ length: 1 + (next() % 90) }, () => next() & 255)),
    );
    const parts: Buffer[] = [];
    for (let total = 0; total < length; ) {
      const part = words[next() % kinds] ?? Buffer.from('x');
      parts.push(part);
      total += part.length;
    }
    return Buffer.concat(parts).subarray(0, length);
  };

  it.each([
    ['small blocks that build on one another', ['-B4', '-BD']],
    ['small blocks on their own', ['-B4', '-BI']],
    ['checksums of blocks', ['-B5', '-BX']],
    ['large blocks, packed well', ['-B7', '-9', '-BD']],
    ['no checksum', ['--no-frame-crc']],
    ['its length in the header', ['--content-size']],
  ])('unpacks %s', (_name, options) => {
    for (const bytes of [
      sample(0, 3),
      sample(1, 3),
      sample(70_000, 40),
      sample(600_000, 5000),
      Buffer.alloc(300_000, 7),
    ]) {
      const packed = pack(bytes, ...options);
      for (const piece of [1, 7, 4096, 262_144]) {
        if (packed.length / piece > 100_000) continue;
        const where = Array(Math.ceil(packed.length / piece)).fill(piece);
        expect(unpack(packed, where).equals(bytes), `${bytes.length} in pieces of ${piece}`).toBe(true);
      }
    }
  });

  it('several frames make one text', () => {
    const [a, b] = [sample(5000, 30), sample(80_000, 30)];
    expect(unpack(Buffer.concat([pack(a), pack(b)]), [100]).equals(Buffer.concat([a, b]))).toBe(true);
  });

  it('a cut one is an error at every place, and a damaged one never hangs or runs over', () => {
    const bytes = sample(3000, 30);
    const packed = pack(bytes, '-BX');
    for (let end = 1; end < packed.length; end += 1)
      expect(() => unpack(packed.subarray(0, end), []), `cut at ${end}`).toThrow(Lz4Error);
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), cuts, (at, change, where) => {
        const other = Buffer.from(packed);
        other[at] = (other[at] ?? 0) ^ change;
        try {
          expect(unpack(other, where).length).toBeLessThan(5_000_000);
        } catch (error) {
          expect(error).toBeInstanceOf(Lz4Error);
        }
      }),
      { ...SEED, numRuns: 500 },
    );
  });
});
