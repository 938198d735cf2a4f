/** The agent's own rounds and sendings as processes that end: what they needed of memory goes with them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { isSea } from 'node:sea';

/** Checks have their own limits; this is for what hangs in spite of them, such as a dead network file system. */
const LIMIT_MS = 15 * 60_000;
const GRACE_MS = 5_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** mallopt(3): with an arena for each thread a round takes some 8 MB more, and is no quicker. */
const ONE_ARENA = { MALLOC_ARENA_MAX: '1' };

/** Exit status of a program that others can change: there is no use in starting it again. */
export const EXIT_CHANGEABLE = 4;

export interface ChildEnd {
  /** The exit status; 128 and more when a signal ended it. */
  readonly status: number;
  readonly stdout: string;
}

const running = new Set<ChildProcess>();

/** Runs `nachweis` with `args`; its errors go where ours go. Never rejects. */
export function runChild(args: readonly string[], limitMs = LIMIT_MS): Promise<ChildEnd> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...startArgs(), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...ONE_ARENA, ...process.env },
    });
    running.add(child);
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_OUTPUT_BYTES) chunks.push(chunk);
    });
    const timer = setTimeout(() => endChild(child), limitMs);
    const end = (status: number): void => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ status, stdout: Buffer.concat(chunks).toString('utf8') });
    };
    child.once('error', () => end(127));
    child.once('close', (status) => end(status ?? 128));
  });
}

/** What Node has to be told. The single executable knows its own script and flags: all it is given is for the command. */
function startArgs(): string[] {
  const [, script] = process.argv;
  return isSea() || !script ? [] : [...process.execArgv, script];
}

/** Ends what still runs, by its process id; resolves when it is gone. */
export async function endChildren(): Promise<void> {
  await Promise.all([...running].map(endChild));
}

function endChild(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const killer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    child.once('exit', () => {
      clearTimeout(killer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

/** The one line of JSON that `--format json` commands print; undefined when there is none. */
export function jsonOf<T>(end: ChildEnd): T | undefined {
  try {
    return JSON.parse(end.stdout) as T;
  } catch {
    return undefined;
  }
}
