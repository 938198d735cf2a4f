/** Enrolment: the string people paste, the request a host signs, and what it gets. */
import { z } from 'zod';
import { utf8 } from './bytes.ts';
import { canonicalJson } from './canonical.ts';
import { CodedError } from './errors.ts';
import { hostIdSchema, instantSchema, sha256HexSchema } from './identifier.ts';
import { MAX_SEQUENCE, machineSchema } from './report.ts';

/**
 * The three keys a host trusts. Its fingerprint (SHA-256 of the canonical JSON, hex) stands in the enrolment
 * string, so the first connection needs no other trust. Each list may hold two during a rotation.
 */
export const trustBundleSchema = z.strictObject({
  format: z.literal('nachweis.trust/1'),
  /** PEM certificates of the certificate authority that signs the collector's TLS certificate. */
  authorities: z.array(z.string().max(4096)).min(1).max(2),
  /** Raw Ed25519 public keys, base64: checkpoints of the log. */
  logKeys: z.array(z.base64().length(44)).min(1).max(2),
  /** Raw Ed25519 public keys, base64: policies. */
  policyKeys: z.array(z.base64().length(44)).min(1).max(2),
});
export type TrustBundle = z.infer<typeof trustBundleSchema>;

/** Origin of a collector: `https://collector.example.org:8443`. */
export const addressSchema = z
  .url({ protocol: /^https$/ })
  .max(300)
  .refine((text) => originOf(text) !== undefined, 'an https address without path, name or password')
  .transform((text) => new URL(text).origin);
/** Ways to the same collector that a host may know. */
export const MAX_ADDRESSES = 5;

export interface EnrolmentString {
  /** Origins, in the order in which they are tried: all of the one collector that has the fingerprint. */
  addresses: readonly string[];
  token: string;
  fingerprint: string;
}

/** Tokens are 24 random bytes, base64url. */
export const tokenSchema = z.string().regex(/^[A-Za-z0-9_-]{32}$/);

/**
 * Reads `https://collector:8443/#token.fingerprint`, or with several addresses `https://a:8443,https://b:8443/#...`;
 * white space around it is forgiven, nothing else.
 * @throws CodedError `ENROLMENT_STRING_INVALID`
 */
export function parseEnrolmentString(text: string): EnrolmentString {
  const trimmed = text.trim();
  const at = trimmed.indexOf('#');
  const [token, fingerprint, ...rest] = trimmed.slice(at + 1).split('.');
  const addresses = trimmed.slice(0, Math.max(0, at)).split(',').map(originOf);
  const valid =
    addresses.length <= MAX_ADDRESSES &&
    rest.length === 0 &&
    tokenSchema.safeParse(token).success &&
    sha256HexSchema.safeParse(fingerprint).success;
  const known = addresses.filter((address) => address !== undefined);
  if (!valid || known.length !== addresses.length || !token || !fingerprint)
    throw new CodedError('ENROLMENT_STRING_INVALID');
  return { addresses: [...new Set(known)], token, fingerprint };
}

export function formatEnrolmentString({ addresses, token, fingerprint }: EnrolmentString): string {
  return `${addresses.join(',')}/#${token}.${fingerprint}`;
}

/** The origin of an https address that says nothing else; undefined for everything else. */
function originOf(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain = url?.protocol === 'https:' && url.pathname === '/' && !url.username && !url.password;
  return plain && !url.search && !url.hash && !text.includes('#') ? url.origin : undefined;
}

/** Body of POST /v1/enrol: the canonical JSON of `request`, signed with the new host key (proof of possession). */
export const enrolRequestSchema = z.strictObject({
  format: z.literal('nachweis.enrol/1'),
  token: tokenSchema,
  publicKey: z.base64().length(44),
  hostname: z.string().min(1).max(253),
  machine: machineSchema,
  intervalSeconds: z
    .int()
    .min(60)
    .max(7 * 86_400),
  at: instantSchema,
});
export type EnrolRequest = z.infer<typeof enrolRequestSchema>;

export const enrolSubmissionSchema = z.strictObject({
  request: enrolRequestSchema,
  signature: z.base64().length(88),
});

/** What the host's key signs; the prefix keeps the signature from being taken for anything else. */
export function enrolSignedBytes(request: EnrolRequest): Uint8Array {
  return utf8(`nachweis.enrol/1\n${canonicalJson(request)}`);
}

export const enrolReplySchema = z.strictObject({
  host: hostIdSchema,
  tenant: z.string().max(100),
  name: z.string().max(253),
  enrolledAt: instantSchema,
  /** Of a host that has reported before, under an earlier key: its last report. The next one goes behind it. */
  last: z
    .strictObject({
      sequence: z.int().nonnegative().max(MAX_SEQUENCE),
      envelopeDigest: sha256HexSchema.nullable(),
    })
    .optional(),
});
export type EnrolReply = z.infer<typeof enrolReplySchema>;
