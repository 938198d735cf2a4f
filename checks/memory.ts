/**
 * What a host remembers from one round to the next: since when updates wait, and the package manager's last answer.
 * The agent keeps it in its own directory and hands it to the round through `Host.memory`; nothing of it is secret.
 * Without an enrolment there is none, and what depends on it is judged by what the host itself shows.
 */
import { z } from 'zod';
import { instantSchema } from '../shared/identifier.ts';
import { MAX_UPDATE_CVES, updateFates, updateSeverities } from '../shared/update-list.ts';

const managerSchema = z.enum(['apt', 'dnf', 'zypper']);
const word = z.string().max(300);

/** How many updates are remembered: what lies beyond is treated as never seen before. */
export const MAX_REMEMBERED = 2000;

/** The versions that were on offer for one installed package, in the order in which they were first seen. */
const waitingSchema = z.strictObject({
  name: word,
  arch: word,
  installed: word,
  offers: z
    .array(
      z.strictObject({
        version: word,
        since: instantSchema,
        /** Whether somebody had looked shortly before, and it was not there. */
        exact: z.boolean(),
        from: z.enum(['index', 'seen']),
      }),
    )
    .min(1)
    .max(8),
});
export type Waiting = z.infer<typeof waitingSchema>;

const updateSchema = z.strictObject({
  name: word,
  arch: word,
  source: word.optional(),
  installed: word,
  candidate: word,
  origin: z.string().max(1000),
  advisories: z.array(word).max(50),
  severity: z.enum(updateSeverities),
  published: instantSchema.optional(),
  listed: instantSchema.optional(),
  fate: z.enum(updateFates),
});

const upgradesSchema = z
  .array(
    z.strictObject({
      name: word,
      version: word,
      available: instantSchema,
      installed: instantSchema,
      waited: z.number(),
    }),
  )
  .max(MAX_REMEMBERED);

const answerSchema = z.strictObject({
  /** Of all that the answer depends on: SHA-256, hex. */
  inputs: z.string().max(128),
  asked: instantSchema,
  updates: z.array(updateSchema).max(MAX_REMEMBERED),
  /** By advisory. */
  holes: z.record(word, z.array(word).max(MAX_UPDATE_CVES)).optional(),
  /** When a transaction began that has no end. */
  unfinished: instantSchema.optional(),
  /** Installed packages that no source has any more. */
  obsolete: z
    .array(z.strictObject({ name: word, version: word }))
    .max(MAX_REMEMBERED)
    .optional(),
  /** What was installed lately, with rpm. */
  installs: z
    .strictObject({ upgrades: upgradesSchema, unexplained: z.array(instantSchema).max(MAX_REMEMBERED) })
    .optional(),
});

const latencySchema = z.strictObject({
  /** Of the logs and the day: SHA-256, hex. */
  inputs: z.string().max(128),
  value: z.strictObject({
    upgrades: upgradesSchema,
    unexplained: z.int().nonnegative(),
    since: z.string().max(10),
  }),
});

export const memorySchema = z.strictObject({
  format: z.literal('nachweis.memory/1'),
  /** Of whose updates this is; none before the first round. */
  manager: managerSchema.optional(),
  /** The last time that everything pending could be named. */
  looked: instantSchema.optional(),
  waiting: z.array(waitingSchema).max(MAX_REMEMBERED),
  answer: answerSchema.optional(),
  /** How long security updates waited before: read off logs and changelogs, which takes a while. */
  latency: latencySchema.optional(),
});
export type Memory = z.infer<typeof memorySchema>;
