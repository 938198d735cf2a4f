/**
 * Files that must survive a crash: written beside, synced, renamed, and the directory synced.
 *
 * `step` is called by name after every single step; tests end the process there and look at what is left.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { CodedError } from '../shared/errors.ts';

export type Step = (name: string) => void;

export interface Disk {
  /**
   * Replaces `file` as a whole: after a crash it holds the old bytes or the new ones. When this returns, the new
   * ones are on the disk. Mode 0600. @throws CodedError `NO_SPACE`, `NO_PERMISSION`
   */
  write(file: string, content: string): void;
  /** Gone for good when this returns; not being there is fine. */
  remove(file: string): void;
  move(from: string, to: string): void;
  /** With mode 0700; being there already is fine. */
  makeDirectory(directory: string): void;
}

export function disk(step: Step = () => undefined): Disk {
  return {
    write: (file, content) =>
      explained(file, () => {
        // The name starts with a dot: what a crash leaves behind is never taken for content.
        const beside = path.join(
          path.dirname(file),
          `.${path.basename(file)}.${randomBytes(6).toString('hex')}`,
        );
        const fd = fs.openSync(beside, 'wx', 0o600);
        try {
          try {
            fs.writeFileSync(fd, content);
            step(`written ${path.basename(file)}`);
            // Before the rename: a name must never lead to bytes that are not there yet.
            fs.fsyncSync(fd);
          } finally {
            fs.closeSync(fd);
          }
          step(`synced ${path.basename(file)}`);
          fs.renameSync(beside, file);
        } catch (error) {
          fs.rmSync(beside, { force: true });
          throw error;
        }
        step(`renamed ${path.basename(file)}`);
        syncDirectory(path.dirname(file));
        step(`durable ${path.basename(file)}`);
      }),
    remove: (file) =>
      explained(file, () => {
        fs.rmSync(file, { force: true });
        step(`removed ${path.basename(file)}`);
        syncDirectory(path.dirname(file));
      }),
    move: (from, to) =>
      explained(to, () => {
        fs.renameSync(from, to);
        step(`moved ${path.basename(from)}`);
        syncDirectory(path.dirname(to));
        syncDirectory(path.dirname(from));
      }),
    makeDirectory: (directory) =>
      explained(directory, () => {
        if (fs.existsSync(directory)) return;
        makeWithParents(directory);
      }),
  };
}

/** Not `recursive: true`: where the kernel answers ENOENT for good, as below /proc, Node would try for ever. */
function makeWithParents(directory: string): void {
  const parent = path.dirname(directory);
  if (!fs.existsSync(parent)) makeWithParents(parent);
  fs.mkdirSync(directory, { mode: 0o700 });
  syncDirectory(parent);
}

/** A rename is only on the disk once its directory is: fsync(2). */
export function syncDirectory(directory: string): void {
  const fd = fs.openSync(directory, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

const SPACE = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const RIGHTS = new Set(['EACCES', 'EPERM', 'EROFS']);

function explained<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (SPACE.has(code)) throw new CodedError('NO_SPACE', { path: file }, { cause: error });
    if (RIGHTS.has(code)) throw new CodedError('NO_PERMISSION', { path: file }, { cause: error });
    throw error;
  }
}

/** What `file` holds, or undefined where there is none. @throws CodedError `STATE_UNREADABLE`, `NO_PERMISSION` */
export function readState<T extends z.ZodType>(file: string, schema: T): z.output<T> | undefined {
  const text = readStateText(file);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CodedError('STATE_UNREADABLE', { path: file, problem: 'not JSON' });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const problem = `${issue?.path.join('.')}: ${issue?.message}`;
  throw new CodedError('STATE_UNREADABLE', { path: file, problem });
}

export function readStateText(file: string): string | undefined {
  try {
    return explained(file, () => fs.readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new CodedError('STATE_UNREADABLE', { path: file, problem: String(code) }, { cause: error });
  }
}

/** File names without what a crash left behind, sorted; none where there is no directory. */
export const listState = (directory: string): string[] =>
  names(directory).filter((name) => !name.startsWith('.'));

/** What a crash left behind; only for who holds the lock, for to others it may be a write under way. */
export const leftovers = (directory: string): string[] =>
  names(directory).filter((name) => name.startsWith('.'));

function names(directory: string): string[] {
  try {
    return fs.readdirSync(directory).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new CodedError('STATE_UNREADABLE', { path: directory, problem: String(code) }, { cause: error });
  }
}

/** Bytes; 0 where there is no such file. */
export const stateSize = (file: string): number => fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
