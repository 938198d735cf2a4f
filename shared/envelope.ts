/**
 * DSSE envelopes: exactly which bytes are signed, hashed, logged and archived.
 * Source: https://github.com/secure-systems-lab/dsse/blob/master/protocol.md (v1.0.2).
 */
import { z } from 'zod';
import { concat, fromBase64, toBase64, toHex, utf8 } from './bytes.ts';
import { canonicalJson } from './canonical.ts';
import type { Crypto, Signer } from './crypto.ts';
import { CodedError } from './errors.ts';

export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** An Ed25519 signature is 64 bytes: 88 characters of base64. A statement has under 4 kB; 64 kB is room for gaps. */
export const envelopeSchema = z.strictObject({
  payloadType: z.literal(PAYLOAD_TYPE),
  payload: z.base64().max(64 * 1024),
  signatures: z.tuple([
    z.strictObject({ keyid: z.string().regex(/^[0-9a-f]{64}$/), sig: z.base64().length(88) }),
  ]),
});
export type Envelope = z.infer<typeof envelopeSchema>;

/** What every envelope has, whatever its payload is. */
export interface SignedBytes {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly [{ readonly keyid: string; readonly sig: string }];
}

/** Pre-authentication encoding: what the signature covers. */
export function pae(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = utf8(payloadType);
  return concat(utf8(`DSSEv1 ${type.length} `), type, utf8(` ${payload.length} `), payload);
}

/** SHA-256 of the raw public key, in hex: names a key without carrying it. */
export function keyId(crypto: Crypto, publicKey: Uint8Array): string {
  return toHex(crypto.sha256(publicKey));
}

export async function signEnvelope(crypto: Crypto, signer: Signer, statement: unknown): Promise<Envelope> {
  const payload = utf8(canonicalJson(statement));
  const signature = await signer.sign(pae(PAYLOAD_TYPE, payload));
  return {
    payloadType: PAYLOAD_TYPE,
    payload: toBase64(payload),
    signatures: [{ keyid: keyId(crypto, signer.publicKey), sig: toBase64(signature) }],
  };
}

/** The bytes that are logged, archived and hashed for `previous`: the envelope as canonical JSON. */
export function envelopeBytes(envelope: SignedBytes): Uint8Array {
  return utf8(canonicalJson(envelope));
}

/** SHA-256 of `envelopeBytes`, in hex. */
export function envelopeDigest(crypto: Crypto, envelope: Envelope): string {
  return toHex(crypto.sha256(envelopeBytes(envelope)));
}

/**
 * The payload's bytes, if `publicKey` signed them.
 * @throws CodedError `BAD_SIGNATURE`, `INVALID_BASE64`
 */
export async function openEnvelope(
  crypto: Crypto,
  envelope: SignedBytes,
  publicKey: Uint8Array,
): Promise<Uint8Array> {
  const payload = fromBase64(envelope.payload);
  const [{ sig, keyid }] = envelope.signatures;
  const valid =
    keyid === keyId(crypto, publicKey) &&
    (await crypto.verifyEd25519(publicKey, pae(envelope.payloadType, payload), fromBase64(sig)));
  if (!valid) throw new CodedError('BAD_SIGNATURE');
  return payload;
}
