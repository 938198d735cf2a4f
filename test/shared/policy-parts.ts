/** Grants and policies for tests. */
import { generateKeyPairSync, sign } from 'node:crypto';
import type { Signer } from '../../shared/crypto.ts';
import type { Grant } from '../../shared/grant.ts';
import type { Policy } from '../../shared/policy.ts';

/** A fingerprint in the form of ssh-keygen; of no key. */
export const KEY = `SHA256:${'Ab3/'.repeat(10)}xyz`;
export const HOST = `h-${'0'.repeat(32)}`;

export function grant(change: Partial<Grant> = {}): Grant {
  return {
    id: `r-${'1'.repeat(32)}`,
    subject: 'a.muster',
    party: 'provider',
    accounts: ['anna'],
    keys: [KEY],
    privileges: ['sudo'],
    scope: 'tenant',
    approvedBy: 'b.beispiel',
    reason: 'TICKET-1',
    from: '2026-01-01T00:00:00.000Z',
    until: '2027-01-01T00:00:00.000Z',
    ...change,
  };
}

export function policy(change: Partial<Policy> = {}): Policy {
  return {
    format: 'nachweis.policy/1',
    host: HOST,
    number: 1,
    issuedAt: '2026-03-01T00:00:00.000Z',
    validUntil: '2026-03-15T00:00:00.000Z',
    params: {},
    grants: [grant()],
    ...change,
  };
}

/** A fresh Ed25519 key that signs in memory. */
export function newSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return {
    publicKey: new Uint8Array(raw),
    sign: async (data) => new Uint8Array(sign(null, data, privateKey)),
  };
}
