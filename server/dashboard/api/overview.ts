/** Overview, tenants, checks and enrolment. */
import { z } from 'zod';
import { alertSchema, channelSchema } from './alerts.ts';
import {
  asOfSchema,
  clauseCountsSchema,
  clauseStatusSchema,
  freshnessCountsSchema,
  instantSchema,
  outcomeCountsSchema,
  severitySchema,
  tenantRefSchema,
  textSchema,
  transitionSchema,
} from './common.ts';

export const overviewReply = z.strictObject({
  asOf: asOfSchema,
  catalogue: z.strictObject({ id: z.string(), version: z.string(), title: textSchema }),
  /** Over all tenants in view. */
  clauses: clauseCountsSchema,
  tenants: z.array(tenantRefSchema.extend({ clauses: clauseCountsSchema, hosts: freshnessCountsSchema })),
  /** Violated clauses first, then unproven ones that checks could prove. */
  attention: z.array(
    z.strictObject({
      tenant: tenantRefSchema,
      clause: z.strictObject({ id: z.string(), title: textSchema }),
      status: clauseStatusSchema,
      hosts: clauseCountsSchema,
    }),
  ),
  hosts: freshnessCountsSchema,
  outcomes: outcomeCountsSchema,
  today: z.strictObject({
    /** Start of the 24 hours that this covers. */
    since: instantSchema,
    worse: z.int(),
    better: z.int(),
    other: z.int(),
    changes: z.array(transitionSchema),
  }),
  alerts: z.strictObject({ open: z.int(), newest: z.array(alertSchema) }),
  channels: z.array(channelSchema),
});
export type OverviewReply = z.infer<typeof overviewReply>;

export const tenantsReply = z.strictObject({
  asOf: asOfSchema,
  tenants: z.array(tenantRefSchema.extend({ hosts: z.int(), createdAt: instantSchema })),
});
export type TenantsReply = z.infer<typeof tenantsReply>;

export const checksReply = z.strictObject({
  asOf: asOfSchema,
  checks: z.array(
    z.strictObject({
      id: z.string(),
      family: z.string(),
      title: textSchema,
      why: textSchema,
      remedy: textSchema,
      severity: severitySchema,
      references: z.array(z.string()),
      decides: z.array(z.string()),
      informs: z.array(z.string()),
    }),
  ),
});
export type ChecksReply = z.infer<typeof checksReply>;

export const enrolmentBody = z.strictObject({
  tenant: z.string().min(1).max(100),
  uses: z.int().min(1).max(1000).default(1),
  /** How long the string holds. */
  hours: z
    .int()
    .min(1)
    .max(24 * 30)
    .default(24),
});
export const enrolmentReply = z.strictObject({
  asOf: asOfSchema,
  tenant: tenantRefSchema,
  /** The one string to paste: `https://collector:8443/#token.fingerprint`. */
  line: z.string(),
  expiresAt: instantSchema,
  uses: z.int(),
});
export type EnrolmentReply = z.infer<typeof enrolmentReply>;
