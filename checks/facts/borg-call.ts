/** Calls of borg and borgmatic: borg(1), borg-create(1), borg-prune(1), `borgmatic --help`. Pure. */
import { type BackupAction, type BackupCall, hasOption, optionValue, splitOptions } from './backup-call.ts';
import type { Environment } from './backup-shell.ts';

const words = (text: string): string[] => text.split(/\s+/);

const COMMON = words(
  `--lock-wait --umask --remote-path --rsh --remote-ratelimit --upload-ratelimit --remote-buffer --upload-buffer
   --debug-topic --debug-profile -r --repo`,
);
const TAKES: Readonly<Record<string, ReadonlySet<string>>> = {
  create: new Set([
    ...COMMON,
    ...words(
      `--filter --stdin-name --stdin-user --stdin-group --stdin-mode -e --exclude --exclude-from --pattern --patterns-from
       --exclude-if-present --paths-delimiter --files-cache --comment --timestamp -c --checkpoint-interval
       --chunker-params -C --compression`,
    ),
  ]),
  prune: new Set([
    ...COMMON,
    ...words(
      `--keep-within --keep-last --keep-secondly --keep-minutely -H --keep-hourly -d --keep-daily -w --keep-weekly
       -m --keep-monthly -y --keep-yearly -P --prefix -a --glob-archives -c --checkpoint-interval`,
    ),
  ]),
  check: new Set([
    ...COMMON,
    ...words('-P --prefix -a --glob-archives --sort-by --first --last --max-duration'),
  ]),
  init: new Set([...COMMON, ...words('-e --encryption --storage-quota')]),
};
const ACTIONS: Readonly<Record<string, BackupAction>> = {
  create: 'copy',
  prune: 'prune',
  check: 'verify',
  init: 'create-repository',
  'repo-create': 'create-repository',
};

/** Undefined where this changes and checks nothing: another command, a dry run, a request for help. */
export function borgCall(
  program: string,
  given: readonly string[],
  environment: Environment,
  line: number,
): BackupCall | undefined {
  const all = new Set([...COMMON, ...Object.values(TAKES).flatMap((set) => [...set])]);
  const command = splitOptions(given, all).plain[0] ?? '';
  const action = Object.hasOwn(ACTIONS, command) ? ACTIONS[command] : undefined;
  if (!action) return undefined;
  const { options, plain } = splitOptions(given, TAKES[command] ?? all);
  if (hasOption(options, '-n', '--dry-run', '-h', '--help')) return undefined;
  // borg 2 names the repository by an option, borg 1 in front of the archive.
  const named = optionValue(options, '-r', '--repo');
  const target = named ?? plain[1]?.split('::')[0];
  const repository = target === undefined || target === '' ? environment.BORG_REPO : target;
  return {
    tool: 'borg',
    line,
    program,
    actions: [action],
    ...(repository === undefined ? {} : { repository }),
    environment,
    options,
    paths: action === 'copy' ? plain.slice(2) : [],
  };
}

const BORGMATIC_TAKES = new Set(
  words(
    `-c --config -v --verbosity --syslog-verbosity --log-file-verbosity --monitoring-verbosity --log-file
     --log-file-format --override --repository --archive --only --destination --path --log-json`,
  ),
);
/** Other actions that make no backup: with one of them alone, none of the usual four is run. */
const OTHER = new Set(
  words(
    `rcreate init -I transfer compact extract -x export-tar mount umount restore rlist list -l rinfo info -i break-lock
     borg config validate-borgmatic-config generate repo-list repo-info repo-create key recreate delete repo-delete`,
  ),
);
const BORGMATIC: readonly { names: readonly string[]; action: BackupAction }[] = [
  { names: ['create', '-C', '--create'], action: 'copy' },
  { names: ['prune', '-p', '--prune'], action: 'prune' },
  { names: ['check', '-k', '--check'], action: 'verify' },
];

/** What borgmatic is told on its command line; its configuration files say the rest (borgmatic-config.ts). */
export function borgmaticCall(
  program: string,
  given: readonly string[],
  environment: Environment,
  line: number,
): BackupCall | undefined {
  // `--override` takes as many words as follow; those hold an equals sign.
  const { options, plain } = splitOptions(given, BORGMATIC_TAKES);
  if (hasOption(options, '-n', '--dry-run', '-h', '--help', '--version', '--bash-completion'))
    return undefined;
  const said = new Set([...plain, ...options.map(({ name }) => name)]);
  const asked = BORGMATIC.filter(({ names }) => names.some((name) => said.has(name))).map(
    ({ action }) => action,
  );
  if (asked.length === 0 && [...said].some((word) => OTHER.has(word))) return undefined;
  const repository = optionValue(options, '--repository');
  return {
    tool: 'borgmatic',
    line,
    program,
    actions: asked.length > 0 ? asked : ['copy', 'prune', 'verify'],
    ...(repository === undefined ? {} : { repository }),
    environment,
    options,
    paths: [],
    ...(hasOption(options, '--override') ? { opaque: true as const } : {}),
  };
}
