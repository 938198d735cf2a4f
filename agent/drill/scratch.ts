/**
 * Where restored files lie while they are compared: a directory of root's own, one drill at a time. What a drill that was
 * killed left there goes before the next one begins.
 */

/**
 * Where restored files lie while they are compared: a directory of root's own, one drill at a time. What a drill that was
 * killed left there goes before the next one begins.
 */
import fs, { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Host } from '../../checks/host.ts';
import { CodedError } from '../../shared/errors.ts';
import { onlyRoots } from '../backup-access.ts';
import { disk } from '../durable.ts';
import { withLock } from '../lock.ts';
import type { Sink } from './tool.ts';

/** Not below the state directory: a contained program must get through to its own. Nothing in it has to survive. */
export const DRILL_DIRECTORY = '/var/cache/nachweis-drill';
const LOCK = 'lock';

/**
 * Runs `work` with nothing else in `directory`, and leaves nothing in it.
 * @throws CodedError `STATE_UNSAFE` where others than root can change the directory, `STATE_BUSY` while another drill runs
 */
export async function withDrillDirectory<T>(
  host: Host,
  directory: string,
  work: () => Promise<T>,
): Promise<T> {
  disk().makeDirectory(directory);
  if (!(await onlyRoots(host, directory))) throw new CodedError('STATE_UNSAFE', { path: directory });
  fs.chmodSync(directory, 0o711);
  return withLock(path.join(directory, LOCK), 0, async () => {
    const clear = (): void => sweep(directory);
    clear();
    process.once('exit', clear);
    try {
      return await work();
    } finally {
      clear();
      process.off('exit', clear);
    }
  });
}

function sweep(directory: string): void {
  for (const name of readdirSync(directory)) {
    // Links are removed, not followed: rm(1) of Node works by names within directories.
    if (!name.startsWith(LOCK)) rmSync(path.join(directory, name), { recursive: true, force: true });
  }
}

/** Private to root, with a name that nobody can guess. */
export const makeScratch = (directory: string): string => mkdtempSync(path.join(directory, 'drill-'));

/** Bytes that may be written there. */
export function freeBytes(directory: string): number {
  const { bavail, bsize } = fs.statfsSync(directory);
  return bavail * bsize;
}

/** Our own file with our own name, whatever the repository calls it. @param told `first` before the first byte is written, `full` when the disk has no room after all */
export function fileSink(file: string, most: number, told: { first(): void; full(): void }): Sink {
  const fd = fs.openSync(file, 'w', 0o600);
  let bytes = 0;
  let open = true;
  return {
    get bytes() {
      return bytes;
    },
    write(chunk) {
      if (bytes + chunk.length > most) return false;
      told.first();
      try {
        for (let at = 0; at < chunk.length; ) at += fs.writeSync(fd, chunk, at);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
        // Said, not thrown: this may be called from within a stream.
        told.full();
        return false;
      }
      bytes += chunk.length;
      return true;
    },
    close() {
      if (open) fs.closeSync(fd);
      open = false;
    },
  };
}
