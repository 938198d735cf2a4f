/** What no report can bring about: hosts that fell silent, and alerts that are over because time went by. */

import * as texts from '../../shared/alert-texts.ts';
import { isCollectorCheck } from '../../shared/clause-basis.ts';
import { isSilent } from '../../shared/freshness.ts';
import type { Db, Trx } from '../db/database.ts';
import {
  type Decision,
  decideBare,
  decideEvent,
  decideMassSilence,
  decideSettled,
  decideSilence,
  MASS_SILENCE_WINDOW_MS,
} from './decide.ts';
import { parseDetail } from './detail.ts';
import * as keys from './keys.ts';
import { type AlertRow, asOpen, type Channels, carryOut, openAlert, openAlertOf } from './store.ts';

/** A longer break between two scans means that the collector was down, and that nobody could be heard. */
const BREAK_MS = 5 * 60_000;
const HEARTBEAT = 'alerts.scanned-at';
const LISTENING = 'alerts.listening-since';

/** One round at `now`. Each alert is decided and changed in a transaction of its own. */
export async function scan(db: Db, channels: Channels, now: string): Promise<void> {
  const listeningSince = await heartbeat(db, now);
  await scanSilence(db, channels, now, listeningSince);
  await scanBare(db, channels, now);
  await scanOpen(db, now);
}

async function heartbeat(db: Db, now: string): Promise<string> {
  return db.transaction().execute(async (trx) => {
    const rows = await trx
      .selectFrom('meta')
      .selectAll()
      .where('key', 'in', [HEARTBEAT, LISTENING])
      .execute();
    const value = (key: string) => rows.find((row) => row.key === key)?.value;
    const last = value(HEARTBEAT);
    const broken = last === undefined || Date.parse(now) - Date.parse(last) > BREAK_MS;
    const since = broken ? now : (value(LISTENING) ?? now);
    await setMeta(trx, HEARTBEAT, now);
    await setMeta(trx, LISTENING, since);
    return since;
  });
}

async function setMeta(trx: Trx, key: string, value: string): Promise<void> {
  await trx
    .insertInto('meta')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute();
}

async function scanSilence(db: Db, channels: Channels, now: string, listeningSince: string): Promise<void> {
  const open = new Set((await openRows(db, ['host-silent'])).map(({ dedupe_key }) => dedupe_key));
  const hosts = await db
    .selectFrom('hosts')
    .select(['id', 'last_received_at', 'enrolled_at', 'interval_seconds', 'retired_at'])
    .execute();
  for (const host of hosts) {
    const late = host.retired_at === null && isSilent(lastSign(host), host.interval_seconds, now);
    // Most hosts are fine and have no alert: only the others cost a transaction.
    if (!late && !open.has(keys.silent(host.id))) continue;
    await db.transaction().execute(async (trx) => {
      await judgeSilence(trx, channels, host.id, now, listeningSince);
      await judgeMassSilence(trx, channels, now);
    });
  }
  if (open.has(keys.manySilent))
    await db.transaction().execute((trx) => judgeMassSilence(trx, channels, now));
}

const lastSign = ({
  last_received_at,
  enrolled_at,
}: {
  last_received_at: string | null;
  enrolled_at: string;
}) => last_received_at ?? enrolled_at;

/** Reads again inside the transaction: a report may have come in between. */
async function judgeSilence(
  trx: Trx,
  channels: Channels,
  hostId: string,
  now: string,
  listeningSince: string,
): Promise<void> {
  const host = await trx.selectFrom('hosts').selectAll().where('id', '=', hostId).executeTakeFirstOrThrow();
  const contracts = await trx
    .selectFrom('contract_hosts')
    .select('until')
    .where('host_id', '=', hostId)
    .execute();
  const over = contracts.length > 0 && contracts.every(({ until }) => until !== null && until <= now);
  const key = keys.silent(hostId);
  const row = await openAlertOf(trx, key);
  const decision = decideSilence({
    now,
    lastSignAt: lastSign(host),
    intervalSeconds: host.interval_seconds,
    listeningSince,
    excused: host.retired_at
      ? texts.retired
      : host.quarantined_at
        ? texts.inQuarantine
        : over
          ? texts.contractOver
          : null,
    open: asOpen(row),
  });
  if (row) await carryOut(trx, row, decision, now);
  else if (decision.action === 'open')
    await openAlert(trx, (await isOpen(trx, keys.manySilent)) ? [] : channels, {
      kind: 'host-silent',
      key,
      tenantId: host.tenant_id,
      hostId,
      hostName: host.name,
      severity: 'high',
      reason: decision.reason,
      at: now,
    });
}

const isOpen = async (trx: Trx, key: string) => (await openAlertOf(trx, key)) !== undefined;

