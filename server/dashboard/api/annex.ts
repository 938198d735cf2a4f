/** The annex, clause by clause, and one clause with the hosts behind its status. */
import { z } from 'zod';
import { clauseKinds, recordTypes } from '../../../shared/catalogue.ts';
import {
  asOfSchema,
  checkRefSchema,
  clauseCountsSchema,
  clauseStatusSchema,
  instantSchema,
  outcomeSchema,
  tenantRefSchema,
  textSchema,
} from './common.ts';

export const annexQuery = z.object({ tenant: z.string().min(1).max(100) });
export const clauseQuery = annexQuery.extend({ clause: z.string().min(1).max(100) });

/** How one check or record that a clause needs stands. */
export const basisStatusSchema = z.enum(['violated', 'unproven', 'waived', 'kept', 'not-applicable']);
export type BasisStatus = z.infer<typeof basisStatusSchema>;

const whatSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('check'), check: checkRefSchema }),
  z.strictObject({ kind: z.literal('record'), record: z.enum(recordTypes), subject: z.string() }),
]);

/** A check or a record that the clause needs, over all hosts that it is asked of. */
export const groundSchema = z.strictObject({
  what: whatSchema,
  because: textSchema,
  /** Weakest parameters that still count, as formulas: `max-days <= 365`. */
  floors: z.array(z.string()),
  /** The worst over those it was asked of; null where it was asked of none. */
  status: basisStatusSchema.nullable(),
  reason: textSchema.nullable(),
  /** Hosts in each state; all zero for what is asked once for the tenant. */
  hosts: z.strictObject({
    violated: z.int(),
    unproven: z.int(),
    waived: z.int(),
    kept: z.int(),
    'not-applicable': z.int(),
  }),
});
export type Ground = z.infer<typeof groundSchema>;

export const annexClauseSchema = z.strictObject({
  id: z.string(),
  /** Number of the heading it stands under. */
  section: z.string(),
  title: textSchema,
  promise: textSchema,
  kind: z.enum(clauseKinds),
  responsible: z.enum(['provider', 'customer']),
  status: clauseStatusSchema,
  /** The one sentence that says why. */
  reason: textSchema,
  /** `tenant`: asked once, no hosts behind it. */
  scope: z.enum(['tenant', 'host']),
  hosts: clauseCountsSchema,
  /** Hosts for which the clause is owed: the denominator. */
  assessed: z.int(),
  total: z.int(),
  grounds: z.array(groundSchema),
  informs: z.array(checkRefSchema),
});
export type AnnexClause = z.infer<typeof annexClauseSchema>;

const catalogueRefSchema = z.strictObject({ id: z.string(), version: z.string(), title: textSchema });
const sectionSchema = z.strictObject({ id: z.string(), title: textSchema });

export const annexReply = z.strictObject({
  asOf: asOfSchema,
  tenant: tenantRefSchema,
  catalogue: catalogueRefSchema,
  sections: z.array(sectionSchema),
  counts: clauseCountsSchema,
  clauses: z.array(annexClauseSchema),
});
export type AnnexReply = z.infer<typeof annexReply>;

/** One ground on one host. */
export const basisSchema = z.strictObject({
  what: whatSchema,
  status: basisStatusSchema,
  /** Null for a record, and where there is no result. */
  outcome: outcomeSchema.nullable(),
  stale: z.boolean(),
  reason: textSchema,
  /** Since when a check has this outcome; when a record was made. */
  since: instantSchema.nullable(),
});
export type Basis = z.infer<typeof basisSchema>;

export const clauseReply = z.strictObject({
  asOf: asOfSchema,
  tenant: tenantRefSchema,
  catalogue: catalogueRefSchema,
  /** The headings above it, outermost first. */
  sections: z.array(sectionSchema),
  clause: annexClauseSchema,
  /** The clauses before and after it in the annex. */
  previous: z.string().nullable(),
  next: z.string().nullable(),
  hosts: z.array(
    z.strictObject({
      /** Null: contracted, but no agent is enrolled. */
      id: z.string().nullable(),
      name: z.string(),
      status: clauseStatusSchema,
      reason: textSchema,
      basis: z.array(basisSchema),
    }),
  ),
});
export type ClauseReply = z.infer<typeof clauseReply>;
