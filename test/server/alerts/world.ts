/** A database with a tenant and a host, and reports as ingest would tell of them. */
import { randomUUID } from 'node:crypto';
import { afterClone, afterReport } from '../../../server/alerts/after-report.ts';
import { parseDetail } from '../../../server/alerts/detail.ts';
import { scan } from '../../../server/alerts/scan.ts';
import type { Channels } from '../../../server/alerts/store.ts';
import type { Db } from '../../../server/db/database.ts';
import type { Database } from '../../../server/db/schema.ts';
import type { OutcomeChange, ReportChange } from '../../../server/ingest/change.ts';
import type { Outcome, Severity } from '../../../shared/outcome.ts';

export const START = '2026-06-15T12:00:00.000Z';
export const HOST = 'h-00000000000000000001';
export const TENANT = 't-1';

/** An instant so many minutes after the start. */
export const at = (minutes: number) => new Date(Date.parse(START) + minutes * 60_000).toISOString();

export function hostRow(changes: Partial<Database['hosts']> = {}): Database['hosts'] {
  return {
    id: HOST,
    tenant_id: TENANT,
    name: 'web1.example.org',
    public_key: randomUUID(),
    key_id: randomUUID(),
    enrolled_at: START,
    enrolled_with: null,
    retired_at: null,
    quarantined_at: null,
    interval_seconds: 3600,
    ...{ kind_settled: null, server_until: null },
    kind_detected: 'vm',
    machine: '{}',
    last_sequence: 0,
    last_envelope_digest: null,
    last_document_digest: null,
    last_received_at: null,
    last_round_at: null,
    agent_version: null,
    ...changes,
  };
}

export function contractRow(changes: Partial<Database['contract_hosts']> = {}): Database['contract_hosts'] {
  return {
    id: 'c-1',
    tenant_id: TENANT,
    name: 'db1.example.org',
    host_id: null,
    site: 'provider',
    kind: null,
    backup: 1,
    patch: 1,
    since: START,
    until: null,
    ...changes,
  };
}

export async function seed(db: Db): Promise<void> {
  await db.insertInto('tenants').values({ id: TENANT, name: 'Example GmbH', created_at: START }).execute();
  await db.insertInto('hosts').values(hostRow()).execute();
}

export const change = (
  checkId: string,
  to: Outcome | null,
  from: Outcome | null = null,
  severity: Severity = 'medium',
): OutcomeChange => ({ checkId, to, from, severity });

export interface World {
  readonly db: Db;
  report(
    minutes: number,
    transitions?: readonly OutcomeChange[],
    more?: Partial<ReportChange>,
  ): Promise<void>;
  clone(minutes: number): Promise<void>;
  scan(minutes: number): Promise<void>;
  /** Alerts as short lines, in the order they were opened: `check-failing login.a open`. */
  alerts(): Promise<string[]>;
  /** Messages as short lines: `opened check-failing -> mail`. */
  outbox(): Promise<string[]>;
}

/** The first report is told as the first one. */
export function world(db: Db, channels: Channels = [{ name: 'mail', minSeverity: 'low' }]): World {
  let sequence = 0;
  return {
    db,
    async report(minutes, transitions = [], more = {}) {
      sequence += 1;
      const about = { hostId: HOST, tenantId: TENANT, hostName: 'web1.example.org', receivedAt: at(minutes) };
      await db.transaction().execute(async (trx) => {
        await trx
          .updateTable('hosts')
          .set({ last_received_at: at(minutes) })
          .where('id', '=', HOST)
          .execute();
        await afterReport(channels)(trx, {
          ...about,
          sequence,
          roundAt: at(minutes),
          firstReport: sequence === 1,
          transitions,
          gap: undefined,
          rollback: undefined,
          ...more,
        });
      });
    },
    async clone(minutes) {
      await db.transaction().execute(async (trx) => {
        await trx
          .updateTable('hosts')
          .set({ quarantined_at: at(minutes) })
          .where('id', '=', HOST)
          .execute();
        await afterClone(channels)(trx, {
          hostId: HOST,
          tenantId: TENANT,
          hostName: 'web1.example.org',
          receivedAt: at(minutes),
        });
      });
    },
    async scan(minutes) {
      await scan(db, channels, at(minutes));
    },
    async alerts() {
      const rows = await db
        .selectFrom('alerts')
        .selectAll()
        .orderBy('opened_at')
        .orderBy('kind')
        .orderBy('check_id')
        .execute();
      return rows.map((row) => {
        const { flapping, quietSince, checks } = parseDetail(row.detail);
        const left = checks?.filter(({ clearedAt }) => clearedAt === undefined).length;
        return [
          row.kind,
          row.check_id,
          ...(checks ? [`${left} of ${checks.length}`] : []),
          row.severity,
          row.resolved_at === null ? 'open' : 'resolved',
          ...(flapping ? [quietSince ? 'settling' : 'flapping'] : []),
        ]
          .filter(Boolean)
          .join(' ');
      });
    },
    async outbox() {
      const rows = await db.selectFrom('outbox').selectAll().orderBy('id').execute();
      return rows.map(
        ({ payload, change: what, channel }) => `${what} ${JSON.parse(payload).kind} -> ${channel}`,
      );
    },
  };
}