/** An outage of a network is one message, not one per host. Each host still has its alert on the dashboard. */
async function judgeMassSilence(trx: Trx, channels: Channels, now: string): Promise<void> {
  const after = new Date(Date.parse(now) - MASS_SILENCE_WINDOW_MS).toISOString();
  const recent = await trx
    .selectFrom('alerts')
    .select((count) => count.fn.countAll<number>().as('count'))
    .where('kind', '=', 'host-silent')
    .where('dedupe_key', '!=', keys.manySilent)
    .where('resolved_at', 'is', null)
    .where('opened_at', '>', after)
    .executeTakeFirst();
  const row = await openAlertOf(trx, keys.manySilent);
  const decision = decideMassSilence({ recent: Number(recent?.count ?? 0), open: row !== undefined });
  if (row) await carryOut(trx, row, decision, now);
  else if (decision.action === 'open')
    await openAlert(trx, channels, {
      kind: 'host-silent',
      key: keys.manySilent,
      tenantId: null,
      hostId: null,
      severity: 'critical',
      reason: decision.reason,
      at: now,
    });
}

/** Hosts in the contract for which no agent is there, or only one that was retired. */
async function scanBare(db: Db, channels: Channels, now: string): Promise<void> {
  const open = new Set((await openRows(db, ['host-silent'])).map(({ dedupe_key }) => dedupe_key));
  const entries = await db
    .selectFrom('contract_hosts')
    .leftJoin('hosts', 'hosts.id', 'contract_hosts.host_id')
    .selectAll('contract_hosts')
    .select(['hosts.id as agent', 'hosts.retired_at'])
    .execute();
  for (const entry of entries) {
    const key = keys.bare(entry.id);
    const enrolled = entry.agent !== null && entry.retired_at === null;
    const decision = (row: AlertRow | undefined) =>
      decideBare({ now, since: entry.since, until: entry.until, enrolled, open: asOpen(row) });
    if (!open.has(key) && decision(undefined).action === 'nothing') continue;
    await db.transaction().execute(async (trx) => {
      const row = await openAlertOf(trx, key);
      const decided = decision(row);
      if (row) await carryOut(trx, row, decided, now);
      else if (decided.action === 'open')
        await openAlert(trx, (await isOpen(trx, keys.manySilent)) ? [] : channels, {
          kind: 'host-silent',
          key,
          tenantId: entry.tenant_id,
          hostId: null,
          hostName: entry.name,
          severity: 'high',
          reason: decided.reason,
          at: now,
        });
      await judgeMassSilence(trx, channels, now);
    });
  }
}

/** Alerts that end without a report: retired hosts, lifted quarantines, events long past, flapping that has settled. */
async function scanOpen(db: Db, now: string): Promise<void> {
  for (const { id } of await openRows(db)) {
    await db.transaction().execute(async (trx) => {
      const row = await trx
        .selectFrom('alerts')
        .selectAll()
        .where('id', '=', id)
        .where('resolved_at', 'is', null)
        .executeTakeFirst();
      if (row) await carryOut(trx, row, await decideEnd(trx, row, now), now);
    });
  }
}

async function decideEnd(trx: Trx, row: AlertRow, now: string): Promise<Decision> {
  const host = row.host_id
    ? await trx.selectFrom('hosts').selectAll().where('id', '=', row.host_id).executeTakeFirst()
    : undefined;
  // What a host leaves behind outlives it.
  if (host?.retired_at && !isCollectorCheck(row.check_id ?? ''))
    return { action: 'resolve', reason: texts.retired };
  if (row.kind === 'host-cloned' && host?.quarantined_at === null)
    return { action: 'resolve', reason: texts.released };
  const detail = parseDetail(row.detail);
  if (row.kind === 'host-rollback' || row.kind === 'report-gap')
    return decideEvent({ now, lastAt: detail.lastAt ?? row.opened_at });
  const open = asOpen(row);
  return open ? decideSettled({ now, open }) : { action: 'nothing', reason: texts.noAlert };
}

/** Open alerts; with kinds only of these, without any those that time alone can end. */
function openRows(db: Db, kinds?: readonly string[]) {
  const rows = db
    .selectFrom('alerts')
    .select(['alerts.id', 'alerts.dedupe_key'])
    .where('alerts.resolved_at', 'is', null);
  if (kinds) return rows.where('alerts.kind', 'in', kinds).execute();
  return rows
    .leftJoin('hosts', 'hosts.id', 'alerts.host_id')
    .where((either) =>
      either.or([
        either('hosts.retired_at', 'is not', null),
        either('alerts.kind', 'in', ['host-rollback', 'report-gap', 'host-cloned']),
        either('alerts.detail', 'like', '%"quietSince"%'),
      ]),
    )
    .execute();
}
