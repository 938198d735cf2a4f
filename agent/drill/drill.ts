/**
 * The restore drill of one job: open the repository, draw a sample from the newest snapshot, restore it into a private
 * directory, compare, measure, delete. What was restored never leaves that directory.
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { repositoryName } from '../../checks/facts/backup-call.ts';
import type { Host } from '../../checks/host.ts';
import type { Drill, DrillProblem } from '../../shared/drill.ts';
import { firstSafe } from '../backup-access.ts';
import { runTool } from '../backup-run.ts';
import { type AttributeKind, attributeTally, compareAttributes } from './attributes.ts';
import { compareWithSource, isUnchanged, wasHere } from './compare.ts';
import { makeOwn, runContained, unusedAccount, WRAPPERS } from './contained.ts';
import type { DrillJob } from './jobs.ts';
import { drawSample, type Limits, recordedPath, WANTED } from './sample.ts';
import { fileSink, freeBytes, makeScratch } from './scratch.ts';
import { isBelow, type Listed, type Opened, type Restored, type Session } from './tool.ts';

export interface DrillOptions {
  /** The live system. */
  readonly host: Host;
  /** The machine's name as the kernel has it. */
  readonly hostName: string;
  readonly now: () => Date;
  /** Milliseconds, from anywhere. */
  readonly monotonic: () => number;
  /** Of root alone; empty, and locked by the caller. */
  readonly directory: string;
  /** What is wanted by name; empty: a sample of the system's configuration. */
  readonly paths: readonly string[];
  readonly limits: Limits;
  /** For all that a repository is asked. */
  readonly seconds: number;
  /** 32 hex digits; drawn where it is not given. */
  readonly seed?: string;
  /** Paths of the host that the snapshot must hold, by the instant it was made: agent/drill/expected.ts. */
  readonly expected?: (job: DrillJob, before: number) => Promise<readonly string[]>;
}

/** How one file came out; for the person at the terminal, it goes nowhere. */
export interface FileResult {
  readonly path: string;
  readonly result: keyof Drill['files'];
  /** Of one that is equal: what of its attributes is not; left out where they could not be compared. */
  readonly attributes?: readonly AttributeKind[];
}

export interface Drilled {
  readonly drill: Drill;
  readonly files: readonly FileResult[];
}

/** Above what is restored: directories, and what the file system keeps for itself. */
const SPARE_BYTES = 1024 * 1024;

