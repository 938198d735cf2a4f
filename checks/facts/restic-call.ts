/** Calls of restic, resticprofile and autorestic: restic(1). Pure. */
import {
  type BackupAction,
  type BackupCall,
  baseName,
  hasOption,
  optionValue,
  splitOptions,
} from './backup-call.ts';
import type { Environment } from './backup-shell.ts';

const words = (text: string): string[] => text.split(/\s+/);

/** Options with a value, of all commands. */
const COMMON = words(
  `-r --repo --repository-file -p --password-file --password-command --cache-dir --cacert --tls-client-cert --limit-download
   --limit-upload -o --option --key-hint --compression --pack-size --retry-lock --http-user-agent -H --host --tag`,
);
const BACKUP = words(
  `-e --exclude --iexclude --exclude-file --iexclude-file --exclude-larger-than --exclude-if-present --files-from
   --files-from-raw --files-from-verbatim --parent --stdin-filename --read-concurrency -g --group-by --time`,
);
const FORGET = words(
  `-l --keep-last --keep-hourly -d --keep-daily -w --keep-weekly -m --keep-monthly -y --keep-yearly --keep-within
   --keep-within-hourly --keep-within-daily --keep-within-weekly --keep-within-monthly --keep-within-yearly --keep-tag
   --path -g --group-by --max-unused --max-repack-size`,
);
const TAKES: Readonly<Record<string, ReadonlySet<string>>> = {
  restic: new Set([...COMMON, ...BACKUP]),
  forget: new Set([...COMMON, ...FORGET]),
  check: new Set([...COMMON, '--read-data-subset']),
  wrapper: new Set([...COMMON, ...BACKUP, '-c', '--config', '-n', '--name', '-l', '--location', '--ci']),
};
const ACTIONS: Readonly<Record<string, BackupAction>> = {
  backup: 'copy',
  forget: 'prune',
  check: 'verify',
  init: 'create-repository',
};

/** Undefined where this changes and checks nothing: another subcommand, a dry run, a request for help. */
export function resticCall(
  program: string,
  given: readonly string[],
  environment: Environment,
  line: number,
): BackupCall | undefined {
  const name = baseName(program);
  if (given.some((word) => ['-h', '--help', '--dry-run'].includes(word))) return undefined;
  if (name !== 'restic') return wrapperCall(program, given, environment, line);
  const command = splitOptions(given, TAKES.restic ?? new Set()).plain[0] ?? '';
  const action = Object.hasOwn(ACTIONS, command) ? ACTIONS[command] : undefined;
  if (!action) return undefined;
  const { options, plain } = splitOptions(given, TAKES[command] ?? TAKES.restic ?? new Set());
  if (hasOption(options, '-n')) return undefined;
  const repository = optionValue(options, '-r', '--repo');
  const repositoryFile = optionValue(options, '--repository-file');
  const where = repository ?? (repositoryFile === undefined ? environment.RESTIC_REPOSITORY : undefined);
  const file = repositoryFile ?? (where === undefined ? environment.RESTIC_REPOSITORY_FILE : undefined);
  return {
    tool: 'restic',
    line,
    program,
    actions: [action],
    ...(where === undefined ? {} : { repository: where }),
    ...(file === undefined ? {} : { repositoryFile: file }),
    environment,
    options,
    paths: action === 'copy' ? plain.slice(1) : [],
  };
}

function wrapperCall(
  program: string,
  given: readonly string[],
  environment: Environment,
  line: number,
): BackupCall | undefined {
  const { options, plain } = splitOptions(given, TAKES.wrapper ?? new Set());
  const does =
    plain.some((word) => /^(?:backup(?:@.*)?|[\w-]+\.backup)$/.test(word)) ||
    (baseName(program) === 'autorestic' && plain[0] === 'cron');
  if (!does) return undefined;
  const repository = optionValue(options, '-r', '--repo') ?? environment.RESTIC_REPOSITORY;
  return {
    tool: 'restic',
    line,
    program,
    actions: ['copy'],
    ...(repository === undefined ? {} : { repository }),
    environment,
    options,
    paths: [],
    opaque: true,
  };
}
