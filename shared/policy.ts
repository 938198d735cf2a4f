/**
 * The policy of one host: parameters of its checks, and the grants that concern it. Signed by the collector's policy
 * key under a payload type of its own, so that it can't be taken for a report or a request, nor they for it.
 * Never in it: waivers (they can't soften a result), commands, paths, programs.
 */
import { z } from 'zod';
import { fromUtf8, toBase64, toHex, utf8 } from './bytes.ts';
import { canonicalJson } from './canonical.ts';
import type { Crypto, Signer } from './crypto.ts';
import { keyId, openEnvelope, pae } from './envelope.ts';
import { CodedError } from './errors.ts';
import { grantSchema } from './grant.ts';
import { hostIdSchema, instantSchema } from './identifier.ts';
import { checkIdSchema, paramValueSchema } from './outcome.ts';

export const POLICY_TYPE = 'application/vnd.nachweis.policy+json';
export const POLICY_REQUEST_TYPE = 'application/vnd.nachweis.policy-request+json';

/**
 * Header of a receipt: the number of the host's policy that counts, 0 for none; left out when a new one has to be
 * made. A host that has that number need not ask. Only a hint: what counts is the signed policy.
 */
export const POLICY_HEADER = 'nachweis-policy';

/** UTF-8 bytes of a policy as canonical JSON; 500 grants have about 200 kB. */
export const MAX_POLICY_BYTES = 512 * 1024;
export const MAX_GRANTS = 1000;

/** `{check-id: {name: value}}`. */
export const policyParamsSchema = z.record(
  checkIdSchema,
  z.record(
    z
      .string()
      .max(60)
      .regex(/^[a-zA-Z][a-zA-Z0-9-]*$/),
    paramValueSchema,
  ),
);

export type PolicyParams = z.infer<typeof policyParamsSchema>;

const numberSchema = z
  .int()
  .positive()
  .max(2 ** 50);

export const policySchema = z.strictObject({
  format: z.literal('nachweis.policy/1'),
  host: hostIdSchema,
  /** Rises with every policy made for this host. */
  number: numberSchema,
  issuedAt: instantSchema,
  /** No longer valid at this instant: then nobody is known to be granted anything. */
  validUntil: instantSchema,
  params: policyParamsSchema,
  /** Null: nobody keeps a register of grants. An empty list: there is one, and nobody is granted entry here. */
  grants: z.array(grantSchema).max(MAX_GRANTS).nullable(),
});
export type Policy = z.infer<typeof policySchema>;

/** What checks see of a policy that is valid in this round. */
export type PolicyView = Pick<Policy, 'number' | 'issuedAt' | 'validUntil' | 'grants'>;

const envelopeOf = <T extends string>(payloadType: T, maxBytes: number) =>
  z.strictObject({
    payloadType: z.literal(payloadType),
    payload: z.base64().max(Math.ceil(maxBytes / 3) * 4),
    signatures: z.tuple([
      z.strictObject({ keyid: z.string().regex(/^[0-9a-f]{64}$/), sig: z.base64().length(88) }),
    ]),
  });

export const policyEnvelopeSchema = envelopeOf(POLICY_TYPE, MAX_POLICY_BYTES);
export type PolicyEnvelope = z.infer<typeof policyEnvelopeSchema>;

/** What a host's key signs to get its policy. `have`: the number it holds, 0 for none. */
export const policyRequestSchema = z.strictObject({
  format: z.literal('nachweis.policy-request/1'),
  host: hostIdSchema,
  have: z
    .int()
    .nonnegative()
    .max(2 ** 49),
  at: instantSchema,
});
export type PolicyRequest = z.infer<typeof policyRequestSchema>;

/** Body of POST /v1/policy. */
export const policyRequestEnvelopeSchema = envelopeOf(POLICY_REQUEST_TYPE, 1024);
export type PolicyRequestEnvelope = z.infer<typeof policyRequestEnvelopeSchema>;

/** A request's time may be off by so much either way: a copied one is of no use for longer. */
export const POLICY_REQUEST_WINDOW_MS = 5 * 60_000;

/** Null: the one that the host has is the newest. */
export const policyReplySchema = z.strictObject({ policy: policyEnvelopeSchema.nullable() });
export type PolicyReply = z.infer<typeof policyReplySchema>;

async function signed<T extends string>(crypto: Crypto, signer: Signer, payloadType: T, value: unknown) {
  const payload = utf8(canonicalJson(value));
  const signature = await signer.sign(pae(payloadType, payload));
  return {
    payloadType,
    payload: toBase64(payload),
    signatures: [{ keyid: keyId(crypto, signer.publicKey), sig: toBase64(signature) }] as [
      { keyid: string; sig: string },
    ],
  };
}

export const signPolicy = (crypto: Crypto, signer: Signer, policy: Policy): Promise<PolicyEnvelope> =>
  signed(crypto, signer, POLICY_TYPE, policySchema.parse(policy));

export const signPolicyRequest = (
  crypto: Crypto,
  signer: Signer,
  request: PolicyRequest,
): Promise<PolicyRequestEnvelope> => signed(crypto, signer, POLICY_REQUEST_TYPE, request);

/** SHA-256 of the envelope as canonical JSON, in hex: `policyDigest` of a report. */
export const policyDigest = (crypto: Crypto, envelope: PolicyEnvelope): string =>
  toHex(crypto.sha256(utf8(canonicalJson(envelope))));

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

const problemOf = (error: z.ZodError): string => {
  const [issue] = error.issues;
  return [issue?.path.join('.'), issue?.message].filter(Boolean).join(': ');
};

/**
 * The policy, if one of `keys` (raw Ed25519) signed it and it is for `host`. Whether it has run out is not asked.
 * @throws CodedError `BAD_SIGNATURE`, `POLICY_REFUSED`
 */
export async function openPolicy(
  crypto: Crypto,
  envelope: PolicyEnvelope,
  keys: readonly Uint8Array[],
  host: string,
): Promise<Policy> {
  const [{ keyid }] = envelope.signatures;
  const key = keys.find((one) => keyId(crypto, one) === keyid);
  if (!key) throw new CodedError('BAD_SIGNATURE');
  const payload = fromUtf8(await openEnvelope(crypto, envelope, key));
  const policy = policySchema.safeParse(parsed(payload));
  if (!policy.success) throw new CodedError('POLICY_REFUSED', { problem: problemOf(policy.error) });
  if (policy.data.host !== host)
    throw new CodedError('POLICY_REFUSED', { problem: 'it is for another host' });
  return policy.data;
}

/**
 * The request, from what was signed, not too long before or after `now`.
 * @throws CodedError `POLICY_REQUEST_INVALID`
 */
export function readPolicyRequest(payload: string, now: Date): PolicyRequest {
  const request = policyRequestSchema.safeParse(parsed(payload));
  if (!request.success) throw new CodedError('POLICY_REQUEST_INVALID', { problem: problemOf(request.error) });
  const seconds = Math.round(Math.abs(now.getTime() - Date.parse(request.data.at)) / 1000);
  if (seconds * 1000 > POLICY_REQUEST_WINDOW_MS)
    throw new CodedError('POLICY_REQUEST_INVALID', { problem: `its time is off by ${seconds} s` });
  return request.data;
}
