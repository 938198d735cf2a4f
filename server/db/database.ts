/** Opens the collector's database, at the newest schema that this version knows. */
import { Kysely, Migrator, SqliteDialect, sql, type Transaction } from 'kysely';
import { CodedError } from '../../shared/errors.ts';
import { migrations } from './migrations.ts';
import type { Database } from './schema.ts';
import { openError, openSqlite } from './sqlite.ts';

export type Db = Kysely<Database>;
export type Trx = Transaction<Database>;

/**
 * Opens (and makes, and migrates) the SQLite file at `path`. Commits are synced when they return.
 * @throws CodedError `DATA_NEWER`, `NO_SPACE`, `NO_PERMISSION`, `FILE_UNREADABLE`
 */
export async function openDatabase(path: string): Promise<Db> {
  let db: Db | undefined;
  try {
    const database = openSqlite(path);
    db = new Kysely<Database>({ dialect: new SqliteDialect({ database }) });
    await migrate(db, path);
    return db;
  } catch (error) {
    await db?.destroy().catch(() => undefined);
    throw openError(error, path);
  }
}

/** @throws CodedError `DATA_NEWER` before anything is changed */
async function migrate(db: Db, path: string): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  for (const name of await appliedMigrations(db)) {
    if (!Object.hasOwn(migrations, name)) throw new CodedError('DATA_NEWER', { path });
  }
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}

async function appliedMigrations(db: Db): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === 'kysely_migration')) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  return rows.map(({ name }) => name);
}
