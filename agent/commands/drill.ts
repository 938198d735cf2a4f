/**
 * `nachweis drill restore`: restores a sample from the newest backup, compares, deletes it, and records the drill. Root; by
 * hand or by a timer, once a month say:
 *
 *   nachweis drill restore [--tool T] [--job NAME] [--paths PATH...] [--files N] [--megabytes N] [--minutes N] [--format json]
 *
 * It writes to /var/cache/nachweis-drill (mode 0711, what is restored is 0700 below and deleted), /var/lib/nachweis (the
 * signed record) and /var/lib/nachweis/backup (the result that backup.restore-drill reads), and needs the network. For
 * duplicity it needs CAP_SETUID, CAP_SETGID, CAP_SETPCAP, CAP_CHOWN and CAP_DAC_READ_SEARCH.
 */
import os from 'node:os';
import { factGetter } from '../../checks/evaluate.ts';
import { CouldNotLook } from '../../checks/fact.ts';
import { RESULT_DIRECTORY } from '../../checks/facts/backup-result.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';
import type { Drill } from '../../shared/drill.ts';
import { drillStatement } from '../../shared/drill-statement.ts';
import { signEnvelope } from '../../shared/envelope.ts';
import { CodedError } from '../../shared/errors.ts';
import type { Language } from '../../shared/outcome.ts';
import { jsonOf, runChild } from '../child.ts';
import { type Drilled, drillJob } from '../drill/drill.ts';
import { expectedOf } from '../drill/expected.ts';
import { type DrillJob, drillJobs } from '../drill/jobs.ts';
import { keepDrill } from '../drill/result-file.ts';
import { DRILL_DIRECTORY, withDrillDirectory } from '../drill/scratch.ts';
import { drillText } from '../drill/text.ts';
import { linuxHost } from '../host-linux.ts';
import { readKey } from '../key.ts';
import { RecordSpool } from '../record-spool.ts';
import { sentText } from '../round-text.ts';
import type { Sent } from '../send.ts';
import { type Enrolment, findEnrolment, openState, type State } from '../state.ts';
import { stateDirectory } from '../state-directory.ts';
import { terminalOf } from '../terminal.ts';
import { agentVersion } from '../version.ts';
import { childArgs } from './once.ts';

export interface DrillCommandOptions {
  readonly state?: string;
  readonly config?: string;
  readonly tool?: string;
  readonly job?: string;
  readonly paths?: readonly string[];
  readonly files: number;
  readonly megabytes: number;
  readonly minutes: number;
  readonly format: 'text' | 'json';
}

/** @returns 0 all equal, 1 something is not equal or missing, 2 an error, 3 it could not be told */
export async function drillRestore(options: DrillCommandOptions, language: Language): Promise<number> {
  if (process.geteuid?.() !== 0) throw new CodedError('NO_PERMISSION', { path: DRILL_DIRECTORY });
  const host = linuxHost();
  const get = factGetter(host, new Date());
  const jobs = await wanted(options, await drillJobs(host, get).catch(unreadable(language)));
  endWithUs();
  const identity = identityAt(options.state);
  const drills: (Drilled & { record: string | null })[] = [];
  await withDrillDirectory(host, DRILL_DIRECTORY, async () => {
    for (const job of jobs) {
      const drilled = await drillJob(
        {
          host,
          hostName: os.hostname(),
          now: () => new Date(),
          monotonic: () => performance.now(),
          directory: DRILL_DIRECTORY,
          paths: options.paths ?? [],
          limits: { files: options.files, bytes: options.megabytes * 1024 * 1024 },
          seconds: options.minutes * 60,
          expected: (one, before) => expectedOf(get)(one, before).catch(unreadable(language)),
        },
        job,
      );
      // Signed and on the disk before anything is said about it.
      const record = identity ? await recorded(identity, drilled.drill) : null;
      keepDrill(RESULT_DIRECTORY, os.hostname(), drilled.drill, record);
      drills.push({ ...drilled, record });
    }
  });
  const ended = identity ? await runChild([...childArgs('send', options, language), '--now']) : undefined;
  const sent = ended && jsonOf<Sent>(ended);
  if (options.format === 'json') {
    const shown = drills.map(({ drill, record }) => ({ ...drill, record }));
    process.stdout.write(`${JSON.stringify({ drills: shown, sent: sent?.records ?? null }, null, 2)}\n`);
  } else {
    process.stdout.write(drillText(drills, language, terminalOf(process.stdout, process.env)));
    if (sent?.records || sent?.problem) process.stdout.write(sentText(sent, language));
  }
  return exitStatus(drills.map(({ drill }) => drill));
}

export function exitStatus(drills: readonly Pick<Drill, 'outcome'>[]): number {
  const statuses = { unequal: 1, error: 2, unclear: 3, equal: 0 } as const;
  for (const outcome of ['unequal', 'error', 'unclear'] as const)
    if (drills.some((drill) => drill.outcome === outcome)) return statuses[outcome];
  return 0;
}

function wanted({ tool, job, paths = [] }: DrillCommandOptions, all: readonly DrillJob[]): DrillJob[] {
  const relative = paths.find((path) => !path.startsWith('/') || /(?:^|\/)\.{1,2}(?:\/|$)/.test(path));
  if (relative !== undefined)
    throw new CodedError('USAGE', { problem: `${relative}: an absolute path is wanted, without dots.` });
  const jobs = all.filter(
    (each) =>
      (tool === undefined ||
        each.tool.tool === tool ||
        (tool === 'borgmatic' && each.tool.tool === 'borg')) &&
      (job === undefined || each.name === job),
  );
  if (jobs.length === 0) {
    const others = all.map(({ name }) => name).join(', ');
    throw new CodedError('DRILL_NO_JOB', { jobs: others || '-' });
  }
  return jobs;
}

const unreadable =
  (language: Language) =>
  (error: unknown): never => {
    if (!(error instanceof CouldNotLook)) throw error;
    throw new CodedError('FILE_UNREADABLE', { path: error.source, problem: error.reason[language] });
  };

interface Identity {
  readonly state: State;
  readonly enrolment: Enrolment;
}

/** Undefined where this machine is not enrolled: the drill helps whoever runs it, and proves nothing. */
function identityAt(directory: string | undefined): Identity | undefined {
  try {
    const state = openState(stateDirectory(directory));
    const enrolment = findEnrolment(state);
    return enrolment && { state, enrolment };
  } catch (error) {
    if (error instanceof CodedError && error.code === 'NOT_ENROLLED') return undefined;
    throw error;
  }
}

/** @returns the digest of the signed envelope */
async function recorded({ state, enrolment }: Identity, drill: Drill): Promise<string> {
  const statement = drillStatement(nodeCrypto, { host: enrolment.host, agentVersion, drill });
  const envelope = await signEnvelope(nodeCrypto, readKey(state.file(enrolment.keyFile)), statement);
  const { digest } = await new RecordSpool(state, enrolment.host).append(envelope);
  return digest;
}

/** What is restored goes with us, and so does the backup program: both happen on the way out. */
function endWithUs(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(128 + os.constants.signals[signal]));
}
