/**
 * Leaves of the append-only log (RFC 6962, section 2.1), in the format that stays.
 *
 *   leaf       = SHA-256(0x00 || commitment)
 *   commitment = SHA-256(random, 32 bytes || type, 1 byte || content)
 *
 * The random bytes hide the content: once they and the content are deleted at the end of their retention, every
 * proof still stands and nothing can be guessed back from the leaf.
 */
import { concat } from './bytes.ts';
import type { Crypto } from './crypto.ts';

/** One byte each; a number once given is never given again. */
export const leafTypes = {
  envelope: 1,
  record: 2,
  completeness: 3,
  epoch: 4,
  checkpoint: 5,
  policy: 6,
  contract: 7,
  ending: 8,
  'key-change': 9,
} as const;
export type LeafType = keyof typeof leafTypes;

export const RANDOM_BYTES = 32;

/** @throws RangeError when `random` is not 32 bytes: a shorter one could be guessed */
export function commitment(
  crypto: Crypto,
  random: Uint8Array,
  type: LeafType,
  content: Uint8Array,
): Uint8Array {
  if (random.length !== RANDOM_BYTES) throw new RangeError(`a commitment takes ${RANDOM_BYTES} random bytes`);
  return crypto.sha256(concat(random, Uint8Array.of(leafTypes[type]), content));
}

export function leafHash(crypto: Crypto, leafCommitment: Uint8Array): Uint8Array {
  return crypto.sha256(concat(Uint8Array.of(0x00), leafCommitment));
}
