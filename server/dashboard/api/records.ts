/** Records and grants: what people attest, approve and grant. */
import { z } from 'zod';
import { recordTypes } from '../../../shared/catalogue.ts';
import { parties, privileges } from '../../../shared/grant.ts';
import { scopeSchema } from '../../../shared/record.ts';
import { asOfSchema, instantSchema, pageQuery, pageSchema, tenantQuery, tenantRefSchema } from './common.ts';

/** `live` also takes in what has yet to begin. */
export const recordStates = ['live', 'ended'] as const;

export const recordsQuery = tenantQuery.extend({
  ...pageQuery.shape,
  type: z.enum(recordTypes).optional(),
  state: z.enum(recordStates).default('live'),
  q: z.string().max(100).optional(),
});

export const recordRowSchema = z.strictObject({
  id: z.string(),
  type: z.enum(recordTypes),
  tenant: tenantRefSchema,
  /** A clause's matter, a check of a waiver, a person of a grant. */
  subject: z.string(),
  scope: scopeSchema,
  author: z.string(),
  approver: z.string().nullable(),
  text: z.string(),
  recordedAt: instantSchema,
  from: instantSchema,
  /** The true end: the written one, or the moment at which another record ended it; null: open. */
  until: instantSchema.nullable(),
  state: z.enum(['not-yet', 'live', 'ended']),
  attachments: z.array(z.strictObject({ name: z.string(), sha256: z.string() })),
  /** Serial numbers or devices that a record of erasure or disposal names. */
  media: z.array(z.string()),
  grant: z
    .strictObject({
      party: z.enum(parties),
      accounts: z.array(z.string()),
      keys: z.array(z.string()),
      privileges: z.array(z.enum(privileges)),
    })
    .nullable(),
});
export type RecordRow = z.infer<typeof recordRowSchema>;

export const recordsReply = z.strictObject({
  asOf: asOfSchema,
  ...pageSchema.shape,
  live: z.int(),
  /** Of the live ones, those that have yet to begin. */
  pending: z.int(),
  ended: z.int(),
  records: z.array(recordRowSchema),
});
export type RecordsReply = z.infer<typeof recordsReply>;
