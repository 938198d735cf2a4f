/**
 * Node's implementation of `Crypto`: the one file in shared/ that may import node:crypto, so that agent, server
 * and verifier use the same one.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { Crypto, Signer } from './crypto.ts';

/** SubjectPublicKeyInfo header of an Ed25519 key (RFC 8410, section 4), before the 32 raw bytes. */
const SPKI_HEADER = Buffer.from('302a300506032b6570032100', 'hex');

/** @throws when `raw` is not 32 bytes */
export function ed25519PublicKey(raw: Uint8Array): KeyObject {
  if (raw.length !== 32) throw new RangeError(`an Ed25519 public key has 32 bytes, not ${raw.length}`);
  return createPublicKey({ key: Buffer.concat([SPKI_HEADER, raw]), format: 'der', type: 'spki' });
}

export function rawPublicKey(key: KeyObject): Uint8Array {
  const der = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'der', type: 'spki' });
  return new Uint8Array(der.subarray(SPKI_HEADER.length));
}

export const nodeCrypto: Crypto = {
  sha256: (data) => new Uint8Array(createHash('sha256').update(data).digest()),
  verifyEd25519: (publicKey, data, signature) =>
    new Promise((resolve) => {
      if (publicKey.length !== 32 || signature.length !== 64) return resolve(false);
      // With a callback Node verifies on its thread pool: verification is what limits ingest.
      verify(null, data, ed25519PublicKey(publicKey), signature, (error, valid) => resolve(!error && valid));
    }),
};

/** A signer over a PKCS#8 PEM. @throws when the key is not Ed25519 */
export function pemSigner(pem: string): Signer {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'ed25519')
    throw new TypeError(`not an Ed25519 key: ${key.asymmetricKeyType}`);
  return {
    publicKey: rawPublicKey(key),
    sign: (data) =>
      new Promise((resolve, reject) => {
        sign(null, data, key, (error, signature) =>
          error ? reject(error) : resolve(new Uint8Array(signature)),
        );
      }),
  };
}
