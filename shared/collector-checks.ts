/** The checks about the collector itself: computed here, in the same shape as a host's. An explicit list. */
import type { CollectorResult } from './clause-basis.ts';
import type { CollectorCheck, CollectorFacts } from './collector/check.ts';
import { coverageCheck } from './collector/coverage.ts';
import { freshnessCheck } from './collector/freshness.ts';
import { kindAgreesCheck } from './collector/kind-agrees.ts';
import { disposalRecordedCheck, erasureRecordedCheck } from './collector/media-recorded.ts';
import { spotChecksDueCheck } from './collector/spot-checks-due.ts';
import { tenantSeparationCheck } from './collector/tenant-separation.ts';

export type { CollectorCheck, CollectorFacts } from './collector/check.ts';

export const collectorChecks: readonly CollectorCheck[] = [
  coverageCheck,
  freshnessCheck,
  erasureRecordedCheck,
  disposalRecordedCheck,
  kindAgreesCheck,
  spotChecksDueCheck,
  tenantSeparationCheck,
];

/** Those whose parameters a tenant's policy may set. */
export const adjustableChecks = collectorChecks.flatMap(({ id, params }) => (params ? [{ id, params }] : []));

/** What all of them say about one tenant. */
export const collectorResults = (facts: CollectorFacts): CollectorResult[] =>
  collectorChecks.flatMap(({ evaluate }) => evaluate(facts));
