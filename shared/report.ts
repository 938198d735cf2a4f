/** A report: the results document, the in-toto statement that names its digest, and what travels. */
import { z } from 'zod';
import { accessMatrixSchema } from './access-matrix.ts';
import { envelopeSchema } from './envelope.ts';
import { hostIdSchema, instantSchema, sha256HexSchema } from './identifier.ts';
import { checkIdSchema, outcomes, resultSchema } from './outcome.ts';
import { updateListSchema } from './update-list.ts';

const shortText = z.string().max(256);

/** What the host is. Kind: `server` is hardware, `vm` is virtual; containers count as what they are not: unknown. */
export const machineSchema = z.strictObject({
  hostname: shortText,
  os: z.strictObject({
    id: shortText,
    version: shortText,
    name: shortText,
    like: z.array(shortText).max(10),
  }),
  kernel: shortText,
  arch: shortText,
  kind: z.enum(['server', 'vm', 'unknown']),
  virtualization: shortText.optional(),
  machineId: shortText.optional(),
  disks: z
    .array(
      z.strictObject({
        name: shortText,
        serial: shortText,
        model: shortText,
        bytes: z.int().nonnegative(),
        /** False: flash. Left out where the kernel does not say. */
        rotational: z.boolean().optional(),
      }),
    )
    .max(256),
  /** They could not be listed: that none is there says nothing. */
  disksUnreadable: z.literal(true).optional(),
});
export type Machine = z.infer<typeof machineSchema>;

export const MAX_RESULTS = 500;

/** Sorted by check id; instants, never ages: two runs on an unchanged system give the same bytes. */
export const resultsDocumentSchema = z.strictObject({
  format: z.literal('nachweis.results/1'),
  host: machineSchema,
  results: z.array(resultSchema).max(MAX_RESULTS),
  /** Who can enter, how far, and by whose leave. */
  access: accessMatrixSchema.optional(),
  /** Security updates that wait; left out where no package manager could be asked. */
  updates: updateListSchema.optional(),
});
export type ResultsDocument = z.infer<typeof resultsDocumentSchema>;

const countsSchema = z.strictObject(
  Object.fromEntries(outcomes.map((outcome) => [outcome, z.int().nonnegative()])) as Record<
    (typeof outcomes)[number],
    z.ZodInt
  >,
);

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const PREDICATE_TYPE = 'urn:nachweis:report:1';

/** What is signed. Sequence numbers start at 1; `previous` is the digest of the envelope before, null for the first. */
export const statementSchema = z.strictObject({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.tuple([
    z.strictObject({ name: z.literal('results.json'), digest: z.strictObject({ sha256: sha256HexSchema }) }),
  ]),
  predicateType: z.literal(PREDICATE_TYPE),
  predicate: z.strictObject({
    host: hostIdSchema,
    sequence: z.int().positive(),
    previous: sha256HexSchema.nullable(),
    /** The one instant at which everything in the document was judged: the agent's claim. */
    round: instantSchema,
    agentVersion: z.string().max(50),
    policyDigest: sha256HexSchema.nullable(),
    intervalSeconds: z
      .int()
      .min(60)
      .max(7 * 86_400),
    /** Whole milliseconds of the slowest checks, and of the whole round under `total`. */
    durations: z.record(z.union([checkIdSchema, z.literal('total')]), z.int().nonnegative()),
    counts: countsSchema,
    /** Reports that were refused for good and set aside since the one before: said, not hidden. */
    gap: z
      .array(z.strictObject({ sequence: z.int().positive(), code: z.string().max(50) }))
      .max(100)
      .optional(),
    /** The machine was rolled back; it went on behind the sequence number that the collector named. */
    rollback: z.strictObject({ from: z.int().nonnegative(), to: z.int().positive() }).optional(),
    /** The last one: the host is being decommissioned. */
    last: z.literal(true).optional(),
  }),
});
export type Statement = z.infer<typeof statementSchema>;

/** Text of one results document, in UTF-8 bytes. */
export const MAX_DOCUMENT_BYTES = 2 * 1024 * 1024;

/** Body of POST /v1/reports. `document` is the canonical text itself, so that its digest can be checked. */
export const submissionSchema = z.strictObject({
  envelope: envelopeSchema,
  document: z.string().max(MAX_DOCUMENT_BYTES).optional(),
});
export type Submission = z.infer<typeof submissionSchema>;

/** What the collector answers once envelope, document, state and leaf are committed and synced. */
export const receiptSchema = z.strictObject({
  host: hostIdSchema,
  sequence: z.int().positive(),
  envelopeDigest: sha256HexSchema,
  receivedAt: instantSchema,
  log: z.strictObject({ epoch: z.int().nonnegative(), index: z.int().nonnegative(), leaf: sha256HexSchema }),
});
export type Receipt = z.infer<typeof receiptSchema>;

/**
 * The highest number that a collector may name as a host's last one: a report a minute for 1900 years. Whoever names
 * more wants to leave the host without numbers.
 */
export const MAX_SEQUENCE = 1_000_000_000;

/** What the agent does after a refusal. */
export const refusalActions = ['retry', 'resend-with-document', 'set-aside', 'continue-after'] as const;

/** Body of every refusal, on every path. `last` goes with `SEQUENCE_BEHIND`: where a rolled-back host goes on. */
export const refusalSchema = z.strictObject({
  error: z.strictObject({
    code: z.string().max(50),
    message: z.string().max(2000),
    next: z.string().max(2000),
    action: z.enum(refusalActions).optional(),
    last: z
      .strictObject({
        sequence: z.int().nonnegative().max(MAX_SEQUENCE),
        envelopeDigest: sha256HexSchema.nullable(),
      })
      .optional(),
  }),
});
export type Refusal = z.infer<typeof refusalSchema>;
