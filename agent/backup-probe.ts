/**
 * The backup probe: opens each declared restic repository with the job's own means and writes down which snapshots are
 * there. Apart from `check`, because it needs the network, secrets and time. Opt-in by `lastSuccess: { probe: ... }` in
 * /etc/nachweis/backup.d. It takes no lock and keeps no cache; no secret reaches a result, a message or a log.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { z } from 'zod';
import { factGetter } from '../checks/evaluate.ts';
import { valueIn } from '../checks/fact.ts';
import { repositoryName } from '../checks/facts/backup-call.ts';
import { declaredBackups, type ResticAccess } from '../checks/facts/backup-declared.ts';
import {
  type ProbeResult,
  type probeProblems,
  RESULT_DIRECTORY,
  type SnapshotSeen,
} from '../checks/facts/backup-result.ts';
import type { Host } from '../checks/host.ts';
import { type Access, accessTo, onlyRoots } from './backup-access.ts';
import { type Disk, disk } from './durable.ts';

export type ProbeProblem = (typeof probeProblems)[number];

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
}

const PROGRAMS = ['/usr/bin/restic', '/usr/local/bin/restic', '/usr/local/sbin/restic', '/opt/restic/restic'];
const MAX_OUTPUT = 64 * 1024 * 1024;
const MAX_GROUPS = 20;

/**
 * Probes every declared job that asks for it, one after the other, and writes one result file each.
 * @returns the results as written, in the order of the jobs' names
 * @throws CouldNotLook when the declarations can't be read; CodedError `NO_SPACE`, `NO_PERMISSION` when writing
 */
export async function probeBackups(options: ProbeOptions): Promise<readonly ProbeResult[]> {
  const directory = options.directory ?? RESULT_DIRECTORY;
  const files = options.disk ?? disk();
  const declarations = valueIn(await factGetter(options.host, options.now())(declaredBackups));
  const results: ProbeResult[] = [];
  for (const { source, job } of declarations) {
    if (!job || !('probe' in job.lastSuccess)) continue;
    const result = await probeJob(options, job.name, job.lastSuccess.probe, source);
    files.makeDirectory(directory);
    files.write(path.join(directory, `restic-${job.name}.json`), `${JSON.stringify(result)}\n`);
    results.push(result);
  }
  return results.sort((a, b) => (a.job < b.job ? -1 : 1));
}

async function probeJob(
  options: ProbeOptions,
  job: string,
  means: ResticAccess,
  source: string,
): Promise<ProbeResult> {
  const { host, hostName } = options;
  const snapshotHost = means.snapshotHost ?? hostName;
  const access = (await onlyRoots(host, source)) ? await accessTo(host, means) : undefined;
  const location = repositoryName(access?.location);
  const asked = access
    ? await ask(options, access, means.timeoutSeconds, snapshotHost)
    : refused('unsafe-configuration');
  return {
    format: 'nachweis.backup-probe/1',
    tool: 'restic',
    job,
    host: hostName,
    snapshotHost,
    at: options.now().toISOString(),
    repository: { ...(location ? { location } : {}), ...(asked.id ? { id: asked.id } : {}) },
    outcome: asked.outcome,
  };
}

interface Asked {
  readonly outcome: ProbeResult['outcome'];
  readonly id?: string;
}

const refused = (problem: ProbeProblem): Asked => ({ outcome: { opened: false, problem } });

async function ask(
  options: ProbeOptions,
  access: Access,
  seconds: number,
  snapshotHost: string,
): Promise<Asked> {
  const program = await firstSafe(options.host, options.programs ?? PROGRAMS);
  if (!program) return refused('no-program');
  // The deadline is for both commands together.
  const end = performance.now() + seconds * 1000;
  const left = (): number => Math.max(1, end - performance.now());
  const run = (args: readonly string[]) =>
    restic(program, [...args, '--no-lock', '--no-cache'], access, left());
  const listed = await run(['snapshots', '--json']);
  if ('problem' in listed) return refused(listed.problem);
  // Exit status 0 also when a snapshot could not be read: the newest one may be missing from the list.
  if (listed.status !== 0 || /could not load snapshot|failed to load/i.test(listed.stderr)) {
    return refused(problemIn(listed.stderr, listed.status));
  }
  const outcome = seen(listed.stdout, snapshotHost);
  if (!outcome) return refused('not-understood');
  const configuration = await run(['cat', 'config']);
  const id =
    'problem' in configuration ? undefined : /"id":\s*"([0-9a-f]{64})"/.exec(configuration.stdout)?.[1];
  return { outcome, ...(id ? { id } : {}) };
}

