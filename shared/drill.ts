/**
 * A restore drill: a sample taken back from a backup and compared. Signed and sent as shared/drill-statement.ts has it.
 * Names of files stand in it only where somebody asked for them; digests of what was restored never do: a secret of few
 * bits could be guessed back from one.
 */
import { z } from 'zod';
import { instantSchema, sha256HexSchema } from './identifier.ts';

/** For how long a drill shows that restoring works. */
export const DRILL_DAYS = 90;

export const drillTools = ['restic', 'borg', 'duplicity', 'rsnapshot'] as const;
export type DrillTool = (typeof drillTools)[number];

/** `equal`: all that was restored is what it should be. `unequal`: something is not, or is not there. `error`: there was no restoring. `unclear`: restored, but nothing to compare with. */
export const drillOutcomes = ['equal', 'unequal', 'error', 'unclear'] as const;
export type DrillOutcome = (typeof drillOutcomes)[number];

/** Why a repository did not open: for drills and probes. `no-key`: encrypted for a key whose secret half is not here. */
export const repositoryProblems = [
  'locked',
  'wrong-password',
  'no-key',
  'unreachable',
  'no-repository',
  'damaged',
  'no-program',
  'unsafe-configuration',
  'timeout',
  'not-understood',
  'failed',
] as const;

/** Why a drill did not end well, where a count does not say it. */
export const drillProblems = [...repositoryProblems, 'no-space', 'no-snapshot', 'nothing-wanted'] as const;
export type DrillProblem = (typeof drillProblems)[number];

const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}+$/u);
const count = z.int().nonnegative().max(1_000_000);
const milliseconds = z
  .int()
  .nonnegative()
  .max(7 * 86_400_000);

export const drillSchema = z
  .strictObject({
    /** When it began: the agent's claim. */
    at: instantSchema,
    tool: z.enum(drillTools),
    /** Name of the job, as its declaration, unit or table has it. */
    job: line(200),
    repository: z.strictObject({
      /** Without user names and secrets. */
      location: line(300).optional(),
      id: sha256HexSchema.optional(),
    }),
    snapshot: z
      .strictObject({
        at: instantSchema,
        id: z
          .string()
          .regex(/^[0-9a-zA-Z._-]{1,100}$/)
          .nullable(),
      })
      .nullable(),
    sample: z.strictObject({
      /** What the files were drawn with: HMAC-SHA256(seed, path), the smallest first. */
      seed: z.string().regex(/^[0-9a-f]{32}$/),
      /** What was asked for by name; empty: drawn from the system's configuration. */
      named: z.array(line(300)).max(50),
    }),
    files: z.strictObject({
      /** Equal to the file on the host, byte for byte. */
      source: count,
      /** Changed or gone on the host since; equal to what the repository itself recorded. */
      record: count,
      /** Not to be told: changed or made since, and there is no record to compare with. */
      unclear: count,
      /** Unchanged on the host since the snapshot, and yet not the same. */
      different: count,
      /** Could not be restored: the repository is damaged there. */
      damaged: count,
      /** Should be in the snapshot and is not. */
      missing: count,
    }),
    /** Of those equal to the file on the host: mode, owner and time as the snapshot has them. Left out: it does not tell. */
    attributes: z.strictObject({ compared: count, mode: count, owner: count, time: count }).optional(),
    /** Restored, all files together. */
    bytes: z.int().nonnegative(),
    milliseconds: z.strictObject({
      /** From opening the repository to the first byte; null: there was none. */
      firstByte: milliseconds.nullable(),
      /** Until everything was restored, without comparing. */
      restored: milliseconds,
    }),
    outcome: z.enum(drillOutcomes),
    problem: z.enum(drillProblems).nullable(),
  })
  .superRefine((drill, context) => {
    const { files, attributes, outcome, problem, snapshot, bytes, milliseconds: took } = drill;
    const wrong = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    const off = attributes ? attributes.mode + attributes.owner + attributes.time : 0;
    const bad = files.different + files.damaged + files.missing + off;
    if ((attributes?.compared ?? 0) > files.source) wrong('attributes', 'more than files that are equal');
    const good = files.source + files.record;
    if (outcome === 'equal') {
      if (bad + files.unclear > 0 || good === 0) wrong('files', 'they are not all equal');
      if (problem !== null) wrong('problem', 'nothing is wrong where all is equal');
      if (snapshot === null || bytes === 0 || took.firstByte === null)
        wrong('bytes', 'nothing was restored that could be equal');
    }
    if (outcome !== 'unequal' && bad > 0) wrong('outcome', 'files are not equal');
    if (outcome === 'unequal' && bad === 0 && problem === null) wrong('outcome', 'all files are equal');
  });
export type Drill = z.infer<typeof drillSchema>;

/** All files that were tried. */
export const drillTotal = ({ files }: Pick<Drill, 'files'>): number =>
  Object.values(files).reduce((sum, one) => sum + one, 0);
