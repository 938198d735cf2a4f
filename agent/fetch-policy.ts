/** Asks the collector for a newer policy. Apart from agent/policy.ts, so that judging needs no network. */
import { redact } from '../checks/evidence.ts';
import type { Signer } from '../shared/crypto.ts';
import { nodeCrypto } from '../shared/crypto-node.ts';
import { CodedError } from '../shared/errors.ts';
import type { Language } from '../shared/outcome.ts';
import { signPolicyRequest } from '../shared/policy.ts';
import { type Collector, RefusedByCollector } from './collector.ts';
import { storedNumber, takePolicy } from './policy.ts';
import type { Enrolment, State } from './state.ts';

/** What asking for the policy came to; undefined: nothing new. */
export type PolicyFetched =
  | { readonly number: number }
  | { readonly problem: { readonly code: string; readonly message: string; readonly next: string } }
  | undefined;

export interface FetchOptions {
  readonly state: State;
  readonly enrolment: Enrolment;
  readonly collector: Collector;
  readonly signer: Signer;
  readonly clock: () => Date;
  readonly language: Language;
  /** What the collector said of it beside a receipt; undefined: nothing. */
  readonly wanted?: number | undefined;
}

/** Asks for a newer policy and keeps it. A refusal is told and never keeps a report from being sent. */
export async function fetchPolicy(options: FetchOptions): Promise<PolicyFetched> {
  const { state, enrolment, collector, signer, clock, language } = options;
  try {
    const have = await storedNumber(state, enrolment);
    if (options.wanted === have) return undefined;
    const request = await signPolicyRequest(nodeCrypto, signer, {
      format: 'nachweis.policy-request/1',
      host: enrolment.host,
      have,
      at: clock().toISOString(),
    });
    const { value } = await collector.policy(request);
    if (value.policy === null) return undefined;
    const { number } = await takePolicy(state, enrolment, value.policy, clock());
    return { number };
  } catch (error) {
    if (error instanceof CodedError) return { problem: { code: error.code, ...error.explain(language) } };
    if (!(error instanceof RefusedByCollector)) throw error;
    const { code, message, next } = error.refusal;
    // A collector from before there were policies.
    if (code === 'NOT_FOUND') return undefined;
    return { problem: { code: redact(code), message: redact(message), next: redact(next) } };
  }
}
