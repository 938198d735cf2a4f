/** Runs a real program to its end, within a time limit, and gives back what it said. */
import { spawn } from 'node:child_process';

export interface ProgramOutput {
  /** Exit status; 128 + signal number is not made up: a program ended by a signal has -1. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  /** The whole environment; default: this process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default 60 s; then the program and its children are killed, and the promise is rejected. */
  readonly timeoutMs?: number;
}

/** Does not throw for an exit status; only for a program that can't start or doesn't end in time. */
export function runProgram(argv: readonly string[], options: RunOptions = {}): Promise<ProgramOutput> {
  const { input = '', env = process.env, timeoutMs = 60_000 } = options;
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    // A process group of its own, so that the time limit ends what it started as well.
    const child = spawn(program, args, { env, detached: true, stdio: 'pipe' });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    const timer = setTimeout(() => {
      if (child.pid) process.kill(-child.pid, 'SIGKILL');
      reject(new Error(`not ended within ${timeoutMs} ms: ${argv.join(' ')}\n${Buffer.concat(err)}`));
    }, timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve({
        status: status ?? -1,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      });
    });
    // A program that ends without reading its input is no error of ours.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** What it printed. @throws Error with what it said, when its status is not 0 */
export async function mustRun(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  return outputOf(argv, await runProgram(argv, options));
}

/** @throws Error with what it said, when its status is not 0 */
export function outputOf(argv: readonly string[], output: ProgramOutput): string {
  if (output.status === 0) return output.stdout;
  const said = `${output.stdout}\n${output.stderr}`.trim().split('\n').slice(-20).join('\n');
  throw new Error(`status ${output.status}: ${argv.join(' ')}\n${said}`);
}
