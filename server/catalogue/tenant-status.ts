/** A tenant's clause status from the database: reads, and lets the pure function compute. */
import { allChecks } from '../../checks/registry.ts';
import { type Catalogue, decidingChecks } from '../../shared/catalogue.ts';
import type { CollectorResult, StatusAgent, StatusResult } from '../../shared/clause-basis.ts';
import {
  type ClauseState,
  type ClauseStatus,
  clauseStates,
  clauseStatus,
  type StatusHost,
  standingOf,
} from '../../shared/clause-status.ts';
import { collectorChecks, collectorResults } from '../../shared/collector-checks.ts';
import { type Freshness, freshness } from '../../shared/freshness.ts';
import { resultSchema } from '../../shared/outcome.ts';
import type { Db } from '../db/database.ts';
import type { Database } from '../db/schema.ts';
import { statusRecords } from './status-records.ts';

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
  const hosts = await statusHosts(db, tenantId, decidingChecks(catalogue), now);
  const ownResults = collectorResults(hosts, now);
  const clauses = clauseStatus({
    catalogue,
    hosts,
    records: await statusRecords(db, tenantId, hosts),
    collectorResults: ownResults,
    now,
    knownChecks,
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
  };
}

/** The tenant's hosts, contracted or enrolled, sorted by name, with the results that decide some clause. */
async function statusHosts(
  db: Db,
  tenantId: string,
  deciding: ReadonlySet<string>,
  now: string,
): Promise<StatusHost[]> {
  const [enrolled, contracted, results] = await Promise.all([
    db.selectFrom('hosts').selectAll().where('tenant_id', '=', tenantId).execute(),
    db.selectFrom('contract_hosts').selectAll().where('tenant_id', '=', tenantId).orderBy('since').execute(),
    db
      .selectFrom('results')
      .innerJoin('hosts', 'hosts.id', 'results.host_id')
      .select(['results.host_id', 'results.check_id', 'results.result', 'results.since'])
      .where('hosts.tenant_id', '=', tenantId)
      .where('results.check_id', 'in', ['', ...deciding])
      .execute(),
  ]);
  const byHost = Map.groupBy(results, ({ host_id }) => host_id);
  const contractOf = Map.groupBy(contracted, ({ id, host_id }) => host_id ?? id);
  const agentOf = new Map(enrolled.map((host) => [host.id, host]));
  const ids = new Set([...agentOf.keys(), ...contractOf.keys()]);
  return [...ids]
    .map((id): StatusHost => {
      const agent = agentOf.get(id);
      const contract = current(contractOf.get(id) ?? [], now);
      return {
        id,
        name: contract?.name ?? agent?.name ?? id,
        contract: contract
          ? {
              site: contract.site,
              ...(contract.kind ? { kind: contract.kind } : {}),
              backup: contract.backup === 1,
              patch: contract.patch === 1,
              since: contract.since,
              until: contract.until,
            }
          : null,
        agent: agent ? toAgent(agent) : null,
        results: (byHost.get(id) ?? []).map((row) => toResult(row)),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1));
}

/** Of several entries for one host the one that holds now, else the next to come, else the last that held. */
function current<C extends { since: string; until: string | null }>(entries: readonly C[], now: string) {
  return (
    entries.find(({ since, until }) => since <= now && (until === null || now < until)) ??
    entries.find(({ since }) => now < since) ??
    entries.at(-1)
  );
}

function toAgent(host: Database['hosts']): StatusAgent {
  return {
    enrolledAt: host.enrolled_at,
    retiredAt: host.retired_at,
    quarantinedAt: host.quarantined_at,
    intervalSeconds: host.interval_seconds,
    kindDetected: host.kind_detected,
    receivedAt: host.last_received_at,
    roundAt: host.last_round_at,
  };
}

function toResult(row: { check_id: string; result: string; since: string }): StatusResult {
  const parsed = resultSchema.safeParse(jsonOf(row.result));
  // Written by this collector, so this should not be; and what can't be read must not count as a pass.
  if (!parsed.success || parsed.data.check !== row.check_id)
    return { check: row.check_id, outcome: 'unknown', since: row.since };
  const { check, outcome, reason, params } = parsed.data;
  return { check, outcome, reason, params, since: row.since };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
