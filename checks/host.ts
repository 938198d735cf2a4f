/**
 * The host as facts see it: files and a fixed list of commands, read-only. `agent/host-linux.ts` is the real one,
 * `checks/host-memory.ts` the one of examples and tests.
 */
import type { PolicyView } from '../shared/policy.ts';
import type { Command } from './commands.ts';
import type { Fact } from './fact.ts';
import type { Memory } from './memory.ts';

export interface FileStat {
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
  /** Permission bits with setuid, setgid and sticky: 0o0000 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** UTC instant, ISO 8601 with milliseconds. */
  readonly modified: string;
  /** Last change of content, owner, mode or name (st_ctime), UTC: no program sets it at will, but copying renews it. */
  readonly changed: string;
  /** Of what is neither file, directory nor link: a socket's number is the one in /proc/net. */
  readonly inode?: number;
  /** Of what is no link: changes whenever the file is replaced, written or given away (device, inode, size, mtime, ctime). */
  readonly identity?: string;
}

export interface TextFile {
  /** The path that was asked for, as people know it (inside the root). */
  readonly path: string;
  readonly text: string;
  readonly stat: FileStat;
}

export interface CommandOutput {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ListenSocket {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
}

export interface Host {
  /** False for `--root DIR`: then no command runs and `run` answers unreadable with that reason. */
  readonly live: boolean;
  /** Whether the agent may read everything (effective uid 0). */
  readonly privileged: boolean;
  /** What the collector wants here: absent where it has sent nothing, unreadable when that ran out or is not valid. */
  readonly policy: Fact<PolicyView>;
  /** What was left by the round before: absent where there was none or it can't be read. */
  readonly memory: Fact<Memory>;
  /**
   * A regular file's text, links followed inside the root. At most `maxBytes` (default 1 MiB); more is unreadable,
   * as is anything that is not a regular file, invalid UTF-8 (unless `latin1`), a loop of links, or a path that
   * leaves the root. Never blocks on FIFOs or devices.
   */
  readText(
    path: string,
    options?: { maxBytes?: number; encoding?: 'utf8' | 'latin1' },
  ): Promise<Fact<TextFile>>;
  /**
   * A regular file piece by piece, for those that are too large for `readText` and read only once: `take` gets the
   * bytes (valid during that call only) and ends the reading with `false`. More than `maxBytes` is unreadable, as is a
   * file that changed meanwhile. The same terms as `readText` otherwise.
   */
  scan(
    path: string,
    maxBytes: number,
    take: (bytes: Uint8Array) => boolean | undefined,
  ): Promise<Fact<FileStat>>;
  /** Links followed inside the root. */
  stat(path: string): Promise<Fact<FileStat>>;
  /** Links not followed in the last component. */
  lstat(path: string): Promise<Fact<FileStat>>;
  /** Names, sorted by code unit; at most 10,000, more is unreadable. */
  list(path: string): Promise<Fact<readonly string[]>>;
  /** The path with every link resolved, inside the root. */
  realPath(path: string): Promise<Fact<string>>;
  /**
   * What a link says, as written in it: it may lead nowhere, and an absolute one means a path inside the root. Links in
   * the directories before it are followed. What is no link, or no UTF-8, is unreadable. At most 4095 bytes, as the kernel has it.
   */
  readlink(path: string): Promise<Fact<string>>;
  /** Runs a command of `checks/commands.ts` with checked arguments; not starting, time-out and too much output are unreadable. */
  run(command: Command, args: readonly string[]): Promise<Fact<CommandOutput>>;
  /** POSIX ACL entries beyond the mode bits, `user:name:rw-` style; empty where there are none. */
  acl(path: string): Promise<Fact<readonly string[]>>;
}
