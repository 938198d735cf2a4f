/**
 * Everything that cron may start: system tables, users' tables and the scripts of cron.daily and its like, each with
 * the reason for which cron would leave it alone. cron(8), crontab(5), run-parts(8), anacron(8)
 */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, type GetFact, known } from '../fact.ts';
import type { FileStat, Host } from '../host.ts';
import type { Environment } from './backup-shell.ts';
import { type CronLine, parseCrontab } from './cron-table.ts';
import { osRelease } from './os-release.ts';
import { wantedUnits } from './systemd-timer.ts';
import { readUnit, systemdUnits } from './systemd-unit.ts';

export interface CronJob {
  readonly source: string;
  readonly line?: number;
  readonly user: string;
  /** `0 3 * * *`, `@daily`, or how its directory is run. */
  readonly schedule: string;
  /** The command of a line; for a script of cron.daily its path. */
  readonly command: string;
  readonly environment: Environment;
  /** Why cron would not run it. */
  readonly problem?: Text;
}

export interface Cron {
  readonly jobs: readonly CronJob[];
  /** Why nothing is run at all, such as no daemon. */
  readonly problem?: Text;
  /** Places that could not be looked at. */
  readonly gaps: readonly Text[];
}

const PERIODS = ['hourly', 'daily', 'weekly', 'monthly'] as const;

/** Never absent: a system without cron has no jobs. */
export const cron = defineFact<Cron>({
  id: 'cron',
  collect: async (host, get): Promise<Fact<Cron>> => {
    const gaps: Text[] = [];
    const os = await get(osRelease);
    const names = os.state === 'known' ? [os.value.id, ...os.value.like] : ['debian'];
    const debian = names.some((name) => name === 'debian' || name === 'ubuntu');
    const accounts = await host.readText('/etc/passwd');
    const users =
      accounts.state === 'known'
        ? new Set(accounts.value.text.split('\n').map((row) => row.split(':')[0]))
        : undefined;
    const context: Context = { host, debian, users, gaps };
    const system = await systemTables(context);
    const jobs = [...system, ...(await userTables(context)), ...(await periodicScripts(context, system))];
    const problem = await daemonProblem(context, get);
    return known({ jobs, gaps, ...(problem ? { problem } : {}) });
  },
});

interface Context {
  readonly host: Host;
  readonly debian: boolean;
  readonly users: ReadonlySet<string | undefined> | undefined;
  readonly gaps: Text[];
}

/** A known fact's value; what can't be read is remembered as a gap. */
function look<T>(context: Context, fact: Fact<T>): T | undefined {
  if (fact.state === 'unreadable') context.gaps.push(fact.reason);
  return fact.state === 'known' ? fact.value : undefined;
}

async function systemTables(context: Context): Promise<CronJob[]> {
  const { host, debian } = context;
  const names = look(context, await host.list('/etc/cron.d')) ?? [];
  const jobs: CronJob[] = [];
  for (const path of ['/etc/crontab', ...names.map((name) => `/etc/cron.d/${name}`)]) {
    const file = look(context, await host.readText(path));
    if (!file) continue;
    const name = path.startsWith('/etc/cron.d/') ? path.slice('/etc/cron.d/'.length) : '';
    const ignored = debian
      ? !/^[A-Za-z0-9_-]*$/.test(name)
      : /^\.|~$|\.(?:rpmsave|rpmorig|rpmnew|cfsaved)$/.test(name);
    const problem = ignored
      ? { en: `cron ignores the file name ${name}`, de: `cron übergeht den Dateinamen ${name}` }
      : tableProblem(file.stat, file.text, debian);
    jobs.push(...lines(context, path, parseCrontab(file.text, true), undefined, problem));
  }
  return jobs;
}

/** Root's alone, and with a line end at its end: else Debian's cron drops the whole table. */
function tableProblem(stat: FileStat, text: string, debian: boolean): Text | undefined {
  if (stat.uid !== 0 || (stat.mode & 0o022) !== 0) {
    return {
      en: 'cron ignores the table: not only root can write it',
      de: 'cron übergeht die Tabelle: nicht nur root kann sie schreiben',
    };
  }
  return debian && text !== '' && !text.endsWith('\n') ? noLineEnd : undefined;
}

