/** Alerts: what is open, what was, and whether anybody was told. */
import { z } from 'zod';
import {
  asOfSchema,
  checkRefSchema,
  instantSchema,
  pageQuery,
  pageSchema,
  severitySchema,
  tenantQuery,
  tenantRefSchema,
  textSchema,
} from './common.ts';

export const alertsQuery = tenantQuery.extend({
  ...pageQuery.shape,
  state: z.enum(['open', 'resolved']).default('open'),
});

export const alertSchema = z.strictObject({
  id: z.string(),
  kind: z.string(),
  severity: severitySchema,
  tenant: tenantRefSchema.nullable(),
  /** `id` null: contracted, but no agent is enrolled. */
  host: z.strictObject({ id: z.string().nullable(), name: z.string() }).nullable(),
  check: checkRefSchema.nullable(),
  openedAt: instantSchema,
  resolvedAt: instantSchema.nullable(),
  /** Why it was opened; of a resolved one, why it was resolved. */
  reason: textSchema.nullable(),
  /** Opened so often of late that nobody is told any more until it has been quiet. */
  flapping: z.boolean(),
  /** Checks that a summary counts; cleared ones no longer fail. */
  checks: z.array(checkRefSchema.extend({ cleared: z.boolean() })),
  /** Empty for customers: channels are the provider's. */
  deliveries: z.array(
    z.strictObject({
      channel: z.string(),
      change: z.enum(['opened', 'resolved']),
      sentAt: instantSchema.nullable(),
      tries: z.int(),
      givenUpAt: instantSchema.nullable(),
      lastError: z.string().nullable(),
    }),
  ),
});
export type Alert = z.infer<typeof alertSchema>;

export const channelSchema = z.strictObject({
  name: z.string(),
  failingSince: instantSchema.nullable(),
  lastOkAt: instantSchema.nullable(),
  lastError: z.string().nullable(),
});
export type Channel = z.infer<typeof channelSchema>;

export const alertsReply = z.strictObject({
  asOf: asOfSchema,
  ...pageSchema.shape,
  open: z.int(),
  resolved: z.int(),
  alerts: z.array(alertSchema),
  channels: z.array(channelSchema),
});
export type AlertsReply = z.infer<typeof alertsReply>;
