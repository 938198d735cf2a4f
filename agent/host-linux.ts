/**
 * The real host: this system, or an unpacked one below a directory. Reads only; see `checks/host.ts` for what
 * each answer means, `agent/host-path.ts` for how a file is found and `agent/host-command.ts` for what may run.
 */
import { isUtf8 } from 'node:buffer';
import fs, { type Stats } from 'node:fs';
import { absent, type Fact, known, unreadable } from '../checks/fact.ts';
import type { FileStat, Host, TextFile } from '../checks/host.ts';
import { CodedError } from '../shared/errors.ts';
import { type AclReader, aclReader } from './host-acl.ts';
import { type CommandRunner, commandRunner } from './host-command.ts';
import { type HostIo, O_PATH, suitableIo } from './host-io.ts';
import { checkPath, linkText, type Pinned, pinBelow, pinLive, throughFd } from './host-path.ts';
import {
  notDirectory,
  notRegular,
  notUtf8,
  oddNames,
  problemOf,
  restless,
  tooLarge,
  tooMany,
} from './host-problem.ts';

const DEFAULT_MAX_BYTES = 1024 * 1024;
const MAX_NAMES = 10_000;
/** So many files are open at once, however many facts ask. */
const AT_ONCE = 64;

export interface LinuxHostOptions {
  /** An unpacked or mounted system; left out for the live one. */
  readonly root?: string;
  readonly io?: HostIo;
  readonly runner?: CommandRunner;
  /** What agent/policy.ts found; left out: no policy. */
  readonly policy?: Host['policy'];
  /** What agent/memory.ts found; left out: none. */
  readonly memory?: Host['memory'];
}

/** @throws CodedError `ROOT_INVALID` when `root` is not a directory */
export function linuxHost(options: LinuxHostOptions = {}): Host {
  const io = options.io ?? suitableIo();
  const { root } = options;
  const rootFd = root === undefined ? undefined : openRoot(root);
  const runner = options.runner ?? commandRunner(undefined, io);
  const acls = aclReader(runner);
  const { policy = absent('policy'), memory = absent('memory') } = options;
  return new LinuxHost(io, rootFd, runner, acls, policy, memory);
}

/** Stays open as long as the process: the root is the directory that was named, even if it is renamed. */
function openRoot(root: string): number {
  try {
    return fs.openSync(root, O_PATH | fs.constants.O_DIRECTORY);
  } catch (error) {
    throw new CodedError('ROOT_INVALID', { path: root }, { cause: error });
  }
}

const procWorks = fs.existsSync('/proc/self/fd/0') || fs.existsSync('/proc/self/status');

class LinuxHost implements Host {
  readonly live: boolean;
  readonly privileged = process.geteuid?.() === 0;
  readonly policy: Host['policy'];
  readonly memory: Host['memory'];
  readonly #io: HostIo;
  readonly #rootFd: number | undefined;
  readonly #runner: CommandRunner;
  readonly #acls: AclReader;
  readonly #gate = gate(AT_ONCE);

  constructor(
    io: HostIo,
    rootFd: number | undefined,
    runner: CommandRunner,
    acls: AclReader,
    policy: Host['policy'],
    memory: Host['memory'],
  ) {
    this.policy = policy;
    this.memory = memory;
    this.live = rootFd === undefined;
    this.#io = io;
    this.#rootFd = rootFd;
    this.#runner = runner;
    this.#acls = acls;
  }

  readText(path: string, options: { maxBytes?: number; encoding?: 'utf8' | 'latin1' } = {}) {
    return this.#look(path, true, (pinned) => this.#text(path, pinned, options));
  }

  scan(path: string, maxBytes: number, take: (bytes: Uint8Array) => boolean | undefined) {
    return this.#look(path, true, (pinned) => this.#scan(path, pinned, maxBytes, take));
  }

  stat(path: string) {
    return this.#stat(path, true);
  }

  lstat(path: string) {
    return this.#stat(path, false);
  }

  realPath(path: string) {
    return this.#look(path, true, async (pinned) => known(await pinned.realPath()));
  }

  async readlink(path: string): Promise<Fact<string>> {
    return this.#answer(path, async () => known(await linkText(this.#io, this.#rootFd, path)));
  }

  list(path: string) {
    return this.#look(path, true, (pinned) => this.#names(path, pinned));
  }

