/** Pending security updates of the hosts, as of their last documents. Columns are described in schema.ts. */
import type { Kysely, Migration } from 'kysely';

export const updates: Migration = {
  async up(db: Kysely<unknown>) {
    const { createTable } = db.schema;
    const table = createTable.bind(db.schema);

    await table('update_lists')
      .addColumn('host_id', 'text', (c) => c.primaryKey().references('hosts.id'))
      .addColumn('manager', 'text', (c) => c.notNull())
      .addColumn('more', 'integer', (c) => c.notNull())
      .addColumn('doubt', 'text')
      .execute();

    await table('pending_updates')
      .addColumn('host_id', 'text', (c) => c.notNull().references('update_lists.host_id'))
      .addColumn('position', 'integer', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('severity', 'integer', (c) => c.notNull())
      .addColumn('deadline', 'text')
      .addColumn('entry', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('pending_updates_key', ['host_id', 'position'])
      .execute();
    await db.schema.createIndex('pending_updates_name').on('pending_updates').column('name').execute();
  },
};
