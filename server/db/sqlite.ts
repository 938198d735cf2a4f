/** `node:sqlite` in the shape that kysely's own SqliteDialect expects (that of better-sqlite3). */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { CodedError } from '../../shared/errors.ts';

/** Prepared statements are kept: preparing costs more than most of our statements. */
const MAX_PREPARED = 300;

/**
 * Opens `path` so that a commit is on the disk when it returns: write-ahead log with `synchronous=FULL`.
 * @throws the error of node:sqlite (`errcode` is SQLite's extended result code)
 */
export function openSqlite(path: string): SqliteDatabase {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 5000 });
  try {
    database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma trusted_schema = off');
  } catch (error) {
    database.close();
    throw error;
  }
  const prepared = new Map<string, SqliteStatement>();

  return {
    close() {
      prepared.clear();
      database.close();
    },
    prepare(sql) {
      const known = prepared.get(sql);
      if (known) return known;
      const statement = adapt(database, sql);
      if (prepared.size >= MAX_PREPARED) prepared.clear();
      prepared.set(sql, statement);
      return statement;
    },
  };
}

function adapt(database: DatabaseSync, sql: string): SqliteStatement {
  // A transaction takes the write lock at once: one that only finds out at its first write that the command line
  // wrote in between fails instead of waiting (SQLITE_BUSY_SNAPSHOT).
  if (sql === 'begin') return plain(database.prepare('begin immediate'));
  if (sql === 'rollback') {
    const statement = database.prepare('rollback');
    return {
      ...plain(statement),
      // On a full disk SQLite rolls back by itself; a second rollback would hide the first error.
      run: () => (database.isTransaction ? statement.run() : { changes: 0, lastInsertRowid: 0 }),
    };
  }
  return plain(database.prepare(sql));
}

function plain(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
    run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
    iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
  };
}

/** SQLite's primary result codes (https://sqlite.org/rescode.html). */
const codes = { busy: 5, locked: 6, readonly: 8, ioerr: 10, corrupt: 11, full: 13, cantopen: 14, notadb: 26 };
export type StoreTrouble = keyof typeof codes;

/** What kept the store from working, or undefined when `error` is not about the store but about the statement. */
export function storeTrouble(error: unknown): StoreTrouble | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  const primary = error.errcode & 0xff;
  return (Object.keys(codes) as StoreTrouble[]).find((name) => codes[name] === primary);
}

/** What keeps the file at `path` from being opened, in the words of the catalogue; any other error as it was. */
export function openError(error: unknown, path: string): unknown {
  const trouble = storeTrouble(error);
  if (trouble === undefined || !(error instanceof Error)) return error;
  // Where no room is left for the shared memory of the write-ahead log, SQLite speaks of an I/O error.
  if (trouble === 'full' || (trouble === 'ioerr' && isFull(path)))
    return new CodedError('NO_SPACE', { path }, { cause: error });
  if (trouble === 'readonly') return new CodedError('NO_PERMISSION', { path }, { cause: error });
  return new CodedError('FILE_UNREADABLE', { path, problem: error.message }, { cause: error });
}

/** Less than what SQLite takes before it does anything. */
function isFull(path: string): boolean {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize < 64 * 1024;
}
