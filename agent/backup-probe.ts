/**
 * The backup probe: opens each declared repository with the job's own means and writes down which snapshots are
 * there. Apart from `check`, because it needs the network, secrets and time. Opt-in by `lastSuccess: { probe: ... }` in
 * /etc/nachweis/backup.d. It takes no lock and keeps no cache; no secret reaches a result, a message or a log.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { factGetter } from '../checks/evaluate.ts';
import { valueIn } from '../checks/fact.ts';
import { repositoryName } from '../checks/facts/backup-call.ts';
import { type DeclaredJob, declaredBackups } from '../checks/facts/backup-declared.ts';
import { type ProbeResult, parseProbeResult, RESULT_DIRECTORY } from '../checks/facts/backup-result.ts';
import type { Host } from '../checks/host.ts';
import { type Access, firstSafe, onlyRoots } from './backup-access.ts';
import { type Prober, refused } from './backup-prober.ts';
import { runTool } from './backup-run.ts';
import { type Disk, disk } from './durable.ts';
import { borgProber } from './probe-borg.ts';
import { duplicityProber } from './probe-duplicity.ts';
import { resticProber } from './probe-restic.ts';

export interface ProbeOptions {
  /** The live system. */
  readonly host: Host;
  /** The machine's name as the kernel has it: os.hostname(). */
  readonly hostName: string;
  readonly now: () => Date;
  /** Default /var/lib/nachweis/backup; made with mode 0700 where it is missing. */
  readonly directory?: string;
  readonly disk?: Disk;
  /** The first of these that only root can change is run. */
  readonly programs?: readonly string[];
  /** A repository is opened again only this long after the time before, unless its declaration changed. Default 0. */
  readonly intervalMs?: number;
}

export interface Probed {
  readonly result: ProbeResult;
  /** Not opened this time: that of the time before, which is still young enough. UTC instant from which it is not. */
  readonly notBefore?: string;
}

/** By the `tool` of a declaration. */
const PROBERS: Readonly<Record<string, Prober>> = {
  restic: resticProber,
  borg: borgProber,
  borgmatic: borgProber,
  duplicity: duplicityProber,
};

/**
 * Probes every declared job that asks for it, one after the other, and writes one result file each; those that were
 * opened not long ago are left alone.
 * @returns the results as written, in the order of the jobs' names
 * @throws CouldNotLook when the declarations can't be read; CodedError `NO_SPACE`, `NO_PERMISSION` when writing
 */
export async function probeBackups(options: ProbeOptions): Promise<readonly Probed[]> {
  const directory = options.directory ?? RESULT_DIRECTORY;
  const files = options.disk ?? disk();
  const declarations = valueIn(await factGetter(options.host, options.now())(declaredBackups));
  const results: Probed[] = [];
  for (const { source, job } of declarations) {
    if (!job || !('probe' in job.lastSuccess)) continue;
    const prober = Object.hasOwn(PROBERS, job.tool) ? PROBERS[job.tool] : undefined;
    if (!prober) continue;
    const file = path.join(directory, `${prober.tool}-${job.name}.json`);
    const young = await youngResult(options, file, job, source);
    if (young) {
      results.push(young);
      continue;
    }
    const result = await probeJob(options, prober, job, source);
    files.makeDirectory(directory);
    files.write(file, `${JSON.stringify(result)}\n`);
    results.push({ result });
  }
  return results.sort((a, b) => (a.result.job < b.result.job ? -1 : 1));
}

/** The result of the time before where the repository need not be opened again yet. */
async function youngResult(
  { host, hostName, now, intervalMs = 0 }: ProbeOptions,
  file: string,
  job: DeclaredJob,
  source: string,
): Promise<Probed | undefined> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const result = parseProbeResult(text);
  if (!result || result.host !== hostName || result.job !== job.name) return undefined;
  const [at, time] = [Date.parse(result.at), now().getTime()];
  // A result from the future is of a clock that was wrong.
  if (at > time || time - at >= intervalMs) return undefined;
  const declaration = await host.stat(source);
  const isOlder = declaration.state === 'known' && Date.parse(declaration.value.changed) < at;
  return isOlder ? { result, notBefore: new Date(at + intervalMs).toISOString() } : undefined;
}

async function probeJob(
  options: ProbeOptions,
  prober: Prober,
  job: DeclaredJob,
  source: string,
): Promise<ProbeResult> {
  const { host, hostName } = options;
  const means = 'probe' in job.lastSuccess ? job.lastSuccess.probe : undefined;
  const snapshotHost = means?.snapshotHost ?? hostName;
  const access = means && (await onlyRoots(host, source)) ? await prober.access(host, means) : undefined;
  const location = repositoryName(access?.location);
  const asked =
    means && access
      ? await ask(options, prober, access, means.timeoutSeconds, snapshotHost)
      : refused('unsafe-configuration');
  return {
    format: 'nachweis.backup-probe/1',
    tool: prober.tool,
    job: job.name,
    host: hostName,
    snapshotHost,
    at: options.now().toISOString(),
    repository: {
      ...(location ? { location } : {}),
      ...(asked.id ? { id: asked.id } : {}),
      ...(asked.encryption ? { encryption: asked.encryption } : {}),
    },
    outcome: asked.outcome,
  };
}

async function ask(
  options: ProbeOptions,
  prober: Prober,
  access: Access,
  seconds: number,
  snapshotHost: string,
): ReturnType<Prober['ask']> {
  const program = await firstSafe(options.host, options.programs ?? prober.programs);
  if (!program) return refused('no-program');
  // The deadline is for all commands together.
  const end = performance.now() + seconds * 1000;
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'nachweis-probe-'));
  try {
    return await prober.ask(
      (args, more) =>
        runTool({
          program,
          args,
          environment: { ...access.environment, ...more },
          milliseconds: Math.max(1, end - performance.now()),
        }),
      snapshotHost,
      scratch,
      access,
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
