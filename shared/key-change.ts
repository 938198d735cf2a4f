/**
 * A reinstalled host has a new key. The collector signs, with its log key, that it took one for the other and who let
 * it: a leaf of the log, so that a chain of reports under two keys can be followed, and a key that was slipped in shows.
 */
import { z } from 'zod';
import { toBase64, utf8 } from './bytes.ts';
import { canonicalJson } from './canonical.ts';
import type { Crypto, Signer } from './crypto.ts';
import { keyId, pae } from './envelope.ts';
import { hostIdSchema, instantSchema, sha256HexSchema } from './identifier.ts';

export const KEY_CHANGE_TYPE = 'application/vnd.nachweis.key-change+json';

export const keyChangeSchema = z.strictObject({
  format: z.literal('nachweis.key-change/1'),
  host: hostIdSchema,
  /** Raw Ed25519 public keys, base64. */
  from: z.base64().length(44),
  to: z.base64().length(44),
  /** The last report under the old key; the next one names it. 0 and null where there was none. */
  last: z.strictObject({ sequence: z.int().nonnegative(), envelopeDigest: sha256HexSchema.nullable() }),
  at: instantSchema,
  /** Who made the string that allowed it. */
  author: z.string().min(1).max(200),
  /** What the new key signed: shared/enrolment.ts `enrolSignedBytes`, base64. */
  proof: z.base64().length(88),
});
export type KeyChange = z.infer<typeof keyChangeSchema>;

/** Canonical JSON of the signed envelope: the content of the leaf. */
export async function signKeyChange(crypto: Crypto, signer: Signer, change: KeyChange): Promise<string> {
  const payload = utf8(canonicalJson(keyChangeSchema.parse(change)));
  const signature = await signer.sign(pae(KEY_CHANGE_TYPE, payload));
  return canonicalJson({
    payloadType: KEY_CHANGE_TYPE,
    payload: toBase64(payload),
    signatures: [{ keyid: keyId(crypto, signer.publicKey), sig: toBase64(signature) }],
  });
}
