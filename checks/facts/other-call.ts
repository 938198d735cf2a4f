/** Calls of programs that may well make backups and are not judged by themselves: they become a hint to declare a job. Pure. */
import { type BackupCall, baseName } from './backup-call.ts';
import type { Environment } from './backup-shell.ts';

/** Words of which one must stand in a call for it to copy something. */
const COPIES: Readonly<Record<string, RegExp>> = {
  duply: /^(?:backup|full|incr|bkp|pre_bkp_post|backup_.*|.*_bkp.*)$/,
  backupninja: /^/,
  'rdiff-backup': /^(?:backup|\/.*)$/,
  kopia: /^(?:create|snap|snapshot)$/,
  duplicacy: /^backup$/,
  tarsnap: /^-c/,
  veeamconfig: /^start$/,
  // A source without which a system's configuration is not copied, and a place on another host.
  rsync: /^\/(?:etc\/?)?$/,
};

export function otherCall(
  program: string,
  given: readonly string[],
  environment: Environment,
  line: number,
): BackupCall | undefined {
  const tool = baseName(program);
  const copies = Object.hasOwn(COPIES, tool) ? COPIES[tool] : undefined;
  if (!copies || (given.length > 0 ? !given.some((word) => copies.test(word)) : !copies.test('')))
    return undefined;
  if (given.some((word) => ['--dry-run', '--help', '--version'].includes(word))) return undefined;
  return {
    tool,
    line,
    program,
    actions: ['copy'],
    environment,
    options: [],
    paths: [],
    opaque: true,
    unjudged: true,
  };
}
