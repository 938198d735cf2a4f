/** A TOM annex as data. Clauses name checks; checks don't know clauses, so a second annex is one more file. */
import { z } from 'zod';
import { floorSchema } from './floor.ts';
import { checkIdSchema, textSchema } from './outcome.ts';

export const clauseKinds = ['technical', 'organisational', 'mixed', 'responsibility'] as const;

/** Both languages, and neither left empty. */
const wordsSchema = textSchema.refine(({ de, en }) => de.trim() !== '' && en.trim() !== '', {
  message: 'both languages are needed',
});

/** What has to happen before the clause is about anything: a host's end, or a disk that leaves a host. */
export const eventTypes = ['host-ended', 'disk-removed'] as const;
export type EventType = (typeof eventTypes)[number];

/** When a clause applies to a host; every member given must match. */
export const conditionSchema = z.strictObject({
  site: z.enum(['provider', 'customer']).optional(),
  kind: z.enum(['server', 'vm']).optional(),
  /** Applies only when this service was ordered; otherwise the status is not-commissioned. */
  commissioned: z.enum(['backup', 'patch']).optional(),
  /** Not-applicable while there was no such event; of several, any one of them. */
  event: z.union([z.enum(eventTypes), z.array(z.enum(eventTypes)).min(1).max(eventTypes.length)]).optional(),
});
export type Condition = z.infer<typeof conditionSchema>;

export const eventsOf = ({ event }: Pick<Condition, 'event'>): readonly EventType[] =>
  event === undefined ? [] : typeof event === 'string' ? [event] : event;

export const decidingCheckSchema = z.strictObject({
  check: checkIdSchema,
  /** Why this check proves what the sentence of the annex promises. */
  because: wordsSchema,
  floor: z.record(z.string().max(60), floorSchema).optional(),
});
export type DecidingCheck = z.infer<typeof decidingCheckSchema>;

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
export type RecordType = (typeof recordTypes)[number];

export const decidingRecordSchema = z.strictObject({
  record: z.enum(recordTypes).exclude(['waiver']),
  /** What the record must be about, stable: `ssh-access-procedure`, `iso-27001`. */
  subject: z
    .string()
    .max(100)
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/),
  because: wordsSchema,
  /** Days after which it must be renewed. */
  renewDays: z.int().positive().max(3660).optional(),
});
export type DecidingRecord = z.infer<typeof decidingRecordSchema>;

export const clauseSchema = z.strictObject({
  /** As in the annex, with a stable tail: `I.2.1/login-required`. */
  id: z
    .string()
    .max(100)
    .regex(/^[IVX]+(?:\.\d+){0,2}(?:\/[a-z0-9]+(?:-[a-z0-9]+)*)?$/),
  title: wordsSchema,
  /** What is promised, in our own words. */
  promise: wordsSchema,
  kind: z.enum(clauseKinds),
  /** All must hold for the clause to apply to a host; empty: always. */
  when: conditionSchema.default({}),
  /** Who answers for it where it applies. */
  responsible: z.enum(['provider', 'customer']).default('provider'),
  /** What a host at another site than `when.site` gets: the customer answers for it, or the question does not arise. */
  elsewhere: z.enum(['customer', 'not-applicable']).default('not-applicable'),
  /** All of these are needed. */
  decides: z
    .array(z.union([decidingCheckSchema, decidingRecordSchema]))
    .max(100)
    .default([]),
  /** Good practice: shown and alerted, never changes the status. */
  informs: z.array(checkIdSchema).max(300).default([]),
});
export type Clause = z.infer<typeof clauseSchema>;

export const catalogueSchema = z
  .strictObject({
    format: z.literal('nachweis.catalogue/1'),
    id: z
      .string()
      .max(100)
      .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/),
    version: z.string().min(1).max(30),
    title: wordsSchema,
    /** Headings of the annex by their number: `I`, `I.2`, `I.2.1`. */
    sections: z.array(z.strictObject({ id: z.string().max(20), title: wordsSchema })).max(200),
    clauses: z.array(clauseSchema).min(1).max(500),
  })
  .superRefine(({ clauses, sections }, context) => {
    const issue = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    const seen = new Set<string>();
    for (const [index, clause] of clauses.entries()) {
      const at = (...tail: (string | number)[]) => ['clauses', index, ...tail];
      if (seen.has(clause.id)) issue(at('id'), `${clause.id} is there twice`);
      seen.add(clause.id);
      if (!sections.some(({ id }) => id === sectionOf(clause.id)))
        issue(at('id'), `${clause.id} has no section ${sectionOf(clause.id)}`);
      for (const problem of clauseProblems(clause)) issue(at(problem.member), problem.message);
    }
    const headings = sections.map(({ id }) => id);
    for (const [index, id] of headings.entries())
      if (headings.indexOf(id) !== index) issue(['sections', index, 'id'], `${id} is there twice`);
  });
export type Catalogue = z.infer<typeof catalogueSchema>;

/** What the form alone can't say: that a clause rests on what its kind needs, and names nothing twice. */
function clauseProblems({ kind, responsible, decides, informs }: Clause) {
  const checks = decides.flatMap((item) => ('check' in item ? [item.check] : []));
  const records = decides.flatMap((item) => ('record' in item ? [`${item.record} ${item.subject}`] : []));
  const problems: { member: 'kind' | 'decides' | 'informs'; message: string }[] = [];
  if ((kind === 'technical' || kind === 'mixed') && checks.length === 0)
    problems.push({ member: 'decides', message: `a ${kind} clause needs a check that decides` });
  if ((kind === 'organisational' || kind === 'mixed') && records.length + checks.length < 1)
    problems.push({ member: 'decides', message: `an ${kind} clause needs a record or check that decides` });
  if (kind === 'organisational' && checks.length > 0)
    problems.push({ member: 'decides', message: 'a clause decided by checks is mixed, not organisational' });
  if (kind === 'technical' && records.length > 0)
    problems.push({ member: 'decides', message: 'a clause decided by records is mixed, not technical' });
  if (kind === 'responsibility' && responsible === 'provider' && decides.length === 0)
    problems.push({
      member: 'decides',
      message: 'what the provider answers for must rest on a check or record',
    });
  if (responsible === 'customer' && decides.length > 0)
    problems.push({ member: 'decides', message: 'nothing can decide what the customer answers for' });
  for (const name of repeated([...checks, ...records]))
    problems.push({ member: 'decides', message: `${name} is there twice` });
  for (const name of repeated([...new Set(checks), ...informs]))
    problems.push({
      member: 'informs',
      message: `${name} is there twice; what decides does not also inform`,
    });
  return problems;
}

const repeated = (names: readonly string[]) => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
];

/** The number of the heading that a clause stands under: `I.2.1` for `I.2.1/login-required`. */
export function sectionOf(clauseId: string): string {
  return clauseId.split('/')[0] ?? clauseId;
}

/** A clause that only says who answers, and rests on nothing: counted apart from the measures. */
export function isStatement({ kind, decides }: Pick<Clause, 'kind' | 'decides'>): boolean {
  return kind === 'responsibility' && decides.length === 0;
}

/** The checks that decide any clause. */
export function decidingChecks({ clauses }: Pick<Catalogue, 'clauses'>): ReadonlySet<string> {
  return new Set(clauses.flatMap(({ decides }) => decides.flatMap((d) => ('check' in d ? [d.check] : []))));
}

/** Every check that any clause names. */
export function claimedChecks(catalogue: Pick<Catalogue, 'clauses'>): ReadonlySet<string> {
  return new Set([...decidingChecks(catalogue), ...catalogue.clauses.flatMap(({ informs }) => informs)]);
}
