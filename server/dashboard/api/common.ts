/** Shapes that several replies of the dashboard's API share. */
import { z } from 'zod';
import { instantSchema } from '../../../shared/identifier.ts';
import { outcomeSchema, severitySchema, textSchema } from '../../../shared/outcome.ts';

export { instantSchema, outcomeSchema, severitySchema, textSchema };

/** Every reply says at which instant it is true. */
export const asOfSchema = instantSchema.describe('The instant at which this is true (UTC).');

export const tenantQuery = z.object({ tenant: z.string().min(1).max(100).optional() });

export const pageQuery = z.object({
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  size: z.coerce.number().int().min(1).max(200).default(50),
});

/** What a page is a part of. */
export const pageSchema = z.strictObject({ page: z.int(), size: z.int(), total: z.int() });

export const tenantRefSchema = z.strictObject({ id: z.string(), name: z.string() });
export type TenantRef = z.infer<typeof tenantRefSchema>;

/** How many results have each outcome. */
export const outcomeCountsSchema = z.strictObject({
  pass: z.int(),
  fail: z.int(),
  unknown: z.int(),
  'not-applicable': z.int(),
});
export type OutcomeCounts = z.infer<typeof outcomeCountsSchema>;

/** `fresh`: reported in time. `stale`: did not. `waiting`: enrolled, no report yet. `missing`: owed, but no agent. */
export const freshnesses = ['fresh', 'stale', 'waiting', 'missing'] as const;
export const freshnessSchema = z.enum(freshnesses);
export type Freshness = z.infer<typeof freshnessSchema>;
export const freshnessCountsSchema = z.strictObject({
  fresh: z.int(),
  stale: z.int(),
  waiting: z.int(),
  missing: z.int(),
});
export type FreshnessCounts = z.infer<typeof freshnessCountsSchema>;

export const clauseStatuses = [
  'violated',
  'unproven',
  'waived',
  'kept',
  'not-commissioned',
  'customer',
  'not-applicable',
] as const;
export const clauseStatusSchema = z.enum(clauseStatuses);
export type ClauseStatus = z.infer<typeof clauseStatusSchema>;
export const clauseCountsSchema = z.strictObject({
  violated: z.int(),
  unproven: z.int(),
  waived: z.int(),
  kept: z.int(),
  'not-commissioned': z.int(),
  customer: z.int(),
  'not-applicable': z.int(),
});
export type ClauseCounts = z.infer<typeof clauseCountsSchema>;

/** A check by its id; `title` is null for one that this version of the collector does not know. */
export const checkRefSchema = z.strictObject({ id: z.string(), title: textSchema.nullable() });
export type CheckRef = z.infer<typeof checkRefSchema>;

/** One change of outcome. `from` null: seen for the first time; `to` null: not in the report any more. */
export const transitionSchema = z.strictObject({
  id: z.int(),
  host: z.strictObject({ id: z.string(), name: z.string() }),
  check: checkRefSchema,
  from: outcomeSchema.nullable(),
  to: outcomeSchema.nullable(),
  severity: severitySchema,
  /** The agent's claim, and the collector's clock. */
  roundAt: instantSchema,
  receivedAt: instantSchema,
  sequence: z.int(),
});
export type Transition = z.infer<typeof transitionSchema>;
