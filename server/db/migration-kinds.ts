/** Until when a host was a server. Columns are described in schema.ts. */
import type { Kysely, Migration } from 'kysely';

export const kinds: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('hosts').addColumn('kind_settled', 'text').execute();
    await db.schema.alterTable('hosts').addColumn('server_until', 'text').execute();
  },
};
