/** The first schema. Columns are described in schema.ts. SQL that SQLite and PostgreSQL both run. */
import { type Kysely, type Migration, PostgresAdapter, sql } from 'kysely';

export const first: Migration = {
  async up(db: Kysely<unknown>) {
    const { createTable } = db.schema;
    const table = createTable.bind(db.schema);
    const postgres = db.getExecutor().adapter instanceof PostgresAdapter;
    /** Numbers that the database gives, rising. */
    const serial = postgres ? sql`bigserial` : sql`integer`;

    await table('meta')
      .addColumn('key', 'text', (c) => c.primaryKey())
      .addColumn('value', 'text', (c) => c.notNull())
      .execute();

    await table('tenants')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull().unique())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .execute();

    await table('hosts')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('tenant_id', 'text', (c) => c.notNull().references('tenants.id'))
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('public_key', 'text', (c) => c.notNull())
      .addColumn('key_id', 'text', (c) => c.notNull().unique())
      .addColumn('enrolled_at', 'text', (c) => c.notNull())
      .addColumn('enrolled_with', 'text')
      .addColumn('retired_at', 'text')
      .addColumn('quarantined_at', 'text')
      .addColumn('interval_seconds', 'integer', (c) => c.notNull())
      .addColumn('kind_detected', 'text', (c) => c.notNull())
      .addColumn('machine', 'text', (c) => c.notNull())
      .addColumn('last_sequence', 'integer', (c) => c.notNull())
      .addColumn('last_envelope_digest', 'text')
      .addColumn('last_document_digest', 'text')
      .addColumn('last_received_at', 'text')
      .addColumn('last_round_at', 'text')
      .addColumn('agent_version', 'text')
      .execute();
    await db.schema.createIndex('hosts_tenant').on('hosts').columns(['tenant_id', 'name']).execute();

    await table('contract_hosts')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('tenant_id', 'text', (c) => c.notNull().references('tenants.id'))
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('host_id', 'text', (c) => c.references('hosts.id'))
      .addColumn('site', 'text', (c) => c.notNull())
      .addColumn('kind', 'text')
      .addColumn('backup', 'integer', (c) => c.notNull())
      .addColumn('patch', 'integer', (c) => c.notNull())
      .addColumn('since', 'text', (c) => c.notNull())
      .addColumn('until', 'text')
      .execute();
    await db.schema
      .createIndex('contract_hosts_tenant')
      .on('contract_hosts')
      .columns(['tenant_id', 'name'])
      .execute();
    await db.schema.createIndex('contract_hosts_host').on('contract_hosts').column('host_id').execute();

    await table('enrolment_tokens')
      .addColumn('token_hash', 'text', (c) => c.primaryKey())
      .addColumn('tenant_id', 'text', (c) => c.notNull().references('tenants.id'))
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'text', (c) => c.notNull())
      .addColumn('max_uses', 'integer', (c) => c.notNull())
      .addColumn('uses', 'integer', (c) => c.notNull())
      .execute();

    await table('log_leaves')
      .addColumn('log_index', 'integer', (c) => c.primaryKey())
      .addColumn('epoch', 'integer', (c) => c.notNull())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('leaf', 'text', (c) => c.notNull())
      .addColumn('random', 'text')
      .addColumn('content_ref', 'text', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .execute();

    await table('reports')
      .addColumn('host_id', 'text', (c) => c.notNull().references('hosts.id'))
      .addColumn('sequence', 'integer', (c) => c.notNull())
      .addColumn('envelope_digest', 'text', (c) => c.notNull())
      .addColumn('envelope', 'text', (c) => c.notNull())
      .addColumn('document_digest', 'text', (c) => c.notNull())
      .addColumn('round_at', 'text', (c) => c.notNull())
      .addColumn('received_at', 'text', (c) => c.notNull())
      .addColumn('log_index', 'integer', (c) => c.notNull().unique().references('log_leaves.log_index'))
      .addPrimaryKeyConstraint('reports_key', ['host_id', 'sequence'])
      .execute();

    await table('documents')
      .addColumn('host_id', 'text', (c) => c.notNull().references('hosts.id'))
      .addColumn('digest', 'text', (c) => c.notNull())
      .addColumn('content', 'text', (c) => c.notNull())
      .addColumn('received_at', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('documents_key', ['host_id', 'digest'])
      .execute();

    await table('rollbacks')
      .addColumn('host_id', 'text', (c) => c.notNull().references('hosts.id'))
      .addColumn('sequence', 'integer', (c) => c.notNull())
      .addColumn('from_sequence', 'integer', (c) => c.notNull())
      .addColumn('machine_before', 'text', (c) => c.notNull())
      .addColumn('machine_after', 'text', (c) => c.notNull())
      .addColumn('received_at', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('rollbacks_key', ['host_id', 'sequence'])
      .execute();

    await table('results')
      .addColumn('host_id', 'text', (c) => c.notNull().references('hosts.id'))
      .addColumn('check_id', 'text', (c) => c.notNull())
      .addColumn('outcome', 'text', (c) => c.notNull())
      .addColumn('severity', 'text', (c) => c.notNull())
      .addColumn('result', 'text', (c) => c.notNull())
      .addColumn('since', 'text', (c) => c.notNull())
      .addColumn('sequence', 'integer', (c) => c.notNull())
      .addPrimaryKeyConstraint('results_key', ['host_id', 'check_id'])
      .execute();
    await db.schema.createIndex('results_check').on('results').columns(['check_id', 'outcome']).execute();

    await table('transitions')
      .addColumn('id', serial, (c) => c.primaryKey())
      .addColumn('host_id', 'text', (c) => c.notNull().references('hosts.id'))
      .addColumn('check_id', 'text', (c) => c.notNull())
      .addColumn('from_outcome', 'text')
      .addColumn('to_outcome', 'text')
      .addColumn('severity', 'text', (c) => c.notNull())
      .addColumn('round_at', 'text', (c) => c.notNull())
      .addColumn('received_at', 'text', (c) => c.notNull())
      .addColumn('sequence', 'integer', (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('transitions_host')
      .on('transitions')
      .columns(['host_id', 'check_id', 'id'])
      .execute();
    await db.schema.createIndex('transitions_received').on('transitions').column('received_at').execute();

    await table('alerts')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('dedupe_key', 'text', (c) => c.notNull())
      .addColumn('tenant_id', 'text', (c) => c.references('tenants.id'))
      .addColumn('host_id', 'text', (c) => c.references('hosts.id'))
      .addColumn('check_id', 'text')
      .addColumn('severity', 'text', (c) => c.notNull())
      .addColumn('opened_at', 'text', (c) => c.notNull())
      .addColumn('resolved_at', 'text')
      .addColumn('detail', 'text', (c) => c.notNull())
      .execute();
    // At most one open alert per key, whatever the code believes.
    await sql`create unique index alerts_open on alerts (dedupe_key) where resolved_at is null`.execute(db);
    await db.schema.createIndex('alerts_host').on('alerts').columns(['host_id', 'resolved_at']).execute();

    await table('outbox')
      .addColumn('id', serial, (c) => c.primaryKey())
      .addColumn('alert_id', 'text', (c) => c.notNull().references('alerts.id'))
      .addColumn('change', 'text', (c) => c.notNull())
      .addColumn('channel', 'text', (c) => c.notNull())
      .addColumn('payload', 'text', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('next_try_at', 'text', (c) => c.notNull())
      .addColumn('tries', 'integer', (c) => c.notNull())
      .addColumn('sent_at', 'text')
      .addColumn('given_up_at', 'text')
      .addColumn('last_error', 'text')
      .addUniqueConstraint('outbox_once', ['alert_id', 'change', 'channel'])
      .execute();
    await db.schema.createIndex('outbox_due').on('outbox').columns(['sent_at', 'next_try_at']).execute();

    await table('channels')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('failing_since', 'text')
      .addColumn('last_ok_at', 'text')
      .addColumn('last_error', 'text')
      .execute();

    await table('users')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull().unique())
      .addColumn('role', 'text', (c) => c.notNull())
      .addColumn('tenant_id', 'text', (c) => c.references('tenants.id'))
      .addColumn('password_hash', 'text')
      .addColumn('language', 'text', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('disabled_at', 'text')
      .execute();

    await table('sessions')
      .addColumn('token_hash', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'text', (c) => c.notNull())
      .addColumn('last_seen_at', 'text', (c) => c.notNull())
      .execute();

    await table('sign_in_links')
      .addColumn('token_hash', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'text', (c) => c.notNull())
      .addColumn('used_at', 'text')
      .execute();

    await table('refusals')
      .addColumn('code', 'text', (c) => c.notNull())
      .addColumn('host_id', 'text', (c) => c.notNull())
      .addColumn('count', 'integer', (c) => c.notNull())
      .addColumn('last_at', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('refusals_key', ['code', 'host_id'])
      .execute();
  },
};
