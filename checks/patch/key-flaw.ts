/** What keeps a key, or a signature by it, from counting. Pure. */
import type { Text } from '../../shared/outcome.ts';
import type { PgpKey, PgpSignature } from '../facts/openpgp.ts';

const WEAK_DIGESTS = new Set(['md5', 'sha1', 'ripemd160']);

/** DSA of any length and RSA below 2048 bits: what apt 3.0 refuses by default (APT::Key::Assert-Pubkey-Algo). */
export const isWeak = ({ algorithm }: PgpKey): boolean => {
  const rsa = /^rsa(\d+)$/.exec(algorithm)?.[1];
  return /^(?:dsa|elg)/.test(algorithm) || (rsa !== undefined && Number(rsa) < 2048);
};

export const hasEnded = ({ expires }: PgpKey, now: Date): boolean =>
  expires !== undefined && Date.parse(expires) <= now.getTime();

/** The last 16 digits of its fingerprint. */
export const short = (key: { fingerprint: string }): string => key.fingerprint.slice(-16);

/** Undefined where it counts. */
export function keyFlaw(key: PgpKey, now: Date): Text | undefined {
  if (key.revoked) return { en: 'is revoked', de: 'ist widerrufen' };
  if (hasEnded(key, now)) return { en: `ended ${key.expires}`, de: `abgelaufen ${key.expires}` };
  return isWeak(key) ? { en: `is weak (${key.algorithm})`, de: `ist schwach (${key.algorithm})` } : undefined;
}

/** Why a signature by `key` counts for nothing; undefined where it counts. */
export function signatureFlaw({ digest }: PgpSignature, key: PgpKey, now: Date): Text | undefined {
  const flaw = keyFlaw(key, now);
  if (flaw) return flaw;
  return WEAK_DIGESTS.has(digest)
    ? { en: `signs with ${digest} only`, de: `signiert nur mit ${digest}` }
    : undefined;
}
