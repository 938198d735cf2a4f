/** What a report does to alerts, inside the transaction that accepts it. */

import * as texts from '../../shared/alert-texts.ts';
import { type Severity, severities } from '../../shared/outcome.ts';
import type { Trx } from '../db/database.ts';
import type { CloneChange, OutcomeChange, ReportChange } from '../ingest/change.ts';
import { decideCheck, decideSummary, over } from './decide.ts';
import { parseDetail } from './detail.ts';
import * as keys from './keys.ts';
import {
  type AlertRow,
  asOpen,
  type Channels,
  carryOut,
  type NewAlert,
  openAlert,
  openAlertOf,
  resolveAlert,
  updateDetail,
} from './store.ts';

/** @returns the step that ingest runs after everything else of a report was written */
export function afterReport(channels: Channels) {
  return async (trx: Trx, change: ReportChange): Promise<void> => {
    await heard(trx, change);
    if (change.firstReport) await summarise(trx, channels, change);
    else await follow(trx, channels, change);
    await events(trx, channels, change);
  };
}

/** @returns the step that ingest runs after a host was put into quarantine */
export function afterClone(channels: Channels) {
  return async (trx: Trx, change: CloneChange): Promise<void> => {
    const key = keys.cloned(change.hostId);
    if (await openAlertOf(trx, key)) return;
    await openAlert(trx, channels, {
      ...about(change),
      kind: 'host-cloned',
      key,
      severity: 'critical',
      reason: texts.cloned,
    });
  };
}

const about = ({ hostId, tenantId, hostName, receivedAt }: CloneChange) =>
  ({ hostId, tenantId, hostName, at: receivedAt }) satisfies Partial<NewAlert>;

async function heard(trx: Trx, { hostId, receivedAt }: ReportChange): Promise<void> {
  const row = await openAlertOf(trx, keys.silent(hostId));
  const open = asOpen(row);
  if (row && open) await carryOut(trx, row, over(open, texts.heardAgain), receivedAt);
}

/** A host that already failed when it was first seen is one alert, not one per check. */
async function summarise(trx: Trx, channels: Channels, change: ReportChange): Promise<void> {
  const failing = change.transitions.filter(({ to }) => to === 'fail');
  if (failing.length === 0) return;
  await openAlert(trx, channels, {
    ...about(change),
    kind: 'host-failing',
    key: keys.failing(change.hostId),
    severity: worst(failing),
    reason: texts.failsFromTheStart(failing.length),
    checks: failing.map(({ checkId, severity }) => ({ check: checkId, severity })),
  });
}

const worst = (changes: readonly OutcomeChange[]): Severity =>
  severities[Math.max(...changes.map(({ severity }) => severities.indexOf(severity)))] ?? 'high';

async function follow(trx: Trx, channels: Channels, change: ReportChange): Promise<void> {
  if (change.transitions.length === 0) return;
  const open = await trx
    .selectFrom('alerts')
    .selectAll()
    .where('host_id', '=', change.hostId)
    .where('kind', 'in', ['check-failing', 'host-failing'])
    .where('resolved_at', 'is', null)
    .execute();
  const byKey = new Map(open.map((row) => [row.dedupe_key, row]));
  const summary = byKey.get(keys.failing(change.hostId));
  const covered = summary ? await clear(trx, summary, change) : new Set<string>();
  for (const transition of change.transitions) {
    const key = keys.check(change.hostId, transition.checkId);
    const row = byKey.get(key);
    const decision = decideCheck({
      to: transition.to,
      open: asOpen(row),
      covered: covered.has(transition.checkId),
    });
    if (decision.action === 'open')
      await openAlert(trx, channels, {
        ...about(change),
        kind: 'check-failing',
        key,
        checkId: transition.checkId,
        severity: transition.severity,
        reason: decision.reason,
      });
    else if (row) await carryOut(trx, row, decision, change.receivedAt);
  }
}

/** @returns the checks that the summary still counts */
async function clear(trx: Trx, summary: AlertRow, change: ReportChange): Promise<Set<string>> {
  const checks = parseDetail(summary.detail).checks ?? [];
  const { cleared, resolved } = decideSummary(
    checks.map(({ check, clearedAt }) => ({ check, cleared: clearedAt !== undefined })),
    change.transitions,
  );
  const marked = checks.map((one) =>
    cleared.includes(one.check) ? { ...one, clearedAt: change.receivedAt } : one,
  );
  const counted = new Set(
    marked.filter(({ clearedAt }) => clearedAt === undefined).map(({ check }) => check),
  );
  if (cleared.length === 0) return counted;
  const detail = { ...parseDetail(summary.detail), checks: marked };
  await updateDetail(trx, summary, () => detail);
  if (resolved)
    await resolveAlert(
      trx,
      { ...summary, detail: JSON.stringify(detail) },
      change.receivedAt,
      texts.noneFailsAnyMore,
    );
  return counted;
}

/** Rollbacks and gaps: one alert while they keep happening. The last time is what its end is counted from. */
async function events(trx: Trx, channels: Channels, change: ReportChange): Promise<void> {
  const { rollback, gap, hostId } = change;
  const happened: Pick<NewAlert, 'kind' | 'key' | 'severity' | 'reason'>[] = [];
  if (rollback)
    happened.push({
      kind: 'host-rollback',
      key: keys.rollback(hostId),
      severity: 'high',
      reason: texts.rolledBack(rollback.from, rollback.to),
    });
  if (gap && gap.length > 0)
    happened.push({
      kind: 'report-gap',
      key: keys.gap(hostId),
      severity: 'medium',
      reason: texts.gap([...new Set(gap.map(({ code }) => code))].sort()),
    });
  for (const event of happened) {
    const row = await openAlertOf(trx, event.key);
    if (row) await updateDetail(trx, row, (detail) => ({ ...detail, lastAt: change.receivedAt }));
    else await openAlert(trx, channels, { ...about(change), ...event });
  }
}
