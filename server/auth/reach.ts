/**
 * What one request may see. Every query of the dashboard starts here, so that a tenant's bounds are set in one
 * place and a handler has no way around them: it never gets the database itself.
 */
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Viewer } from './viewer.ts';

type Rows<T extends keyof Database> = SelectQueryBuilder<Database, T, object>;

export class Reach {
  readonly viewer: Viewer;
  /** The one tenant this request is about; null: all (only for the provider's own people). */
  readonly tenantId: string | null;
  readonly #db: Kysely<Database>;

  constructor(db: Kysely<Database>, viewer: Viewer, tenantId: string | null) {
    this.#db = db;
    this.viewer = viewer;
    this.tenantId = viewer.tenantId ?? tenantId;
  }

  tenants(): Rows<'tenants'> {
    const rows = this.#db.selectFrom('tenants');
    return this.tenantId === null ? rows : rows.where('tenants.id', '=', this.tenantId);
  }

  hosts(): Rows<'hosts'> {
    const rows = this.#db.selectFrom('hosts');
    return this.tenantId === null ? rows : rows.where('hosts.tenant_id', '=', this.tenantId);
  }

  contractHosts(): Rows<'contract_hosts'> {
    const rows = this.#db.selectFrom('contract_hosts');
    return this.tenantId === null ? rows : rows.where('contract_hosts.tenant_id', '=', this.tenantId);
  }

  /** Alerts about the collector itself have no tenant: only the provider sees them. */
  alerts(): Rows<'alerts'> {
    const rows = this.#db.selectFrom('alerts');
    return this.tenantId === null ? rows : rows.where('alerts.tenant_id', '=', this.tenantId);
  }

  records(): Rows<'records'> {
    const rows = this.#db.selectFrom('records');
    return this.tenantId === null ? rows : rows.where('records.tenant_id', '=', this.tenantId);
  }

  hostEndings(): Rows<'host_endings'> {
    const rows = this.#db.selectFrom('host_endings');
    return this.tenantId === null ? rows : rows.where('host_endings.tenant_id', '=', this.tenantId);
  }

  contractChanges(): Rows<'contract_changes'> {
    const rows = this.#db.selectFrom('contract_changes');
    return this.tenantId === null ? rows : rows.where('contract_changes.tenant_id', '=', this.tenantId);
  }

  results(): Rows<'results'> {
    return this.#db.selectFrom('results').where('results.host_id', 'in', this.#hostIds());
  }

  replacedKeys(): Rows<'replaced_keys'> {
    return this.#db.selectFrom('replaced_keys').where('replaced_keys.host_id', 'in', this.#hostIds());
  }

  accessMatrices(): Rows<'access_matrices'> {
    return this.#db.selectFrom('access_matrices').where('access_matrices.host_id', 'in', this.#hostIds());
  }

  accessEntries(): Rows<'access_entries'> {
    return this.#db.selectFrom('access_entries').where('access_entries.host_id', 'in', this.#hostIds());
  }

  updateLists(): Rows<'update_lists'> {
    return this.#db.selectFrom('update_lists').where('update_lists.host_id', 'in', this.#hostIds());
  }

  pendingUpdates(): Rows<'pending_updates'> {
    return this.#db.selectFrom('pending_updates').where('pending_updates.host_id', 'in', this.#hostIds());
  }

  drills(): Rows<'drills'> {
    return this.#db.selectFrom('drills').where('drills.host_id', 'in', this.#hostIds());
  }

  transitions(): Rows<'transitions'> {
    return this.#db.selectFrom('transitions').where('transitions.host_id', 'in', this.#hostIds());
  }

  reports(): Rows<'reports'> {
    return this.#db.selectFrom('reports').where('reports.host_id', 'in', this.#hostIds());
  }

  /** What was sent about alerts within reach. */
  outbox(): Rows<'outbox'> {
    return this.#db.selectFrom('outbox').where('outbox.alert_id', 'in', this.alerts().select('alerts.id'));
  }

  /** Channels belong to the provider. */
  channels(): Rows<'channels'> {
    const rows = this.#db.selectFrom('channels');
    return this.viewer.tenantId === null ? rows : rows.where(sql<boolean>`1 = 0`);
  }

  #hostIds() {
    return this.hosts().select('hosts.id');
  }
}
