/** `nachweis round`: one round up to the spool. `once` and `run` start it as a process of its own. */
import { performance } from 'node:perf_hooks';
import { allChecks } from '../../checks/registry.ts';
import type { Language } from '../../shared/outcome.ts';
import { readConfig } from '../config.ts';
import { linuxHost } from '../host-linux.ts';
import { heldMemory } from '../memory.ts';
import { heldPolicy } from '../policy.ts';
import { roundText } from '../round-text.ts';
import { makeRound } from '../run.ts';
import { openState, readEnrolment } from '../state.ts';
import { stateDirectory } from '../state-directory.ts';

export interface RoundCommandOptions {
  readonly state?: string;
  readonly config?: string;
  /** The last report of a host that is being decommissioned. */
  readonly last?: boolean;
  readonly format: 'text' | 'json';
}

export async function round(options: RoundCommandOptions, language: Language): Promise<number> {
  const state = openState(stateDirectory(options.state));
  const enrolment = readEnrolment(state);
  const policy = await heldPolicy(state, enrolment, new Date());
  const summary = await makeRound({
    state,
    host: linuxHost({ policy: policy.fact, memory: heldMemory(state, enrolment) }),
    policy,
    checks: allChecks,
    config: await readConfig(options.config),
    clock: () => new Date(),
    monotonic: () => performance.now(),
    last: options.last ?? false,
  });
  process.stdout.write(
    options.format === 'json' ? `${JSON.stringify(summary)}\n` : roundText(summary, language),
  );
  return 0;
}
