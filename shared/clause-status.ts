/**
 * The status of every clause of a tenant's annex: pure, so that collector, exports and the offline verifier compute
 * the same from the same evidence. Per clause and host, then folded: violated > unproven > waived > kept. Hosts for
 * which the clause is not-applicable, the customer's or not commissioned are left out unless all are so.
 */
import { type Catalogue, type Clause, type Condition, type EventType, eventsOf } from './catalogue.ts';
import {
  type Basis,
  type CollectorResult,
  checkBasis,
  isCollectorCheck,
  recordBasis,
  type StatusAgent,
  type StatusRecord,
  type StatusResult,
  type Subject,
  type Surroundings,
} from './clause-basis.ts';
import * as reasons from './clause-reasons.ts';
import type { HostContract } from './contract.ts';
import type { UnidentifiedDisk } from './disks.ts';
import { standingOf } from './host-standing.ts';
import type { HostEnding, LedgerDisk } from './obligations.ts';
import type { Text } from './outcome.ts';

/** From the one that decides a fold to the one that matters least. */
export const clauseStates = [
  'violated',
  'unproven',
  'waived',
  'kept',
  'not-commissioned',
  'customer',
  'not-applicable',
] as const;
export type ClauseState = (typeof clauseStates)[number];

/** States that take part in the fold: the clause is owed for these hosts. */
export const assessedStates: readonly ClauseState[] = ['violated', 'unproven', 'waived', 'kept'];

export interface StatusHost {
  /** The host's id; that of its contract entry while no agent was ever enrolled. */
  readonly id: string;
  readonly name: string;
  /** Null: enrolled but not in the contract. */
  readonly contract: (HostContract & { readonly until: string | null }) | null;
  /** Null: contracted but no agent enrolled. */
  readonly agent: StatusAgent | null;
  /** The agent's current results. */
  readonly results: readonly StatusResult[];
  /** What happened to it, other than its end. */
  readonly events?: readonly {
    readonly type: EventType;
    readonly at: string;
    readonly subject: string;
    /** What the host was for it, where that is not what it is now. */
    readonly kind?: 'server' | 'vm';
  }[];
  readonly ending?: HostEnding | null;
  /** When it stopped being a server and became a VM; what was owed for its disks stays owed. */
  readonly serverUntil?: string | null;
  readonly disks?: HostDisks;
  /** Why a disk could be taken out of it without anybody noticing; left out where it would be noticed. */
  readonly unwatched?: Unwatched;
}

/** The disks of a host as its reports have them. */
export interface HostDisks {
  /** Every one that could ever be told apart. */
  readonly ledger: readonly LedgerDisk[];
  /** Those of the last report that can't be. */
  readonly unidentified: readonly UnidentifiedDisk[];
  /** How many of these are no disk of the ledger whose number is only not readable today. */
  readonly nameless: number;
  /** All of the last report. */
  readonly devices: readonly { readonly name: string; readonly bytes: number }[];
}

export interface Unwatched {
  readonly reason: Text;
  /** A register of disks that is kept by hand, and attested, would make up for it. */
  readonly registerHelps: boolean;
}

/** What is attested where disks have no serial number that a report could show. */
export const DISK_REGISTER = 'disk-register';

export interface ClauseStatusInput {
  readonly catalogue: Pick<Catalogue, 'clauses'>;
  readonly hosts: readonly StatusHost[];
  readonly records: readonly StatusRecord[];
  /** Results of the collector's own checks about this tenant (shared/collector-checks.ts). */
  readonly collectorResults: readonly CollectorResult[];
  readonly now: string;
  /** Ids of the checks that exist in this version, the collector's own among them. */
  readonly knownChecks: ReadonlySet<string>;
  /** Events that would be noticed if they happened; a host's end always is. */
  readonly watchedEvents?: ReadonlySet<EventType>;
}

export interface HostClauseStatus {
  readonly hostId: string;
  readonly name: string;
  readonly status: ClauseState;
  /** The one sentence that says why; the basis has the rest. */
  readonly reason: Text;
  /** What it rests on; where the status is not-commissioned it is shown for information. */
  readonly basis: readonly Basis[];
}

