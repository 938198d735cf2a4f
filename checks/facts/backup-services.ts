/** Backup jobs that a service of systemd runs. */
import type { GetFact } from '../fact.ts';
import { asUser } from './backup-cron.ts';
import { environmentFile, followed, SYSTEMD_PATH } from './backup-follow.ts';
import type { BackupJob } from './backup-job.ts';
import { readWords } from './backup-script.ts';
import type { JobSearch } from './backup-search.ts';
import { assignment, expand } from './backup-shell.ts';
import { unitView } from './backup-unit-view.ts';
import { type Timer, wantedUnits } from './systemd-timer.ts';
import { readUnit, systemdUnits, type Unit, unitList, unitNames, unitValue } from './systemd-unit.ts';
import { execCommands } from './systemd-unit-file.ts';
import { templateOf } from './systemd-unit-name.ts';

export async function serviceJobs(
  search: JobSearch,
  get: GetFact,
  timers: readonly Timer[],
): Promise<BackupJob[]> {
  const tree = await get(systemdUnits);
  if (tree.state === 'unreadable') search.gaps.push(tree.reason);
  if (tree.state !== 'known') return [];
  const wanted = await wantedUnits(search.host, tree.value);
  const instances = [...wanted, ...timers.map(({ starts }) => starts)].filter(
    (name) => name.endsWith('.service') && templateOf(name) !== undefined,
  );
  const names = [...unitNames(tree.value, 'service').filter((name) => !name.includes('@.')), ...instances];
  const jobs = await Promise.all(
    [...new Set(names)].map(async (name) => {
      const unit = await readUnit(search.host, tree.value, name);
      if (unit.state === 'unreadable') search.gaps.push(unit.reason);
      return unit.state === 'known' && unit.value.state === 'loaded'
        ? serviceJob(search, unit.value, timers)
        : [];
    }),
  );
  return jobs.flat();
}

async function serviceJob(search: JobSearch, unit: Unit, timers: readonly Timer[]): Promise<BackupJob[]> {
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
  for (const file of files) Object.assign(environment, await environmentFile(search, file));
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
  const view = unitView(unit);
  const jobs: BackupJob[] = [];
  for (const { value, source, line } of ['ExecStartPre', 'ExecStart', 'ExecStartPost'].flatMap((key) =>
    unitList(unit, 'Service', key),
  )) {
    for (const words of execCommands(fill(value))) {
      const expanded = words.map((word) => expand(word, environment));
      const found = await followed(search, readWords(expanded, environment, line), {
        source,
        path: SYSTEMD_PATH,
      });
      jobs.push(
        ...found.map((call) => ({
          ...call,
          name: unit.name,
          triggers,
          ...user,
          ...(view ? { view } : {}),
          files: [...files, ...(call.files ?? [])],
        })),
      );
    }
  }
  return jobs;
}
