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
  host: z.strictObject({ id: z.string(), name: z.string() }).nullable(),
  check: checkRefSchema.nullable(),
  openedAt: instantSchema,
  resolvedAt: instantSchema.nullable(),
  /** Checks that a summary alert counts. */
  checks: z.array(checkRefSchema),
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