export interface ClauseStatus {
  readonly id: string;
  readonly status: ClauseState;
  readonly reason: Text;
  readonly responsible: 'provider' | 'customer';
  /** `tenant`: asked once, no hosts behind it. */
  readonly scope: 'tenant' | 'host';
  /** Of a clause asked once; empty where it is asked per host. */
  readonly basis: readonly Basis[];
  readonly hosts: readonly HostClauseStatus[];
  /** Hosts in each state; together `total`. */
  readonly counts: Readonly<Record<ClauseState, number>>;
  /** Hosts for which the clause is owed: the denominator of `counts`. */
  readonly assessed: number;
  readonly total: number;
}

/** @returns one status per clause, in the catalogue's order */
export function clauseStatus(input: ClauseStatusInput): ClauseStatus[] {
  return input.catalogue.clauses.map((clause) =>
    isAskedOnce(clause) ? ofTenant(clause, input) : ofHosts(clause, input),
  );
}

/** A clause without a condition on hosts that only records and the collector itself decide has one answer per tenant. */
export function isAskedOnce({ when, decides }: Clause): boolean {
  const conditional = Object.values(when).some((value) => value !== undefined);
  return !conditional && decides.every((item) => !('check' in item) || isCollectorCheck(item.check));
}

function ofTenant(clause: Clause, input: ClauseStatusInput): ClauseStatus {
  const { status, reason, basis } = decide(clause, { hostId: null, agent: null, results: [] }, input);
  return {
    id: clause.id,
    status,
    reason,
    responsible: clause.responsible,
    scope: 'tenant',
    basis,
    hosts: [],
    counts: countStates([]),
    assessed: 0,
    total: 0,
  };
}

function ofHosts(clause: Clause, input: ClauseStatusInput): ClauseStatus {
  const hosts = input.hosts.flatMap((host) => ofHost(clause, host, input) ?? []);
  const counts = countStates(hosts);
  const status = fold(hosts.map((host) => host.status));
  return {
    id: clause.id,
    status,
    reason: hosts.find((host) => host.status === status)?.reason ?? reasons.noHost,
    responsible: status === 'customer' ? 'customer' : clause.responsible,
    scope: 'host',
    basis: [],
    hosts,
    counts,
    assessed: assessedStates.reduce((sum, state) => sum + counts[state], 0),
    total: hosts.length,
  };
}

/** The worst of what is owed; where nothing is, the first of what is left. No host at all: not-applicable. */
export function fold(states: readonly ClauseState[]): ClauseState {
  return clauseStates.find((state) => states.includes(state)) ?? 'not-applicable';
}

function countStates(hosts: readonly HostClauseStatus[]): Record<ClauseState, number> {
  const counts = Object.fromEntries(clauseStates.map((state) => [state, 0])) as Record<ClauseState, number>;
  for (const { status } of hosts) counts[status] += 1;
  return counts;
}

interface Decision {
  readonly status: ClauseState;
  readonly reason: Text;
  readonly basis: readonly Basis[];
}

/** Undefined: the clause is not owed for this host at this time, so that it is in no count. */
function ofHost(clause: Clause, host: StatusHost, input: ClauseStatusInput): HostClauseStatus | undefined {
  const standing = standingOf(host, input.now);
  const events = eventsOf(clause.when);
  if (standing === 'not-yet-owed') return undefined;
  // What is over owes nothing more, except what its end itself sets off.
  const occasion = events.some((event) => happened(event, host, input.now));
  if (standing === 'ended' && !occasion) return undefined;
  const said = (status: ClauseState, reason: Text, basis: readonly Basis[] = []) => ({
    hostId: host.id,
    name: host.name,
    status,
    reason,
    basis,
  });
  const applies = condition(clause, host);
  if (applies === 'open-contract') return said('unproven', reasons.contractUnknown);
  if (applies === 'open-kind') return said('unproven', reasons.kindUnknown);
  const subject: Subject = { hostId: host.id, agent: host.agent, results: host.results };
  if (applies !== true)
    return said(
      applies.status,
      applies.reason,
      applies.status === 'not-commissioned' ? basisOf(clause, subject, input) : [],
    );
  if (events.length > 0 && !occasion) {
    const unseen = events.includes('disk-removed') ? whyUnwatched(subject, host, input) : undefined;
    return unseen ? said('unproven', unseen) : said('not-applicable', reasons.noEvent);
  }
  return { hostId: host.id, name: host.name, ...decide(clause, subject, input) };
}

