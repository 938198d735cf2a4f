/** Tokens that are bound to a host, and the keys that reinstalled hosts had before. Columns are described in schema.ts. */
import type { Kysely, Migration } from 'kysely';

export const keys: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .alterTable('enrolment_tokens')
      .addColumn('host_id', 'text', (c) => c.references('hosts.id'))
      .execute();
    await db.schema.alterTable('enrolment_tokens').addColumn('author', 'text').execute();
    await db.schema
      .createTable('replaced_keys')
      .addColumn('key_id', 'text', (c) => c.primaryKey())
      .addColumn('host_id', 'text', (c) => c.notNull().references('hosts.id'))
      .addColumn('public_key', 'text', (c) => c.notNull())
      .addColumn('replaced_at', 'text', (c) => c.notNull())
      .addColumn('last_sequence', 'integer', (c) => c.notNull())
      .addColumn('author', 'text', (c) => c.notNull())
      .addColumn('content', 'text', (c) => c.notNull())
      .addColumn('log_index', 'integer', (c) => c.notNull().unique().references('log_leaves.log_index'))
      .execute();
    await db.schema.createIndex('replaced_keys_host').on('replaced_keys').column('host_id').execute();
  },
};