  acl(path: string) {
    return this.#look(path, true, async ({ fd, stats }) =>
      stats.isSymbolicLink() ? known([]) : this.#acls.read(path, fd, stats.mode),
    );
  }

  async run(command: Parameters<Host['run']>[0], args: readonly string[]) {
    if (this.live) return this.#runner.run(command, args);
    return unreadable([command.programs[0], ...command.argv, ...args].join(' '), {
      en: 'no command of an unpacked system is run',
      de: 'von einem entpackten System wird kein Befehl ausgeführt',
    });
  }

  /** On the live system the kernel walks, and one look needs nothing pinned. */
  #stat(path: string, followLast: boolean): Promise<Fact<FileStat>> {
    if (this.#rootFd !== undefined)
      return this.#look(path, followLast, async ({ stats }) => known(toFileStat(stats)));
    return this.#answer(path, async () => {
      checkPath(path);
      const stats = await this.#io.stat(path, followLast);
      return stats ? known(toFileStat(stats)) : absent(path);
    });
  }

  #look<T>(path: string, followLast: boolean, use: (pinned: Pinned) => Promise<Fact<T>>): Promise<Fact<T>> {
    return this.#answer(path, async () => {
      const pinned =
        this.#rootFd === undefined
          ? await pinLive(this.#io, path, followLast)
          : await pinBelow(this.#io, this.#rootFd, path, followLast);
      try {
        return await use(pinned);
      } finally {
        this.#io.close(pinned.fd);
      }
    });
  }

  /** In turn, and with what went wrong as an answer. */
  async #answer<T>(path: string, look: () => Promise<Fact<T>>): Promise<Fact<T>> {
    // Without /proc the ways through descriptors would look like files that are missing.
    if (!procWorks) return unreadable(path, { en: '/proc is not mounted', de: '/proc ist nicht eingehängt' });
    const leave = await this.#gate();
    try {
      return await look();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      // ESRCH: the process of that /proc entry has ended.
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESRCH') return absent(path);
      return unreadable(path, problemOf(path, code, this.privileged));
    } finally {
      leave();
    }
  }

  async #text(
    path: string,
    pinned: Pinned,
    options: { maxBytes?: number; encoding?: 'utf8' | 'latin1' },
  ): Promise<Fact<TextFile>> {
    if (!pinned.stats.isFile()) return unreadable(path, notRegular(path));
    const limit = options.maxBytes ?? DEFAULT_MAX_BYTES;
    const encoding = options.encoding ?? 'utf8';
    const take = (bytes: Buffer, before: Stats, after: Stats): Fact<TextFile> => {
      const changed = before.size > 0 && (after.mtimeMs !== before.mtimeMs || after.size !== before.size);
      if (changed) return unreadable(path, restless(path));
      if (encoding === 'utf8' && !isUtf8(bytes)) return unreadable(path, notUtf8(path));
      return known({ path, text: bytes.toString(encoding), stat: toFileStat(after) });
    };
    // Opened again through its descriptor, so it is the regular file that was looked at: no FIFO, no device.
    const read = () => this.#io.readAll(throughFd(pinned.fd), limit, take);
    const first = await read();
    // Twice at most: a file that is just being written is read again, one that never rests is not judged.
    const text = first?.state === 'unreadable' ? await read() : first;
    return text ?? unreadable(path, tooLarge(path, limit));
  }

  async #scan(
    path: string,
    { fd: pinnedFd, stats: found }: Pinned,
    limit: number,
    take: (bytes: Uint8Array) => boolean | undefined,
  ): Promise<Fact<FileStat>> {
    if (!found.isFile()) return unreadable(path, notRegular(path));
    if (found.size > limit) return unreadable(path, tooLarge(path, limit));
    let total = 0;
    const { before, after } = await this.#io.pieces(throughFd(pinnedFd), (bytes) => {
      total += bytes.length;
      return total <= limit && take(bytes) !== false;
    });
    if (total > limit) return unreadable(path, tooLarge(path, limit));
    const changed = after.mtimeMs !== before.mtimeMs || after.size !== before.size;
    return changed ? unreadable(path, restless(path)) : known(toFileStat(after));
  }

  async #names(path: string, pinned: Pinned): Promise<Fact<readonly string[]>> {
    if (!pinned.stats.isDirectory()) return unreadable(path, notDirectory(path));
    const names = await this.#io.list(throughFd(pinned.fd), MAX_NAMES);
    if (names.length > MAX_NAMES) return unreadable(path, tooMany(path, MAX_NAMES));
    // A name with replacement characters would be another, missing file: better not judged than judged wrong.
    if (!names.every((name) => isUtf8(name))) return unreadable(path, oddNames(path));
    return known(names.map((name) => name.toString('utf8')).sort(byCodeUnit));
  }
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function toFileStat(stats: Stats): FileStat {
  const type = typeOf(stats);
  return {
    type,
    ...(type === 'other' ? { inode: stats.ino } : {}),
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    size: stats.size,
    modified: new Date(stats.mtimeMs).toISOString(),
    changed: new Date(stats.ctimeMs).toISOString(),
    ...(type === 'symlink' ? {} : { identity: identityOf(stats) }),
  };
}

function typeOf(stats: Stats): FileStat['type'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

/** The times as Node has them: to the microsecond. */
const identityOf = ({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string =>
  [dev, ino, size, mtimeMs, ctimeMs].join(':');

/** Lets so many in at once; the rest wait in order. */
function gate(places: number): () => Promise<() => void> {
  let inside = 0;
  const waiting: (() => void)[] = [];
  const leave = (): void => {
    inside -= 1;
    waiting.shift()?.();
  };
  return async () => {
    if (inside >= places) await new Promise<void>((resolve) => waiting.push(resolve));
    inside += 1;
    return leave;
  };
}
