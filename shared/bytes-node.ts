/**
 * Node's own hashes, gzip and Latin-1 for facts: functions of bytes alone, which no host, clock or network can change.
 * They take a tenth of the time of the same in TypeScript, and nobody here has to keep them right.
 */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync, constants as zlib } from 'node:zlib';

/** `md5` and `sha1` give names that others made with them; they protect nothing here. */
export function digestOf(algorithm: 'md5' | 'sha1' | 'sha256', data: Uint8Array): Uint8Array {
  return new Uint8Array(createHash(algorithm).update(data).digest());
}

/** Bytes of a text that was read as Latin-1; of a character beyond it the low byte. */
export const latin1Bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

export const latin1Text = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** Where `needle` begins in `bytes`, from `from` on; -1: nowhere. */
export const findBytes = (bytes: Uint8Array, needle: Uint8Array, from: number): number =>
  Buffer.prototype.indexOf.call(bytes, needle, from);

/** Base64 (RFC 4648, sections 4 and 5) up to its padding; other characters are skipped, and padding need not be there. */
export const looseBase64 = (text: string): Uint8Array => Buffer.from(text, 'base64');

/** A gzip file, for hosts of examples: nothing is packed on a real one. */
export const gzip = (data: Uint8Array): Uint8Array => gzipSync(data);

/**
 * What a gzip file holds (RFC 1952), all its members.
 * @param limit bytes unpacked, at most; `too large` where there are more
 * @returns undefined where it is no such file, or damaged
 */
export function gunzip(data: Uint8Array, limit: number): Uint8Array | 'too large' | undefined {
  try {
    return gunzipSync(data, { maxOutputLength: limit });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too large' : undefined;
  }
}

/** No part of a gzip file unpacks to more than 1032 times its size: RFC 1951, 3.2.5 (258 bytes in two bits). */
const MAX_RATIO = 1032;

/** What the first bytes of a gzip file unpack to; undefined where they are of no such file, or damaged. */
export function gunzipStart(start: Uint8Array): Uint8Array | undefined {
  try {
    const finishFlush = zlib.Z_SYNC_FLUSH;
    const maxOutputLength = (start.length + 1) * MAX_RATIO;
    return gunzipSync(start, { finishFlush, maxOutputLength });
  } catch {
    return undefined;
  }
}
