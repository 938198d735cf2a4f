/**
 * Finds a file of the host and pins it with an O_PATH descriptor: what is then looked at is the file that was
 * found, whatever anybody renames or links meanwhile.
 *
 * The live system is walked by the kernel, whose answer is the truth there. An unpacked one is walked here,
 * component by component, each opened below its pinned parent without following links: absolute links start again
 * at the root given, and a `..` that would climb out of it ends the walk with `LEAVES_ROOT`.
 */
import { isUtf8 } from 'node:buffer';
import type { Stats } from 'node:fs';
import { constants } from 'node:fs';
import { type HostIo, O_PATH } from './host-io.ts';

export interface Pinned {
  /** An O_PATH descriptor; the one who gets it closes it. */
  readonly fd: number;
  readonly stats: Stats;
  /** Inside the root, links resolved (in the last component only if they were followed); asked of the kernel at each call. */
  readonly realPath: () => Promise<string>;
}

export type PathProblem = 'LEAVES_ROOT' | 'ELOOP' | 'ENOTDIR' | 'INVALID_PATH' | 'NO_LINK';

/** What a walk may throw besides the kernel's own errors. */
export class PathError extends Error {
  readonly code: PathProblem;

  constructor(code: PathProblem) {
    super(code);
    this.code = code;
  }
}

/** path_resolution(7): the kernel follows at most so many links. */
const MAX_LINKS = 40;

/** @throws PathError for paths that no kernel call could take */
export function checkPath(path: string): void {
  if (!path.startsWith('/') || path.includes('\0') || path.length > 4096) throw new PathError('INVALID_PATH');
}

/** Where a pinned file can be reached again, without any chance of it being another one: proc(5), /proc/pid/fd. */
export const throughFd = (fd: number, pid: number | 'self' = 'self'): string => `/proc/${pid}/fd/${fd}`;

export async function pinLive(io: HostIo, path: string, followLast: boolean): Promise<Pinned> {
  checkPath(path);
  const fd = await io.open(path, O_PATH | (followLast ? 0 : constants.O_NOFOLLOW));
  try {
    return { fd, stats: await io.fstat(fd), realPath: () => kernelPath(io, fd, path) };
  } catch (error) {
    io.close(fd);
    throw error;
  }
}

/** The kernel adds " (deleted)" to what was unlinked since; then the name asked for is the best there is. */
async function kernelPath(io: HostIo, fd: number, asked: string): Promise<string> {
  const real = strictText(await io.readlink(throughFd(fd)));
  return real.startsWith('/') && !real.endsWith(' (deleted)') ? real : asked;
}

/** A name that is not UTF-8 can not be said in a path; with replacement characters it would be another file. */
function strictText(name: Buffer): string {
  if (!isUtf8(name)) throw new PathError('INVALID_PATH');
  return name.toString('utf8');
}

interface Step {
  readonly name: string;
  readonly fd: number;
  readonly stats: Stats;
}

/** @param rootFd a descriptor of the root directory; stays open */
export async function pinBelow(
  io: HostIo,
  rootFd: number,
  path: string,
  followLast: boolean,
): Promise<Pinned> {
  checkPath(path);
  const root: Step = {
    name: '',
    fd: await io.open(throughFd(rootFd), O_PATH | constants.O_DIRECTORY),
    stats: await io.fstat(rootFd),
  };
  const steps: Step[] = [root];
  const drop = (keep: number): void => {
    for (const step of steps.splice(keep)) io.close(step.fd);
  };
  try {
    const todo = components(path);
    let links = 0;
    while (todo.length > 0) {
      const name = todo.shift() ?? '';
      if (name === '..') {
        if (steps.length === 1) throw new PathError('LEAVES_ROOT');
        if (!steps.at(-1)?.stats.isDirectory()) throw new PathError('ENOTDIR');
        drop(steps.length - 1);
        continue;
      }
      const parent = steps.at(-1) ?? root;
      const below = `${throughFd(parent.fd)}/${name}`;
      const fd = await io.open(below, O_PATH | constants.O_NOFOLLOW);
      const step: Step = { name, fd, stats: await io.fstat(fd) };
      steps.push(step);
      if (!step.stats.isSymbolicLink() || (todo.length === 0 && !followLast)) continue;
      links += 1;
      if (links > MAX_LINKS) throw new PathError('ELOOP');
      // Whatever this name has become meanwhile, its target is only text, and resolved inside the root like any.
      const target = strictText(await io.readlink(below));
      drop(target.startsWith('/') ? 1 : steps.length - 1);
      todo.unshift(...components(target));
    }
    const found = steps.pop() ?? root;
    const names = [...steps.map((step) => step.name), found.name];
    return { fd: found.fd, stats: found.stats, realPath: async () => names.join('/') || '/' };
  } finally {
    drop(0);
  }
}

/**
 * What is written in a link, links before it followed. `rootFd` is undefined on the live system, which the kernel walks;
 * below a root its directory is pinned.
 * @throws PathError `NO_LINK` for what is none
 */
export async function linkText(io: HostIo, rootFd: number | undefined, path: string): Promise<string> {
  checkPath(path);
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  if (name === '' || name === '.' || name === '..') throw new PathError('NO_LINK');
  try {
    if (rootFd === undefined) return strictText(await io.readlink(path));
    const directory = await pinBelow(io, rootFd, path.slice(0, slash) || '/', true);
    try {
      return strictText(await io.readlink(`${throughFd(directory.fd)}/${name}`));
    } finally {
      io.close(directory.fd);
    }
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EINVAL' ? new PathError('NO_LINK') : error;
  }
}

const components = (path: string): string[] => path.split('/').filter((name) => name !== '' && name !== '.');
