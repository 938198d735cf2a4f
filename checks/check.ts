/** A check: one question about a host, in one declaration that says everything about it. */
import type { z } from 'zod';
import { checkIdSchema, type Evidence, type Outcome, type Severity, type Text } from '../shared/outcome.ts';
import type { Fact, FactDefinition } from './fact.ts';
import type { Tree } from './host-memory.ts';

/** What kind of system this is: all that `appliesTo` may look at. */
export interface System {
  /** os-release(5): ID, VERSION_ID and ID_LIKE, lower case. */
  readonly id: string;
  readonly version: string;
  readonly like: readonly string[];
  readonly kind: 'server' | 'vm' | 'unknown';
  readonly contract?: {
    readonly site?: 'provider' | 'customer' | undefined;
    readonly backup?: boolean | undefined;
    readonly patch?: boolean | undefined;
  };
}

export interface Verdict {
  readonly outcome: Outcome;
  readonly reason?: Text;
  readonly evidence: readonly Evidence[];
}

export const pass = (evidence: readonly Evidence[], reason?: Text): Verdict =>
  verdict('pass', evidence, reason);
export const fail = (evidence: readonly Evidence[], reason?: Text): Verdict =>
  verdict('fail', evidence, reason);
export const unknown = (reason: Text, evidence: readonly Evidence[] = []): Verdict =>
  verdict('unknown', evidence, reason);
export const notApplicable = (reason: Text, evidence: readonly Evidence[] = []): Verdict =>
  verdict('not-applicable', evidence, reason);

function verdict(outcome: Outcome, evidence: readonly Evidence[], reason?: Text): Verdict {
  return { outcome, evidence, ...(reason ? { reason } : {}) };
}

export type Needs = Readonly<Record<string, FactDefinition<unknown>>>;

/** The facts that `needs` names, by the same names, typed. */
export type FactsOf<N extends Needs> = {
  readonly [K in keyof N]: N[K] extends FactDefinition<infer T> ? Fact<T> : never;
};

/** A small host and what the check must say about it. At least one pass, one fail and one unknown per check. */
export interface Example {
  readonly name: string;
  readonly outcome: Outcome;
  readonly tree: Tree;
  readonly params?: Readonly<Record<string, unknown>>;
  /** UTC instant at which it is judged; a fixed one where it does not matter. */
  readonly now?: string;
  /** Strings that must stand in the evidence or the reason. */
  readonly says?: readonly string[];
}

/** Where they are many, they have a file of their own and are loaded by whoever wants them: an agent at work does not. */
export type Examples = readonly Example[] | (() => Promise<readonly Example[]>);

export const examplesOf = async ({
  examples,
}: {
  readonly examples: Examples;
}): Promise<readonly Example[]> => (typeof examples === 'function' ? examples() : examples);

export interface Check<N extends Needs = Needs, P extends z.ZodObject = z.ZodObject> {
  readonly id: string;
  readonly title: Text;
  readonly why: Text;
  readonly remedy: Text;
  readonly severity: Severity;
  /** Every parameter with a default: the check runs without a policy. Strict: unknown names are refused. */
  readonly params: P;
  readonly needs: N;
  /** True, or why the question does not arise on this kind of system. Not a place to look at the host. */
  readonly appliesTo: (system: System) => true | Text;
  /** Pure. May throw CouldNotLook (through `valueIn`), which becomes `unknown` with its reason. */
  readonly evaluate: (facts: FactsOf<N>, params: z.output<P>, now: Date) => Verdict;
  /** CIS Debian 12 / RHEL 9, BSI IT-Grundschutz, ISO 27001 Annex A, man pages. */
  readonly references: readonly string[];
  readonly examples: Examples;
}

export const always = (): true => true;

/** Types the declaration and forgets its parameters' types, so that checks fit one list. */
export function defineCheck<N extends Needs, P extends z.ZodObject>(check: Check<N, P>): Check {
  checkIdSchema.parse(check.id);
  // The list of checks needs one type; `evaluate` only ever gets what `needs` and `params` produced.
  return check as unknown as Check;
}
