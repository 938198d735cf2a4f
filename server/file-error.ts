/** Errors of the file system, in the words of the catalogue. */
import { existsSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CodedError } from '../shared/errors.ts';

/**
 * Makes the directory and those above it, for their owner alone. Not `recursive: true`: where the kernel answers
 * ENOENT below a directory that exists (/proc), Node 24 tries for ever.
 * @throws the error of mkdir(2)
 */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EEXIST' && statSync(path).isDirectory()) return;
    if (code !== 'ENOENT' || existsSync(dirname(path))) throw error;
    makeDirectory(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  }
}

/** `error` with a code, where it is about `path`; anything else as it was. */
export function fileError(error: unknown, path: string): unknown {
  if (error instanceof CodedError || !(error instanceof Error) || !('code' in error)) return error;
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new CodedError('NO_PERMISSION', { path }, { cause: error });
    case 'ENOSPC':
    case 'EDQUOT':
      return new CodedError('NO_SPACE', { path }, { cause: error });
    default:
      return new CodedError('FILE_UNREADABLE', { path, problem: error.message }, { cause: error });
  }
}

/**
 * A link in the place of a file would lead what is written there somewhere else.
 * @throws CodedError `STATE_LINK`
 */
export function refuseLink(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
    throw new CodedError('STATE_LINK', { path });
}
