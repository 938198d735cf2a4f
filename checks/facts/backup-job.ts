/** What a backup job is, whichever tool runs it. */
import type { Text } from '../../shared/outcome.ts';
import type { BackupCall } from './backup-call.ts';
import type { DeclaredJob } from './backup-declared.ts';
import type { Trigger } from './backup-trigger.ts';

export interface BackupJob {
  readonly tool: string;
  /** Unit, table or file that holds it. */
  readonly name: string;
  readonly source: string;
  readonly line?: number;
  /** Without user names and secrets; undefined where it could not be told. */
  readonly repository?: string;
  readonly triggers: readonly Trigger[];
  /** Why it can't work, such as a missing program. */
  readonly problem?: Text;
  /** How the program is called; none for a declared job. Its words may hold secrets. */
  readonly call?: BackupCall;
  /** Where the repository is, as given; may hold a user name and a password. */
  readonly location?: string;
  /** Files from which its variables are read. */
  readonly files?: readonly string[];
  /** The tool's own configuration file. */
  readonly configuration?: string;
  readonly declared?: DeclaredJob;
  /** The account that it runs as, where that is not root and has no right to read every file. */
  readonly user?: string;
  /** What its unit keeps from it. */
  readonly view?: UnitView;
}

/** What a service sees of the file system: systemd.exec(5). */
export interface UnitView {
  /** Paths that are empty or closed to it, and the setting that makes them so. */
  readonly hidden: readonly { readonly path: string; readonly by: string }[];
  /** Why nothing can be said of what it sees, or less than all of it may be readable. */
  readonly doubt?: Text;
}

/** Something that may well make backups, of which this host does not tell enough to judge it. */
export interface BackupHint {
  readonly tool: string;
  readonly source: string;
  readonly line?: number;
  /** What is seen, what is not, and how to make it known. */
  readonly why: Text;
}

export interface BackupJobs {
  readonly jobs: readonly BackupJob[];
  /** What removes old backups, checks repositories or makes them; borgmatic's jobs are here too. */
  readonly upkeep: readonly BackupJob[];
  /** Places that could not be looked at: with one, "no job" can't be said. */
  readonly gaps: readonly Text[];
  readonly hints: readonly BackupHint[];
  /** Local snapshots (snapper, Timeshift): they go with the disk, so they are never a backup. */
  readonly snapshots: readonly BackupHint[];
}

/** A job without what starts it. */
export type FoundJob = Omit<BackupJob, 'name' | 'triggers'>;
