/** SHA256SUMS over everything that was made, and its Ed25519 signature. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SigningKey {
  readonly key: KeyObject;
  /** Made for this build alone: says nothing about who built it. */
  readonly temporary: boolean;
}

/**
 * From NACHWEIS_SIGN_KEY (PEM) or the file that NACHWEIS_SIGN_KEY_FILE names, else a new one.
 * @throws Error when it is not an Ed25519 key
 */
export function signingKey(env: Readonly<Record<string, string | undefined>>): SigningKey {
  const { NACHWEIS_SIGN_KEY: pem, NACHWEIS_SIGN_KEY_FILE: file } = env;
  if (!pem && !file) return { key: generateKeyPairSync('ed25519').privateKey, temporary: true };
  const key = createPrivateKey(pem || readFileSync(file ?? '', 'utf8'));
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('the signing key is not an Ed25519 key');
  return { key, temporary: false };
}

/**
 * Writes SHA256SUMS, SHA256SUMS.sig (64 bytes) and, beside them, the public key for whoever has none from elsewhere.
 * To verify: `openssl pkeyutl -verify -pubin -inkey KEY.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig` (OpenSSL 3), then
 * `sha256sum --check SHA256SUMS`.
 */
export function writeChecksums(
  directory: string,
  names: readonly string[],
  { key, temporary }: SigningKey,
): void {
  const lines = [...names].sort().map(
    (name) =>
      `${createHash('sha256')
        .update(readFileSync(join(directory, name)))
        .digest('hex')}  ${name}\n`,
  );
  const text = lines.join('');
  writeFileSync(join(directory, 'SHA256SUMS'), text);
  writeFileSync(join(directory, 'SHA256SUMS.sig'), sign(null, Buffer.from(text), key));
  const [own, other] = temporary ? ['temporary-key.pem', 'key.pem'] : ['key.pem', 'temporary-key.pem'];
  rmSync(join(directory, other), { force: true });
  writeFileSync(join(directory, own), createPublicKey(key).export({ format: 'pem', type: 'spki' }));
}
