/** Disks of hosts over time, how hosts ended, and who changed what was ordered. Columns are described in schema.ts. */
import type { Kysely, Migration } from 'kysely';

export const endings: Migration = {
  async up(db: Kysely<unknown>) {
    const { createTable } = db.schema;
    const table = createTable.bind(db.schema);

    await table('host_disks')
      .addColumn('host_id', 'text', (c) => c.notNull().references('hosts.id'))
      .addColumn('serial', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('model', 'text', (c) => c.notNull())
      .addColumn('bytes', 'bigint', (c) => c.notNull())
      .addColumn('rotational', 'integer')
      .addColumn('first_seen_at', 'text', (c) => c.notNull())
      .addColumn('last_seen_at', 'text')
      .addColumn('gone_at', 'text')
      .addPrimaryKeyConstraint('host_disks_key', ['host_id', 'serial'])
      .execute();

    await table('host_endings')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('tenant_id', 'text', (c) => c.notNull().references('tenants.id'))
      .addColumn('subject_id', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('at', 'text', (c) => c.notNull())
      .addColumn('author', 'text', (c) => c.notNull())
      .addColumn('reason', 'text', (c) => c.notNull())
      .addColumn('content', 'text', (c) => c.notNull())
      .addColumn('log_index', 'integer', (c) => c.notNull().unique().references('log_leaves.log_index'))
      // Whatever the code believes, a host is closed once.
      .addUniqueConstraint('host_endings_once', ['subject_id', 'state'])
      .execute();
    await db.schema.createIndex('host_endings_tenant').on('host_endings').column('tenant_id').execute();

    await table('contract_changes')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('tenant_id', 'text', (c) => c.notNull().references('tenants.id'))
      .addColumn('contract_id', 'text', (c) => c.notNull().references('contract_hosts.id'))
      .addColumn('changed_at', 'text', (c) => c.notNull())
      .addColumn('author', 'text', (c) => c.notNull())
      .addColumn('content', 'text', (c) => c.notNull())
      .addColumn('log_index', 'integer', (c) => c.notNull().unique().references('log_leaves.log_index'))
      .execute();
    await db.schema
      .createIndex('contract_changes_contract')
      .on('contract_changes')
      .columns(['contract_id', 'log_index'])
      .execute();
  },
};
