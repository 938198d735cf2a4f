/** Pending security updates of all hosts in reach, by package. */
import { z } from 'zod';
import { updateEntrySchema, updateSeverities } from '../../../shared/update-list.ts';
import { asOfSchema, instantSchema, pageQuery, pageSchema, tenantQuery, tenantRefSchema } from './common.ts';

const filters = {
  /** Words of package, source package, installed version, advisory, CVE number or host: shared/update-search.ts. */
  q: z.string().trim().max(100).optional(),
  host: z.string().max(100).optional(),
  severity: z.enum(updateSeverities).optional(),
  /** `overdue`: past its deadline. */
  due: z.enum(['overdue', 'open']).optional(),
};
export const updatesQuery = tenantQuery.extend({ ...pageQuery.shape, ...filters });
/** The same list as CSV (RFC 4180), whole. */
export const updatesCsvQuery = tenantQuery.extend(filters);

const hostRefSchema = z.strictObject({ id: z.string(), name: z.string() });

export const updateRowSchema = z.strictObject({
  host: hostRefSchema,
  tenant: tenantRefSchema,
  entry: updateEntrySchema,
  /** The holes that its advisories name; apt's name none. */
  cves: z.array(z.string()),
  overdue: z.boolean(),
});
export type UpdateRow = z.infer<typeof updateRowSchema>;

export const updateGroupSchema = z.strictObject({
  name: z.string(),
  severity: z.enum(updateSeverities),
  /** Of the hosts below, the nearest; null where no host says one. */
  deadline: instantSchema.nullable(),
  hosts: z.int(),
  overdue: z.int(),
  /** At most 50 of them, the most urgent first. */
  rows: z.array(updateRowSchema),
});
export type UpdateGroup = z.infer<typeof updateGroupSchema>;

export const latencySchema = z.strictObject({
  /** Updates installed in the last `window` days on all these hosts, and how many of them within the limit. */
  updates: z.int(),
  within: z.int(),
  hosts: z.int(),
  /** At most 20, the slowest first; in days. */
  slowest: z.array(
    z.strictObject({
      host: hostRefSchema,
      updates: z.int(),
      within: z.int(),
      median: z.number(),
      worst: z.number(),
      limit: z.number(),
      window: z.number(),
    }),
  ),
});
export type Latency = z.infer<typeof latencySchema>;

export const updatesReply = z.strictObject({
  asOf: asOfSchema,
  /** Counts packages. */
  ...pageSchema.shape,
  /** With the search: updates that wait, hosts on which some do, updates past their deadline. */
  updates: z.int(),
  hosts: z.int(),
  overdue: z.int(),
  /** Hosts that say what waits, of all in reach. */
  hostsKnown: z.int(),
  hostsInReach: z.int(),
  /** Of those that say it, hosts whose package manager could not name everything. */
  hostsUnsure: z.int(),
  host: hostRefSchema.nullable(),
  /** How long those waited that were installed; null where no host says so. */
  latency: latencySchema.nullable(),
  packages: z.array(updateGroupSchema),
});
export type UpdatesReply = z.infer<typeof updatesReply>;
