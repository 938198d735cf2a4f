/** The pending security updates of a host, as its last document has them: one row each, to search all hosts by. */
import { type UpdateList, updateSeverities } from '../../shared/update-list.ts';
import { updateKeys } from '../../shared/update-search.ts';
import type { Trx } from '../db/database.ts';

/** SQLite takes 32,766 values in one statement, PostgreSQL 65,535. */
const ROWS_AT_ONCE = 500;

/** Replaces what was known of `hostId`; undefined where its document has no list (any more). */
export async function applyUpdates(trx: Trx, hostId: string, list: UpdateList | undefined): Promise<void> {
  await trx.deleteFrom('pending_updates').where('host_id', '=', hostId).execute();
  await trx.deleteFrom('update_lists').where('host_id', '=', hostId).execute();
  if (!list) return;
  const { manager, more, doubt, entries, cves: all = {} } = list;
  await trx
    .insertInto('update_lists')
    .values({ host_id: hostId, manager, more, doubt: doubt ? JSON.stringify(doubt) : null })
    .execute();
  const cvesOf = (advisory: string): readonly string[] =>
    (Object.hasOwn(all, advisory) ? all[advisory] : undefined) ?? [];
  const rows = entries.map((entry, position) => {
    const cves = [...new Set(entry.advisories.flatMap(cvesOf))].sort();
    return {
      host_id: hostId,
      position,
      name: entry.name,
      severity: updateSeverities.indexOf(entry.severity),
      deadline: entry.deadline ?? null,
      entry: JSON.stringify(entry),
      ...updateKeys(entry, cves),
      cves: cves.join(' '),
    };
  });
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
    await trx
      .insertInto('pending_updates')
      .values(rows.slice(at, at + ROWS_AT_ONCE))
      .execute();
}
