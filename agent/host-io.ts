/**
 * The few system calls that reading a host takes, on plain file descriptors.
 *
 * Two ways to make them: directly (6 µs a file), or on Node's thread pool (130 µs) where a file system may answer
 * never - a dead NFS server, a hung FUSE process. Then the fact's time limit still fires and the round goes on.
 */
import fs from 'node:fs';
import { promisify } from 'node:util';

/** open(2): gives a descriptor that names a file without opening it; devices and FIFOs notice nothing. */
export const O_PATH = 0o10000000;

/** Of a file as it was at the start and at the end of reading it. The bytes are valid during the call only. */
export type TakeBytes<T> = (bytes: Buffer, before: fs.Stats, after: fs.Stats) => T;

export interface Pieces {
  readonly before: fs.Stats;
  readonly after: fs.Stats;
}

export interface HostIo {
  open(path: string, flags: number): Promise<number>;
  fstat(fd: number): Promise<fs.Stats>;
  /** By name, in one call; undefined where there is nothing of that name. */
  stat(path: string, followLast: boolean): Promise<fs.Stats | undefined>;
  /** A file piece by piece, until `take` says `false`; a piece is valid during that call only. */
  pieces(path: string, take: (bytes: Buffer) => boolean): Promise<Pieces>;
  /** A whole file of at most `limit` bytes, or `undefined` where it has more. */
  readAll<T>(path: string, limit: number, take: TakeBytes<T>): Promise<T | undefined>;
  readlink(path: string): Promise<Buffer>;
  /** Names as bytes, at most `limit` + 1. */
  list(path: string, limit: number): Promise<Buffer[]>;
  close(fd: number): void;
}

/** O_NONBLOCK: /proc/kmsg and trace_pipe are regular files whose read waits. */
const READ = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY;
const NAMES_AT_ONCE = 1024;
const PIECE_BYTES = 256 * 1024;
/** Enough for those who want to know what kind of file it is, or how it begins. */
const FIRST_BYTES = 4096;
/** Files of /proc and /sys say 0 or 4096 bytes whatever they hold: the end is where read says so. */
const roomFor = ({ size }: fs.Stats): number => Math.min(Math.max(size + 1, 4096), PIECE_BYTES);

const close = (fd: number): void => fs.closeSync(fd);

/** Most files fit: one buffer for all of them, since nothing else runs while one is read. */
let desk: Buffer | undefined;

function readAllNow<T>(path: string, limit: number, take: TakeBytes<T>): T | undefined {
  const fd = fs.openSync(path, READ);
  try {
    const before = fs.fstatSync(fd);
    if (before.size > limit) return undefined;
    desk ??= Buffer.allocUnsafeSlow(PIECE_BYTES);
    let room = before.size < PIECE_BYTES ? desk : Buffer.allocUnsafeSlow(before.size + 1);
    let filled = 0;
    for (;;) {
      if (filled === room.length) room = Buffer.concat([room], room.length * 2);
      const bytes = fs.readSync(fd, room, filled, room.length - filled, null);
      if (bytes === 0) break;
      filled += bytes;
      if (filled > limit) return undefined;
    }
    const after = fs.fstatSync(fd);
    return take(room.subarray(0, filled), before, after);
  } finally {
    fs.closeSync(fd);
  }
}

function piecesNow(path: string, take: (bytes: Buffer) => boolean): Pieces {
  const fd = fs.openSync(path, READ);
  try {
    const before = fs.fstatSync(fd);
    desk ??= Buffer.allocUnsafeSlow(PIECE_BYTES);
    for (let size = FIRST_BYTES; ; size = PIECE_BYTES) {
      const bytes = fs.readSync(fd, desk, 0, size, null);
      if (bytes === 0 || !take(desk.subarray(0, bytes))) break;
    }
    return { before, after: fs.fstatSync(fd) };
  } finally {
    fs.closeSync(fd);
  }
}

