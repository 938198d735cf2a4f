/** Calls of duplicity: duplicity(1). Pure. */
import { type BackupAction, type BackupCall, hasOption, splitOptions } from './backup-call.ts';
import type { Environment } from './backup-shell.ts';

/** Options with a value, of duplicity 0.8 to 3. */
const TAKES = new Set(
  `--archive-dir --azure-blob-tier --azure-max-block-size --azure-max-connections --azure-max-single-put-size
   --backend-retry-delay --cf-backend --concurrency --config-dir --copy-blocksize --current-time --encrypt-key
   --encrypt-secret-keyring --encrypt-sign-key --exclude --exclude-filelist --exclude-globbing-filelist --exclude-if-present
   --exclude-older-than --exclude-regexp --fail-on-volume --file-changed --file-prefix --file-prefix-archive
   --file-prefix-manifest --file-prefix-signature --file-to-restore --path-to-restore -r --full-if-older-than --gpg-binary
   --gpg-options --hidden-encrypt-key --idr-fakeroot --imap-mailbox --include --include-filelist
   --include-globbing-filelist --include-regexp --log-fd --log-file --max-blocksize --metadata-sync-mode --mp-segment-size
   --name --num-retries --par2-options --par2-redundancy --par2-volumes --progress-rate --restore-time --time -t
   --rsync-options --s3-endpoint-url --s3-kms-grant --s3-kms-key-id --s3-multipart-chunk-size --s3-multipart-max-procs
   --s3-multipart-max-timeout --s3-region-name --scp-command --sftp-command --show-changes-in-set --sign-key --skip-volume
   --ssh-options --ssl-cacert-file --ssl-cacert-path --swift-storage-policy --tempdir --time-separator --timeout --verbosity
   -v --volsize --webdav-headers`.split(/\s+/),
);

/** The commands, of which any beginning that fits one alone will do; how many words come before the address. */
const COMMANDS: Readonly<Record<string, BackupAction | 'none'>> = {
  backup: 'copy',
  full: 'copy',
  incremental: 'copy',
  inc: 'copy',
  verify: 'verify',
  'remove-older-than': 'prune',
  'remove-all-but-n-full': 'prune',
  'remove-all-inc-of-but-n-full': 'none',
  cleanup: 'none',
  'collection-status': 'none',
  'list-current-files': 'none',
  replicate: 'none',
  restore: 'none',
};
const isAddress = (word: string): boolean => /^[a-z0-9+]+:\/\//i.test(word);

/** The option under which what a prune command was given is kept: a time or a number. */
export const DUPLICITY_KEEP = {
  'remove-older-than': '--older-than',
  'remove-all-but-n-full': '--full-count',
};

function commandOf(word: string): string | undefined {
  if (Object.hasOwn(COMMANDS, word)) return word;
  const fitting = Object.keys(COMMANDS).filter((name) => word !== '' && name.startsWith(word));
  // `incr` fits `incremental` alone; `inc` of newer ones is a name of its own.
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** Undefined where this changes and checks nothing: another command, a dry run, a removal that only lists. */
export function duplicityCall(
  program: string,
  given: readonly string[],
  environment: Environment,
  line: number,
): BackupCall | undefined {
  const { options, plain } = splitOptions(given, TAKES);
  if (hasOption(options, '--dry-run', '-h', '--help', '-V', '--version')) return undefined;
  const named = commandOf(plain[0] ?? '');
  const words = named === undefined ? plain : plain.slice(1);
  const isPrune = named !== undefined && COMMANDS[named] === 'prune';
  const keep = isPrune ? words.shift() : undefined;
  // Without a command the order tells: a path and an address make a backup, the other way round restores one.
  const action = named === undefined ? impliedAction(words) : COMMANDS[named];
  if (action === undefined || action === 'none') return undefined;
  // Old backups are listed only, unless it is told to remove them.
  if (action === 'prune' && !hasOption(options, '--force')) return undefined;
  const repository = words.find((word) => isAddress(word) || word.includes('$'));
  const option =
    named === 'remove-older-than' || named === 'remove-all-but-n-full' ? DUPLICITY_KEEP[named] : '';
  return {
    tool: 'duplicity',
    line,
    program,
    actions: [action],
    ...(repository === undefined ? {} : { repository }),
    environment,
    options: keep === undefined ? options : [...options, { name: option, value: keep }],
    paths: action === 'copy' ? words.filter((word) => word !== repository).slice(0, 1) : [],
  };
}

function impliedAction([first = '', second = '']: readonly string[]): BackupAction | undefined {
  if (isAddress(first) || second === '') return undefined;
  return isAddress(second) || second.includes('$') ? 'copy' : undefined;
}
