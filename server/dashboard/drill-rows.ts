/** Drills as rows, and which hosts are due. */
import { DRILL_DAYS, type DrillOutcome, type DrillTool, drillSchema } from '../../shared/drill.ts';
import type { Reach } from '../auth/reach.ts';
import type { DrillDue, DrillRow } from './api/drills.ts';

const DAY_MS = 86_400_000;

export interface DrillFilter {
  readonly host?: string | undefined;
  readonly outcome?: DrillOutcome | undefined;
  readonly tool?: DrillTool | undefined;
  readonly q?: string | undefined;
}

export function foundDrills(reach: Reach, { host, outcome, tool, q }: DrillFilter) {
  let query = reach
    .drills()
    .innerJoin('hosts', 'hosts.id', 'drills.host_id')
    .innerJoin('tenants', 'tenants.id', 'hosts.tenant_id')
    .innerJoin('records', 'records.id', 'drills.record_id');
  if (host) query = query.where('drills.host_id', '=', host);
  if (outcome) query = query.where('drills.outcome', '=', outcome);
  if (tool) query = query.where('drills.tool', '=', tool);
  for (const word of (q ?? '').toLowerCase().split(/\s+/).filter(Boolean)) {
    const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where((eb) =>
      eb.or(
        (['hosts.name', 'drills.job', 'drills.drill'] as const).map((column) =>
          eb(eb.fn<string>('lower', [column]), 'like', pattern),
        ),
      ),
    );
  }
  return query;
}
export type FoundDrills = ReturnType<typeof foundDrills>;

/** The newest first. */
export async function drillRows(found: FoundDrills, limit: number, offset: number): Promise<DrillRow[]> {
  const rows = await found
    .select([
      'drills.record_id as id',
      'drills.drill',
      'drills.received_at as receivedAt',
      'hosts.id as hostId',
      'hosts.name as hostName',
      'tenants.id as tenantId',
      'tenants.name as tenantName',
      'records.log_index as logIndex',
    ])
    .orderBy('drills.began_at', 'desc')
    .orderBy('records.log_index', 'desc')
    .limit(limit)
    .offset(offset)
    .execute();
  return rows.map((row) => {
    const drill = drillSchema.parse(JSON.parse(row.drill));
    const { at, tool, job, repository, snapshot, sample, files, bytes, milliseconds, outcome, problem } =
      drill;
    return {
      id: row.id,
      host: { id: row.hostId, name: row.hostName },
      tenant: { id: row.tenantId, name: row.tenantName },
      ...{ at, receivedAt: row.receivedAt, tool, job, repository: repository.location ?? null },
      ...{ snapshotAt: snapshot?.at ?? null, outcome, problem, files, bytes, milliseconds },
      ...{ attributes: drill.attributes ?? null, named: sample.named, logIndex: row.logIndex },
    };
  });
}

/** Hosts whose contract has backup at `now`, and those of them that no drill speaks for. */
export async function dueHosts(
  reach: Reach,
  now: string,
  host: string | undefined,
): Promise<{ owed: number; due: DrillDue[] }> {
  const [contracted, newest] = await Promise.all([
    reach
      .contractHosts()
      .innerJoin('tenants', 'tenants.id', 'contract_hosts.tenant_id')
      .leftJoin('hosts', 'hosts.id', 'contract_hosts.host_id')
      .select([
        'contract_hosts.host_id as id',
        'contract_hosts.name',
        'tenants.id as tenantId',
        'tenants.name as tenantName',
        'hosts.retired_at as retiredAt',
      ])
      .where('contract_hosts.backup', '=', 1)
      .where('contract_hosts.since', '<=', now)
      .where((eb) => eb.or([eb('contract_hosts.until', 'is', null), eb('contract_hosts.until', '>', now)]))
      .orderBy('contract_hosts.name')
      .execute(),
    reach
      .drills()
      .select((eb) => ['drills.host_id', 'drills.outcome', eb.fn.max('drills.began_at').as('at')])
      .where('drills.outcome', 'in', ['equal', 'unequal'])
      .groupBy(['drills.host_id', 'drills.outcome'])
      .execute(),
  ]);
  const owed = contracted.filter(
    ({ id, retiredAt }) => retiredAt === null && (host === undefined || id === host),
  );
  const last = (id: string | null, outcome: 'equal' | 'unequal') =>
    newest.find((row) => row.host_id === id && row.outcome === outcome)?.at ?? null;
  const since = new Date(Date.parse(now) - DRILL_DAYS * DAY_MS).toISOString();
  const due = owed.flatMap(({ id, name, tenantId, tenantName }): DrillDue[] => {
    const equalAt = last(id, 'equal');
    const unequalAt = last(id, 'unequal');
    const reason =
      unequalAt !== null && (equalAt === null || unequalAt > equalAt)
        ? 'unequal'
        : equalAt === null
          ? 'never'
          : equalAt < since
            ? 'old'
            : undefined;
    return reason
      ? [{ host: { id, name }, tenant: { id: tenantId, name: tenantName }, reason, equalAt }]
      : [];
  });
  const order = { unequal: 0, old: 1, never: 2 };
  return { owed: owed.length, due: due.sort((a, b) => order[a.reason] - order[b.reason]) };
}
