/**
 * Runs a backup program for the probe and for drills: absolute, nothing of this process's environment, no shell, a process
 * group of its own that ends with the time limit, with too much output, or with this process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { PROBE_PATH } from './backup-access.ts';
import type { Ended } from './backup-prober.ts';

const MAX_OUTPUT = 64 * 1024 * 1024;

export interface ToolRun {
  /** An absolute path that only root can change. */
  readonly program: string;
  readonly args: readonly string[];
  /** Holds secrets: for the program alone. */
  readonly environment: Readonly<Record<string, string>>;
  readonly milliseconds: number;
  /** Gets standard output as it comes instead of having it kept; false ends the program. */
  readonly take?: (chunk: Buffer) => boolean;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) endGroup(child);
});

/** Never rejects. `not-understood` where it says more than anybody asked for. */
export function runTool({ program, args, environment, milliseconds, take }: ToolRun): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      argv0: program,
      cwd: '/',
      env: { PATH: PROBE_PATH, HOME: '/root', LC_ALL: 'C', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      shell: false,
    });
    running.add(child);
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    let bytes = 0;
    const end = (how: Ended): void => {
      clearTimeout(timer);
      running.delete(child);
      endGroup(child);
      resolve(how);
    };
    const timer = setTimeout(() => end({ problem: 'timeout' }), milliseconds);
    const keep = (name: 'stdout' | 'stderr', chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > MAX_OUTPUT) end({ problem: 'not-understood' });
      else output[name].push(chunk);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      if (!take) keep('stdout', chunk);
      else if (!take(chunk)) end({ problem: 'not-understood' });
    });
    child.stderr.on('data', (chunk: Buffer) => keep('stderr', chunk));
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
