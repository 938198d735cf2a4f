/** Taking over the content of files that somebody else named and made: plain ones, never through a link, never more than fits. */
import fs from 'node:fs';
import path from 'node:path';
import type { Restored, Sink } from './tool.ts';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
const CHUNK = 1024 * 1024;

/** Opens a regular file that is none else's name: undefined for links, devices, FIFOs and what is not there. */
export function openPlain(file: string): number | undefined {
  let fd: number;
  try {
    // A FIFO without a writer and a device must not make anybody wait.
    fd = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return undefined;
  }
  if (fs.fstatSync(fd).isFile()) return fd;
  fs.closeSync(fd);
  return undefined;
}

/** Whether no directory on the way is a link: those lead who knows where. The path has to be without links to begin with. */
export function isReal(file: string): boolean {
  try {
    return fs.realpathSync(path.dirname(file)) === path.dirname(file);
  } catch {
    return false;
  }
}

export function copyPlain(file: string, sink: Sink): Restored {
  const fd = openPlain(file);
  if (fd === undefined) return 'other-kind';
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      const read = fs.readSync(fd, buffer, 0, CHUNK, null);
      if (read === 0) return undefined;
      if (!sink.write(buffer.subarray(0, read))) return 'other-kind';
    }
  } finally {
    fs.closeSync(fd);
    sink.close();
  }
}