const noLineEnd: Text = {
  en: 'cron ignores the table: its last line has no end',
  de: 'cron übergeht die Tabelle: die letzte Zeile hat kein Zeilenende',
};

async function userTables(context: Context): Promise<CronJob[]> {
  const { host, debian } = context;
  const jobs: CronJob[] = [];
  for (const directory of ['/var/spool/cron/crontabs', '/var/spool/cron/tabs', '/var/spool/cron']) {
    const names = look(context, await host.list(directory)) ?? [];
    for (const name of names) {
      const path = `${directory}/${name}`;
      const stat = await host.lstat(path);
      if (stat.state === 'known' && stat.value.type === 'directory') continue;
      const file = look(context, await host.readText(path));
      if (!file) continue;
      const problem = debian && file.text !== '' && !file.text.endsWith('\n') ? noLineEnd : undefined;
      jobs.push(...lines(context, path, parseCrontab(file.text, false), name, problem));
    }
  }
  return jobs;
}

function lines(
  context: Context,
  source: string,
  table: readonly CronLine[],
  owner: string | undefined,
  problem: Text | undefined,
): CronJob[] {
  return table.map((entry) => {
    const user = entry.user ?? owner ?? 'root';
    const nobody = context.users !== undefined && !context.users.has(user);
    const why =
      problem ??
      (nobody ? { en: `there is no account ${user}`, de: `es gibt kein Konto ${user}` } : undefined);
    const { line, schedule, command, environment } = entry;
    return { source, line, user, schedule, command, environment, ...(why ? { problem: why } : {}) };
  });
}

/** Scripts that run-parts starts, if a table or anacron has their directory run. */
async function periodicScripts(context: Context, system: readonly CronJob[]): Promise<CronJob[]> {
  const { host, debian } = context;
  const anacrontab = look(context, await host.readText('/etc/anacrontab'))?.text ?? '';
  const jobs: CronJob[] = [];
  for (const period of PERIODS) {
    const directory = `/etc/cron.${period}`;
    const starter = system.find(({ command, problem }) => !problem && command.includes(directory));
    const byAnacron = anacrontab
      .split('\n')
      .some((row) => !row.trim().startsWith('#') && row.includes(directory));
    for (const name of look(context, await host.list(directory)) ?? []) {
      const path = `${directory}/${name}`;
      const stat = await host.stat(path);
      if (stat.state !== 'known' || stat.value.type !== 'file') continue;
      const ignored = debian
        ? !/^[A-Za-z0-9_-]+$/.test(name)
        : /~$|,$|\.(?:rpmsave|rpmorig|rpmnew|swp|cfsaved)$/.test(name);
      const problem = ignored
        ? { en: `run-parts ignores the file name ${name}`, de: `run-parts übergeht den Dateinamen ${name}` }
        : (stat.value.mode & 0o111) === 0
          ? { en: 'the script is not executable', de: 'das Skript ist nicht ausführbar' }
          : starter || byAnacron
            ? undefined
            : { en: `nothing runs ${directory}`, de: `nichts führt ${directory} aus` };
      jobs.push({
        source: path,
        user: 'root',
        schedule: `@${period}`,
        command: path,
        environment: starter?.environment ?? {},
        ...(problem ? { problem } : {}),
      });
    }
  }
  return jobs;
}

/** A daemon must be there and, under systemd, be switched on and not masked. */
async function daemonProblem({ host, gaps }: Context, get: GetFact): Promise<Text | undefined> {
  const stats = await Promise.all(
    ['/usr/sbin/cron', '/usr/sbin/crond', '/sbin/crond'].map((path) => host.stat(path)),
  );
  if (stats.every(({ state }) => state === 'absent')) {
    return { en: 'no cron daemon is installed', de: 'es ist kein cron-Dienst installiert' };
  }
  const tree = await get(systemdUnits);
  if (tree.state === 'unreadable') gaps.push(tree.reason);
  if (tree.state !== 'known') return undefined;
  const wanted = await wantedUnits(host, tree.value);
  for (const name of ['cron.service', 'crond.service', 'cronie.service']) {
    const unit = await readUnit(host, tree.value, name);
    if (unit.state !== 'known' || unit.value.state !== 'loaded') continue;
    if (unit.value.names.some((each) => wanted.has(each))) return undefined;
  }
  return { en: 'the cron daemon is not enabled', de: 'der cron-Dienst ist nicht aktiviert' };
}