export async function drillJob(options: DrillOptions, job: DrillJob): Promise<Drilled> {
  const { host, paths, now, monotonic } = options;
  const { tool } = job;
  const started = monotonic();
  const at = now().toISOString();
  const seed = options.seed ?? randomBytes(16).toString('hex');
  const ending = (more: Partial<Drill>, files: readonly FileResult[] = []): Drilled => ({
    drill: {
      at,
      tool: tool.tool,
      job: job.name.replace(/\p{Cc}/gu, '?').slice(0, 200),
      repository: job.repository === undefined ? {} : { location: job.repository },
      snapshot: null,
      sample: { seed, named: [...new Set(paths.map(recordedPath))].slice(0, 50) },
      files: { source: 0, record: 0, unclear: 0, different: 0, damaged: 0, missing: 0, ...tally(files) },
      bytes: 0,
      milliseconds: { firstByte: null, restored: Math.round(monotonic() - started) },
      outcome: 'error',
      problem: null,
      ...more,
    },
    files,
  });

  const access = await job.access();
  if (!access) return ending({ problem: 'unsafe-configuration' });
  const program = tool.programs.length === 0 ? '' : await firstSafe(host, tool.programs);
  if (program === undefined) return ending({ problem: 'no-program' });
  if (tool.contained) {
    for (const wrapper of WRAPPERS)
      if (!(await firstSafe(host, [wrapper]))) return ending({ problem: 'no-program' });
  }
  const location = repositoryName(access.location) ?? job.repository;
  const repository = location === undefined ? {} : { location };

  const scratch = makeScratch(options.directory);
  const account = tool.contained ? unusedAccount() : undefined;
  if (account !== undefined) makeOwn(scratch, account);
  const deadline = started + options.seconds * 1000;
  const session: Session = {
    host,
    access,
    scratch,
    snapshotHost: job.snapshotHost ?? options.hostName,
    wanted: paths.length > 0 ? paths : WANTED,
    roots: job.roots,
    left: () => deadline - monotonic(),
    run: async (args, { environment = {}, take } = {}) => {
      const milliseconds = deadline - monotonic();
      if (milliseconds <= 0) return { problem: 'timeout' };
      const own = { environment: { ...access.environment, ...environment }, milliseconds };
      const taking = take ? { take } : {};
      if (account === undefined) return runTool({ program, args, ...own, ...taking });
      return runContained(account, { program, args, ...own, ...taking });
    },
  };

  const opened = await tool.open(session);
  if ('problem' in opened)
    return ending({ repository, ...outcomeOf(opened.problem), problem: opened.problem });
  const known = {
    repository: { ...repository, ...(opened.repositoryId ? { id: opened.repositoryId } : {}) },
    snapshot: opened.snapshot,
  };
  const before = Date.parse(opened.snapshot.at) - tool.marginMs;
  const gone =
    paths.length > 0
      ? notListed(paths, opened, before)
      : (await expected(options, job, opened, before)).map(
          (one): FileResult => ({ path: one, result: 'missing' }),
        );
  const sample = choose(options, job, opened, seed, before);
  if (sample.length === 0) {
    return gone.some(({ result }) => result === 'missing')
      ? ending({ ...known, outcome: 'unequal' }, gone)
      : ending({ ...known, outcome: 'unclear', problem: 'nothing-wanted' }, gone);
  }
  const bytes = sample.reduce((sum, { size }) => sum + Math.max(0, size ?? 0), 0);
  if (freeBytes(scratch) < bytes + bytes / 8 + tool.needs + SPARE_BYTES)
    return ending({ ...known, problem: 'no-space' });

  const restored = await restore(options, job, session, opened, sample, started);
  const measured = {
    bytes: restored.bytes,
    milliseconds: { firstByte: restored.firstByte, restored: Math.round(monotonic() - started) },
  };
  if (restored.problem) return ending({ ...known, ...measured, problem: restored.problem });
  const results: FileResult[] = [
    ...sample.map((file, index): FileResult => {
      const result = resultOf(restored.answers[index], file, restored.place(index), before, tool.keepsRecord);
      const attributes =
        result === 'source' && file.attributes
          ? compareAttributes(file.path, file.attributes, before)
          : undefined;
      return { path: file.path, result, ...(attributes ? { attributes } : {}) };
    }),
    ...gone,
  ];
  const attributes = attributeTally(results.flatMap(({ attributes: kinds }) => (kinds ? [kinds] : [])));
  return ending(
    { ...known, ...measured, ...(attributes ? { attributes } : {}), ...verdict(results, restored.bytes) },
    results,
  );
}

/** Of a drill that came to comparing. Empty files alone show nothing. */
function verdict(files: readonly FileResult[], bytes: number): Pick<Drill, 'outcome' | 'problem'> {
  const { different = 0, damaged = 0, missing = 0, unclear = 0 } = tally(files);
  if (different + damaged + missing > 0 || files.some(({ attributes = [] }) => attributes.length > 0))
    return { outcome: 'unequal', problem: null };
  return { outcome: unclear > 0 || bytes === 0 ? 'unclear' : 'equal', problem: null };
}

/** Of a drill that did not. A repository without a snapshot of this host, or one that is damaged, gives nothing back. */
const outcomeOf = (problem: DrillProblem): Pick<Drill, 'outcome'> => ({
  outcome: problem === 'no-snapshot' || problem === 'damaged' ? 'unequal' : 'error',
});

