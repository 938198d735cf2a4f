/** What a clause's status rests on: one deciding check or record, as it stands for one host. */
import type { DecidingCheck, DecidingRecord, RecordType } from './catalogue.ts';
import * as reasons from './clause-reasons.ts';
import { weakParameters } from './floor.ts';
import { type Freshness, freshness } from './freshness.ts';
import type { Evidence, Outcome, ParamValue, Text } from './outcome.ts';

/** A check's current result. `since`: receipt of the report that brought this outcome. */
export interface StatusResult {
  readonly check: string;
  readonly outcome: Outcome;
  readonly reason?: Text | undefined;
  readonly params?: Readonly<Record<string, ParamValue>> | undefined;
  readonly since: string;
}

/** An agent's last sign of life. `receivedAt` is null before its first report. */
export interface StatusAgent {
  readonly enrolledAt: string;
  readonly retiredAt: string | null;
  readonly quarantinedAt: string | null;
  readonly intervalSeconds: number;
  readonly kindDetected: 'server' | 'vm' | 'unknown';
  readonly receivedAt: string | null;
  readonly roundAt: string | null;
  /** Stays when the machine enrols under a new key. */
  readonly machineId?: string | null | undefined;
}

/** A dated record. A waiver's subject is the id of a check; `hostId` null: it holds for every host of the tenant. */
export interface StatusRecord {
  readonly id: string;
  readonly type: RecordType;
  readonly subject: string;
  readonly hostId: string | null;
  readonly at: string;
  readonly until: string | null;
  readonly revokedAt?: string | null | undefined;
}

export type BasisStatus = 'kept' | 'violated' | 'unproven' | 'waived' | 'not-applicable';

export interface CheckBasis {
  readonly kind: 'check';
  readonly check: string;
  readonly status: BasisStatus;
  /** Null where there is no result. */
  readonly outcome: Outcome | null;
  /** The outcome is from a report that is too old to prove anything. */
  readonly stale: boolean;
  readonly since: string | null;
  /** Receipt of the last report; null for the collector's own checks and where there was none. */
  readonly receivedAt: string | null;
  readonly reason: Text;
  readonly because: Text;
  /** The waiver that covers it. */
  readonly waiver?: string;
}

export interface RecordBasis {
  readonly kind: 'record';
  readonly record: RecordType;
  readonly subject: string;
  readonly status: BasisStatus;
  readonly at: string | null;
  /** When it has to be renewed; null: never. */
  readonly until: string | null;
  readonly reason: Text;
  readonly because: Text;
}

export type Basis = CheckBasis | RecordBasis;

/** Whom the question is about: a host (its id, agent and results), or the tenant as a whole (`hostId` null). */
export interface Subject {
  readonly hostId: string | null;
  readonly agent: StatusAgent | null;
  readonly results: readonly StatusResult[];
}

export interface Surroundings {
  readonly now: string;
  readonly records: readonly StatusRecord[];
  /** Checks that exist in this version. */
  readonly knownChecks: ReadonlySet<string>;
  /** Results of the collector's own checks, computed now. */
  readonly collectorResults: readonly CollectorResult[];
}

/** A result of the collector about itself: of the whole tenant, or of one host. */
export interface CollectorResult extends StatusResult {
  readonly hostId: string | null;
  readonly evidence: readonly Evidence[];
}

export const isCollectorCheck = (id: string) => id.startsWith('collector.');

/** Badness, so that of two results for one check (which should not be) the worse one counts. */
const badness: Record<Outcome, number> = { fail: 3, unknown: 2, 'not-applicable': 1, pass: 0 };

function resultOf(check: string, subject: Subject, around: Surroundings): StatusResult | undefined {
  const from = isCollectorCheck(check)
    ? around.collectorResults.filter(({ hostId }) => hostId === null || hostId === subject.hostId)
    : subject.results;
  return from
    .filter((result) => result.check === check)
    .reduce<StatusResult | undefined>(
      (worst, next) => (worst && badness[worst.outcome] >= badness[next.outcome] ? worst : next),
      undefined,
    );
}

