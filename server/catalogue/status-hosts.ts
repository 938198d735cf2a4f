/** A tenant's hosts as clause status takes them, from the database. */
import type { StatusAgent, StatusResult } from '../../shared/clause-basis.ts';
import type { StatusHost } from '../../shared/clause-status.ts';
import { resultSchema } from '../../shared/outcome.ts';
import type { Db } from '../db/database.ts';
import type { Database } from '../db/schema.ts';
import { endingsOf, hostDisks, ledgers, machineOf } from './media-facts.ts';

/** The tenant's hosts, contracted or enrolled, sorted by name, with the results that decide some clause. */
export async function statusHosts(
  db: Db,
  tenantId: string,
  deciding: ReadonlySet<string>,
  now: string,
): Promise<StatusHost[]> {
  const [enrolled, contracted, results, ledger, endings] = await Promise.all([
    db.selectFrom('hosts').selectAll().where('tenant_id', '=', tenantId).execute(),
    db.selectFrom('contract_hosts').selectAll().where('tenant_id', '=', tenantId).orderBy('since').execute(),
    db
      .selectFrom('results')
      .innerJoin('hosts', 'hosts.id', 'results.host_id')
      .select(['results.host_id', 'results.check_id', 'results.result', 'results.since'])
      .where('hosts.tenant_id', '=', tenantId)
      .where('results.check_id', 'in', ['', ...deciding])
      .execute(),
    ledgers(db, tenantId),
    endingsOf(db, tenantId),
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
        ending: endings.get(id) ?? null,
        serverUntil: agent?.server_until ?? null,
        ...(agent ? { disks: hostDisks(agent.machine, ledger.get(id) ?? []) } : {}),
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
    machineId: machineOf(host.machine)?.machineId ?? null,
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