function tally(files: readonly FileResult[]): Partial<Drill['files']> {
  const counts: Partial<Record<keyof Drill['files'], number>> = {};
  for (const { result } of files) counts[result] = (counts[result] ?? 0) + 1;
  return counts;
}

/**
 * Named, and not in the snapshot: missing where it has been here all along. What is younger, or is not here either, nobody
 * could have saved.
 */
function notListed(paths: readonly string[], { files, besides }: Opened, before: number): FileResult[] {
  return paths
    .filter((want) => !files.some(({ path: file }) => isBelow(file, want)))
    .map((one) => ({
      path: one,
      result: wasHere(one, before) && !besides.some((file) => isBelow(file, one)) ? 'missing' : 'unclear',
    }));
}

/** What the job must have copied and the snapshot does not hold; nothing where that can't be told. */
async function expected(
  { expected: ask }: DrillOptions,
  job: DrillJob,
  opened: Opened,
  before: number,
): Promise<string[]> {
  if (!ask || opened.more || opened.files.length === 0) return [];
  const listed = new Set([...opened.files.map(({ path: file }) => file), ...opened.besides]);
  return (await ask(job, before)).filter((file) => !listed.has(file));
}

/** With a tool that keeps no record, only what can be compared is drawn; what was asked for by name always is. */
function choose(
  { limits, paths }: DrillOptions,
  { tool }: DrillJob,
  opened: Opened,
  seed: string,
  before: number,
): Listed[] {
  const { files } = opened;
  const may =
    tool.keepsRecord || paths.length > 0 ? files : files.filter((file) => isUnchanged(file.path, before));
  return drawSample(may, seed, { ...limits, files: Math.min(limits.files, tool.maxFiles(opened)) });
}

interface Taken {
  readonly answers: readonly Restored[];
  readonly bytes: number;
  readonly firstByte: number | null;
  /** Ends the drill. */
  readonly problem?: DrillProblem;
  readonly place: (index: number) => string;
}

async function restore(
  { monotonic, limits }: DrillOptions,
  { tool }: DrillJob,
  session: Session,
  opened: Opened,
  sample: readonly Listed[],
  started: number,
): Promise<Taken> {
  let firstByte: number | null = null;
  let full = false;
  const sinks = new Map<number, ReturnType<typeof fileSink>>();
  const place = (index: number): string => path.join(session.scratch, `file-${index}`);
  const told = {
    first: (): void => {
      firstByte ??= Math.round(monotonic() - started);
    },
    full: (): void => {
      full = true;
    },
  };
  const sinkAt = (index: number) => {
    sinks.get(index)?.close();
    const sink = fileSink(place(index), sample[index]?.size ?? limits.bytes, told);
    sinks.set(index, sink);
    return sink;
  };
  let answers: readonly Restored[];
  try {
    answers = await tool.restore(session, opened, sample, sinkAt);
  } finally {
    for (const sink of sinks.values()) sink.close();
  }
  if (full) return { answers: [], bytes: 0, firstByte, problem: 'no-space', place };
  const fatal = answers.find((answer) => typeof answer === 'object' && answer.problem !== 'damaged');
  const bytes = answers.reduce(
    (sum, answer, index) => sum + (answer === undefined ? (sinks.get(index)?.bytes ?? 0) : 0),
    0,
  );
  return {
    answers,
    bytes,
    firstByte,
    place,
    ...(typeof fatal === 'object' ? { problem: fatal.problem } : {}),
    ...(fatal === undefined && answers.length !== sample.length
      ? { problem: 'not-understood' as const }
      : {}),
  };
}

function resultOf(
  answer: Restored,
  { path: source }: Listed,
  restored: string,
  before: number,
  keepsRecord: boolean,
): keyof Drill['files'] {
  if (answer === 'other-kind') return 'unclear';
  if (answer) return 'damaged';
  const compared = compareWithSource(source, restored, before);
  if (compared === 'equal') return 'source';
  if (compared === 'different') return 'different';
  return keepsRecord ? 'record' : 'unclear';
}
