/** The directory that holds everything a collector keeps, and the lock that lets one process serve from it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CodedError } from '../shared/errors.ts';
import { openError, storeTrouble } from './db/sqlite.ts';
import { fileError, makeDirectory, refuseLink } from './file-error.ts';

export interface DataDirectory {
  readonly path: string;
  readonly database: string;
  readonly keys: string;
}

/** @throws CodedError `NO_PERMISSION`, `NO_SPACE`, `FILE_UNREADABLE`, `STATE_LINK` */
export function openDataDirectory(given: string): DataDirectory {
  const path = resolve(given);
  try {
    makeDirectory(path);
  } catch (error) {
    throw fileError(error, path);
  }
  const files = ['collector.db', 'collector.db-wal', 'collector.db-shm', 'collector.lock', 'collector.pid'];
  for (const name of files) refuseLink(join(path, name));
  return { path, database: join(path, 'collector.db'), keys: join(path, 'keys') };
}

/**
 * Holds `directory` until the process ends or the answer is called. The lock is one of the operating system, taken
 * through SQLite: it is gone with the process however that ended, and a process id used again can't fake it.
 * @throws CodedError `DATA_IN_USE` with the process that holds it
 */
export function lockDataDirectory({ path }: DataDirectory): () => void {
  const lockFile = join(path, 'collector.lock');
  const pidFile = join(path, 'collector.pid');
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(lockFile, { timeout: 0 });
    lock.exec('pragma locking_mode = exclusive; begin exclusive');
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    lock?.close();
    const trouble = storeTrouble(error);
    if (trouble === 'busy' || trouble === 'locked')
      throw new CodedError('DATA_IN_USE', { path, pid: readPid(pidFile) });
    if (trouble === 'cantopen') throw new CodedError('NO_PERMISSION', { path });
    throw fileError(openError(error, lockFile), path);
  }
  return () => lock.close();
}

function readPid(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '?';
  }
}
