/** The collector's own checks as alerts: they change because time goes by, not because a report came. */
import type { CollectorResult } from '../../shared/clause-basis.ts';
import { collectorChecks } from '../../shared/collector-checks.ts';
import type { Db } from '../db/database.ts';
import { decideCheck } from './decide.ts';
import * as keys from './keys.ts';
import { asOpen, type Channels, carryOut, openAlert, openAlertOf } from './store.ts';

/** What the checks say about one tenant at an instant; app.ts brings it in. */
export type ResultsOf = (tenantId: string, now: string) => Promise<readonly CollectorResult[]>;

/** Silent hosts and those without an agent are alerts already, one by one. */
const TOLD_ELSEWHERE = new Set(['collector.coverage', 'collector.freshness']);

const severityOf = new Map(collectorChecks.map(({ id, severity }) => [id, severity]));

export async function scanCollector(
  db: Db,
  channels: Channels,
  now: string,
  resultsOf: ResultsOf,
): Promise<void> {
  const tenants = await db.selectFrom('tenants').select('id').execute();
  const open = new Set(
    (
      await db
        .selectFrom('alerts')
        .select('dedupe_key')
        .where('check_id', 'like', 'collector.%')
        .where('resolved_at', 'is', null)
        .execute()
    ).map(({ dedupe_key }) => dedupe_key),
  );
  for (const { id: tenantId } of tenants)
    for (const result of await resultsOf(tenantId, now)) {
      if (TOLD_ELSEWHERE.has(result.check)) continue;
      const key = keys.check(result.hostId ?? tenantId, result.check);
      // Most are fine and have no alert: only the others cost a transaction.
      if (result.outcome === 'fail' || open.has(key))
        await judge(db, channels, { tenantId, key, now, result });
    }
}

interface Judged {
  readonly tenantId: string;
  readonly key: string;
  readonly now: string;
  readonly result: CollectorResult;
}

async function judge(db: Db, channels: Channels, { tenantId, key, now, result }: Judged): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const row = await openAlertOf(trx, key);
    const decision = decideCheck({ to: result.outcome, open: asOpen(row), covered: false });
    if (row) return carryOut(trx, row, decision, now);
    if (decision.action !== 'open') return;
    const host =
      result.hostId === null
        ? undefined
        : await trx.selectFrom('hosts').select('id').where('id', '=', result.hostId).executeTakeFirst();
    const place =
      result.hostId === null || host
        ? undefined
        : await trx
            .selectFrom('contract_hosts')
            .select('name')
            .where('id', '=', result.hostId)
            .executeTakeFirst();
    await openAlert(trx, channels, {
      ...{ kind: 'check-failing', key, tenantId, hostId: host?.id ?? null, checkId: result.check },
      ...(place ? { hostName: place.name } : {}),
      severity: severityOf.get(result.check) ?? 'high',
      reason: result.reason ?? decision.reason,
      at: now,
    });
  });
}
