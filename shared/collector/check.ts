/** What the collector's own checks have in common: the declaration, what they look at, and how findings are summed up. */
import type { z } from 'zod';
import type { CollectorResult, StatusRecord } from '../clause-basis.ts';
import type { StatusHost } from '../clause-status.ts';
import type { Obligation } from '../obligations.ts';
import { type Evidence, MAX_EVIDENCE, type Outcome, type Severity, type Text } from '../outcome.ts';
import type { PolicyParams } from '../policy.ts';
import type { SeparationFacts } from './tenant-separation.ts';

/** Everything that these checks look at; all of it about one tenant. */
export interface CollectorFacts {
  readonly hosts: readonly StatusHost[];
  readonly obligations: readonly Obligation[];
  readonly spotChecks: readonly SpotCheck[];
  readonly separation: SeparationFacts;
  /** What the tenant's policy says about these checks: `{check-id: {name: value}}`. */
  readonly params?: PolicyParams;
  readonly now: string;
}

export interface SpotCheck extends Pick<StatusRecord, 'at' | 'until' | 'revokedAt'> {
  /** It says what came out. */
  readonly hasResult: boolean;
}

export interface CollectorCheck {
  readonly id: string;
  readonly title: Text;
  readonly why: Text;
  readonly remedy: Text;
  readonly severity: Severity;
  /** With defaults; left out: there is nothing to choose. */
  readonly params?: z.ZodType;
  /** One result about the tenant, or one for each host that it has something to say about. */
  readonly evaluate: (facts: CollectorFacts) => readonly CollectorResult[];
}

export interface Finding {
  readonly outcome: Exclude<Outcome, 'not-applicable'>;
  readonly evidence: Evidence;
}

export interface Sentences {
  readonly none: Text;
  readonly unknown: (count: number, total: number) => Text;
  readonly fail: (count: number, total: number) => Text;
  readonly pass: (total: number) => Text;
}

/** The worst finding decides; its evidence is what the result shows. */
export function judged(
  check: string,
  findings: readonly Finding[],
  now: string,
  say: Sentences,
  hostId: string | null = null,
): CollectorResult {
  const total = findings.length;
  const of = (wanted: Outcome) => findings.filter(({ outcome }) => outcome === wanted);
  const worst = (['fail', 'unknown', 'pass'] as const).find((outcome) => of(outcome).length > 0);
  const result = (outcome: Outcome, reason: Text): CollectorResult => ({
    check,
    hostId,
    outcome,
    reason,
    since: now,
    evidence: (worst ? of(worst) : []).slice(0, MAX_EVIDENCE).map(({ evidence }) => evidence),
  });
  if (worst === undefined) return result('not-applicable', say.none);
  return worst === 'pass'
    ? result('pass', say.pass(total))
    : result(worst, say[worst](of(worst).length, total));
}
