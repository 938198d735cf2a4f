/**
 * What the backup probe (agent/backup-probe.ts) saw in a repository: /var/lib/nachweis/backup/TOOL-NAME.json.
 * The file decides an outcome, so it counts only if nobody but root could have written it.
 */
import { z } from 'zod';
import { repositoryProblems } from '../../shared/drill.ts';
import { instantSchema } from '../../shared/identifier.ts';
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, known } from '../fact.ts';
import type { Host } from '../host.ts';
import { jobNameSchema } from './backup-declared.ts';
import { notOnlyRoots } from './only-roots.ts';

export const RESULT_DIRECTORY = '/var/lib/nachweis/backup';

/** Why a repository could not be asked. */
export const probeProblems = repositoryProblems;

const snapshotSchema = z.strictObject({
  /** Instant of the snapshot: when its backup began. */
  at: instantSchema,
  id: z.string().regex(/^[0-9a-f]{8,64}$/),
  /** Not told by borg. */
  paths: z.array(z.string().max(1000)).max(20),
});
export type SnapshotSeen = z.output<typeof snapshotSchema>;

export const probeResultSchema = z.strictObject({
  format: z.literal('nachweis.backup-probe/1'),
  tool: z.enum(['restic', 'borg', 'duplicity']),
  job: jobNameSchema,
  /** Name of the machine that asked: a file copied from another one does not count. */
  host: z.string().min(1).max(255),
  /** Under which name its snapshots are stored. */
  snapshotHost: z.string().min(1).max(255),
  at: instantSchema,
  repository: z.strictObject({
    location: z.string().max(300).optional(),
    id: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    /** borg: the mode in its own word, such as `repokey-blake2`, `authenticated` or `none`; duplicity: `gpg` or `none`. */
    encryption: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,59}$/)
      .optional(),
  }),
  outcome: z.union([
    z.strictObject({
      opened: z.literal(true),
      /** The newest snapshot of each set of paths for `snapshotHost`, newest first. */
      newest: z.array(snapshotSchema).max(20),
      /** Snapshots of this name, and of all other names. */
      own: z.int().nonnegative(),
      others: z.int().nonnegative(),
    }),
    z.strictObject({ opened: z.literal(false), problem: z.enum(probeProblems) }),
  ]),
});
export type ProbeResult = z.output<typeof probeResultSchema>;

export interface ProbeFile {
  readonly source: string;
  readonly result?: ProbeResult;
  /** Why it does not count. */
  readonly problem?: Text;
}

/** One entry per result file; empty where no probe ever ran. */
export const backupResults = defineFact<readonly ProbeFile[]>({
  id: 'backup-results',
  collect: async (host): Promise<Fact<readonly ProbeFile[]>> => {
    const names = await host.list(RESULT_DIRECTORY);
    if (names.state === 'absent') return known([]);
    if (names.state === 'unreadable') return names;
    const open = (await notOnlyRoots(host, RESULT_DIRECTORY)) !== undefined;
    const files = names.value.filter((name) => /^(?:restic|borg|duplicity)-.+\.json$/.test(name));
    return known(
      await Promise.all(files.map((name) => readResult(host, `${RESULT_DIRECTORY}/${name}`, open))),
    );
  },
});

const notRoots: Text = {
  en: 'not only root could have written it',
  de: 'nicht nur root könnte ihn geschrieben haben',
};

async function readResult(host: Host, path: string, open: boolean): Promise<ProbeFile> {
  const link = await host.lstat(path);
  const file = await host.readText(path, { maxBytes: 256 * 1024 });
  if (file.state !== 'known') {
    return {
      source: path,
      problem: file.state === 'unreadable' ? file.reason : { en: 'it vanished', de: 'ist verschwunden' },
    };
  }
  const { uid, mode } = file.value.stat;
  if (open || uid !== 0 || (mode & 0o022) !== 0 || link.state !== 'known' || link.value.type !== 'file') {
    return { source: path, problem: notRoots };
  }
  const result = parseProbeResult(file.value.text);
  return result
    ? { source: path, result }
    : { source: path, problem: { en: 'it is not valid', de: 'er ist nicht gültig' } };
}

/** Pure. Undefined for anything that the probe would not have written. */
export function parseProbeResult(text: string): ProbeResult | undefined {
  try {
    const parsed = probeResultSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
