/** What a host signs of a restore drill, what travels, and what the collector answers. Apart from the drill itself, which checks read. */
import { z } from 'zod';
import { toHex, utf8 } from './bytes.ts';
import { canonicalJson } from './canonical.ts';
import type { Crypto } from './crypto.ts';
import { type Drill, drillSchema } from './drill.ts';
import { envelopeSchema } from './envelope.ts';
import { hostIdSchema, instantSchema, sha256HexSchema } from './identifier.ts';
import { recordIdSchema } from './record.ts';
import { receiptSchema, STATEMENT_TYPE } from './report.ts';

export const DRILL_TYPE = 'urn:nachweis:drill:1';

/** What is signed. The subject names the snapshot that the sample came from. */
export const drillStatementSchema = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.tuple([
    z.strictObject({ name: z.literal('snapshot'), digest: z.strictObject({ sha256: sha256HexSchema }) }),
  ]),
  predicateType: z.literal(DRILL_TYPE),
  predicate: z.strictObject({
    host: hostIdSchema,
    agentVersion: z.string().max(50),
    drill: drillSchema,
  }),
});
export type DrillStatement = z.infer<typeof drillStatementSchema>;

/** SHA-256 of tool, repository and snapshot as canonical JSON, in hex. */
export function snapshotDigest(crypto: Crypto, { tool, job, repository, snapshot }: Drill): string {
  return toHex(crypto.sha256(utf8(canonicalJson({ tool, job, repository, snapshot }))));
}

export function drillStatement(
  crypto: Crypto,
  about: { host: string; agentVersion: string; drill: Drill },
): DrillStatement {
  return drillStatementSchema.parse({
    _type: STATEMENT_TYPE,
    subject: [{ name: 'snapshot', digest: { sha256: snapshotDigest(crypto, about.drill) } }],
    predicateType: DRILL_TYPE,
    predicate: about,
  });
}

/** Body of POST /v1/records: what a host records about itself. */
export const recordSubmissionSchema = z.strictObject({ envelope: envelopeSchema });
export type RecordSubmission = z.infer<typeof recordSubmissionSchema>;

/** What the collector answers once envelope, record and leaf are committed and synced. */
export const recordReceiptSchema = z.strictObject({
  host: hostIdSchema,
  record: recordIdSchema,
  envelopeDigest: sha256HexSchema,
  receivedAt: instantSchema,
  log: receiptSchema.shape.log,
});
export type RecordReceipt = z.infer<typeof recordReceiptSchema>;
