/**
 * Boots a Debian root with its own systemd as process 1, its own network (loopback alone) and its own cgroup, by
 * systemd-nspawn. Programs are run in it through nsenter, in milliseconds each.
 *
 * Nothing outlives the test: `stop` ends it by process id. If this process is killed instead, the kernel kills the
 * starter (its death signal), the starter's child is process 1 of a PID namespace, and all in there die with it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { containerCgroup } from './container-cgroup.ts';
import { outputOf, type ProgramOutput, type RunOptions, runProgram } from './program-run.ts';

export interface Container {
  /** Process 1 of the container, as this machine counts. */
  readonly leader: number;
  /** Runs a program in it as root, or as `user`; the environment is a clean one. */
  exec(argv: readonly string[], options?: ExecOptions): Promise<ProgramOutput>;
  /** The same; what it printed. @throws Error when its status is not 0 */
  run(argv: readonly string[], options?: ExecOptions): Promise<string>;
  /** Ends it at once, like a power cut. Can be called twice. */
  stop(): Promise<void>;
}

export interface ExecOptions extends Omit<RunOptions, 'env'> {
  /** Account of the container. */
  readonly user?: string;
  /** Beside PATH, HOME and LC_ALL. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface BootOptions {
  /** Folders and files of this machine, seen read-only in the container: path there -> path here. */
  readonly readOnly?: Readonly<Record<string, string>>;
  /**
   * Control groups as most systems have them by now (cgroup v2 alone), and BPF programs in them, so that units are
   * filtered. Else as this machine has them, and no BPF, as in most containers.
   */
  readonly filters?: boolean;
  /** Default 60 s. */
  readonly timeoutMs?: number;
}

/** Whether this machine's kernel can filter by control group at all (CONFIG_CGROUP_BPF); where nobody may see it, it is tried. */
export const kernelFilters = ((): boolean => {
  try {
    const symbols = readFileSync('/proc/kallsyms', 'latin1');
    return symbols.trim() === '' || /\bcgroup_bpf_prog_attach$/m.test(symbols);
  } catch {
    return true;
  }
})();

const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C.UTF-8' };

const START = `for group in "$@"; do
  [ "$group" = -- ] && break
  echo $$ >"$group/cgroup.procs"
done
while [ "$1" != -- ]; do shift; done
shift
exec setpriv --pdeathsig KILL unshare --mount-proc --pid --fork --kill-child=KILL "$@"`;

let count = 0;

/** @param root a copy that nobody else boots (root-copy.ts). @throws Error when it is not up in time */
export async function bootContainer(root: string, options: BootOptions = {}): Promise<Container> {
  const { readOnly = {}, filters = false, timeoutMs = 60_000 } = options;
  count += 1;
  const cgroup = containerCgroup(count);
  const machine = cgroup.name;
  const escaped = (path: string) => path.replaceAll(/[\\:]/g, '\\$&');
  const nspawn = [
    'systemd-nspawn',
    '--quiet',
    '--boot',
    `--directory=${root}`,
    `--machine=${machine}`,
    '--register=no',
    '--keep-unit',
    '--private-network',
    '--resolv-conf=off',
    '--timezone=off',
    '--link-journal=no',
    ...(filters ? ['--system-call-filter=bpf'] : []),
    ...Object.entries(readOnly).map(([there, here]) => `--bind-ro=${escaped(here)}:${escaped(there)}`),
  ];
  const starter = spawn('sh', ['-c', START, 'start', ...cgroup.paths, '--', ...nspawn], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...(filters ? { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' } : {}) },
  });
  const said: Buffer[] = [];
  for (const stream of [starter.stdout, starter.stderr]) {
    stream.on('data', (chunk: Buffer) => said.push(chunk));
  }
  const ended = once(starter, 'close');
  let leader: number | undefined;
  const stop = async (): Promise<void> => {
    // Its first process killed, systemd-nspawn tidies up and ends; before there is one, the starter takes all with it.
    if (starter.exitCode === null && starter.signalCode === null) {
      leader ??= leaderBelow(starter);
      if (leader === undefined) starter.kill('SIGKILL');
      else process.kill(leader, 'SIGKILL');
    }
    await ended;
    cgroup.remove();
    removeEmpty(`/run/systemd/nspawn/propagate/${machine}`);
  };
  try {
    leader = await booted(starter, timeoutMs);
  } catch (error) {
    await stop();
    throw new Error(`container not booted: ${error}\n${Buffer.concat(said).toString().slice(-4000)}`);
  }
  const pid = leader;
  const exec = (argv: readonly string[], execOptions?: ExecOptions) => enter(pid, argv, execOptions);
  return { leader: pid, exec, run: async (argv, o) => outputOf(argv, await exec(argv, o)), stop };
}

function enter(leader: number, argv: readonly string[], options: ExecOptions = {}): Promise<ProgramOutput> {
  const { user, env, ...rest } = options;
  const as = user
    ? ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups', '--reset-env', '--']
    : [];
  return runProgram(['nsenter', '--target', String(leader), '--all', '--', ...as, ...argv], {
    env: { ...environment, ...env },
    ...rest,
  });
}

/** Until its systemd says that it has started what there is to start. `degraded`: a unit failed, and that is an error. */
async function booted(starter: ChildProcess, timeoutMs: number): Promise<number> {
  const end = Date.now() + timeoutMs;
  let last = 'no first process';
  while (Date.now() < end && starter.exitCode === null && starter.signalCode === null) {
    const leader = leaderBelow(starter);
    if (leader !== undefined) {
      const { stdout, stderr } = await enter(leader, ['systemctl', 'is-system-running', '--wait'], {
        timeoutMs: Math.max(1, end - Date.now()),
      });
      last = stdout.trim() || stderr.trim();
      if (last === 'running') return leader;
      if (last === 'degraded') {
        const failed = await enter(leader, ['systemctl', '--failed', '--plain', '--no-legend']);
        throw new Error(`degraded: ${failed.stdout}`);
      }
    }
    await sleep(20);
  }
  throw new Error(starter.exitCode === null ? last : `systemd-nspawn ended with status ${starter.exitCode}`);
}

/** starter -> systemd-nspawn -> process 1 of the container, once that has become systemd. */
function leaderBelow({ pid }: ChildProcess): number | undefined {
  if (pid === undefined) return undefined;
  const processes = readdirSync('/proc').flatMap((name) => {
    try {
      const [, command, parent] =
        /\((.*)\) \S (\d+) /s.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
      return [{ pid: Number(name), command, parent: Number(parent) }];
    } catch {
      // Not a process, or one that has just ended.
      return [];
    }
  });
  const nspawn = processes.find(({ parent, command }) => parent === pid && command === 'systemd-nspawn');
  return processes.find(({ parent, command }) => parent === nspawn?.pid && command === 'systemd')?.pid;
}

/** systemd-nspawn refuses to tidy up here itself where /run is not a file system of its own. */
function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Already gone.
  }
}
