/** Changes of outcome, newest first, with the names of their hosts. */
import type { Reach } from '../auth/reach.ts';
import type { Transition } from './api/common.ts';
import { checkRef } from './check-texts.ts';

interface Wanted {
  readonly hostId?: string | undefined;
  readonly check?: string | undefined;
  /** Received at or after this instant. */
  readonly since?: string | undefined;
  /** A check that is seen for the first time and passes is no news. */
  readonly onlyNews?: boolean;
  readonly limit: number;
  readonly offset?: number;
}

function query(reach: Reach, { hostId, check, since, onlyNews }: Wanted) {
  let rows = reach.transitions();
  if (hostId !== undefined) rows = rows.where('transitions.host_id', '=', hostId);
  if (check !== undefined) rows = rows.where('transitions.check_id', '=', check);
  if (since !== undefined) rows = rows.where('transitions.received_at', '>=', since);
  if (onlyNews)
    rows = rows.where((is) =>
      is.or([is('transitions.from_outcome', 'is not', null), is('transitions.to_outcome', '=', 'fail')]),
    );
  return rows;
}

export async function transitions(reach: Reach, wanted: Wanted): Promise<Transition[]> {
  const rows = await query(reach, wanted)
    .innerJoin('hosts', 'hosts.id', 'transitions.host_id')
    .selectAll('transitions')
    .select('hosts.name as host_name')
    .orderBy('transitions.received_at', 'desc')
    .orderBy('transitions.id', 'desc')
    .limit(wanted.limit)
    .offset(wanted.offset ?? 0)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    host: { id: row.host_id, name: row.host_name },
    check: checkRef(row.check_id),
    from: row.from_outcome,
    to: row.to_outcome,
    severity: row.severity,
    roundAt: row.round_at,
    receivedAt: row.received_at,
    sequence: row.sequence,
  }));
}

export async function transitionCount(reach: Reach, wanted: Omit<Wanted, 'limit'>): Promise<number> {
  const row = await query(reach, { ...wanted, limit: 0 })
    .select((count) => count.fn.countAll<number>().as('count'))
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/** How the day went: failing is worse, from failing to passing is better, everything else is neither. */
export async function transitionBalance(
  reach: Reach,
  since: string,
): Promise<{ worse: number; better: number; other: number }> {
  const rows = await query(reach, { since, onlyNews: true, limit: 0 })
    .select(['from_outcome', 'to_outcome', (count) => count.fn.countAll<number>().as('count')])
    .groupBy(['from_outcome', 'to_outcome'])
    .execute();
  const balance = { worse: 0, better: 0, other: 0 };
  for (const { from_outcome: from, to_outcome: to, count } of rows) {
    const kind = to === 'fail' ? 'worse' : from === 'fail' && to === 'pass' ? 'better' : 'other';
    balance[kind] += Number(count);
  }
  return balance;
}
