/** Judges one host: collects what the checks need and lets them speak. No collector, no state, no network. */
import type { Check } from '../checks/check.ts';
import { evaluateRound, factGetter } from '../checks/evaluate.ts';
import type { Host } from '../checks/host.ts';
import type { Memory } from '../checks/memory.ts';
import type { AccessMatrix } from '../shared/access-matrix.ts';
import type { ContractFile } from '../shared/contract.ts';
import { type Outcome, outcomes, type Result } from '../shared/outcome.ts';
import type { Machine } from '../shared/report.ts';
import type { UpdateList } from '../shared/update-list.ts';
import type { Params } from './config.ts';
import { readMachine, systemOf } from './machine.ts';

export interface JudgeOptions {
  readonly host: Host;
  readonly checks: readonly Check[];
  readonly params: Params;
  readonly contract?: ContractFile | undefined;
  readonly now: Date;
  /** Whether the access matrix is wanted too. */
  readonly access?: boolean;
  /** Whether the list of pending updates, and what the next round should remember, are wanted too. */
  readonly remember?: boolean;
  /** Milliseconds from any origin. */
  readonly monotonic: () => number;
}

export interface Judged {
  readonly machine: Machine;
  readonly results: readonly Result[];
  /** Where it was asked for. */
  readonly access?: AccessMatrix;
  /** Where it was asked for, and a package manager could be asked. */
  readonly updates?: UpdateList;
  /** Where it was asked for, and there is something. */
  readonly memory?: Memory;
  readonly now: Date;
  /** Milliseconds per check, and of everything under `total`. */
  readonly durations: Readonly<Record<string, number>>;
}

export async function judge(options: JudgeOptions): Promise<Judged> {
  const { host, checks, params, contract, now, monotonic, access: wantsAccess = false } = options;
  const { remember = false } = options;
  const started = monotonic();
  const machine = await readMachine(host, factGetter(host, now));
  const { results, durations, access, memory, updates } = await evaluateRound({
    host,
    system: systemOf(machine, contract),
    checks,
    params,
    now,
    monotonic,
    access: wantsAccess,
    remember,
  });
  return {
    machine,
    results,
    ...(access ? { access } : {}),
    ...(memory ? { memory } : {}),
    ...(updates ? { updates } : {}),
    now,
    durations: { ...durations, total: monotonic() - started },
  };
}

export type Counts = Readonly<Record<Outcome, number>>;

export function countOutcomes(results: readonly Result[]): Counts {
  const counts = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
  for (const { outcome } of results) counts[outcome] += 1;
  return counts;
}