/** That nothing happened can only be said where it would have been noticed. */
function whyUnwatched(subject: Subject, host: StatusHost, input: ClauseStatusInput): Text | undefined {
  if (!input.watchedEvents?.has('disk-removed')) return reasons.eventNotWatched;
  if (!host.unwatched) return undefined;
  const register = recordBasis(
    { record: 'attestation', subject: DISK_REGISTER, renewDays: 365, because: host.unwatched.reason },
    subject,
    input,
  );
  return host.unwatched.registerHelps && register.status === 'kept' ? undefined : host.unwatched.reason;
}

function happened(event: EventType, host: StatusHost, now: string): boolean {
  if (event === 'host-ended' && standingOf(host, now) === 'ended') return true;
  return (host.events ?? []).some(({ type, at }) => type === event && Date.parse(at) <= Date.parse(now));
}

/** True, what it is instead, or which answer is missing. A definite no counts before an open question. */
function condition(
  { when, elsewhere }: { when: Condition; elsewhere: Clause['elsewhere'] },
  { contract, agent, events = [] }: StatusHost,
): true | { status: ClauseState; reason: Text } | 'open-contract' | 'open-kind' {
  const kind = contract?.kind ?? (agent && agent.kindDetected !== 'unknown' ? agent.kindDetected : undefined);
  if (when.kind && kind && kind !== when.kind && !events.some((one) => one.kind === when.kind))
    return { status: 'not-applicable', reason: reasons.otherKind(when.kind) };
  if (when.site && contract && contract.site !== when.site)
    return elsewhere === 'customer'
      ? { status: 'customer', reason: reasons.atCustomer }
      : { status: 'not-applicable', reason: reasons.otherSite };
  if (when.commissioned && contract && !contract[when.commissioned])
    return { status: 'not-commissioned', reason: reasons.notCommissioned(when.commissioned) };
  if ((when.site || when.commissioned) && !contract) return 'open-contract';
  if (when.kind && !kind) return 'open-kind';
  return true;
}

function basisOf(clause: Clause, subject: Subject, input: ClauseStatusInput): Basis[] {
  const around: Surroundings = input;
  return clause.decides.map((item) =>
    'check' in item ? checkBasis(item, subject, around) : recordBasis(item, subject, around),
  );
}

/**
 * All deciding checks and records together. A fail beats everything, also an unknown beside it. Kept needs at least
 * one pass where checks decide: a clause whose checks are all not-applicable is itself not-applicable.
 */
function decide(clause: Clause, subject: Subject, input: ClauseStatusInput): Decision {
  if (clause.responsible === 'customer')
    return { status: 'customer', reason: reasons.customerAnswers, basis: [] };
  const basis = basisOf(clause, subject, input);
  const first = (status: ClauseState) => basis.find((item) => item.status === status);
  for (const status of ['violated', 'unproven', 'waived'] as const) {
    const decisive = first(status);
    if (decisive) return { status, reason: decisive.reason, basis };
  }
  const checks = basis.filter(({ kind }) => kind === 'check');
  const empty = checks.length > 0 && checks.every(({ status }) => status === 'not-applicable');
  const status = empty ? 'not-applicable' : 'kept';
  const decisive = (empty ? checks : basis).find((item) => item.status === status);
  return decisive
    ? { status, reason: decisive.reason, basis }
    : { status: 'unproven', reason: reasons.nothingDecides, basis };
}
