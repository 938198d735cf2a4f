/** A restored file beside the one on the host. */
import fs from 'node:fs';
import path from 'node:path';
import { isReal, openPlain } from './plain-file.ts';

const CHUNK = 256 * 1024;
const MAX_ENTRIES = 5000;

/** `changed`: not the same, and the host's file is younger than the snapshot, gone, or no plain file any more. */
export type Compared = 'equal' | 'different' | 'changed';

/**
 * Byte by byte. ctime is what counts: no program sets it at will, so a file whose last change lies before the snapshot must
 * be in it as it is.
 * @param before ms since 1970: what changed later on the host says nothing
 */
export function compareWithSource(source: string, restored: string, before: number): Compared {
  const ours = openPlain(restored);
  if (ours === undefined) throw new Error('a restored file vanished');
  const theirs = sourceFile(source);
  try {
    if (theirs === undefined) return 'changed';
    const start = fs.fstatSync(theirs);
    const same = start.size === fs.fstatSync(ours).size && sameBytes(ours, theirs, start.size);
    const end = fs.fstatSync(theirs);
    if (same) return 'equal';
    const still = end.ctimeMs === start.ctimeMs && end.size === start.size;
    return still && start.ctimeMs < before ? 'different' : 'changed';
  } finally {
    fs.closeSync(ours);
    if (theirs !== undefined) fs.closeSync(theirs);
  }
}

/** Whether a file has certainly not changed since: ctime again. */
export function isUnchanged(source: string, before: number): boolean {
  const stat = fs.lstatSync(source, { throwIfNoEntry: false });
  return stat?.isFile() === true && stat.ctimeMs < before;
}

/** The same of a directory that holds such a file. */
export function wasHere(source: string, before: number): boolean {
  const stat = fs.lstatSync(source, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return isUnchanged(source, before);
  const entries = fs.opendirSync(source, { recursive: true });
  try {
    for (let seen = 0; seen < MAX_ENTRIES; seen += 1) {
      const entry = entries.readSync();
      if (!entry) return false;
      if (entry.isFile() && isUnchanged(path.join(entry.parentPath, entry.name), before)) return true;
    }
    return false;
  } finally {
    entries.closeSync();
  }
}

/** Not through links: whoever can write a directory on the way could point it anywhere. */
function sourceFile(source: string): number | undefined {
  return isReal(source) ? openPlain(source) : undefined;
}

function sameBytes(one: number, other: number, size: number): boolean {
  const left = Buffer.allocUnsafe(CHUNK);
  const right = Buffer.allocUnsafe(CHUNK);
  for (let at = 0; at < size; ) {
    const a = fill(one, left, at);
    const b = fill(other, right, at);
    if (a === 0 || a !== b || !left.subarray(0, a).equals(right.subarray(0, a))) return false;
    at += a;
  }
  return true;
}

/** A read may give less than was asked for. */
function fill(fd: number, buffer: Buffer, at: number): number {
  let got = 0;
  while (got < buffer.length) {
    const read = fs.readSync(fd, buffer, got, buffer.length - got, at + got);
    if (read === 0) break;
    got += read;
  }
  return got;
}
