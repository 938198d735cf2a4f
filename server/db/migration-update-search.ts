/** What pending updates are found by, for those that are there and those to come. Columns are described in schema.ts. */
import type { Kysely, Migration } from 'kysely';
import { updateEntrySchema } from '../../shared/update-list.ts';
import { updateKeys } from '../../shared/update-search.ts';

interface Rows {
  pending_updates: { host_id: string; position: number; entry: string; names: string; versions: string };
}

export const updateSearch: Migration = {
  async up(db: Kysely<unknown>) {
    for (const column of ['names', 'versions', 'cves'])
      await db.schema
        .alterTable('pending_updates')
        .addColumn(column, 'text', (c) => c.notNull().defaultTo(''))
        .execute();
    const rows = db as Kysely<Rows>;
    const hosts = await rows.selectFrom('pending_updates').select('host_id').distinct().execute();
    for (const { host_id } of hosts) {
      const own = await rows
        .selectFrom('pending_updates')
        .select(['position', 'entry'])
        .where('host_id', '=', host_id)
        .execute();
      for (const { position, entry } of own)
        await rows
          .updateTable('pending_updates')
          .set(updateKeys(updateEntrySchema.parse(JSON.parse(entry))))
          .where('host_id', '=', host_id)
          .where('position', '=', position)
          .execute();
    }
  },
};
