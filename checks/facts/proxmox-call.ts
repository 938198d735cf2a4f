/**
 * Calls of proxmox-backup-client: its manual, "Backup Client Usage". By its documentation; the program itself is not in
 * Debian. Pure.
 */
import { type BackupAction, type BackupCall, hasOption, optionValue, splitOptions } from './backup-call.ts';
import type { Environment } from './backup-shell.ts';

const TAKES = new Set(
  `--repository --backup-id --backup-time --backup-type --burst --change-detection-mode --chunk-size --crypt-mode
   --entries-max --exclude --include-dev --keyfd --keyfile --master-pubkey-fd --master-pubkey-file --ns --rate --keep-daily
   --keep-hourly --keep-last --keep-monthly --keep-weekly --keep-yearly --output-format`.split(/\s+/),
);
/** A switch may be followed by its value. */
const SWITCH = /^--(?:all-file-systems|dry-run|skip-e2big-xattr|skip-lost-and-found|quiet)$/;
const VALUE = /^(?:0|1|true|false|on|off|yes|no)$/i;
const ACTIONS: Readonly<Record<string, BackupAction>> = { backup: 'copy', prune: 'prune' };

/** Undefined where this copies and removes nothing. */
export function proxmoxCall(
  program: string,
  given: readonly string[],
  environment: Environment,
  line: number,
): BackupCall | undefined {
  const words = given.flatMap((word, at) => {
    if (SWITCH.test(given[at - 1] ?? '') && VALUE.test(word)) return [];
    const value = SWITCH.test(word) ? given[at + 1] : undefined;
    return value !== undefined && VALUE.test(value) ? `${word}=${value}` : word;
  });
  const { options, plain } = splitOptions(words, TAKES);
  const command = plain[0] ?? '';
  const action = Object.hasOwn(ACTIONS, command) ? ACTIONS[command] : undefined;
  if (!action || isOn(options, '--dry-run')) return undefined;
  const repository = optionValue(options, '--repository') ?? environment.PBS_REPOSITORY;
  return {
    tool: 'proxmox-backup-client',
    line,
    program,
    actions: [action],
    ...(repository === undefined ? {} : { repository: proxmoxPlace(repository) }),
    environment,
    options,
    // `etc.pxar:/etc`; images of disks and single files have other endings.
    paths:
      action === 'copy' ? plain.slice(1).flatMap((word) => /^[\w.-]+\.pxar:(.+)$/.exec(word)?.[1] ?? []) : [],
  };
}

export const isOn = (options: Parameters<typeof hasOption>[0], name: string): boolean =>
  hasOption(options, name) && !/^(?:0|false|no|off)$/i.test(optionValue(options, name) ?? 'on');

/** `[[user@realm[!token]@]server[:port]:]datastore` as `pbs://server/datastore`; without a server it is this system. */
function proxmoxPlace(repository: string): string {
  const [, server, store] = /^(?:(?:.*@)?(\[[^\]]+\]|[^:@[\]]+)(?::\d+)?:)?([^:]+)$/.exec(repository) ?? [];
  return store === undefined ? repository : `pbs://${server ?? 'localhost'}/${store}`;
}
