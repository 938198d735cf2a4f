/**
 * Backup jobs: what would really run a backup. An installed program is none; a service, a line of cron or a script called
 * by one of them that runs `restic ... backup`, `borg create` or borgmatic is. Scripts are followed one level deep. Long
 * because units, cron, scripts, borgmatic and declarations all end in the same kind of job.
 */
import type { Text } from '../../shared/outcome.ts';
import type { GetFact } from '../fact.ts';
import { defineFact, type Fact, known, valueIn } from '../fact.ts';
import type { Host } from '../host.ts';
import { type BackupCall, repositoryName } from './backup-call.ts';
import { type DeclaredJob, declaredBackups } from './backup-declared.ts';
import { type Reading, readScript, readWords } from './backup-script.ts';
import { assignment, type Environment, environmentLines, expand } from './backup-shell.ts';
import { declaredTriggers, type Trigger } from './backup-trigger.ts';
import { BORGMATIC_FILES, borgmaticCalls } from './borgmatic-config.ts';
import { type CronJob, cron } from './cron.ts';
import { systemdTimers, type Timer, wantedUnits } from './systemd-timer.ts';
import { readUnit, systemdUnits, type Unit, unitList, unitNames, unitValue } from './systemd-unit.ts';
import { execCommands } from './systemd-unit-file.ts';
import { templateOf } from './systemd-unit-name.ts';

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
  /** borgmatic's configuration file. */
  readonly configuration?: string;
  readonly declared?: DeclaredJob;
  /** The account that it runs as, where that is not root and has no right to read every file. */
  readonly user?: string;
}

export interface BackupJobs {
  readonly jobs: readonly BackupJob[];
  /** What removes old backups, checks repositories or makes them; borgmatic's jobs are here too. */
  readonly upkeep: readonly BackupJob[];
  /** Places that could not be looked at: with one, "no job" can't be said. */
  readonly gaps: readonly Text[];
  /** Other backup programs that are there and not judged yet. */
  readonly others: readonly string[];
}

const OTHERS = [
  '/usr/bin/duplicity',
  '/usr/bin/rsnapshot',
  '/usr/sbin/bareos-fd',
  '/usr/sbin/bacula-fd',
  '/usr/bin/proxmox-backup-client',
  '/usr/bin/veeam',
  '/usr/bin/dsmc',
  '/opt/tivoli/tsm/client/ba/bin/dsmc',
  '/usr/bin/kopia',
  '/usr/bin/duplicacy',
  '/usr/local/bin/kopia',
];
const SYSTEMD_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const CRON_PATH = '/usr/bin:/bin';
const MAX_SCRIPT = 256 * 1024;
/** Programs that come with systemd and the distribution's own helpers are no backup scripts. */
const VENDOR =
  /^\/(?:usr\/)?lib\/(?:systemd|apt|polkit-1|dbus-1\.0)\/|^\/(?:usr\/)?s?bin\/(?:systemctl|systemd-\S+|test|true|mkdir|install|rm|kill|touch|run-parts)$/;

/** Never absent: a system without jobs has an empty list. */
export const backupJobs = defineFact<BackupJobs>({
  id: 'backup-jobs',
  collect: async (host, get): Promise<Fact<BackupJobs>> => {
    const gaps: Text[] = [];
    const scripts = new Map<string, Promise<string | undefined>>();
    const context: Context = { host, gaps, scripts };
    const timers = await get(systemdTimers);
    if (timers.state === 'unreadable') gaps.push(timers.reason);
    const known_ = timers.state === 'known' ? timers.value : [];
    const table = await get(cron);
    const found_ = [
      ...(await serviceJobs(context, get, known_)),
      ...(table.state === 'known' ? await cronJobs(context, table.value.jobs, table.value.problem) : []),
    ];
    const does = ({ call }: BackupJob, copies: boolean): boolean =>
      call?.actions.some((action) => (action === 'copy') === copies) ?? false;
    const jobs = [...found_.filter((job) => does(job, true)), ...(await declaredJobs(get, known_, gaps))];
    const upkeep = found_.filter((job) => does(job, false));
    if (table.state === 'known') gaps.push(...table.value.gaps);
    if (table.state === 'unreadable') gaps.push(table.reason);
    const found = await Promise.all(OTHERS.map((path) => host.stat(path)));
    return known({
      jobs,
      upkeep,
      gaps,
      others: OTHERS.filter((_, index) => found[index]?.state === 'known'),
    });
  },
});

interface Context {
  readonly host: Host;
  readonly gaps: Text[];
  readonly scripts: Map<string, Promise<string | undefined>>;
}

