/**
 * Key files: made once, whole or not at all, readable by their owner alone.
 *
 * A new file is written and synced under another name, then linked to its own: link(2) fails when the name is taken,
 * so two processes that start together end up with the same key, and a crash leaves no half-written one.
 */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { CodedError } from '../../shared/errors.ts';
import { fileError, makeDirectory, refuseLink } from '../file-error.ts';

/** @throws CodedError `NO_PERMISSION`, `NO_SPACE`, `STATE_UNSAFE`, `STATE_LINK` */
export function openKeyDirectory(path: string): void {
  refuseLink(path);
  try {
    makeDirectory(path);
    chmodSync(path, 0o700);
  } catch (error) {
    throw fileError(error, path);
  }
}

/**
 * The text of the key file, made by `make` when it is not there.
 * @throws CodedError `STATE_UNSAFE` when others than its owner can read or change it
 */
export async function keyFile(path: string, make: () => Promise<string>): Promise<string> {
  const known = readKeyFile(path);
  if (known !== undefined) return known;
  const staged = stage(path, await make());
  try {
    linkSync(staged, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw fileError(error, path);
  } finally {
    unlinkSync(staged);
  }
  syncDirectory(dirname(path));
  const made = readKeyFile(path);
  if (made === undefined) throw new CodedError('FILE_UNREADABLE', { path, problem: 'it vanished' });
  return made;
}

/** Puts `text` in the place of the key file in one step. */
export function replaceKeyFile(path: string, text: string): void {
  const staged = stage(path, text);
  renameSync(staged, path);
  syncDirectory(dirname(path));
}

export function readKeyFile(path: string): string | undefined {
  // Looked at and read through one descriptor, and never through a link: it is the file that was looked at.
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const { mode, uid } = fstatSync(file);
    if ((mode & 0o077) !== 0 || (uid !== 0 && uid !== process.geteuid?.()))
      throw new CodedError('STATE_UNSAFE', { path });
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    if (isCode(error, 'ELOOP')) throw new CodedError('STATE_LINK', { path });
    throw fileError(error, path);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function stage(path: string, text: string): string {
  const staged = join(dirname(path), `.new-${randomBytes(8).toString('hex')}`);
  try {
    const file = openSync(staged, 'wx', 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw fileError(error, path);
  }
  return staged;
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
