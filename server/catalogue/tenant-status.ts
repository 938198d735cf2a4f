/** A tenant's clause status from the database: reads, and lets the pure function compute. */
import { allChecks } from '../../checks/registry.ts';
import { type Catalogue, decidingChecks } from '../../shared/catalogue.ts';
import type { CollectorResult } from '../../shared/clause-basis.ts';
import {
  type ClauseState,
  type ClauseStatus,
  clauseStates,
  clauseStatus,
  type StatusHost,
} from '../../shared/clause-status.ts';
import { collectorChecks, collectorResults } from '../../shared/collector-checks.ts';
import { type Freshness, freshness } from '../../shared/freshness.ts';
import { standingOf } from '../../shared/host-standing.ts';
import { type Obligation, obligations } from '../../shared/obligations.ts';
import { collectorParams } from '../../shared/policy-file.ts';
import type { Db } from '../db/database.ts';
import { mediaRecords, spotChecks, unwatched } from './media-facts.ts';
import { separationFacts } from './separation-facts.ts';
import { statusHosts } from './status-hosts.ts';
import { statusRecords, tenantSettings } from './status-records.ts';

export interface HostStanding {
  readonly id: string;
  readonly name: string;
  readonly standing: 'owed' | 'not-yet-owed' | 'ended';
  readonly contracted: boolean;
  /** `never` also where no agent is enrolled. */
  readonly freshness: Freshness;
  readonly receivedAt: string | null;
  readonly roundAt: string | null;
}

export interface TenantStatus {
  readonly tenantId: string;
  /** The instant at which all of this is true. */
  readonly at: string;
  readonly catalogue: { readonly id: string; readonly version: string };
  /** In the catalogue's order. */
  readonly clauses: readonly ClauseStatus[];
  /** Clauses in each state, statements of responsibility included. */
  readonly totals: Readonly<Record<ClauseState, number>>;
  readonly hosts: readonly HostStanding[];
  readonly collectorResults: readonly CollectorResult[];
  /** What has to be erased or disposed of, settled or not. */
  readonly obligations: readonly Obligation[];
}

/** Every check that exists in this version: the agent's and the collector's own. */
export const knownChecks: ReadonlySet<string> = new Set([
  ...allChecks.map(({ id }) => id),
  ...collectorChecks.map(({ id }) => id),
]);

/** The status of every clause for one tenant at `now` (an instant as Date.prototype.toISOString writes it). */
export async function tenantStatus(
  db: Db,
  catalogue: Catalogue,
  tenantId: string,
  now: string,
): Promise<TenantStatus> {
  const { hosts, owed, ownResults } = await ownState(db, tenantId, decidingChecks(catalogue), now);
  const clauses = clauseStatus({
    catalogue,
    hosts: withEvents(hosts, owed, now),
    records: await statusRecords(db, tenantId, hosts),
    collectorResults: ownResults,
    now,
    knownChecks,
    watchedEvents: new Set(['disk-removed']),
  });
  const totals = Object.fromEntries(clauseStates.map((state) => [state, 0])) as Record<ClauseState, number>;
  for (const { status } of clauses) totals[status] += 1;
  return {
    tenantId,
    at: now,
    catalogue: { id: catalogue.id, version: catalogue.version },
    clauses,
    totals,
    hosts: hosts.map((host) => ({
      id: host.id,
      name: host.name,
      standing: standingOf(host, now),
      contracted: host.contract !== null,
      freshness: host.agent ? freshness(host.agent.receivedAt, host.agent.intervalSeconds, now) : 'never',
      receivedAt: host.agent?.receivedAt ?? null,
      roundAt: host.agent?.roundAt ?? null,
    })),
    collectorResults: ownResults,
    obligations: owed,
  };
}

/** The tenant's hosts with their disks, and what has to be erased or disposed of. */
export async function tenantMedia(
  db: Db,
  tenantId: string,
  now: string,
): Promise<{ readonly hosts: readonly StatusHost[]; readonly owed: readonly Obligation[] }> {
  const hosts = await statusHosts(db, tenantId, new Set(), now);
  return { hosts, owed: obligations(hosts, await mediaRecords(db, tenantId), now) };
}

/** What the collector's own checks say about one tenant, without the rest: for alerts. */
export async function tenantCollectorResults(
  db: Db,
  tenantId: string,
  now: string,
): Promise<readonly CollectorResult[]> {
  return (await ownState(db, tenantId, new Set(), now)).ownResults;
}

async function ownState(db: Db, tenantId: string, deciding: ReadonlySet<string>, now: string) {
  const hosts = await statusHosts(db, tenantId, deciding, now);
  const owed = obligations(hosts, await mediaRecords(db, tenantId), now);
  const ownResults = collectorResults({
    hosts,
    obligations: owed,
    spotChecks: await spotChecks(db, tenantId),
    separation: await separationFacts(db, tenantId, now),
    params: collectorParams(await tenantSettings(db, tenantId)),
    now,
  });
  return { hosts, owed, ownResults };
}

function withEvents(hosts: readonly StatusHost[], owed: readonly Obligation[], now: string): StatusHost[] {
  const byHost = Map.groupBy(owed, ({ hostId }) => hostId);
  return hosts.map((host) => {
    const unseen = unwatched(host, now);
    const events = (byHost.get(host.id) ?? []).map(({ cause, openedAt, kind }) => ({
      ...{ type: cause, at: openedAt, subject: host.name, kind },
    }));
    return { ...host, events, ...(unseen ? { unwatched: unseen } : {}) };
  });
}