async function serviceJobs(context: Context, get: GetFact, timers: readonly Timer[]): Promise<BackupJob[]> {
  const tree = await get(systemdUnits);
  if (tree.state === 'unreadable') context.gaps.push(tree.reason);
  if (tree.state !== 'known') return [];
  const wanted = await wantedUnits(context.host, tree.value);
  const instances = [...wanted, ...timers.map(({ starts }) => starts)].filter(
    (name) => name.endsWith('.service') && templateOf(name) !== undefined,
  );
  const names = [...unitNames(tree.value, 'service').filter((name) => !name.includes('@.')), ...instances];
  const jobs = await Promise.all(
    [...new Set(names)].map(async (name) => {
      const unit = await readUnit(context.host, tree.value, name);
      if (unit.state === 'unreadable') context.gaps.push(unit.reason);
      return unit.state === 'known' && unit.value.state === 'loaded'
        ? serviceJob(context, unit.value, timers)
        : [];
    }),
  );
  return jobs.flat();
}

async function serviceJob(context: Context, unit: Unit, timers: readonly Timer[]): Promise<BackupJob[]> {
  const instance = /^[^@]+@(.*)\.service$/.exec(unit.name)?.[1] ?? '';
  const fill = (text: string): string =>
    text.replaceAll('%i', instance).replaceAll('%I', instance).replaceAll('%%', '%');
  const environment: Record<string, string> = {};
  for (const { value } of unitList(unit, 'Service', 'Environment')) {
    for (const pair of (execCommands(fill(value))[0] ?? []).map(assignment))
      if (pair) environment[pair[0]] = pair[1];
  }
  const files = unitList(unit, 'Service', 'EnvironmentFile').map(({ value }) =>
    fill(value.replace(/^-/, '')),
  );
  for (const file of files) Object.assign(environment, await environmentFile(context, file));
  const triggers = timers
    .filter(({ starts }) => unit.names.includes(starts))
    .map(({ source, when, problem }) => ({
      source,
      schedule: when.join(', '),
      ...(problem ? { problem } : {}),
    }));
  const account = unitValue(unit, 'Service', 'User')?.value ?? 'root';
  const reads = unitList(unit, 'Service', 'AmbientCapabilities').some(({ value }) =>
    /CAP_DAC_READ_SEARCH/.test(value),
  );
  const user = reads ? {} : asUser(account);
  const jobs: BackupJob[] = [];
  for (const { value, source, line } of ['ExecStartPre', 'ExecStart', 'ExecStartPost'].flatMap((key) =>
    unitList(unit, 'Service', key),
  )) {
    for (const words of execCommands(fill(value))) {
      const expanded = words.map((word) => expand(word, environment));
      const found = await followed(context, readWords(expanded, environment, line), {
        source,
        path: SYSTEMD_PATH,
      });
      jobs.push(
        ...found.map((call) => ({
          ...call,
          name: unit.name,
          triggers,
          ...user,
          files: [...files, ...(call.files ?? [])],
        })),
      );
    }
  }
  return jobs;
}

async function cronJobs(
  context: Context,
  all: readonly CronJob[],
  daemon: Text | undefined,
): Promise<BackupJob[]> {
  const jobs: BackupJob[] = [];
  for (const { source, line, schedule, command, environment, problem, user } of all) {
    const reading = readScript(command, environment, line ?? 1);
    const found = await followed(context, reading, { source, path: environment.PATH ?? CRON_PATH });
    const why = problem ?? daemon;
    const trigger: Trigger = {
      source,
      ...(line ? { line } : {}),
      schedule,
      ...(why ? { problem: why } : {}),
    };
    jobs.push(...found.map((call) => ({ ...call, name: source, triggers: [trigger], ...asUser(user) })));
  }
  return jobs;
}

const asUser = (user: string): { user?: string } => (user === 'root' || user === '0' ? {} : { user });

type Found = Omit<BackupJob, 'name' | 'triggers'>;

/** The calls of a reading and of the scripts that it names. */
async function followed(
  context: Context,
  reading: Reading,
  from: { source: string; path: string },
): Promise<Found[]> {
  const found = (await Promise.all(reading.calls.map((call) => toJobs(context, call, from)))).flat();
  for (const path of reading.programs) {
    const text = VENDOR.test(path) ? undefined : await script(context, path);
    if (text === undefined) continue;
    const first = readScript(text, reading.environment);
    const environment: Record<string, string> = { ...reading.environment };
    for (const file of first.sourced) Object.assign(environment, await environmentFile(context, file));
    const inner = first.sourced.length > 0 ? readScript(text, environment) : first;
    const search = inner.environment.PATH?.includes('$')
      ? SYSTEMD_PATH
      : (inner.environment.PATH ?? from.path);
    found.push(
      ...(
        await Promise.all(
          inner.calls.map((call) => toJobs(context, call, { source: path, path: search }, first.sourced)),
        )
      ).flat(),
    );
  }
  return found;
}

