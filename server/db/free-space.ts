/** How much room the embedded database has left to grow in. */
import { statfs } from 'node:fs/promises';
import { sql } from 'kysely';
import type { Db } from './database.ts';

/** Bytes free on the file system of the database; undefined where it has no file (in memory, another server). */
export async function freeBytes(db: Db): Promise<number | undefined> {
  const { rows } = await sql<{
    file: string;
  }>`select file from pragma_database_list where name = 'main'`.execute(db);
  const file = rows[0]?.file;
  if (!file) return undefined;
  const { bavail, bsize } = await statfs(file);
  return bavail * bsize;
}
