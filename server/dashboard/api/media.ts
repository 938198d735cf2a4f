/** What has to be erased or disposed of, what is recorded about it, and how a host is closed. */
import { z } from 'zod';
import { unidentifiedReasons } from '../../../shared/disks.ts';
import { attachmentSchema } from '../../../shared/record.ts';
import {
  asOfSchema,
  instantSchema,
  pageQuery,
  pageSchema,
  tenantQuery,
  tenantRefSchema,
  textSchema,
} from './common.ts';

export const mediaStates = ['open', 'settled'] as const;

export const mediaQuery = tenantQuery.extend({
  ...pageQuery.shape,
  state: z.enum(mediaStates).default('open'),
});

const settlementSchema = z.strictObject({
  state: z.enum(['settled', 'open', 'not-needed']),
  /** The record that it rests on, with its certificates. */
  record: z
    .strictObject({
      id: z.string(),
      author: z.string(),
      recordedAt: instantSchema,
      attachments: z.array(attachmentSchema),
    })
    .nullable(),
  /** How it was settled, or why a record does not count. */
  reason: textSchema.nullable(),
});
export type Settlement = z.infer<typeof settlementSchema>;

export const obligationSchema = z.strictObject({
  /** `id` null: no agent was ever enrolled. */
  host: z.strictObject({ id: z.string().nullable(), name: z.string() }),
  tenant: tenantRefSchema,
  cause: z.enum(['host-ended', 'disk-removed']),
  kind: z.enum(['server', 'vm']),
  what: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('disk'), serial: z.string(), model: z.string(), bytes: z.number() }),
    z.strictObject({ type: z.literal('volume'), device: z.string(), bytes: z.number() }),
    z.strictObject({
      type: z.literal('unidentified'),
      count: z.int(),
      names: z
        .array(
          z.strictObject({
            device: z.string(),
            model: z.string(),
            bytes: z.number(),
            why: z.enum(unidentifiedReasons),
          }),
        )
        .readonly(),
    }),
    z.strictObject({ type: z.literal('host') }),
  ]),
  openedAt: instantSchema,
  dueAt: instantSchema,
  overdue: z.boolean(),
  erasure: settlementSchema,
  disposal: settlementSchema,
});
export type Obligation = z.infer<typeof obligationSchema>;

export const mediaReply = z.strictObject({
  asOf: asOfSchema,
  ...pageSchema.shape,
  open: z.int(),
  overdue: z.int(),
  settled: z.int(),
  obligations: z.array(obligationSchema),
});
export type MediaReply = z.infer<typeof mediaReply>;

export const formQuery = z.object({
  type: z.enum(['erasure', 'disposal']).default('erasure'),
  language: z.enum(['de', 'en']).default('de'),
});
export const formReply = z.strictObject({ asOf: asOfSchema, yaml: z.string() });
export type FormReply = z.infer<typeof formReply>;

const attachedSchema = z.array(attachmentSchema).max(50).default([]);

/** A record as YAML; files are named in it, and their digests come beside it. */
export const mediaRecordBody = z.strictObject({
  record: z.string().min(1).max(200_000),
  attachments: attachedSchema,
});
export const closeBody = z.strictObject({
  record: z.string().max(200_000).optional(),
  attachments: attachedSchema,
  reason: z.string().max(2000).default(''),
});
export const missingBody = z.strictObject({ reason: z.string().trim().min(1).max(2000) });
/** What is recorded about the host from now on. */
export const endedReply = z.strictObject({
  asOf: asOfSchema,
  record: z.string().nullable(),
  obligations: z.array(obligationSchema),
});
export type EndedReply = z.infer<typeof endedReply>;
