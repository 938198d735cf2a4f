/**
 * `npm run bench -- pam [--runs N]`: the PAM evaluator on a stack of 40 lines with five answers
 * each. Parsed and searched anew each time, beside the start of a bare Node in the same run.
 */
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { findPamRun } from '../../checks/facts/pam-dispatch.ts';
import type { PamReturn } from '../../checks/facts/pam-line.ts';
import { configurationOf, handlersOf } from '../support/pam-stacks.ts';

const CONTROL = '[success=ok auth_err=2 user_unknown=bad new_authtok_reqd=reset default=ignore]';
const STACK = `${`auth ${CONTROL} pam_x.so\n`.repeat(39)}auth required pam_deny.so\n`;
const ANSWERS: readonly PamReturn[] = ['success', 'auth_err', 'user_unknown', 'new_authtok_reqd', 'ignore'];

/** Milliseconds; the first counts too, as in the agent every stack is judged by cold code. */
function evaluate(): number {
  const started = performance.now();
  const handlers = handlersOf(configurationOf(new Map([['s', STACK]])), 's', 'auth') ?? [];
  findPamRun(handlers, ({ module }) => (module === 'pam_deny.so' ? ['auth_err'] : ANSWERS), ['success']);
  if (handlers.length < 40) throw new Error('not the stack that was meant');
  return performance.now() - started;
}

function bareNode(): number {
  const started = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return performance.now() - started;
}

export async function bench(args: readonly string[]): Promise<void> {
  const at = args.indexOf('--runs');
  const runs = Math.max(1, Number(at < 0 ? 10 : args[at + 1]) || 10);
  const nodes: number[] = [];
  const stacks: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    nodes.push(bareNode());
    stacks.push(evaluate());
  }
  const first = stacks[0] ?? Number.NaN;
  const median = (all: readonly number[]) => [...all].sort((a, b) => a - b)[all.length >> 1] ?? Number.NaN;
  const base = median(nodes);
  const row = (name: string, ms: number) =>
    `${name.padEnd(24)}${ms.toFixed(1).padStart(8)} (${(ms / base).toFixed(2)}x)\n`;
  process.stdout.write(
    `${runs} runs each, in turn; Node ${process.version}\n${' '.repeat(30)}ms\n` +
      row('bare Node (-e 0), median', base) +
      row('40 lines, first', first) +
      row('40 lines, median', median(stacks)),
  );
}
