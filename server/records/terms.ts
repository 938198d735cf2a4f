/** What the `terms` of a record must look like, by its type; types without any take none. */
import type { z } from 'zod';
import type { RecordType } from '../../shared/catalogue.ts';
import { disposalTermsSchema } from '../../shared/disposal.ts';
import { erasureTermsSchema } from '../../shared/erasure.ts';

export const termsSchemas: Partial<Record<RecordType, z.ZodType<Record<string, unknown>>>> = {
  erasure: erasureTermsSchema,
  disposal: disposalTermsSchema,
};

/** Evidence that a record of this kind can't do without. */
export function needsCertificate(type: RecordType, terms: Readonly<Record<string, unknown>>): boolean {
  return (
    (type === 'erasure' && terms.kind === 'server') || (type === 'disposal' && terms.kind === 'certificate')
  );
}
