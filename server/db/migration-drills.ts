/** Restore drills as hosts signed them. Columns are described in schema.ts. */
import type { Kysely, Migration } from 'kysely';

export const drills: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('drills')
      .addColumn('envelope_digest', 'text', (c) => c.primaryKey())
      .addColumn('host_id', 'text', (c) => c.notNull().references('hosts.id'))
      .addColumn('record_id', 'text', (c) => c.notNull().unique().references('records.id'))
      .addColumn('began_at', 'text', (c) => c.notNull())
      .addColumn('received_at', 'text', (c) => c.notNull())
      .addColumn('tool', 'text', (c) => c.notNull())
      .addColumn('job', 'text', (c) => c.notNull())
      .addColumn('outcome', 'text', (c) => c.notNull())
      .addColumn('drill', 'text', (c) => c.notNull())
      .addColumn('envelope', 'text', (c) => c.notNull())
      .execute();
    await db.schema.createIndex('drills_host').on('drills').columns(['host_id', 'began_at']).execute();
  },
};
