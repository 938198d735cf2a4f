/** The real `nachweis-collector` as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectRoot } from './import-graph.ts';

const program = join(projectRoot, 'server/main.ts');

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, LC_ALL: 'C', ...env },
  });
}

/** Runs a command to its end. */
export async function runCollector(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished> {
  const child = start(args, env);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (part) => {
    stdout += part;
  });
  child.stderr?.on('data', (part) => {
    stderr += part;
  });
  const [status] = await once(child, 'close');
  return { status, stdout, stderr };
}

export interface ServingProcess {
  readonly pid: number;
  /** `https://127.0.0.1:port` */
  readonly agentsUrl: string;
  readonly dashboardUrl: string;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Sends the signal and resolves with the exit status (null after a kill) once the process is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

/** Starts `serve` on ports of its own choosing and resolves once it takes reports. */
export async function serveCollector(data: string, more: readonly string[] = []): Promise<ServingProcess> {
  const child = start([
    'serve',
    ...['--data', data, '--listen', '127.0.0.1', '--port', '0', '--dashboard-port', '0'],
    ...more,
  ]);
  let stdout = '';
  let stderr = '';
  child.stderr?.on('data', (part) => {
    stderr += part;
  });
  const closed = once(child, 'close');
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (part) => {
      stdout += part;
      if (/^Dashboard: .*\n/m.test(stdout)) resolve();
    });
    child.on('close', (status) => reject(new Error(`serve ended with ${status}: ${stderr}`)));
  });
  const urlAfter = (word: string) => new RegExp(`^${word}: +(\\S+)$`, 'm').exec(stdout)?.[1] ?? '';
  return {
    pid: child.pid ?? 0,
    agentsUrl: urlAfter('Agents'),
    dashboardUrl: urlAfter('Dashboard'),
    stdout: () => stdout,
    stderr: () => stderr,
    async end(signal) {
      child.kill(signal);
      const [status] = await closed;
      return status;
    },
  };
}
