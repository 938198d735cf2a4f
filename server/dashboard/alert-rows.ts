/** Alerts with the names they need, and what became of their messages. */
import { z } from 'zod';
import { checkIdSchema } from '../../shared/outcome.ts';
import type { Reach } from '../auth/reach.ts';
import type { Alert, Channel } from './api/alerts.ts';
import { checkRef } from './check-texts.ts';

interface Wanted {
  readonly state: 'open' | 'resolved';
  readonly limit: number;
  readonly offset?: number;
}

function query(reach: Reach, state: Wanted['state']) {
  const rows = reach.alerts();
  return state === 'open'
    ? rows.where('alerts.resolved_at', 'is', null)
    : rows.where('alerts.resolved_at', 'is not', null);
}

export async function alertCount(reach: Reach, state: Wanted['state']): Promise<number> {
  const row = await query(reach, state)
    .select((count) => count.fn.countAll<number>().as('count'))
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/** Newest first. */
export async function alertRows(reach: Reach, { state, limit, offset = 0 }: Wanted): Promise<Alert[]> {
  const rows = await query(reach, state)
    .leftJoin('hosts', 'hosts.id', 'alerts.host_id')
    .leftJoin('tenants', 'tenants.id', 'alerts.tenant_id')
    .selectAll('alerts')
    .select(['hosts.name as host_name', 'tenants.name as tenant_name'])
    .orderBy(state === 'open' ? 'alerts.opened_at' : 'alerts.resolved_at', 'desc')
    .orderBy('alerts.id')
    .limit(limit)
    .offset(offset)
    .execute();
  const sent = Map.groupBy(await deliveries(reach, rows), ({ alert_id }) => alert_id);
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    severity: row.severity,
    tenant: row.tenant_id ? { id: row.tenant_id, name: row.tenant_name ?? row.tenant_id } : null,
    host: row.host_id ? { id: row.host_id, name: row.host_name ?? row.host_id } : null,
    check: row.check_id ? checkRef(row.check_id) : null,
    openedAt: row.opened_at,
    resolvedAt: row.resolved_at,
    checks: checksIn(row.detail).map(checkRef),
    deliveries: (sent.get(row.id) ?? []).map((message) => ({
      channel: message.channel,
      change: message.change,
      sentAt: message.sent_at,
      tries: message.tries,
      givenUpAt: message.given_up_at,
      lastError: message.last_error,
    })),
  }));
}

/** Channels and what went wrong with them are the provider's. */
async function deliveries(reach: Reach, alerts: readonly { id: string }[]) {
  if (reach.viewer.tenantId !== null || alerts.length === 0) return [];
  return reach
    .outbox()
    .selectAll('outbox')
    .where(
      'outbox.alert_id',
      'in',
      alerts.map(({ id }) => id),
    )
    .orderBy('outbox.id')
    .execute();
}

/** A summary's detail names its checks, as ids or as objects with one. */
const detailSchema = z.object({
  checks: z.array(
    z.union([checkIdSchema, z.object({ check: checkIdSchema }).transform(({ check }) => check)]),
  ),
});

function checksIn(detail: string): string[] {
  try {
    return detailSchema.safeParse(JSON.parse(detail)).data?.checks ?? [];
  } catch {
    return [];
  }
}

export async function channelRows(reach: Reach): Promise<Channel[]> {
  const rows = await reach.channels().selectAll().orderBy('name').execute();
  return rows.map((row) => ({
    name: row.name,
    failingSince: row.failing_since,
    lastOkAt: row.last_ok_at,
    lastError: row.last_error,
  }));
}
