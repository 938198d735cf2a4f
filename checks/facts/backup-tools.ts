/** The backup programs whose calls are understood. One more tool is one more row. Pure. */
import { type BackupCall, baseName } from './backup-call.ts';
import type { Environment } from './backup-shell.ts';
import { borgCall, borgmaticCall } from './borg-call.ts';
import { duplicityCall } from './duplicity-call.ts';
import { otherCall } from './other-call.ts';
import { proxmoxCall } from './proxmox-call.ts';
import { resticCall } from './restic-call.ts';
import { rsnapshotCall } from './rsnapshot-jobs.ts';
import { dsmcCall } from './storage-protect-call.ts';

type ReadCall = (
  program: string,
  words: readonly string[],
  environment: Environment,
  line: number,
) => BackupCall | undefined;

/** By the name under which the program is called. */
const READERS: Readonly<Record<string, ReadCall>> = {
  restic: resticCall,
  resticprofile: resticCall,
  autorestic: resticCall,
  borg: borgCall,
  borgmatic: borgmaticCall,
  duplicity: duplicityCall,
  rsnapshot: rsnapshotCall,
  'proxmox-backup-client': proxmoxCall,
  dsmc: dsmcCall,
  duply: otherCall,
  backupninja: otherCall,
  'rdiff-backup': otherCall,
  kopia: otherCall,
  duplicacy: otherCall,
  tarsnap: otherCall,
  rsync: otherCall,
  veeamconfig: otherCall,
};

/** Whether a text could hold a call of one: those that name none need not be read as scripts. */
export const namesBackupTool = (text: string): boolean =>
  Object.keys(READERS).some((name) => text.includes(name));

/** Undefined where this is no backup program, or one that is called for something else. */
export function readBackupCall(
  program: string,
  words: readonly string[],
  environment: Environment,
  line: number,
): BackupCall | undefined {
  const name = baseName(program);
  return Object.hasOwn(READERS, name) ? READERS[name]?.(program, words, environment, line) : undefined;
}
