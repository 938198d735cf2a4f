/** Outcomes, evidence and results: the words in which everything else is said. */
import { z } from 'zod';

/** What a check found. `unknown` means "could not look" and is never a pass, a fail or not-applicable. */
export const outcomes = ['pass', 'fail', 'not-applicable', 'unknown'] as const;
export const outcomeSchema = z.enum(outcomes);
export type Outcome = z.infer<typeof outcomeSchema>;

export const severities = ['low', 'medium', 'high', 'critical'] as const;
export const severitySchema = z.enum(severities);
export type Severity = z.infer<typeof severitySchema>;

export type Language = 'de' | 'en';

/** A sentence people read, in both languages of the product. */
export const textSchema = z.strictObject({ de: z.string().max(2000), en: z.string().max(2000) });
export type Text = z.infer<typeof textSchema>;

/** A literal value that reads the same in every language (`no`, `/etc/shadow`), or words in both. */
export const phraseSchema = z.union([z.string().max(1000), textSchema]);
export type Phrase = z.infer<typeof phraseSchema>;

/** Where it was seen (`source`, a path or the command asked), what was found there, what was wanted. */
export const evidenceSchema = z.strictObject({
  source: z.string().max(1000),
  line: z.int().positive().optional(),
  found: phraseSchema,
  wanted: phraseSchema,
});
export type Evidence = z.infer<typeof evidenceSchema>;

/** `family.name`, as in `login.sshd-permit-root-login`. Ids are fixed: policies and waivers name them. */
export const checkIdSchema = z
  .string()
  .max(100)
  .regex(/^[a-z]+\.[a-z0-9]+(?:-[a-z0-9]+)*$/);

/** A parameter as it was in force: plain JSON, shallow. */
export const paramValueSchema = z.union([
  z.string().max(200),
  z.number(),
  z.boolean(),
  z.array(z.union([z.string().max(200), z.number()])).max(100),
]);
export type ParamValue = z.infer<typeof paramValueSchema>;

/** At most so much evidence per result; the rest is counted in a last entry. */
export const MAX_EVIDENCE = 50;

/** One check's answer about one host. `params` holds every effective parameter, so that floors can be judged. */
export const resultSchema = z.strictObject({
  check: checkIdSchema,
  outcome: outcomeSchema,
  severity: severitySchema,
  reason: textSchema.optional(),
  params: z.record(z.string().max(60), paramValueSchema).optional(),
  evidence: z.array(evidenceSchema).max(MAX_EVIDENCE + 1),
});
export type Result = z.infer<typeof resultSchema>;

/** The words of `phrase` in `language`. */
export function inLanguage(phrase: Phrase, language: Language): string {
  return typeof phrase === 'string' ? phrase : phrase[language];
}
