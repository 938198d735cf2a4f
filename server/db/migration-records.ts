/** Records, and the policies made of some of them. Columns are described in schema.ts. */
import type { Kysely, Migration } from 'kysely';

export const records: Migration = {
  async up(db: Kysely<unknown>) {
    const { createTable } = db.schema;
    const table = createTable.bind(db.schema);

    await table('records')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('tenant_id', 'text', (c) => c.notNull().references('tenants.id'))
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('subject', 'text', (c) => c.notNull())
      .addColumn('content', 'text', (c) => c.notNull())
      .addColumn('digest', 'text', (c) => c.notNull())
      .addColumn('recorded_at', 'text', (c) => c.notNull())
      .addColumn('valid_from', 'text', (c) => c.notNull())
      .addColumn('valid_until', 'text')
      // Unique: a record ends once, whatever the code believes.
      .addColumn('ends_id', 'text', (c) => c.unique().references('records.id'))
      .addColumn('holds', 'integer', (c) => c.notNull())
      .addColumn('log_index', 'integer', (c) => c.notNull().unique().references('log_leaves.log_index'))
      .execute();
    await db.schema.createIndex('records_tenant').on('records').columns(['tenant_id', 'type']).execute();

    await table('policy_settings')
      .addColumn('tenant_id', 'text', (c) => c.notNull().references('tenants.id'))
      .addColumn('version', 'integer', (c) => c.notNull())
      .addColumn('content', 'text', (c) => c.notNull())
      .addColumn('author', 'text', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('policy_settings_key', ['tenant_id', 'version'])
      .execute();

    await table('policies')
      .addColumn('host_id', 'text', (c) => c.notNull().references('hosts.id'))
      .addColumn('number', 'integer', (c) => c.notNull())
      .addColumn('issued_at', 'text', (c) => c.notNull())
      .addColumn('valid_until', 'text', (c) => c.notNull())
      .addColumn('content_digest', 'text', (c) => c.notNull())
      .addColumn('envelope_digest', 'text', (c) => c.notNull())
      .addColumn('envelope', 'text', (c) => c.notNull())
      .addColumn('log_index', 'integer', (c) => c.notNull().unique().references('log_leaves.log_index'))
      .addPrimaryKeyConstraint('policies_key', ['host_id', 'number'])
      .execute();
  },
};
