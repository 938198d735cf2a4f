/** Access matrices of the hosts, as of their last documents. Columns are described in schema.ts. */
import type { Kysely, Migration } from 'kysely';

export const access: Migration = {
  async up(db: Kysely<unknown>) {
    const { createTable } = db.schema;
    const table = createTable.bind(db.schema);

    await table('access_matrices')
      .addColumn('host_id', 'text', (c) => c.primaryKey().references('hosts.id'))
      .addColumn('register', 'integer', (c) => c.notNull())
      .addColumn('more', 'integer', (c) => c.notNull())
      .addColumn('gaps', 'text', (c) => c.notNull())
      .execute();

    await table('access_entries')
      .addColumn('host_id', 'text', (c) => c.notNull().references('access_matrices.host_id'))
      .addColumn('position', 'integer', (c) => c.notNull())
      .addColumn('account', 'text', (c) => c.notNull())
      .addColumn('way', 'text', (c) => c.notNull())
      .addColumn('grant_id', 'text')
      .addColumn('entry', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('access_entries_key', ['host_id', 'position'])
      .execute();
    await db.schema.createIndex('access_entries_account').on('access_entries').column('account').execute();
  },
};
