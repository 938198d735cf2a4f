/** The access matrices of all hosts in reach, as one list. */
import { z } from 'zod';
import { accessEntrySchema, accessMatrixSchema, waysIn } from '../../../shared/access-matrix.ts';
import { parties } from '../../../shared/grant.ts';
import { asOfSchema, instantSchema, pageQuery, pageSchema, tenantQuery, tenantRefSchema } from './common.ts';

export const accessQuery = tenantQuery.extend({
  ...pageQuery.shape,
  /** Part of an account's or host's name, of a key's fingerprint, a command or a file. */
  q: z.string().trim().max(100).optional(),
  host: z.string().max(100).optional(),
  way: z.enum(waysIn).optional(),
  /** `open`: no live grant covers it, or its host knows no register. */
  covered: z.enum(['open', 'granted']).optional(),
});

export const accessRowSchema = z.strictObject({
  host: z.strictObject({ id: z.string(), name: z.string() }),
  tenant: tenantRefSchema,
  entry: accessEntrySchema.omit({ grant: true }),
  /** Whether its host knows a register of grants: without one nothing can be said to be granted, or not. */
  register: z.boolean(),
  /** What covers it; `party` and the rest are null for a grant that the collector does not know. */
  grant: z
    .strictObject({
      id: z.string(),
      subject: z.string().nullable(),
      party: z.enum(parties).nullable(),
      until: instantSchema.nullable(),
    })
    .nullable(),
});
export type AccessRow = z.infer<typeof accessRowSchema>;

export const accessReply = z.strictObject({
  asOf: asOfSchema,
  ...pageSchema.shape,
  /** With the search, whatever is covered. */
  open: z.int(),
  granted: z.int(),
  /** Hosts whose matrix is known, of all that are in reach; and those of them without a register of grants. */
  hosts: z.int(),
  hostsInReach: z.int(),
  withoutRegister: z.int(),
  /** The host that was asked for. */
  host: z.strictObject({ id: z.string(), name: z.string(), tenant: tenantRefSchema }).nullable(),
  /** Why there may be more ways in, host by host; at most 100. */
  gaps: z.array(
    z.strictObject({
      host: z.strictObject({ id: z.string(), name: z.string() }),
      ...accessMatrixSchema.shape.gaps.element.shape,
    }),
  ),
  gapsTotal: z.int(),
  entries: z.array(accessRowSchema),
});
export type AccessReply = z.infer<typeof accessReply>;
