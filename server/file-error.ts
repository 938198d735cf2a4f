/** Errors of the file system, in the words of the catalogue. */
import { CodedError } from '../shared/errors.ts';

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
