/** What a drill must know of a backup program; one row per tool in agent/drill/tools.ts. */
import type { ResticAccess } from '../../checks/facts/backup-declared.ts';
import type { Host } from '../../checks/host.ts';
import type { Drill, DrillProblem, DrillTool as Name } from '../../shared/drill.ts';
import type { Access } from '../backup-access.ts';
import type { Ended } from '../backup-prober.ts';
import type { Attributes } from './attributes.ts';

/** A regular file of the snapshot. */
export interface Listed {
  /** Where it belongs on this host. */
  readonly path: string;
  /** As the tool names it. */
  readonly name: string;
  /** As the snapshot records it; undefined where the tool does not tell before it restores. */
  readonly size: number | undefined;
  /** As the snapshot records them, where the tool tells. */
  readonly attributes?: Attributes | undefined;
}

export interface Session {
  readonly host: Host;
  readonly access: Access;
  /** A private directory for as long as the drill takes. */
  readonly scratch: string;
  readonly snapshotHost: string;
  /** Paths of this host; a directory stands for all below it. */
  readonly wanted: readonly string[];
  /** What the job copies, where it says so. */
  readonly roots: readonly string[];
  /** Milliseconds that are left. */
  left(): number;
  run(
    args: readonly string[],
    more?: { environment?: Readonly<Record<string, string>>; take?: (chunk: Buffer) => boolean },
  ): Promise<Ended>;
}

export type Problem = { readonly problem: DrillProblem };

export interface Opened {
  readonly snapshot: NonNullable<Drill['snapshot']>;
  /** What the tool calls the snapshot. */
  readonly handle: string;
  readonly repositoryId?: string;
  readonly files: readonly Listed[];
  /** Files that are in the snapshot and can't be restored one by one, such as further names of a file. */
  readonly besides: readonly string[];
  /** There are more files than are listed. */
  readonly more: boolean;
}

/** Where the content of one file goes: into a file of ours with a name of ours, never more than was announced. */
export interface Sink {
  /** @returns false where it is more than that */
  write(chunk: Uint8Array): boolean;
  readonly bytes: number;
  close(): void;
}

/** Undefined: the content is in its sink, whole. `other-kind`: what came out is no plain file, or a larger one. */
export type Restored = Problem | 'other-kind' | undefined;

export interface DrillTool {
  readonly tool: Name;
  /** The first of these that only root can change is run; empty: the tool leaves plain files, and none is run. */
  readonly programs: readonly string[];
  /** It writes files itself, by names that the repository tells. */
  readonly contained?: true;
  /** Whether it compares what it reads with checksums that it keeps in the repository. */
  readonly keepsRecord: boolean;
  /** A file changed later than so long before the snapshot's time may have changed while it was being copied. */
  readonly marginMs: number;
  /** At most so many of what it opened. */
  readonly maxFiles: (opened: Opened) => number;
  /** Bytes of space that it needs beside what is restored. */
  readonly needs: number;
  /** Undefined where what it needs could be changed by others than root. */
  readonly access: (host: Host, means: ResticAccess) => Promise<Access | undefined>;
  readonly open: (session: Session) => Promise<Opened | Problem>;
  /** One answer per file, in their order. A problem of the repository as a whole ends it: the last answer is that. */
  readonly restore: (
    session: Session,
    opened: Opened,
    files: readonly Listed[],
    sinks: (index: number) => Sink,
  ) => Promise<readonly Restored[]>;
}

/** At most so many files are listed. */
export const MAX_LISTED = 50_000;

export const isBelow = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);

/** Paths that are written once and do not climb: what a repository says is not believed. */
export function isPlain(path: string): boolean {
  return (
    path.startsWith('/') &&
    path.length <= 4096 &&
    !path.includes('\0') &&
    path
      .slice(1)
      .split('/')
      .every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

/** Calls `take` with each line of the chunks; a line longer than 64 kB is none of ours. */
export function lineReader(take: (line: string) => boolean): (chunk: Buffer) => boolean {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = rest.subarray(0, end).toString('utf8');
      rest = rest.subarray(end + 1);
      if (!take(line)) return false;
    }
    return rest.length <= 64 * 1024;
  };
}