/** How one deciding check stands. Only a fresh pass with parameters at or above the floor is `kept`. */
export function checkBasis(deciding: DecidingCheck, subject: Subject, around: Surroundings): CheckBasis {
  const own = isCollectorCheck(deciding.check);
  const result = resultOf(deciding.check, subject, around);
  const { agent } = subject;
  const age: Freshness = own
    ? 'fresh'
    : agent
      ? freshness(agent.receivedAt, agent.intervalSeconds, around.now)
      : 'never';
  const basis = (status: BasisStatus, reason: Text, waiver?: string): CheckBasis => ({
    kind: 'check',
    check: deciding.check,
    status,
    outcome: result?.outcome ?? null,
    stale: result !== undefined && age !== 'fresh',
    since: result?.since ?? null,
    receivedAt: own ? null : (agent?.receivedAt ?? null),
    reason,
    because: deciding.because,
    ...(waiver === undefined ? {} : { waiver }),
  });
  const missing = whyMissing(deciding.check, subject, around, result);
  const waiver = liveWaiver(deciding.check, subject, around);

  // The last thing seen was a violation: silence must not improve it, or stopping the agent would. A waiver covers
  // only what is seen today, because what it was approved for may have changed since.
  if (result?.outcome === 'fail') {
    const received = agent?.receivedAt ?? null;
    if (!waiver)
      return basis(
        'violated',
        age === 'fresh' ? (result.reason ?? reasons.failed) : reasons.staleFail(received),
      );
    if (age !== 'fresh') return basis('unproven', reasons.staleFailWaived(received));
    if (missing) return basis('unproven', missing);
    return basis('waived', reasons.waived(waiver.until), waiver.id);
  }
  if (missing) return basis('unproven', missing);
  if (result === undefined) return basis('unproven', reasons.notInReport);
  if (age !== 'fresh')
    return basis('unproven', reasons.notFresh(age, agent?.receivedAt ?? null, agent?.intervalSeconds ?? 0));
  if (!own && agent?.quarantinedAt) return basis('unproven', reasons.quarantined);
  if (result.outcome === 'unknown') return basis('unproven', result.reason ?? reasons.couldNotLook);
  const weak = weakParameters(result.params, deciding.floor);
  if (weak.length > 0)
    return waiver
      ? basis('waived', reasons.waived(waiver.until), waiver.id)
      : basis('unproven', reasons.belowFloor(weak));
  return result.outcome === 'pass'
    ? basis('kept', result.reason ?? reasons.passed)
    : basis('not-applicable', result.reason ?? reasons.notApplicable);
}

/** Why there is nothing that could prove it, looking from the outside in: version, agent, report. */
function whyMissing(
  check: string,
  { agent }: Subject,
  { knownChecks }: Surroundings,
  result: StatusResult | undefined,
): Text | undefined {
  if (!knownChecks.has(check)) return reasons.notInThisVersion;
  if (isCollectorCheck(check)) return result ? undefined : reasons.notComputed;
  if (!agent) return reasons.noAgent;
  if (agent.retiredAt !== null) return reasons.agentRetired(agent.retiredAt);
  if (agent.quarantinedAt !== null) return reasons.quarantined;
  return agent.receivedAt === null ? reasons.neverReported : undefined;
}

function liveWaiver(check: string, { hostId }: Subject, { records, now }: Surroundings) {
  // A waiver without an end is none: it would soften a result for ever.
  const live = records.filter(
    (record) =>
      record.type === 'waiver' &&
      record.subject === check &&
      (record.hostId === null || record.hostId === hostId) &&
      record.until !== null &&
      holds(record, record.until, now),
  );
  return live.sort((a, b) => ((a.until ?? '') < (b.until ?? '') ? 1 : -1))[0];
}

const holds = (record: StatusRecord, until: string | null, now: string) =>
  Date.parse(record.at) <= Date.parse(now) &&
  (until === null || Date.parse(now) < Date.parse(until)) &&
  !(record.revokedAt && Date.parse(record.revokedAt) <= Date.parse(now));

const DAY_MS = 86_400_000;

/** How one deciding record stands: the one that holds longest counts; one that has run out is said so. */
export function recordBasis(deciding: DecidingRecord, subject: Subject, around: Surroundings): RecordBasis {
  const candidates = around.records
    .filter(
      ({ type, subject: about, hostId, at }) =>
        type === deciding.record &&
        about === deciding.subject &&
        (hostId === null || hostId === subject.hostId) &&
        Date.parse(at) <= Date.parse(around.now),
    )
    .map((record) => ({ record, until: renewal(record, deciding.renewDays) }))
    .sort((a, b) => endOf(b.until) - endOf(a.until));
  const live = candidates.find(({ record, until }) => holds(record, until, around.now));
  const shown = live ?? candidates[0];
  return {
    kind: 'record',
    record: deciding.record,
    subject: deciding.subject,
    status: live ? 'kept' : 'unproven',
    at: shown?.record.at ?? null,
    until: shown?.until ?? null,
    reason: live
      ? reasons.recorded(live.record.at, live.until)
      : shown
        ? reasons.recordEnded(shown.record.revokedAt ?? shown.until ?? around.now)
        : reasons.notRecorded(deciding.record),
    because: deciding.because,
  };
}

const endOf = (until: string | null) => (until === null ? Number.POSITIVE_INFINITY : Date.parse(until));

function renewal({ at, until }: StatusRecord, renewDays: number | undefined): string | null {
  const renewed =
    renewDays === undefined ? null : new Date(Date.parse(at) + renewDays * DAY_MS).toISOString();
  if (until === null || renewed === null) return until ?? renewed;
  return Date.parse(until) < Date.parse(renewed) ? until : renewed;
}
