/** Calls of dsmc, the client of IBM Storage Protect (before: Spectrum Protect, TSM), by its documentation. Pure. */
import { type BackupCall, optionValue, splitOptions } from './backup-call.ts';
import type { Environment } from './backup-shell.ts';

/** Smallest abbreviations: `incremental`, `selective`, and the scheduler, which waits for the server's schedule. */
const COPIES = /^(?:i(?:n(?:c(?:r\w*)?)?)?|sel(?:ective)?|sched(?:ule)?)$/i;

export function dsmcCall(
  program: string,
  given: readonly string[],
  environment: Environment,
  line: number,
): BackupCall | undefined {
  const { options, plain } = splitOptions(
    given.map((word) => word.replace(/^-{1,2}(?=\w{2})/, '--')),
    new Set(),
  );
  const command = plain[0] ?? '';
  if (!COPIES.test(command)) return undefined;
  const paths = plain.slice(1).filter((word) => word.startsWith('/'));
  return {
    tool: 'storage-protect',
    line,
    program,
    actions: ['copy'],
    environment,
    options: [
      { name: 'command', value: /^sched/i.test(command) ? 'schedule' : 'copy' },
      { name: 'stanza', value: optionValue(options, '--servername', '--se') ?? '' },
    ],
    paths,
    // Which server, domain and exclusions hold is said by dsm.sys and dsm.opt, and by the server.
    opaque: true,
  };
}
