/** Obligations as the dashboard shows them, with the records that they rest on. */
import type { Obligation as Owed } from '../../shared/obligations.ts';
import { recordSchema } from '../../shared/record.ts';
import type { Settlement as SharedSettlement } from '../../shared/settlement.ts';
import type { Reach } from '../auth/reach.ts';
import type { Obligation, Settlement } from './api/media.ts';
import type { DashboardParts } from './parts.ts';

/** Of every tenant in reach, the most urgent first; of one host where it is named. */
export async function mediaRows(
  reach: Reach,
  parts: Pick<DashboardParts, 'tenantMedia'>,
  now: string,
  hostId?: string,
): Promise<Obligation[]> {
  const [tenants, records] = await Promise.all([
    reach.tenants().select(['id', 'name']).execute(),
    reach
      .records()
      .select('records.content')
      .where('records.type', 'in', ['erasure', 'disposal'])
      .where('records.holds', '=', 1)
      .execute(),
  ]);
  const known = new Map(
    records.map(({ content }) => {
      const { id, author, time, attachments } = recordSchema.parse(JSON.parse(content));
      return [id, { id, author, recordedAt: time, attachments }] as const;
    }),
  );
  const settlement = ({ state, record, reason }: SharedSettlement): Settlement => ({
    ...{ state, reason, record: record === null ? null : (known.get(record) ?? null) },
  });
  const rows: Obligation[] = [];
  for (const tenant of tenants) {
    const { owed } = await parts.tenantMedia(tenant.id, now);
    for (const one of owed) {
      if (hostId !== undefined && one.hostId !== hostId) continue;
      const { cause, kind, what, openedAt, dueAt } = one;
      rows.push({
        host: { id: one.hostId.startsWith('h-') ? one.hostId : null, name: one.hostName },
        ...{ tenant, cause, kind, what, openedAt, dueAt },
        overdue: isOpen(one) && one.dueAt <= now,
        erasure: settlement(one.erasure),
        disposal: settlement(one.disposal),
      });
    }
  }
  return rows.sort((a, b) => (a.dueAt < b.dueAt ? -1 : a.dueAt > b.dueAt ? 1 : 0));
}

export const isOpen = ({ erasure, disposal }: Pick<Owed, 'erasure' | 'disposal'> | Obligation) =>
  erasure.state === 'open' || disposal.state === 'open';
