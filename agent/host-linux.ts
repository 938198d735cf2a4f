/**
 * The real host: this system, or an unpacked one below a directory. Reads only; see `checks/host.ts` for what
 * each answer means, `agent/host-path.ts` for how a file is found and `agent/host-command.ts` for what may run.
 */
import { isUtf8 } from 'node:buffer';
import fs, { type Stats } from 'node:fs';
import { absent, type Fact, known, unreadable } from '../checks/fact.ts';
import type { FileStat, Host, TextFile } from '../checks/host.ts';
import { CodedError } from '../shared/errors.ts';
import type { Text } from '../shared/outcome.ts';
import { type AclReader, aclReader } from './host-acl.ts';
import { type CommandRunner, commandRunner } from './host-command.ts';
import { type HostIo, O_PATH, suitableIo } from './host-io.ts';
import { type Pinned, pinBelow, pinLive, throughFd } from './host-path.ts';

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
}

/** @throws CodedError `ROOT_INVALID` when `root` is not a directory */
export function linuxHost(options: LinuxHostOptions = {}): Host {
  const io = options.io ?? suitableIo();
  const { root } = options;
  const rootFd = root === undefined ? undefined : openRoot(root);
  const runner = options.runner ?? commandRunner(undefined, io);
  const acls = aclReader(runner);
  return new LinuxHost(io, rootFd, runner, acls, options.policy ?? absent('policy'));
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
  ) {
    this.policy = policy;
    this.live = rootFd === undefined;
    this.#io = io;
    this.#rootFd = rootFd;
    this.#runner = runner;
    this.#acls = acls;
  }

  readText(path: string, options: { maxBytes?: number; encoding?: 'utf8' | 'latin1' } = {}) {
    return this.#look(path, true, (pinned) => this.#text(path, pinned, options));
  }

  stat(path: string) {
    return this.#look(path, true, async ({ stats }) => known(toFileStat(stats)));
  }

  lstat(path: string) {
    return this.#look(path, false, async ({ stats }) => known(toFileStat(stats)));
  }

  realPath(path: string) {
    return this.#look(path, true, async (pinned) => known(pinned.path));
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

  async #look<T>(
    path: string,
    followLast: boolean,
    use: (pinned: Pinned) => Promise<Fact<T>>,
  ): Promise<Fact<T>> {
    // Without /proc the ways through descriptors would look like files that are missing.
    if (!procWorks) return unreadable(path, { en: '/proc is not mounted', de: '/proc ist nicht eingehängt' });
    const leave = await this.#gate();
    let pinned: Pinned | undefined;
    try {
      pinned =
        this.#rootFd === undefined
          ? await pinLive(this.#io, path, followLast)
          : await pinBelow(this.#io, this.#rootFd, path, followLast);
      return await use(pinned);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      // ESRCH: the process of that /proc entry has ended.
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESRCH') return absent(path);
      return unreadable(path, problemOf(path, code, this.privileged));
    } finally {
      if (pinned) this.#io.close(pinned.fd);
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
    // Twice at most: a file that is just being written is read again, one that never rests is not judged.
    for (const attempt of [1, 2]) {
      const read = await this.#readPinned(pinned.fd, limit);
      if (read === 'too large') return unreadable(path, tooLarge(path, limit));
      if (read.changed && attempt === 1) continue;
      if (read.changed) return unreadable(path, restless(path));
      const latin1 = options.encoding === 'latin1';
      if (!latin1 && !isUtf8(read.bytes)) return unreadable(path, notUtf8(path));
      const text = read.bytes.toString(latin1 ? 'latin1' : 'utf8');
      return known({ path, text, stat: toFileStat(read.stats) });
    }
    return unreadable(path, restless(path));
  }

  /** Opened again through its descriptor, so it is the regular file that was looked at: no FIFO, no device. */
  async #readPinned(
    pinnedFd: number,
    limit: number,
  ): Promise<'too large' | { bytes: Buffer; stats: Stats; changed: boolean }> {
    // O_NONBLOCK: /proc/kmsg and trace_pipe are regular files whose read waits.
    const flags = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY;
    const fd = await this.#io.open(throughFd(pinnedFd), flags);
    try {
      const before = await this.#io.fstat(fd);
      if (before.size > limit) return 'too large';
      const chunks: Buffer[] = [];
      let total = 0;
      // Files of /proc and /sys say 0 or 4096 bytes whatever they hold: the end is where read says so.
      for (;;) {
        const chunk = Buffer.allocUnsafe(Math.min(Math.max(before.size + 1, 4096), 256 * 1024));
        const bytes = await this.#io.read(fd, chunk);
        if (bytes === 0) break;
        total += bytes;
        if (total > limit) return 'too large';
        chunks.push(chunk.subarray(0, bytes));
      }
      const after = await this.#io.fstat(fd);
      const changed = before.size > 0 && (after.mtimeMs !== before.mtimeMs || after.size !== before.size);
      return { bytes: Buffer.concat(chunks), stats: after, changed };
    } finally {
      this.#io.close(fd);
    }
  }

  async #names(path: string, pinned: Pinned): Promise<Fact<readonly string[]>> {
    if (!pinned.stats.isDirectory()) return unreadable(path, notDirectory(path));
    const names = await this.#io.list(throughFd(pinned.fd), MAX_NAMES);
    if (names.length > MAX_NAMES) return unreadable(path, tooMany(path));
    // A name with replacement characters would be another, missing file: better not judged than judged wrong.
    if (!names.every((name) => isUtf8(name))) return unreadable(path, oddNames(path));
    return known(names.map((name) => name.toString('utf8')).sort(byCodeUnit));
  }
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function toFileStat(stats: Stats): FileStat {
  const type = stats.isFile()
    ? 'file'
    : stats.isDirectory()
      ? 'directory'
      : stats.isSymbolicLink()
        ? 'symlink'
        : 'other';
  return {
    type,
    ...(type === 'other' ? { inode: stats.ino } : {}),
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    size: stats.size,
    modified: new Date(stats.mtimeMs).toISOString(),
    changed: new Date(stats.ctimeMs).toISOString(),
  };
}

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

function problemOf(path: string, code: string, privileged: boolean): Text {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return privileged
        ? { en: `${path} is refused even to root`, de: `${path} bleibt selbst root verwehrt` }
        : {
            en: `no permission to read ${path}; run as root`,
            de: `keine Berechtigung, ${path} zu lesen; als root ausführen`,
          };
    case 'ELOOP':
      return {
        en: `${path} leads through too many symbolic links`,
        de: `${path} führt über zu viele symbolische Verweise`,
      };
    case 'LEAVES_ROOT':
      return {
        en: `${path} leads out of the given root`,
        de: `${path} führt aus dem Wurzelverzeichnis heraus`,
      };
    case 'INVALID_PATH':
    case 'ENAMETOOLONG':
      return { en: `${path} is not a usable path`, de: `${path} ist kein verwendbarer Pfad` };
    case 'EAGAIN':
      return {
        en: `${path} gives no content without waiting`,
        de: `${path} liefert ohne Warten keinen Inhalt`,
      };
    default:
      return { en: `${path} can not be read (${code})`, de: `${path} ist nicht lesbar (${code})` };
  }
}

const notRegular = (path: string): Text => ({
  en: `${path} is not a regular file`,
  de: `${path} ist keine reguläre Datei`,
});
const notDirectory = (path: string): Text => ({
  en: `${path} is not a directory`,
  de: `${path} ist kein Verzeichnis`,
});
const tooLarge = (path: string, limit: number): Text => ({
  en: `${path} is larger than ${limit} bytes`,
  de: `${path} ist größer als ${limit} Bytes`,
});
const notUtf8 = (path: string): Text => ({
  en: `${path} is not valid UTF-8`,
  de: `${path} ist kein gültiges UTF-8`,
});
const restless = (path: string): Text => ({
  en: `${path} kept changing while it was read`,
  de: `${path} änderte sich beim Lesen fortlaufend`,
});
const tooMany = (path: string): Text => ({
  en: `${path} has more than ${MAX_NAMES} entries`,
  de: `${path} hat mehr als ${MAX_NAMES} Einträge`,
});
const oddNames = (path: string): Text => ({
  en: `${path} has names that are not UTF-8`,
  de: `${path} enthält Namen, die kein UTF-8 sind`,
});
