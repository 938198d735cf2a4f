/**
 * `npm run bench -- check [--runs N] [--root DIR] [--source|--executable FILE]`: what the agent takes, family by family, beside a
 * bare Node.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  bareNode,
  inTurn,
  type Measured,
  measuredAgent,
  option,
  type Row,
  runsOf,
  table,
} from './processes.ts';

export async function bench(args: readonly string[]): Promise<void> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'nachweis-bench-'));
  try {
    await compare(args, await measuredAgent(args, directory));
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

async function compare(args: readonly string[], agent: Measured): Promise<void> {
  const { start, env } = agent;
  const root = option(args, '--root');
  const check = (name: string, ...more: readonly string[]): Row => ({
    name,
    command: [...start, 'check', ...more, ...(root ? ['--root', root] : [])],
    env,
  });
  const rows = [
    bareNode,
    { name: 'check --list', command: [...start, 'check', '--list'], env },
    check('check, login and access', '--only', 'login.*,access.*'),
    check('and password', '--only', 'login.*,access.*,password.*'),
    check('check', '--format', 'json'),
  ];
  const figures = await inTurn(rows, runsOf(args, 10), agent);
  const names = rows.map(({ name }) => name);
  const lines = [
    figures.heading,
    ...table(figures, names, { wallMs: 'wall ms', cpuMs: 'CPU ms', peakMb: 'peak MB', childMb: 'child MB' }),
    ...names
      .slice(1)
      .map(
        (name) =>
          `${name}: ${figures.each((cpu) => cpu(name) / cpu(bareNode.name)).toFixed(1)} x bare Node's CPU`,
      ),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