export const directIo: HostIo = {
  open: async (path, flags) => fs.openSync(path, flags),
  fstat: async (fd) => fs.fstatSync(fd),
  stat: async (path, followLast) =>
    followLast ? fs.statSync(path, { throwIfNoEntry: false }) : fs.lstatSync(path, { throwIfNoEntry: false }),
  pieces: async (path, take) => piecesNow(path, take),
  readAll: async (path, limit, take) => readAllNow(path, limit, take),
  readlink: async (path) => fs.readlinkSync(path, 'buffer'),
  list: async (path, limit) => {
    // `buffer` is a valid encoding of opendir(3) here; the types only know the names of strings'.
    const directory = fs.opendirSync(path, {
      encoding: 'buffer' as BufferEncoding,
      bufferSize: NAMES_AT_ONCE,
    });
    try {
      const names: Buffer[] = [];
      for (let entry = directory.readSync(); entry; entry = directory.readSync()) {
        names.push(entry.name as unknown as Buffer);
        if (names.length > limit) break;
      }
      return names;
    } finally {
      directory.closeSync();
    }
  },
  close,
};

const openAsync = promisify(fs.open) as (path: string, flags: number) => Promise<number>;
const fstatAsync = promisify(fs.fstat) as (fd: number) => Promise<fs.Stats>;
const readAsync = promisify(fs.read);

async function readAllLater<T>(path: string, limit: number, take: TakeBytes<T>): Promise<T | undefined> {
  const fd = await openAsync(path, READ);
  try {
    const before = await fstatAsync(fd);
    if (before.size > limit) return undefined;
    const pieces: Buffer[] = [];
    let total = 0;
    for (;;) {
      const piece = Buffer.allocUnsafe(roomFor(before));
      const { bytesRead } = await readAsync(fd, piece, 0, piece.length, null);
      if (bytesRead === 0) break;
      total += bytesRead;
      if (total > limit) return undefined;
      pieces.push(piece.subarray(0, bytesRead));
    }
    return take(Buffer.concat(pieces), before, await fstatAsync(fd));
  } finally {
    close(fd);
  }
}

async function piecesLater(path: string, take: (bytes: Buffer) => boolean): Promise<Pieces> {
  const fd = await openAsync(path, READ);
  try {
    const before = await fstatAsync(fd);
    const piece = Buffer.allocUnsafe(roomFor(before));
    for (;;) {
      const { bytesRead } = await readAsync(fd, piece, 0, piece.length, null);
      if (bytesRead === 0 || !take(piece.subarray(0, bytesRead))) break;
    }
    return { before, after: await fstatAsync(fd) };
  } finally {
    close(fd);
  }
}

export const threadedIo: HostIo = {
  open: openAsync,
  fstat: fstatAsync,
  stat: (path, followLast) => (followLast ? fs.promises.stat(path) : fs.promises.lstat(path)),
  pieces: piecesLater,
  readAll: readAllLater,
  readlink: (path) => fs.promises.readlink(path, 'buffer'),
  list: async (path, limit) => {
    const directory = await fs.promises.opendir(path, {
      encoding: 'buffer' as BufferEncoding,
      bufferSize: NAMES_AT_ONCE,
    });
    const names: Buffer[] = [];
    // The loop closes the directory, also when left early.
    for await (const entry of directory) {
      names.push(entry.name as unknown as Buffer);
      if (names.length > limit) break;
    }
    return names;
  },
  close,
};

/** File systems whose answer comes over a network or from another process: proc(5), mountinfo. */
const MAY_HANG = /^(?:nfs\d?|cifs|smb\d?|ceph|9p|afs|lustre|glusterfs|ocfs2|gfs2|beegfs|fuse(?:blk|\..*)?)$/;

/** `directIo` unless something mounted here may hang. Also where /proc can not be read. */
export function suitableIo(): HostIo {
  let mounts: string;
  try {
    mounts = fs.readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    return threadedIo;
  }
  const types = mounts.split('\n').map((line) => / - (\S+) /.exec(line)?.[1] ?? '');
  return types.some((type) => MAY_HANG.test(type)) ? threadedIo : directIo;
}
