/** A TOM annex as data. Clauses name checks; checks don't know clauses, so a second annex is one more file. */
import { z } from 'zod';
import { checkIdSchema, paramValueSchema, textSchema } from './outcome.ts';

export const clauseKinds = ['technical', 'organisational', 'mixed', 'responsibility'] as const;

/** When a clause applies to a host; every member given must match. */
export const conditionSchema = z.strictObject({
  site: z.enum(['provider', 'customer']).optional(),
  kind: z.enum(['server', 'vm']).optional(),
  /** Applies only when this service was ordered; otherwise the status is not-commissioned. */
  commissioned: z.enum(['backup', 'patch']).optional(),
});

/** The weakest value of a parameter that still counts. A result judged with weaker ones does not prove the clause. */
export const floorSchema = z.union([
  z.strictObject({ atLeast: z.number() }),
  z.strictObject({ atMost: z.number() }),
  /** The value, or every member of the list, is one of these. */
  z.strictObject({ within: z.array(z.union([z.string(), z.number()])).min(1) }),
  /** The list holds all of these. */
  z.strictObject({ includes: z.array(z.union([z.string(), z.number()])).min(1) }),
  z.strictObject({ is: paramValueSchema }),
]);
export type Floor = z.infer<typeof floorSchema>;

export const decidingCheckSchema = z.strictObject({
  check: checkIdSchema,
  /** Why this check proves what the sentence of the annex promises. */
  because: textSchema,
  floor: z.record(z.string().max(60), floorSchema).optional(),
});

/** Types of records a clause can rest on; records come with a later version. */
export const recordTypes = [
  'attestation',
  'grant',
  'waiver',
  'instruction',
  'drill',
  'erasure',
  'disposal',
  'spot-check',
] as const;

export const decidingRecordSchema = z.strictObject({
  record: z.enum(recordTypes),
  /** What the record must be about, stable: `ssh-access-procedure`, `iso-27001`. */
  subject: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/),
  because: textSchema,
  /** Days after which it must be renewed. */
  renewDays: z.int().positive().optional(),
});

export const clauseSchema = z.strictObject({
  /** As in the annex, with a stable tail: `I.2.1/login-required`. */
  id: z.string().regex(/^[IVX]+(?:\.\d+){0,2}(?:\/[a-z0-9]+(?:-[a-z0-9]+)*)?$/),
  title: textSchema,
  /** What is promised, in our own words. */
  promise: textSchema,
  kind: z.enum(clauseKinds),
  /** All must hold for the clause to apply to a host; empty: always. */
  when: conditionSchema.default({}),
  /** Who answers where the clause is one of responsibility, or where `when.site` does not match. */
  responsible: z.enum(['provider', 'customer']).default('provider'),
  /** All of these are needed. */
  decides: z.array(z.union([decidingCheckSchema, decidingRecordSchema])).default([]),
  /** Good practice: shown and alerted, never changes the status. */
  informs: z.array(checkIdSchema).default([]),
});
export type Clause = z.infer<typeof clauseSchema>;

export const catalogueSchema = z
  .strictObject({
    format: z.literal('nachweis.catalogue/1'),
    id: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/),
    version: z.string().max(30),
    title: textSchema,
    /** Headings of the annex by their number: `I`, `I.2`, `I.2.1`. */
    sections: z.array(z.strictObject({ id: z.string().max(20), title: textSchema })),
    clauses: z.array(clauseSchema).min(1),
  })
  .superRefine(({ clauses }, context) => {
    const seen = new Set<string>();
    for (const [index, { id }] of clauses.entries()) {
      if (seen.has(id))
        context.addIssue({ code: 'custom', path: ['clauses', index, 'id'], message: `${id} is there twice` });
      seen.add(id);
    }
  });
export type Catalogue = z.infer<typeof catalogueSchema>;
