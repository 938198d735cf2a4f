/** The access matrix of a host, as its last document has it: one row an entry, so that people can search all hosts. */
import type { AccessMatrix } from '../../shared/access-matrix.ts';
import type { Trx } from '../db/database.ts';

/** SQLite takes 32,766 values in one statement, PostgreSQL 65,535. */
const ROWS_AT_ONCE = 500;

/** Replaces what was known of `hostId`; undefined where its document has no matrix (any more). */
export async function applyAccess(trx: Trx, hostId: string, matrix: AccessMatrix | undefined): Promise<void> {
  await trx.deleteFrom('access_entries').where('host_id', '=', hostId).execute();
  await trx.deleteFrom('access_matrices').where('host_id', '=', hostId).execute();
  if (!matrix) return;
  const { register, more, gaps, entries } = matrix;
  await trx
    .insertInto('access_matrices')
    .values({ host_id: hostId, register: register ? 1 : 0, more, gaps: JSON.stringify(gaps) })
    .execute();
  const rows = entries.map((entry, position) => ({
    host_id: hostId,
    position,
    account: entry.account,
    way: entry.way,
    grant_id: entry.grant ?? null,
    entry: JSON.stringify(entry),
  }));
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
    await trx
      .insertInto('access_entries')
      .values(rows.slice(at, at + ROWS_AT_ONCE))
      .execute();
}
