/**
 * The security updates that wait on a host: what is installed, what closes the hole, since when it waits and until
 * when it may. It decides nothing: patch.security-updates does. It is what people search to see who still has what.
 */
import { z } from 'zod';
import { instantSchema } from './identifier.ts';
import { textSchema } from './outcome.ts';

export const updateSeverities = ['critical', 'high', 'medium', 'low', 'unknown'] as const;
export type UpdateSeverity = (typeof updateSeverities)[number];

/** What becomes of it when the host is upgraded as it is configured: checks/facts/pending-updates.ts. */
export const updateFates = [
  'installable',
  'held',
  'phased',
  'pinned',
  'kept-back',
  'subscription',
  'unsure',
] as const;
export type UpdateFate = (typeof updateFates)[number];

const word = z.string().max(300);

export const updateEntrySchema = z.strictObject({
  name: word.min(1),
  arch: word,
  /** What it was built from, where that has another name: `openssl` of libssl3. */
  source: word.optional(),
  installed: word,
  candidate: word,
  /** The archive or repository that has it. */
  origin: z.string().max(1000),
  advisories: z.array(word).max(50),
  severity: z.enum(updateSeverities),
  fate: z.enum(updateFates),
  /** Since when it is known to wait; left out where nothing says it. */
  since: instantSchema.optional(),
  /** Set where it began then, and not earlier. */
  exact: z.literal(true).optional(),
  /** Until when it may wait by its severity. */
  deadline: instantSchema.optional(),
});
export type UpdateEntry = z.infer<typeof updateEntrySchema>;

export const MAX_UPDATE_ENTRIES = 2000;
/** Of all advisories of a host together: a kernel's can name hundreds. */
export const MAX_UPDATE_CVES = 10_000;

export const updateListSchema = z.strictObject({
  manager: z.enum(['apt', 'dnf', 'zypper']),
  /** By name, then architecture. */
  entries: z.array(updateEntrySchema).max(MAX_UPDATE_ENTRIES),
  more: z.int().nonnegative(),
  /** By advisory: the numbers of the holes that it closes. Of those above the first `MAX_UPDATE_CVES` nothing is said. */
  cves: z
    .record(word, z.array(z.string().regex(/^CVE-\d{4}-\d{4,7}$/)))
    .refine((of) => Object.values(of).reduce((sum, { length }) => sum + length, 0) <= MAX_UPDATE_CVES)
    .optional(),
  /** Why there may be others. */
  doubt: textSchema.optional(),
});
export type UpdateList = z.infer<typeof updateListSchema>;
