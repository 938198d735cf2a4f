/**
 * `npm run bench -- patch [--runs N] [--source|--executable FILE]`: the patch checks on this machine beside the bare
 * `apt-get -s dist-upgrade` that they need. What a check of next to nothing takes is subtracted, for it is what starting
 * the agent takes. "Nothing changed" is the same with what the round before left. Where apt keeps its lists packed, as in
 * images of containers, both are measured once more with the lists unpacked, as a server has them; that needs root.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { inTurn, measuredAgent, type Row, runsOf, seeing, simulation, table } from './processes.ts';
import { rememberingState } from './remembering-state.ts';

const LISTS = '/var/lib/apt/lists';

export async function bench(args: readonly string[]): Promise<void> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'nachweis-bench-'));
  try {
    const agent = await measuredAgent(args, directory);
    const { start, env } = agent;
    const none = path.join(directory, 'none');
    const state = await rememberingState(path.join(directory, 'state'));
    const check = (name: string, ids: string, held: string): Row => ({
      name,
      command: [...start, 'check', '--format', 'json', '--only', ids],
      env: { ...env, NACHWEIS_STATE: held },
    });
    const nothing = check('next to nothing', 'patch.release-supported', none);
    const asked = check('patch.*, asked', 'patch.*', none);
    const again = check('patch.*, nothing changed', 'patch.*', state);
    const plain = process.getuid?.() === 0 ? unpackedLists(path.join(directory, 'lists')) : undefined;
    const packed = plain === undefined ? [] : [simulation, nothing, asked];
    const unpacked = packed.map(
      (row): Row => ({
        ...row,
        name: `${row.name}, lists unpacked`,
        command: [...seeing({ [LISTS]: plain ?? LISTS }), ...row.command],
      }),
    );
    const rows = [simulation, nothing, asked, again, ...unpacked];
    const figures = await inTurn(rows, runsOf(args, 7), agent);
    const share = ([bare, least, most]: readonly Row[]): string =>
      figures
        .each((cpu) => (cpu(most?.name ?? '') - cpu(least?.name ?? '')) / cpu(bare?.name ?? ''))
        .toFixed(2);
    const more = figures.each((cpu) => cpu(again.name) - cpu(nothing.name));
    const lines = [
      figures.heading,
      ...table(
        figures,
        rows.map(({ name }) => name),
        { cpuMs: 'CPU ms', peakMb: 'peak MB' },
      ),
      `asked: ${share([simulation, nothing, asked])} x the simulation (at most 1.3)`,
      ...(plain === undefined ? [] : [`  with the lists unpacked: ${share(unpacked)}`]),
      `nothing changed: ${more.toFixed(0)} ms more than next to nothing (at most 50)`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

/** A copy of apt's lists with nothing packed; undefined where nothing is. */
function unpackedLists(copy: string): string | undefined {
  const names = fs.readdirSync(LISTS).filter((name) => name.endsWith('.lz4'));
  if (names.length === 0) return undefined;
  fs.cpSync(LISTS, copy, { recursive: true, preserveTimestamps: true });
  for (const name of names) {
    const [from, to] = [path.join(LISTS, name), path.join(copy, name.slice(0, -'.lz4'.length))];
    const out = fs.openSync(to, 'w');
    execFileSync('/usr/lib/apt/apt-helper', ['cat-file', from], { stdio: ['ignore', out, 'inherit'] });
    fs.closeSync(out);
    const { atime, mtime } = fs.statSync(from);
    fs.utimesSync(to, atime, mtime);
    fs.rmSync(path.join(copy, name));
  }
  return copy;
}
