/** Alerts with the names they need, and what became of their messages. */
import { z } from 'zod';
import { checkIdSchema, textSchema } from '../../shared/outcome.ts';
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
  const contracted = await contractNames(
    reach,
    rows.filter(({ host_id }) => host_id === null).map(({ dedupe_key }) => contractKey(dedupe_key)),
  );
  return rows
    .map((row) => ({ row, detail: detailOf(row.detail) }))
    .map(({ row, detail }) => ({
      id: row.id,
      kind: row.kind,
      severity: row.severity,
      tenant: row.tenant_id ? { id: row.tenant_id, name: row.tenant_name ?? row.tenant_id } : null,
      host: row.host_id
        ? { id: row.host_id, name: row.host_name ?? row.host_id }
        : contracted.has(contractKey(row.dedupe_key))
          ? { id: null, name: contracted.get(contractKey(row.dedupe_key)) ?? '' }
          : null,
      check: row.check_id ? checkRef(row.check_id) : null,
      openedAt: row.opened_at,
      resolvedAt: row.resolved_at,
      reason: (row.resolved_at === null ? detail.reason : (detail.resolution ?? detail.reason)) ?? null,
      flapping: detail.flapping === true,
      checks: (detail.checks ?? []).map(({ check, clearedAt }) => ({
        ...checkRef(check),
        cleared: clearedAt !== undefined,
      })),
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

/** What server/alerts remembers besides the row, as far as it is shown; anything else in it is left alone. */
const detailSchema = z.object({
  reason: textSchema.optional(),
  resolution: textSchema.optional(),
  flapping: z.boolean().optional(),
  checks: z.array(z.object({ check: checkIdSchema, clearedAt: z.string().optional() })).optional(),
});

function detailOf(text: string): z.infer<typeof detailSchema> {
  try {
    return detailSchema.safeParse(JSON.parse(text)).data ?? {};
  } catch {
    return {};
  }
}

/** Names of contracted hosts without an agent: a silent one is only known by its entry in the contract. */
async function contractNames(reach: Reach, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (keys.length === 0) return new Map();
  const rows = await reach.contractHosts().select(['id', 'name']).where('id', 'in', keys).execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

const contractKey = (dedupeKey: string) => dedupeKey.split(':').at(-1) ?? '';

export async function channelRows(reach: Reach): Promise<Channel[]> {
  const rows = await reach.channels().selectAll().orderBy('name').execute();
  return rows.map((row) => ({
    name: row.name,
    failingSince: row.failing_since,
    lastOkAt: row.last_ok_at,
    lastError: row.last_error,
  }));
}
