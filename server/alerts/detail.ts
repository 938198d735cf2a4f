/** What an alert remembers besides its row: `alerts.detail`, as JSON. */
import { z } from 'zod';
import { instantSchema } from '../../shared/identifier.ts';
import { checkIdSchema, severitySchema, textSchema } from '../../shared/outcome.ts';

export const detailSchema = z.strictObject({
  /** Why it was opened. */
  reason: textSchema,
  /** Why it was resolved. */
  resolution: textSchema.optional(),
  /** Of a summary: the checks it counts; cleared ones no longer fail. */
  checks: z
    .array(
      z.strictObject({ check: checkIdSchema, severity: severitySchema, clearedAt: instantSchema.optional() }),
    )
    .optional(),
  /** Opened so often of late that changes are not sent any more until it has been quiet. */
  flapping: z.boolean().optional(),
  /** Of an event: when it happened last, if more than once. */
  lastAt: instantSchema.optional(),
  /** Of a flapping one: it looks fine since then. */
  quietSince: instantSchema.optional(),
});
export type AlertDetail = z.infer<typeof detailSchema>;

/** The detail of a row. One that can't be read (which should not be) keeps its alert alive with an empty reason. */
export function parseDetail(text: string): AlertDetail {
  try {
    const parsed = detailSchema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch {
    // Falls through to what can be said without it.
  }
  return { reason: { de: '', en: '' } };
}
