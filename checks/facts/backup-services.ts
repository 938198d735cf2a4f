/** Backup jobs that a service of systemd runs. */
import type { Text } from '../../shared/outcome.ts';
import type { GetFact } from '../fact.ts';
import { asUser } from './backup-cron.ts';
import { environmentFile, followed, SYSTEMD_PATH } from './backup-follow.ts';
import type { BackupJob } from './backup-job.ts';
import { readWords } from './backup-script.ts';
import type { JobSearch } from './backup-search.ts';
import { assignment, expand } from './backup-shell.ts';
import type { Trigger } from './backup-trigger.ts';
import { unitView } from './backup-unit-view.ts';
import { type Timer, wantedUnits } from './systemd-timer.ts';
import {
  readUnit,
  systemdUnits,
  type Unit,
  type UnitTree,
  unitList,
  unitNames,
  unitValue,
} from './systemd-unit.ts';
import { execCommands } from './systemd-unit-file.ts';
import { templateOf } from './systemd-unit-name.ts';
import { type UnitStart, unitStart } from './unit-conditions.ts';

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
        ? serviceJob(search, tree.value, unit.value, timers)
        : [];
    }),
  );
  return jobs.flat();
}

async function serviceJob(
  search: JobSearch,
  tree: UnitTree,
  unit: Unit,
  timers: readonly Timer[],
): Promise<BackupJob[]> {
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
  const account = unitValue(unit, 'Service', 'User')?.value ?? 'root';
  const reads = unitList(unit, 'Service', 'AmbientCapabilities').some(({ value }) =>
    /CAP_DAC_READ_SEARCH/.test(value),
  );
  const user = reads ? {} : asUser(account);
  const view = unitView(unit);
  const jobs: BackupJob[] = [];
  let start: UnitStart | undefined;
  let triggers: Trigger[] | undefined;
  for (const { value, source, line } of ['ExecStartPre', 'ExecStart', 'ExecStartPost'].flatMap((key) =>
    unitList(unit, 'Service', key),
  )) {
    for (const words of execCommands(fill(value))) {
      const expanded = words.map((word) => expand(word, environment));
      const found = await followed(search, readWords(expanded, environment, line), {
        source,
        path: SYSTEMD_PATH,
      });
      // Asked for once there is a job: most services are none.
      if (found.length > 0) start ??= await unitStart(search.host, unit, fill);
      if (found.length > 0) triggers ??= await triggersOf(search, tree, unit, timers, start?.doubt);
      jobs.push(
        ...found.map((call) => ({
          ...call,
          name: unit.name,
          triggers: triggers ?? [],
          ...(start?.never && !call.problem ? { problem: start.never } : {}),
          ...user,
          ...(view ? { view } : {}),
          files: [...files, ...(call.files ?? [])],
        })),
      );
    }
  }
  return jobs;
}

/** The timers that start it. A timer has conditions of its own. */
function triggersOf(
  { host }: JobSearch,
  tree: UnitTree,
  unit: Unit,
  timers: readonly Timer[],
  doubt: Text | undefined,
): Promise<Trigger[]> {
  return Promise.all(
    timers
      .filter(({ starts }) => unit.names.includes(starts))
      .map(async ({ name, source, when, problem }): Promise<Trigger> => {
        const timer = await readUnit(host, tree, name);
        const own = timer.state === 'known' ? await unitStart(host, timer.value) : {};
        const why = problem ?? own.never;
        const unsure = own.doubt ?? doubt;
        return {
          ...{ source, schedule: when.join(', ') },
          ...(why ? { problem: why } : unsure ? { doubt: unsure } : {}),
        };
      }),
  );
}
