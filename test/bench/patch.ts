/**
 * `npm run bench -- patch [--runs N] [--executable FILE]`: the patch checks on this machine beside the bare `apt-get -s dist-upgrade` that
 * they need, in turn in one run. Whole processes; CPU includes the programs that they ask. What a check of next to
 * nothing takes is subtracted, for it is what starting the agent takes. "Nothing changed" is the same with what the
 * round before left.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { agent, bareSimulation, measure, median, option, whole } from './check.ts';
import { rememberingState } from './remembering-state.ts';

export async function bench(args: readonly string[]): Promise<void> {
  const runs = Math.max(1, Number(option(args, '--runs') ?? 5) || 5);
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'nachweis-bench-'));
  const executable = option(args, '--executable');
  try {
    const state = { NACHWEIS_STATE: await rememberingState(path.join(directory, 'state')) };
    const none = { NACHWEIS_STATE: path.join(directory, 'none') };
    const check = (ids: string, held: Readonly<Record<string, string>>) => {
      const call = ['check', '--format', 'json', '--only', ids];
      // As its units start it.
      if (executable) return whole([executable, ...call], { ...held, MALLOC_ARENA_MAX: '1' });
      return measure([...agent, ...call], directory, held);
    };
    const rows: [string, () => Promise<{ cpuMs: number; peakMb?: number }>][] = [
      ['apt-get -s dist-upgrade', async () => ({ cpuMs: bareSimulation() })],
      ['next to nothing', () => check('patch.release-supported', none)],
      ['patch.*, asked', () => check('patch.*', none)],
      ['patch.*, nothing changed', () => check('patch.*', state)],
    ];
    const cpu = rows.map((): number[] => []);
    const peak = rows.map((): number[] => []);
    // One round to warm the caches of the disk, not counted.
    for (let run = 0; run <= runs; run += 1) {
      for (const [index, [, take]] of rows.entries()) {
        const { cpuMs, peakMb = Number.NaN } = await take();
        if (run === 0) continue;
        cpu[index]?.push(cpuMs);
        peak[index]?.push(peakMb);
      }
    }
    const medians = cpu.map(median);
    const [bare = 0, nothing = 0, asked = 0, again = 0] = medians;
    const lines = [
      `median of ${runs} runs each, in turn; ${os.cpus().length} processors, Node ${process.version}${executable ? `, ${path.basename(executable)}` : ', from source'}`,
      `${''.padEnd(26)}${'CPU ms'.padStart(8)}${'peak MB'.padStart(10)}`,
      ...rows.map(
        ([name], row) =>
          `${name.padEnd(26)}${(medians[row] ?? 0).toFixed(0).padStart(8)}${(median(peak[row] ?? []) || 0).toFixed(0).padStart(10)}`,
      ),
      `asked: ${((asked - nothing) / bare).toFixed(2)} x the simulation (at most 1.3)`,
      `nothing changed: ${(again - nothing).toFixed(0)} ms more than next to nothing (at most 50)`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}
