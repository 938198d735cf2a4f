/** Jobs of rsnapshot: what a call such as `rsnapshot alpha` does is said by its configuration. rsnapshot(1) */
import type { Text } from '../../shared/outcome.ts';
import { type BackupCall, optionValue, splitOptions } from './backup-call.ts';
import type { FoundJob } from './backup-job.ts';
import { type CallPlace, type JobSearch, toJob } from './backup-search.ts';
import type { Environment } from './backup-shell.ts';
import { type RsnapshotConfig, readRsnapshot } from './rsnapshot-config.ts';

const DEFAULT_FILE = '/etc/rsnapshot.conf';
/** Commands that copy and remove nothing. */
const OTHER =
  /^(?:archive|check-config-version|configtest|diff|delete|du|get-latest-snapshot|help|history|list|print-config|restore|rollback|upgrade-config-file|version|version-only)$/;

/** Under which the level of a call and how many of it are kept stand among its options. */
export const LEVEL = 'level';
export const KEPT = 'kept';

/** What is told on the command line. Undefined where nothing is copied: a test, another command. Pure. */
export function rsnapshotCall(
  program: string,
  given: readonly string[],
  environment: Environment,
  line: number,
): BackupCall | undefined {
  const { options, plain } = splitOptions(given, new Set(['-c']));
  const level = plain[0];
  if (level === undefined || OTHER.test(level) || options.some(({ name }) => name === '-t')) return undefined;
  return {
    tool: 'rsnapshot',
    line,
    program,
    actions: ['copy'],
    environment,
    options: [...options, { name: LEVEL, value: level }],
    paths: [],
  };
}

/** One job: it copies where its level is the one that does so, else it hands on what is there. */
export async function rsnapshotJobs(
  search: JobSearch,
  call: BackupCall,
  from: CallPlace,
): Promise<FoundJob[]> {
  const configuration = optionValue(call.options, '-c') ?? DEFAULT_FILE;
  if (!configuration.startsWith('/') || /[$`]/.test(configuration))
    return [await toJob(search, { ...call, opaque: true }, from)];
  const read = await readRsnapshot(search.host, configuration);
  if ('problem' in read) {
    if (read.unread) search.gaps.push(read.problem);
    const job = await toJob(search, read.unread ? { ...call, opaque: true } : call, from);
    return [{ ...job, configuration, ...(read.unread ? {} : { problem: read.problem }) }];
  }
  const level = optionValue(call.options, LEVEL) ?? '';
  const problem = levelProblem(read, level, configuration);
  const isWhole = call.options.some(({ name }) => name === '-x');
  const job = await toJob(
    search,
    {
      ...call,
      actions: [copies(read, level) ? 'copy' : 'rotate'],
      repository: read.root ?? '',
      points: read.points.map(({ path, words }) => ({
        path,
        words: isWhole ? [`${words[0]}x`, ...words.slice(1)] : words,
      })),
      options: [...call.options, ...kept(read, level)],
    },
    from,
  );
  return [{ ...job, configuration, files: read.files, ...(problem ? { problem } : {}) }];
}

const copies = ({ retains, syncFirst }: RsnapshotConfig, level: string): boolean =>
  syncFirst ? level === 'sync' : level === retains[0]?.name;

function kept({ retains }: RsnapshotConfig, level: string): { name: string; value: string }[] {
  const found = retains.find(({ name }) => name === level);
  return found ? [{ name: KEPT, value: String(found.count) }] : [];
}

function levelProblem(read: RsnapshotConfig, level: string, configuration: string): Text | undefined {
  if (level === 'sync' ? read.syncFirst : read.retains.some(({ name }) => name === level)) return undefined;
  return {
    en: `${configuration} knows no ${level}`,
    de: `${configuration} kennt kein ${level}`,
  };
}
