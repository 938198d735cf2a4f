/**
 * The request with which a host ends its own life on the collector: signed by its key under a payload type of its own,
 * and bound to the last report that the collector has of it, so that it can't be replayed against another state.
 */
import { z } from 'zod';
import { toBase64, utf8 } from './bytes.ts';
import { canonicalJson } from './canonical.ts';
import type { Crypto, Signer } from './crypto.ts';
import { keyId, pae } from './envelope.ts';
import { CodedError } from './errors.ts';
import { hostIdSchema, instantSchema, sha256HexSchema } from './identifier.ts';
import { receiptSchema } from './report.ts';

export const DECOMMISSION_TYPE = 'application/vnd.nachweis.decommission+json';

export const decommissionSchema = z.strictObject({
  format: z.literal('nachweis.decommission/1'),
  host: hostIdSchema,
  /** Of its last report, the one that is marked as such. */
  last: z.strictObject({ sequence: z.int().positive(), envelopeDigest: sha256HexSchema }),
  at: instantSchema,
});
export type Decommission = z.infer<typeof decommissionSchema>;

/** Body of POST /v1/decommission. */
export const decommissionEnvelopeSchema = z.strictObject({
  payloadType: z.literal(DECOMMISSION_TYPE),
  payload: z.base64().max(2048),
  signatures: z.tuple([
    z.strictObject({ keyid: z.string().regex(/^[0-9a-f]{64}$/), sig: z.base64().length(88) }),
  ]),
});
export type DecommissionEnvelope = z.infer<typeof decommissionEnvelopeSchema>;

/** The same answer however often it is asked: a reply that got lost is asked for again. */
export const decommissionReplySchema = z.strictObject({
  host: hostIdSchema,
  retiredAt: instantSchema,
  log: receiptSchema.shape.log,
});
export type DecommissionReply = z.infer<typeof decommissionReplySchema>;

/** A request's time may be off by so much either way. */
export const DECOMMISSION_WINDOW_MS = 5 * 60_000;

export async function signDecommission(
  crypto: Crypto,
  signer: Signer,
  request: Decommission,
): Promise<DecommissionEnvelope> {
  const payload = utf8(canonicalJson(decommissionSchema.parse(request)));
  const signature = await signer.sign(pae(DECOMMISSION_TYPE, payload));
  return {
    payloadType: DECOMMISSION_TYPE,
    payload: toBase64(payload),
    signatures: [{ keyid: keyId(crypto, signer.publicKey), sig: toBase64(signature) }],
  };
}

/** The request, from what was signed. Its time and place are for the caller to judge. @throws CodedError `DECOMMISSION_REFUSED` */
export function readDecommission(payload: string): Decommission {
  const request = decommissionSchema.safeParse(parsed(payload));
  if (!request.success)
    throw new CodedError('DECOMMISSION_REFUSED', {
      problem: {
        de: 'die Anfrage hat nicht die erwartete Form',
        en: 'the request does not have the expected form',
      },
    });
  return request.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