/** One job per call; of borgmatic one per repository of its configuration files. */
async function toJobs(
  context: Context,
  call: BackupCall,
  from: { source: string; path: string },
  files: readonly string[] = [],
): Promise<Found[]> {
  if (call.tool !== 'borgmatic') return [{ ...(await toJob(context, call, from)), files }];
  const found: Found[] = [];
  for (const configuration of await configurationFiles(context, call)) {
    const file = await context.host.readText(configuration, { maxBytes: MAX_SCRIPT });
    if (file.state === 'absent') continue;
    if (file.state === 'unreadable') {
      context.gaps.push(file.reason);
      continue;
    }
    const read = borgmaticCalls(file.value.text, call);
    if ('problem' in read) {
      const problem = {
        en: `${configuration}: ${read.problem.en}`,
        de: `${configuration}: ${read.problem.de}`,
      };
      found.push({ ...(await toJob(context, call, from)), configuration, problem });
      continue;
    }
    for (const each of read.calls) found.push({ ...(await toJob(context, each, from)), configuration });
  }
  if (found.length > 0) return found;
  const problem = {
    en: 'borgmatic has no configuration file that names a repository',
    de: 'borgmatic hat keine Konfigurationsdatei, die ein Repository nennt',
  };
  return [{ ...(await toJob(context, call, from)), problem }];
}

/** Those named with --config, else the system's and root's own; a directory stands for its files *.yaml and *.yml. */
async function configurationFiles({ host, gaps }: Context, call: BackupCall): Promise<string[]> {
  const named = call.options
    .filter(({ name }) => name === '-c' || name === '--config')
    .flatMap(({ value }) => value ?? []);
  const home = `${call.environment.HOME ?? '/root'}/.config`;
  const places =
    named.length > 0 ? named : [...BORGMATIC_FILES, `${home}/borgmatic/config.yaml`, `${home}/borgmatic.d`];
  const files: string[] = [];
  for (const place of places.slice(0, 20)) {
    const stat = await host.stat(place);
    if (stat.state === 'unreadable') gaps.push(stat.reason);
    if (stat.state !== 'known') continue;
    if (stat.value.type !== 'directory') files.push(place);
    else {
      const names = await host.list(place);
      if (names.state === 'unreadable') gaps.push(names.reason);
      const own = names.state === 'known' ? names.value : [];
      files.push(...own.filter((name) => /^[^.].*\.ya?ml$/.test(name)).map((name) => `${place}/${name}`));
    }
  }
  return files.slice(0, 50);
}

async function toJob(
  context: Context,
  call: BackupCall,
  from: { source: string; path: string },
): Promise<Found> {
  let location = call.repository;
  if (location === undefined && call.repositoryFile?.startsWith('/')) {
    const file = await context.host.readText(call.repositoryFile, { maxBytes: 4096 });
    if (file.state === 'known') location = file.value.text.trim().split('\n')[0];
  }
  const repository = repositoryName(location);
  const places = call.program.startsWith('/')
    ? [call.program]
    : (call.environment.PATH ?? from.path).split(':').map((directory) => `${directory}/${call.program}`);
  const stats = await Promise.all(
    places.filter((place) => /^\/[^$]*$/.test(place)).map((place) => context.host.stat(place)),
  );
  const missing = stats.length > 0 && stats.every(({ state }) => state === 'absent');
  return {
    tool: call.tool,
    source: from.source,
    line: call.line,
    call,
    ...(repository === undefined ? {} : { repository }),
    ...(location === undefined ? {} : { location }),
    ...(missing
      ? {
          problem: {
            en: `the program ${call.program} is not where the job looks for it`,
            de: `das Programm ${call.program} fehlt dort, wo der Auftrag es sucht`,
          },
        }
      : {}),
  };
}

/** The text of a script, once a round; undefined for programs and for what is not there. */
function script(context: Context, path: string): Promise<string | undefined> {
  const before = context.scripts.get(path);
  if (before) return before;
  const read = (async () => {
    const stat = await context.host.stat(path);
    if (stat.state !== 'known' || stat.value.type !== 'file' || stat.value.size > MAX_SCRIPT)
      return undefined;
    const file = await context.host.readText(path, { maxBytes: MAX_SCRIPT, encoding: 'latin1' });
    if (file.state === 'unreadable') context.gaps.push(file.reason);
    if (file.state !== 'known' || file.value.text.includes('\0')) return undefined;
    return file.value.text;
  })();
  context.scripts.set(path, read);
  return read;
}

/** `NAME=value` lines, as EnvironmentFile= and `.` read them. What can't be read leaves the repository untold, no more. */
async function environmentFile(context: Context, path: string): Promise<Environment> {
  if (!/^\/[^*?$]*$/.test(path)) return {};
  const file = await context.host.readText(path, { maxBytes: 64 * 1024 });
  if (file.state !== 'known') return {};
  return environmentLines(file.value.text);
}

async function declaredJobs(get: GetFact, timers: readonly Timer[], gaps: Text[]): Promise<BackupJob[]> {
  const declarations = await get(declaredBackups);
  if (declarations.state !== 'known') {
    if (declarations.state === 'unreadable') gaps.push(declarations.reason);
    return [];
  }
  const table = await get(cron);
  return declarations.value.map(({ source, job, problem }): BackupJob => {
    if (!job) return { tool: '?', name: source, source, triggers: [], ...(problem ? { problem } : {}) };
    const repository = repositoryName(job.to);
    return {
      tool: job.tool,
      name: job.name,
      source,
      ...(repository ? { repository } : {}),
      location: job.to,
      declared: job,
      triggers: declaredTriggers(job.when, timers, table.state === 'known' ? valueIn(table) : undefined),
    };
  });
}
