/**
 * `npm run bench -- check [--runs N] [--root DIR]`: whole processes, bare Node and the agent in turn in one run, so
 * that both meet the same machine. Wall time and CPU include the programs that the agent asks (apt-get, sshd);
 * peak memory is that of the agent's own process, and beside it that of the largest program it starts, looked at every
 * few milliseconds. Medians, because one slow run says nothing.
 */
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { nodeFlags } from '../../shared/node-flags.ts';

const project = path.join(import.meta.dirname, '../..');
/** As `npm run nachweis` starts it. */
export const agent = [...nodeFlags, path.join(project, 'agent/main.ts')];
/** Its environment. */
export const env = {
  ...process.env,
  MALLOC_ARENA_MAX: '1',
  NODE_COMPILE_CACHE: path.join(project, 'node_modules/.cache/nachweis'),
};

export interface Sample {
  readonly wallMs: number;
  /** User and system time of the process and of all that it waited for. */
  readonly cpuMs: number;
  readonly peakMb: number;
  /** Of the largest process below it; those that live for less than a few milliseconds may be missed. */
  readonly childMb: number;
}

export async function bench(args: readonly string[]): Promise<void> {
  const runs = Number(option(args, '--runs') ?? 10);
  const root = option(args, '--root');
  const where = root ? ['--root', root] : [];
  const rows: [string, string[]][] = [
    ['bare Node (-e 0)', ['-e', '0']],
    ['check --list', [...agent, 'check', '--list']],
    ['check, login and access', [...agent, 'check', '--only', 'login.*,access.*', ...where]],
    ['and password', [...agent, 'check', '--only', 'login.*,access.*,password.*', ...where]],
    ['check', [...agent, 'check', '--format', 'json', ...where]],
  ];
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'nachweis-bench-'));
  try {
    const samples = rows.map((): Sample[] => []);
    // One round to warm the caches of the disk, not counted.
    for (let run = 0; run <= runs; run += 1) {
      for (const [index, [, command]] of rows.entries()) {
        const sample = await measure(command, directory);
        if (run > 0) samples[index]?.push(sample);
      }
    }
    print(
      rows.map(([name]) => name),
      samples,
      runs,
    );
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

export function option(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

/**
 * One process of Node. The shell's `times` knows the CPU time of everything below it, which Node does not tell; it
 * costs 1 ms.
 */
export async function measure(
  args: readonly string[],
  directory: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Sample> {
  const usage = path.join(directory, 'usage');
  const hook = path.join(directory, 'hook.cjs');
  fs.writeFileSync(
    hook,
    `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(usage)}, String(process.resourceUsage().maxRSS)));`,
  );
  const started = performance.now();
  const child = spawn(
    '/bin/sh',
    ['-c', '"$@" >/dev/null; times', 'sh', process.execPath, '--require', hook, ...args],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...env, ...more },
    },
  );
  let childKb = 0;
  // The shell, and below it Node.
  const watch = setInterval(() => {
    for (const node of childrenOf(child.pid ?? 0))
      for (const below of childrenOf(node)) childKb = Math.max(childKb, peakKb(below));
  }, 3);
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  await new Promise((resolve) => child.once('close', resolve));
  const wallMs = performance.now() - started;
  clearInterval(watch);
  const cpuMs = cpuBelow(out);
  const peakMb = Number(fs.readFileSync(usage, 'utf8')) / 1024;
  return { wallMs, cpuMs, peakMb, childMb: childKb / 1024 };
}

/** Any program: CPU of it and all below it by the shell's `times`, peak of the largest process looked at every 3 ms. */
export async function whole(
  command: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<Sample> {
  const started = performance.now();
  const child = spawn('/bin/sh', ['-c', '"$@" >/dev/null 2>&1; times', 'sh', ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...more },
  });
  let kb = 0;
  const watch = setInterval(() => {
    for (const pid of childrenOf(child.pid ?? 0)) kb = Math.max(kb, peakKb(pid, false));
  }, 3);
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  await new Promise((resolve) => child.once('close', resolve));
  clearInterval(watch);
  return {
    wallMs: performance.now() - started,
    cpuMs: cpuBelow(out),
    peakMb: kb / 1024,
    childMb: Number.NaN,
  };
}

/** Of what the shell's `times` printed, the second line: milliseconds of user and system time of its children. */
export function cpuBelow(times: string): number {
  const [, below = ''] = times.trim().split('\n');
  return [...below.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000,
    0,
  );
}

const SIMULATE = ['/usr/bin/apt-get', '-s', '-q', '-o', 'Debug::NoLocking=true', 'dist-upgrade'];

/** CPU milliseconds of the simulation as this system is configured, and as anybody would run it. */
export function bareSimulation(): number {
  return cpuBelow(
    execFileSync('/bin/sh', ['-c', '"$@" >/dev/null; times', 'sh', ...SIMULATE], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
}

/** Process ids; none where it has ended. proc(5) */
export function childrenOf(pid: number): number[] {
  try {
    const text = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** The largest of a process and of those below it, or of it alone: VmHWM of proc(5). */
export function peakKb(pid: number, below = true): number {
  try {
    const own = Number(/^VmHWM:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    return Math.max(own, ...(below ? childrenOf(pid).map((child) => peakKb(child)) : []));
  } catch {
    return 0;
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

function print(names: readonly string[], samples: readonly (readonly Sample[])[], runs: number): void {
  const fields = ['wallMs', 'cpuMs', 'peakMb', 'childMb'] as const;
  const medians = samples.map((all) => fields.map((field) => median(all.map((sample) => sample[field]))));
  const base = medians[0] ?? [];
  const cell = (value: number, index: number) =>
    `${value.toFixed(0).padStart(8)} ${(base[index] ? `(${(value / base[index]).toFixed(1)}x)` : '').padEnd(9)}`;
  const lines = [
    `median of ${runs} runs each, in turn; ${os.cpus().length} processors, Node ${process.version}`,
    `${''.padEnd(24)}${['wall ms', 'CPU ms', 'peak MB', 'child MB'].map((name) => `${name.padStart(8)}${''.padEnd(10)}`).join('')}`,
    ...names.map((name, row) => `${name.padEnd(24)}${(medians[row] ?? []).map(cell).join('')}`.trimEnd()),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
