/**
 * What a record of disposal says in its `terms`: the certificate of the firm that destroyed the media, or, for a
 * defective disk under warranty, the agreement with the customer on what happens to it.
 */
import { z } from 'zod';
import { destructionStandards, destructionTerms } from './destruction.ts';
import { serialSchema } from './erasure.ts';
import { wordSchema, zonedInstantSchema } from './record.ts';
import { said } from './said.ts';

const disks = <T extends z.ZodType>(disk: T) =>
  z
    .array(disk)
    .min(1, { error: said('kein Datenträger genannt', 'no disk is named') })
    .max(300);

export const certificateSchema = z.strictObject({
  kind: z.literal('certificate'),
  standard: z.enum(destructionStandards, {
    error: said('die Norm ist din-66399 oder iso-21964', 'the standard is din-66399 or iso-21964'),
  }),
  firm: wordSchema,
  /** When they were destroyed. */
  at: zonedInstantSchema,
  disks: disks(z.strictObject({ serial: serialSchema, ...destructionTerms })),
});

export const warrantySchema = z.strictObject({
  kind: z.literal('warranty'),
  /** With whom of the customer, and when; that may well be before the disk was taken out. */
  agreedWith: wordSchema,
  agreedAt: zonedInstantSchema,
  /** What was agreed. */
  solution: wordSchema,
  disks: disks(z.strictObject({ serial: serialSchema })),
});

/** `terms` of a record of type disposal. */
export const disposalTermsSchema = z.discriminatedUnion('kind', [certificateSchema, warrantySchema], {
  error: said('kind ist certificate oder warranty', 'kind is certificate or warranty'),
});
export type DisposalTerms = z.infer<typeof disposalTermsSchema>;
