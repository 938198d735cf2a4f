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

export interface HostIo {
  open(path: string, flags: number): Promise<number>;
  fstat(fd: number): Promise<fs.Stats>;
  read(fd: number, buffer: Uint8Array): Promise<number>;
  readlink(path: string): Promise<Buffer>;
  /** Names as bytes, at most `limit` + 1. */
  list(path: string, limit: number): Promise<Buffer[]>;
  close(fd: number): void;
}

const close = (fd: number): void => fs.closeSync(fd);

export const directIo: HostIo = {
  open: async (path, flags) => fs.openSync(path, flags),
  fstat: async (fd) => fs.fstatSync(fd),
  read: async (fd, buffer) => fs.readSync(fd, buffer, 0, buffer.length, null),
  readlink: async (path) => fs.readlinkSync(path, 'buffer'),
  list: async (path, limit) => {
    // `buffer` is a valid encoding of opendir(3) here; the types only know the names of strings'.
    const directory = fs.opendirSync(path, { encoding: 'buffer' as BufferEncoding });
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

const readAsync = promisify(fs.read);

export const threadedIo: HostIo = {
  open: promisify(fs.open) as (path: string, flags: number) => Promise<number>,
  fstat: promisify(fs.fstat) as (fd: number) => Promise<fs.Stats>,
  read: async (fd, buffer) => (await readAsync(fd, buffer, 0, buffer.length, null)).bytesRead,
  readlink: (path) => fs.promises.readlink(path, 'buffer'),
  list: async (path, limit) => {
    const directory = await fs.promises.opendir(path, {
      encoding: 'buffer' as BufferEncoding,
      bufferSize: 1024,
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
