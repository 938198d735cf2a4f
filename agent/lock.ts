/**
 * One process at a time: a lock file that names its process. A process that died holds nothing; one that got the
 * same number later is told apart by its start time and the boot.
 */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '../shared/errors.ts';

const POLL_MS = 20;
/** Breaking a dead process's lock takes microseconds; a breaker that is older died at it. */
const BREAK_STALE_MS = 10_000;

/**
 * Runs `work` while holding `file`, waiting at most `waitMs` for whoever holds it.
 * @throws CodedError `STATE_BUSY` with the process that holds it
 */
export async function withLock<T>(file: string, waitMs: number, work: () => Promise<T> | T): Promise<T> {
  await acquire(file, waitMs);
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

async function acquire(file: string, waitMs: number): Promise<void> {
  const me = `${process.pid} ${birthOf(process.pid) ?? ''}`;
  for (let waited = 0; ; waited += POLL_MS) {
    if (create(file, me)) return;
    const holder = read(file);
    if (holder !== undefined && !isAlive(holder)) breakLock(file, holder);
    else if (waited >= waitMs) {
      const pid = holder?.split(' ')[0] ?? '?';
      throw new CodedError('STATE_BUSY', { pid, path: path.dirname(file) });
    } else await sleep(POLL_MS);
  }
}

function create(file: string, content: string): boolean {
  // Written beside and linked: the lock is never seen without its holder's name.
  const beside = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    fs.writeFileSync(beside, content, { mode: 0o600, flag: 'wx' });
    fs.linkSync(beside, file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code === 'EACCES' || code === 'EROFS') throw new CodedError('NO_PERMISSION', { path: file });
    if (code === 'ENOSPC') throw new CodedError('NO_SPACE', { path: file });
    throw error;
  } finally {
    fs.rmSync(beside, { force: true });
  }
}

/** Two that find the same dead lock must not both remove it: the second would remove the first one's new lock. */
function breakLock(file: string, dead: string): void {
  const breaker = `${file}.break`;
  try {
    fs.closeSync(fs.openSync(breaker, 'wx', 0o600));
  } catch {
    const age = Date.now() - (fs.statSync(breaker, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > BREAK_STALE_MS) fs.rmSync(breaker, { force: true });
    return;
  }
  try {
    if (read(file) === dead) fs.rmSync(file, { force: true });
  } finally {
    fs.rmSync(breaker, { force: true });
  }
}

function read(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function isAlive(holder: string): boolean {
  const [pid = '', ...birth] = holder.split(' ');
  const now = birthOf(Number(pid));
  return now !== undefined && now === birth.join(' ');
}

/** Boot and start time of a process, proc_pid_stat(5) field 22; undefined where there is none. */
export function birthOf(pid: number): string | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in field 2 may hold anything, spaces and parentheses included.
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${started} ${fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}`;
  } catch {
    return undefined;
  }
}
