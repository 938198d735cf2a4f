/** Restore drills: who drilled, what came of it and how long it took; and which hosts are due. */
import { z } from 'zod';
import { drillOutcomes, drillProblems, drillTools } from '../../../shared/drill.ts';
import { asOfSchema, instantSchema, pageQuery, pageSchema, tenantQuery, tenantRefSchema } from './common.ts';

const filters = {
  host: z.string().max(100).optional(),
  outcome: z.enum(drillOutcomes).optional(),
  tool: z.enum(drillTools).optional(),
  /** Part of the host's name, the job's or the repository's. */
  q: z.string().trim().max(100).optional(),
};
export const drillsQuery = tenantQuery.extend({ ...pageQuery.shape, ...filters });
/** The same list as CSV, whole. */
export const drillsCsvQuery = tenantQuery.extend(filters);

const hostRefSchema = z.strictObject({ id: z.string(), name: z.string() });

export const drillRowSchema = z.strictObject({
  /** Of the record. */
  id: z.string(),
  host: hostRefSchema,
  tenant: tenantRefSchema,
  /** When it began, by the host's clock. */
  at: instantSchema,
  receivedAt: instantSchema,
  tool: z.enum(drillTools),
  job: z.string(),
  repository: z.string().nullable(),
  snapshotAt: instantSchema.nullable(),
  outcome: z.enum(drillOutcomes),
  problem: z.enum(drillProblems).nullable(),
  files: z.strictObject({
    source: z.int(),
    record: z.int(),
    unclear: z.int(),
    different: z.int(),
    damaged: z.int(),
    missing: z.int(),
  }),
  /** Mode, owner and time, of those that are equal to the host's; null: not compared. */
  attributes: z.strictObject({ compared: z.int(), mode: z.int(), owner: z.int(), time: z.int() }).nullable(),
  bytes: z.int(),
  milliseconds: z.strictObject({ firstByte: z.int().nullable(), restored: z.int() }),
  /** What was asked for by name; empty: a random sample of the configuration. */
  named: z.array(z.string()),
  logIndex: z.int(),
});
export type DrillRow = z.infer<typeof drillRowSchema>;

/** `never`: no drill ended equal. `old`: too long ago. `unequal`: the newest that came to a result was not equal. */
export const dueReasons = ['unequal', 'old', 'never'] as const;

export const drillDueSchema = z.strictObject({
  /** Null: contracted, but no agent is enrolled. */
  host: hostRefSchema.extend({ id: z.string().nullable() }),
  tenant: tenantRefSchema,
  reason: z.enum(dueReasons),
  /** The last that ended equal. */
  equalAt: instantSchema.nullable(),
});
export type DrillDue = z.infer<typeof drillDueSchema>;

export const drillsReply = z.strictObject({
  asOf: asOfSchema,
  ...pageSchema.shape,
  /** For how many days a drill counts. */
  days: z.int(),
  /** Hosts whose contract has backup, and those of them that are not due. */
  owed: z.int(),
  proven: z.int(),
  due: z.array(drillDueSchema),
  /** Of all drills in reach and filter that ended equal, the middle time to restore; null: there are none. */
  medianMs: z.int().nullable(),
  /** The host that it is narrowed to. */
  host: hostRefSchema.nullable(),
  drills: z.array(drillRowSchema),
});
export type DrillsReply = z.infer<typeof drillsReply>;
