/**
 * Opens and resolves alerts. Every change writes its messages into the outbox in the same transaction: after a crash
 * either both are there or neither is, and no change is told twice or forgotten.
 */
import { randomUUID } from 'node:crypto';
import { flappingNote } from '../../shared/alert-texts.ts';
import { type Severity, severities, type Text } from '../../shared/outcome.ts';
import type { Trx } from '../db/database.ts';
import type { Database } from '../db/schema.ts';
import type { ChannelConfig } from './config.ts';
import { type Decision, FLAPPING_WINDOW_MS, isFlapping, type OpenAlert } from './decide.ts';
import { type AlertDetail, parseDetail } from './detail.ts';
import { type AlertKind, type Message, messageCheck } from './message.ts';

export type AlertRow = Database['alerts'];
export type Channels = readonly Pick<ChannelConfig, 'name' | 'minSeverity'>[];

export interface NewAlert {
  readonly kind: AlertKind;
  readonly key: string;
  readonly tenantId: string | null;
  readonly hostId: string | null;
  /** As the message calls it; hosts without an agent have a name but no id. */
  readonly hostName?: string;
  readonly checkId?: string;
  readonly severity: Severity;
  readonly reason: Text;
  readonly checks?: AlertDetail['checks'];
  readonly at: string;
}

export async function openAlertOf(trx: Trx, key: string): Promise<AlertRow | undefined> {
  return trx
    .selectFrom('alerts')
    .selectAll()
    .where('dedupe_key', '=', key)
    .where('resolved_at', 'is', null)
    .executeTakeFirst();
}

/** The row as decisions see it. */
export function asOpen(row: AlertRow | undefined): OpenAlert | null {
  if (!row) return null;
  const { flapping, quietSince } = parseDetail(row.detail);
  return { flapping: flapping === true, quietSince: quietSince ?? null };
}

/** Opens an alert and writes its messages. Call only when none with this key is open. */
export async function openAlert(trx: Trx, channels: Channels, alert: NewAlert): Promise<void> {
  const after = new Date(Date.parse(alert.at) - FLAPPING_WINDOW_MS).toISOString();
  const recent = await trx
    .selectFrom('alerts')
    .select((count) => count.fn.countAll<number>().as('count'))
    .where('dedupe_key', '=', alert.key)
    .where('opened_at', '>', after)
    .executeTakeFirst();
  const flapping = isFlapping(Number(recent?.count ?? 0));
  const detail: AlertDetail = {
    reason: alert.reason,
    ...(alert.checks ? { checks: alert.checks } : {}),
    ...(flapping ? { flapping } : {}),
  };
  const row: AlertRow = {
    id: randomUUID(),
    kind: alert.kind,
    dedupe_key: alert.key,
    tenant_id: alert.tenantId,
    host_id: alert.hostId,
    check_id: alert.checkId ?? null,
    severity: alert.severity,
    opened_at: alert.at,
    resolved_at: null,
    detail: JSON.stringify(detail),
  };
  await trx.insertInto('alerts').values(row).execute();
  const wanted = channels.filter(({ minSeverity }) => reaches(alert.severity, minSeverity));
  await enqueue(
    trx,
    row,
    'opened',
    wanted.map(({ name }) => name),
    alert.at,
    alert.hostName,
  );
}

const reaches = (severity: Severity, least: Severity) =>
  severities.indexOf(severity) >= severities.indexOf(least);

/** Resolves an alert and tells the channels that were told of its opening. */
export async function resolveAlert(trx: Trx, row: AlertRow, at: string, reason: Text): Promise<void> {
  const detail: AlertDetail = { ...parseDetail(row.detail), resolution: reason };
  const resolved = { ...row, resolved_at: at, detail: JSON.stringify(detail) };
  await trx
    .updateTable('alerts')
    .set({ resolved_at: at, detail: resolved.detail })
    .where('id', '=', row.id)
    .execute();
  const told = await trx
    .selectFrom('outbox')
    .select(['channel', 'payload'])
    .where('alert_id', '=', row.id)
    .where('change', '=', 'opened')
    .orderBy('id')
    .execute();
  await enqueue(
    trx,
    resolved,
    'resolved',
    told.map(({ channel }) => channel),
    at,
  );
}

/** Carries out a decision about an alert that is open; `open` is for the caller, who knows what to open. */
export async function carryOut(
  trx: Trx,
  row: AlertRow,
  { action, reason }: Decision,
  at: string,
): Promise<void> {
  if (action === 'resolve') await resolveAlert(trx, row, at, reason);
  if (action === 'settle') await updateDetail(trx, row, (detail) => ({ ...detail, quietSince: at }));
  if (action === 'unsettle') await updateDetail(trx, row, ({ quietSince: _, ...detail }) => detail);
}

export async function updateDetail(
  trx: Trx,
  row: AlertRow,
  change: (detail: AlertDetail) => AlertDetail,
): Promise<void> {
  await trx
    .updateTable('alerts')
    .set({ detail: JSON.stringify(change(parseDetail(row.detail))) })
    .where('id', '=', row.id)
    .execute();
}

async function enqueue(
  trx: Trx,
  row: AlertRow,
  change: Message['change'],
  channels: readonly string[],
  at: string,
  hostName?: string,
): Promise<void> {
  if (channels.length === 0) return;
  const payload = JSON.stringify(await messageOf(trx, row, change, at, hostName));
  await trx
    .insertInto('outbox')
    .values(
      channels.map((channel) => ({
        alert_id: row.id,
        change,
        channel,
        payload,
        created_at: at,
        next_try_at: at,
        tries: 0,
        sent_at: null,
        given_up_at: null,
        last_error: null,
      })),
    )
    .execute();
}

async function messageOf(
  trx: Trx,
  row: AlertRow,
  change: Message['change'],
  at: string,
  hostName?: string,
): Promise<Message> {
  const detail = parseDetail(row.detail);
  const tenant = row.tenant_id
    ? await trx.selectFrom('tenants').select('name').where('id', '=', row.tenant_id).executeTakeFirst()
    : undefined;
  const host = row.host_id
    ? await trx.selectFrom('hosts').select('name').where('id', '=', row.host_id).executeTakeFirst()
    : undefined;
  // `check-failing:ID:CHECK`, `host-silent:contract:ID`
  const bareId = row.dedupe_key.split(':').at(row.check_id ? 1 : -1) ?? '';
  const name = host?.name ?? hostName ?? (await contractName(trx, row, bareId));
  const counted = detail.checks ?? (row.check_id ? [{ check: row.check_id, severity: row.severity }] : []);
  const said = change === 'opened' ? detail.reason : (detail.resolution ?? detail.reason);
  return {
    alert: row.id,
    change,
    kind: row.kind as AlertKind,
    severity: row.severity,
    at,
    openedAt: row.opened_at,
    tenant: row.tenant_id ? { id: row.tenant_id, name: tenant?.name ?? row.tenant_id } : null,
    host: name === undefined ? null : { id: row.host_id ?? bareId, name },
    checks: counted.map(({ check, severity }) => messageCheck({ check, severity })),
    reason:
      change === 'opened' && detail.flapping
        ? { de: `${said.de} ${flappingNote.de}`, en: `${said.en} ${flappingNote.en}` }
        : said,
    flapping: detail.flapping === true,
  };
}

/** A host without an agent is only known by its entry in the contract. */
async function contractName(trx: Trx, row: AlertRow, id: string): Promise<string | undefined> {
  if (row.kind !== 'host-silent' && !row.check_id) return undefined;
  const entry = await trx.selectFrom('contract_hosts').select('name').where('id', '=', id).executeTakeFirst();
  return entry?.name;
}
