/** Small inputs for the tests of clause status: everything is fine unless a test says otherwise. */
import { type Clause, clauseSchema } from '../../shared/catalogue.ts';
import type { CollectorResult, StatusAgent, StatusRecord, StatusResult } from '../../shared/clause-basis.ts';
import {
  type ClauseStatus,
  type ClauseStatusInput,
  clauseStatus,
  type StatusHost,
} from '../../shared/clause-status.ts';
import type { Outcome } from '../../shared/outcome.ts';

export const NOW = '2026-06-15T12:00:00.000Z';
const HOUR = 3_600_000;

/** An instant so many hours from now; negative is the past. */
export const hours = (count: number) => new Date(Date.parse(NOW) + count * HOUR).toISOString();
export const days = (count: number) => hours(24 * count);

const words = (name: string) => ({ de: `${name} (deutsch)`, en: name });

export const decidedBy = (check: string, floor?: Record<string, unknown>) => ({
  check,
  because: words('because'),
  ...(floor ? { floor } : {}),
});
export const attestedBy = (subject: string, renewDays?: number) => ({
  record: 'attestation',
  subject,
  because: words('because'),
  ...(renewDays ? { renewDays } : {}),
});

/** A technical clause decided by `login.a`, unless the test says otherwise. */
export function clause(changes: Record<string, unknown> = {}): Clause {
  return clauseSchema.parse({
    id: 'I.1/thing',
    title: words('title'),
    promise: words('promise'),
    kind: 'technical',
    decides: [decidedBy('login.a')],
    ...changes,
  });
}

export function agent(changes: Partial<StatusAgent> = {}): StatusAgent {
  return {
    enrolledAt: days(-30),
    retiredAt: null,
    quarantinedAt: null,
    intervalSeconds: 3600,
    kindDetected: 'vm',
    receivedAt: hours(-1),
    roundAt: hours(-1),
    ...changes,
  };
}

type Contract = NonNullable<StatusHost['contract']>;

export function contract(changes: Partial<Contract> = {}): Contract {
  return { site: 'provider', backup: true, patch: true, since: days(-30), until: null, ...changes };
}

export function host(changes: Partial<StatusHost> = {}): StatusHost {
  return {
    id: 'h-1',
    name: 'web1',
    contract: contract(),
    agent: agent(),
    results: [result('login.a')],
    ...changes,
  };
}

export function result(
  check: string,
  outcome: Outcome = 'pass',
  more: Partial<StatusResult> = {},
): StatusResult {
  return { check, outcome, since: days(-3), ...more };
}

export function collected(check: string, outcome: Outcome, hostId: string | null = null): CollectorResult {
  return { check, outcome, hostId, since: NOW, evidence: [] };
}

export function attestation(subject: string, changes: Partial<StatusRecord> = {}): StatusRecord {
  return { id: 'r-1', type: 'attestation', subject, hostId: null, at: days(-10), until: null, ...changes };
}

export function waiver(check: string, changes: Partial<StatusRecord> = {}): StatusRecord {
  return {
    id: 'w-1',
    type: 'waiver',
    subject: check,
    hostId: 'h-1',
    at: days(-10),
    until: days(10),
    ...changes,
  };
}

export const known: ReadonlySet<string> = new Set([
  'login.a',
  'login.b',
  'login.c',
  'collector.coverage',
  'collector.freshness',
]);

export interface Given {
  readonly clause?: Record<string, unknown>;
  readonly hosts?: readonly StatusHost[];
  readonly records?: readonly StatusRecord[];
  readonly collected?: readonly CollectorResult[];
  readonly knownChecks?: ReadonlySet<string>;
  readonly watchedEvents?: ClauseStatusInput['watchedEvents'];
}

/** The status of the one clause that a test gives. */
export function statusOf(given: Given): ClauseStatus {
  const [status] = clauseStatus({
    catalogue: { clauses: [clause(given.clause)] },
    hosts: given.hosts ?? [host()],
    records: given.records ?? [],
    collectorResults: given.collected ?? [],
    now: NOW,
    knownChecks: given.knownChecks ?? known,
    ...(given.watchedEvents ? { watchedEvents: given.watchedEvents } : {}),
  });
  if (!status) throw new Error('no clause');
  return status;
}
