/**
 * Whole processes, measured in turn in one run, so that all meet the same machine. CPU includes the programs that they
 * ask. Nobody looks at a process while its time is taken: on a processor that two threads share, whoever looks slows it.
 * Memory is looked at in a round of its own, before those that count and after one that warms what there is to warm.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { bundle } from '../../agent/packaging/bundle.ts';
import { makeExecutable } from '../../agent/packaging/executable.ts';
import { type Architecture, architectures, products } from '../../agent/packaging/product.ts';
import { nodeFlags } from '../../shared/node-flags.ts';

const project = path.join(import.meta.dirname, '../..');
const LOOK_MS = 3;

export interface Row {
  readonly name: string;
  /** Program and arguments; its output is thrown away. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

interface Sample {
  readonly wallMs: number;
  /** User and system time of the process and of all that it waited for. */
  readonly cpuMs: number;
}

interface Peak {
  readonly peakMb: number;
  /** Of the largest process below it; those that live for less than a few milliseconds may be missed. */
  readonly childMb: number;
}

export interface Figures {
  /** First line of every bench. */
  readonly heading: string;
  /** Medians over the rounds. */
  of(name: string): Sample & Peak;
  /** Median of what each round gives: a machine that changes its pace does so for all in a round. */
  each(figure: (cpuMs: (name: string) => number) => number): number;
}

/** The agent that is measured, and how it is started. */
export interface Measured {
  readonly name: string;
  readonly start: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** As `npm run nachweis` starts it. */
export const fromSource: Measured = {
  name: 'from source',
  start: [process.execPath, ...nodeFlags, path.join(project, 'agent/main.ts')],
  env: { MALLOC_ARENA_MAX: '1', NODE_COMPILE_CACHE: path.join(project, 'node_modules/.cache/nachweis') },
};

/** As its unit starts it. */
export const packaged = (executable: string): Measured => ({
  name: path.basename(executable),
  start: [executable],
  env: { MALLOC_ARENA_MAX: '1' },
});

/**
 * `--source`, `--executable FILE`, or else what operators install, made for this bench alone: ten seconds.
 * @param directory a temporary one
 */
export async function measuredAgent(args: readonly string[], directory: string): Promise<Measured> {
  if (args.includes('--source')) return fromSource;
  const given = option(args, '--executable');
  if (given !== undefined) return packaged(path.resolve(given));
  const product = products.find(({ name }) => name === 'nachweis');
  const architecture = process.arch as Architecture;
  if (!product || !Object.hasOwn(architectures, architecture)) return fromSource;
  const output = path.join(directory, `nachweis-linux-${architecture}`);
  const cache = path.join(directory, 'node');
  await makeExecutable({ product, architecture, bundle: await bundle(product.entry), cache, output });
  return packaged(output);
}

/**
 * What comes before a command so that it sees other files at these places: a mount namespace of its own, unshare(1).
 * Needs root.
 */
export const seeing = (places: Readonly<Record<string, string>>): readonly string[] => [
  '/usr/bin/unshare',
  '--mount',
  '/bin/sh',
  '-c',
  'while [ "$1" != -- ]; do mount --bind "$1" "$2" && shift 2 || exit; done; shift; exec "$@"',
  'sh',
  ...Object.entries(places).flatMap(([place, other]) => [other, place]),
  '--',
];

export const bareNode: Row = { name: 'bare Node (-e 0)', command: [process.execPath, '-e', '0'] };

/** The simulation as this system is configured, and as anybody would run it. */
export const simulation: Row = {
  name: 'apt-get -s dist-upgrade',
  command: ['/usr/bin/apt-get', '-s', '-q', '-o', 'Debug::NoLocking=true', 'dist-upgrade'],
};

export async function inTurn(rows: readonly Row[], runs: number, agent: Measured): Promise<Figures> {
  const samples = new Map(rows.map(({ name }): [string, Sample[]] => [name, []]));
  const peaks = new Map<string, Peak>();
  // What a first run leaves for the next ones, compiled code above all, is there before anything is measured.
  for (const row of rows) await take(row, false);
  for (const row of rows) peaks.set(row.name, (await take(row, true)).peak);
  for (let run = 0; run < runs; run += 1)
    for (const row of rows) samples.get(row.name)?.push((await take(row, false)).sample);
  const field = (name: string, key: keyof Sample): number[] =>
    (samples.get(name) ?? []).map((sample) => sample[key]);
  return {
    heading: `median of ${runs} runs each, in turn; ${os.cpus().length} processors, Node ${process.version}, ${agent.name}`,
    of: (name) => ({
      wallMs: median(field(name, 'wallMs')),
      cpuMs: median(field(name, 'cpuMs')),
      ...(peaks.get(name) ?? { peakMb: Number.NaN, childMb: Number.NaN }),
    }),
    each: (figure) =>
      median(
        Array.from({ length: runs }, (_, run) =>
          figure((name) => samples.get(name)?.[run]?.cpuMs ?? Number.NaN),
        ),
      ),
  };
}

/** The shell's `times` knows the CPU time of everything below it, which Node does not tell; it costs 1 ms. */
async function take({ command, env }: Row, look: boolean): Promise<{ sample: Sample; peak: Peak }> {
  const started = performance.now();
  const child = spawn('/bin/sh', ['-c', '"$@" >/dev/null 2>&1; times', 'sh', ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  let [ownKb, belowKb] = [0, 0];
  const watch = look
    ? setInterval(() => {
        // The shell, and below it the program.
        for (const pid of childrenOf(child.pid ?? 0)) {
          ownKb = Math.max(ownKb, peakKb(pid));
          for (const below of childrenOf(pid)) belowKb = Math.max(belowKb, largestKb(below));
        }
      }, LOOK_MS)
    : undefined;
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  await new Promise((resolve) => child.once('close', resolve));
  clearInterval(watch);
  return {
    sample: { wallMs: performance.now() - started, cpuMs: cpuBelow(out) },
    peak: { peakMb: ownKb / 1024, childMb: belowKb / 1024 },
  };
}

/** Of what the shell's `times` printed, the second line: milliseconds of user and system time of its children. */
function cpuBelow(times: string): number {
  const [, below = ''] = times.trim().split('\n');
  return [...below.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000,
    0,
  );
}

/** Process ids; none where it has ended. proc(5) */
function childrenOf(pid: number): number[] {
  try {
    const text = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** VmHWM of proc(5); 0 where it has ended. */
function peakKb(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** The largest of a process and of those below it. */
const largestKb = (pid: number): number => Math.max(peakKb(pid), ...childrenOf(pid).map(largestKb));

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

export function option(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}

/** How often each is measured. */
export const runsOf = (args: readonly string[], usual: number): number =>
  Math.max(1, Number(option(args, '--runs') ?? usual) || usual);

/** A table of these columns, `-` where nothing was measured. */
export function table(
  figures: Figures,
  names: readonly string[],
  columns: Readonly<Partial<Record<keyof (Sample & Peak), string>>>,
): readonly string[] {
  const keys = Object.keys(columns) as (keyof (Sample & Peak))[];
  const width = Math.max(...names.map((name) => name.length)) + 2;
  const cell = (value: number): string =>
    (Number.isNaN(value) || value === 0 ? '-' : value.toFixed(0)).padStart(10);
  return [
    `${''.padEnd(width)}${keys.map((key) => (columns[key] ?? '').padStart(10)).join('')}`,
    ...names.map((name) => `${name.padEnd(width)}${keys.map((key) => cell(figures.of(name)[key])).join('')}`),
  ];
}