async function firstSafe(host: Host, programs: readonly string[]): Promise<string | undefined> {
  for (const program of programs) if (await onlyRoots(host, program)) return program;
  return undefined;
}

const snapshotsSchema = z.array(
  z.looseObject({
    time: z.iso.datetime({ offset: true }),
    hostname: z.string().max(255).default(''),
    paths: z.array(z.string()).nullish(),
    id: z.string().regex(/^[0-9a-f]{64}$/),
  }),
);

/** What `restic snapshots --json` says, from this host's point of view. Undefined where it is something else. */
export function seen(json: string, snapshotHost: string): ProbeResult['outcome'] | undefined {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch {
    return undefined;
  }
  // restic 0.14 prints `null` for a repository without any snapshot.
  const parsed = snapshotsSchema.safeParse(data ?? []);
  if (!parsed.success) return undefined;
  const own = parsed.data.filter(({ hostname }) => hostname === snapshotHost);
  const newest = new Map<string, SnapshotSeen>();
  for (const { time, paths, id } of own) {
    const sorted = (paths ?? []).toSorted();
    const key = JSON.stringify(sorted);
    const at = new Date(Date.parse(time)).toISOString();
    if ((newest.get(key)?.at ?? '') < at) {
      newest.set(key, { at, id, paths: sorted.slice(0, 20).map((each) => each.slice(0, 1000)) });
    }
  }
  return {
    opened: true,
    newest: [...newest.values()]
      .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
      .slice(0, MAX_GROUPS),
    own: own.length,
    others: parsed.data.length - own.length,
  };
}

/** By exit status (restic 0.17 and newer) and by words (all). The text itself goes no further. */
export function problemIn(stderr: string, status: number): ProbeProblem {
  const says = (pattern: RegExp): boolean => pattern.test(stderr);
  if (status === 12 || says(/wrong password or no key found/i)) return 'wrong-password';
  if (status === 11 || says(/already locked|unable to create lock/i)) return 'locked';
  if (
    says(
      /dial tcp|connection (?:refused|reset|timed out)|no such host|network is unreachable|no route to host|i\/o timeout|subprocess ssh|unable to start the sftp|TLS handshake|x509|access ?denied|permission denied|server response unexpected: [45]\d\d/i,
    )
  ) {
    return 'unreachable';
  }
  if (
    says(
      /ciphertext verification failed|is damaged|invalid data returned|could not load snapshot|failed to load|unexpected end of JSON|unexpected EOF|hash does not match|too short/i,
    )
  ) {
    return 'damaged';
  }
  if (status === 10 || says(/Is there a repository|unable to open config file|repository does not exist/i))
    return 'no-repository';
  return 'failed';
}

type Ended = { problem: ProbeProblem } | { status: number; stdout: string; stderr: string };

/** Runs restic in a process group of its own, with nothing of this process's environment. */
function restic(
  program: string,
  args: readonly string[],
  access: Access,
  milliseconds: number,
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      argv0: program,
      cwd: '/',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C', ...access.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      shell: false,
    });
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    let bytes = 0;
    const end = (how: Ended): void => {
      clearTimeout(timer);
      endGroup(child);
      resolve(how);
    };
    const timer = setTimeout(() => end({ problem: 'timeout' }), milliseconds);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_OUTPUT) end({ problem: 'not-understood' });
        else output[name].push(chunk);
      });
    }
    child.once('error', () => end({ problem: 'no-program' }));
    child.once('close', (status) => {
      const text = (name: 'stdout' | 'stderr'): string => Buffer.concat(output[name]).toString('utf8');
      end(
        status === null ? { problem: 'failed' } : { status, stdout: text('stdout'), stderr: text('stderr') },
      );
    });
  });
}

/** Helpers such as ssh and rclone go with it. */
function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // ESRCH: all of it has ended.
  }
  child.stdout?.destroy();
  child.stderr?.destroy();
}
