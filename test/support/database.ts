/** A migrated database in a temporary directory of its own, gone after the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Db, openDatabase } from '../../server/db/database.ts';

export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'nachweis-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Call inside a test: the database is closed and deleted when that test ends. */
export async function temporaryDatabase(): Promise<Db> {
  const path = temporaryDirectory();
  const db = await openDatabase(join(path, 'collector.db'));
  // Hooks run last in, first out: closed before its directory goes.
  onTestFinished(() => db.destroy());
  return db;
}
