/** One row per host in reach: enrolled ones, and contracted ones that no agent is enrolled for. */
import { freshness } from '../../shared/freshness.ts';
import type { Outcome } from '../../shared/outcome.ts';
import { machineSchema } from '../../shared/report.ts';
import type { Reach } from '../auth/reach.ts';
import type { Freshness, FreshnessCounts, OutcomeCounts } from './api/common.ts';
import type { HostRow } from './api/hosts.ts';

/** What a host's life came to; one that ended and still holds its place in the contract is owed like any other. */
export async function hostRows(
  reach: Reach,
  now: string,
): Promise<{ readonly owed: HostRow[]; readonly ended: HostRow[] }> {
  const [tenants, hosts, contracts, counts, endings] = await Promise.all([
    reach.tenants().select(['id', 'name']).execute(),
    reach
      .hosts()
      .select([
        'id',
        'tenant_id',
        'name',
        'kind_detected',
        'machine',
        'interval_seconds',
        'last_received_at',
        'enrolled_at',
        'quarantined_at',
        'retired_at',
      ])
      .execute(),
    reach
      .contractHosts()
      .select(['id', 'name', 'tenant_id', 'kind', 'host_id'])
      .where('since', '<=', now)
      .where((is) => is.or([is('until', 'is', null), is('until', '>', now)]))
      .execute(),
    reach
      .results()
      .select(['host_id', 'outcome', (count) => count.fn.countAll<number>().as('count')])
      .groupBy(['host_id', 'outcome'])
      .execute(),
    reach.hostEndings().select(['subject_id', 'state']).orderBy('log_index').execute(),
  ]);
  // The last word counts.
  const endingOf = new Map(endings.map(({ subject_id, state }) => [subject_id, state]));
  const nameOf = new Map(tenants.map(({ id, name }) => [id, name]));
  const kindOf = new Map(contracts.map(({ host_id, kind }) => [host_id, kind]));
  const countsOf = Map.groupBy(counts, ({ host_id }) => host_id);
  const tenant = (id: string) => ({ id, name: nameOf.get(id) ?? id });

  const enrolled = hosts.map(
    (host): HostRow => ({
      id: host.id,
      name: host.name,
      tenant: tenant(host.tenant_id),
      os: machineOf(host.machine)?.os.name ?? null,
      kind: kindOf.get(host.id) ?? host.kind_detected,
      freshness:
        host.retired_at === null
          ? hostFreshness(host.last_received_at, host.interval_seconds, now)
          : 'missing',
      ending: endingOf.get(host.id) ?? (host.retired_at === null ? null : 'retired'),
      quarantined: host.quarantined_at !== null,
      lastReceivedAt: host.last_received_at,
      enrolledAt: host.enrolled_at,
      outcomes: outcomeCounts(countsOf.get(host.id) ?? []),
    }),
  );
  const missing = contracts
    .filter(({ host_id }) => host_id === null)
    .map(
      ({ id, name, tenant_id, kind }): HostRow => ({
        id: null,
        name,
        tenant: tenant(tenant_id),
        os: null,
        kind: kind ?? 'unknown',
        freshness: 'missing',
        ending: endingOf.get(id) ?? null,
        quarantined: false,
        lastReceivedAt: null,
        enrolledAt: null,
        outcomes: outcomeCounts([]),
      }),
    );
  const isOwed = ({ id, ending }: HostRow) =>
    ending === null || (ending !== 'closed' && id !== null && kindOf.has(id));
  return {
    owed: [...enrolled.filter(isOwed), ...missing],
    ended: enrolled.filter((row) => !isOwed(row)),
  };
}

/** A receipt time in the future proves nothing either: it is shown as stale. */
export function hostFreshness(receivedAt: string | null, intervalSeconds: number, now: string): Freshness {
  const age = freshness(receivedAt, intervalSeconds, now);
  return age === 'never' ? 'waiting' : age === 'fresh' ? 'fresh' : 'stale';
}

export function machineOf(text: string) {
  try {
    return machineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export function outcomeCounts(rows: readonly { outcome: Outcome; count: number | string }[]): OutcomeCounts {
  const counts: OutcomeCounts = { pass: 0, fail: 0, unknown: 0, 'not-applicable': 0 };
  for (const { outcome, count } of rows) counts[outcome] += Number(count);
  return counts;
}

export function freshnessCounts(rows: readonly HostRow[]): FreshnessCounts {
  const counts: FreshnessCounts = { fresh: 0, stale: 0, waiting: 0, missing: 0 };
  for (const { freshness: key } of rows) counts[key] += 1;
  return counts;
}
