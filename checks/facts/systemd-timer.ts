/** Timers of systemd and whether they will ever fire: systemd.timer(5), systemd.unit(5). */
import type { Text } from '../../shared/outcome.ts';
import { systemdCalendar } from '../commands.ts';
import { defineFact, type Fact, known, valueIn } from '../fact.ts';
import type { Host } from '../host.ts';
import {
  readUnit,
  systemdUnits,
  type Unit,
  type UnitTree,
  unitList,
  unitNames,
  unitValue,
} from './systemd-unit.ts';
import { templateOf } from './systemd-unit-name.ts';

export interface Timer {
  readonly name: string;
  /** The unit that it starts. */
  readonly starts: string;
  readonly source: string;
  /** `OnCalendar=daily` and the like. */
  readonly when: readonly string[];
  /** Why it will not start anything. */
  readonly problem?: Text;
}

/** Targets that every ordinary boot reaches. */
const REACHED = new Set(
  'timers basic sysinit multi-user graphical default cron'.split(' ').map((name) => `${name}.target`),
);
const REPEATING = ['OnCalendar', 'OnUnitActiveSec', 'OnUnitInactiveSec'] as const;

/** Absent without systemd. A timer that can't be read makes the fact unreadable. */
export const systemdTimers = defineFact<readonly Timer[]>({
  id: 'systemd-timers',
  collect: async (host, get): Promise<Fact<readonly Timer[]>> => {
    const tree = await get(systemdUnits);
    if (tree.state !== 'known') return tree;
    const wanted = await wantedUnits(host, tree.value);
    const instances = [...wanted].filter((name) => name.endsWith('.timer') && templateOf(name) !== undefined);
    const names = [...new Set([...unitNames(tree.value, 'timer'), ...instances])].filter(
      (name) => !name.includes('@.'),
    );
    const timers: Timer[] = [];
    for (const name of names.sort()) timers.push(await readTimer(host, tree.value, name, wanted));
    return known(timers);
  },
});

/** Every name that a target which is reached at boot pulls in. */
export async function wantedUnits(host: Host, tree: UnitTree): Promise<ReadonlySet<string>> {
  const wanted = new Set<string>();
  for (const { path, names } of tree.directories) {
    for (const name of names) {
      const target = /^(.+)\.(?:wants|requires|upholds)$/.exec(name)?.[1];
      if (target === undefined || !REACHED.has(target)) continue;
      const links = await host.list(`${path}/${name}`);
      if (links.state === 'known') for (const link of links.value) wanted.add(link);
      else valueIn(links);
    }
  }
  return wanted;
}

async function readTimer(
  host: Host,
  tree: UnitTree,
  name: string,
  wanted: ReadonlySet<string>,
): Promise<Timer> {
  const unit = valueIn(await readUnit(host, tree, name));
  const when = REPEATING.flatMap((key) =>
    unitList(unit, 'Timer', key)
      .filter(({ value }) => value !== '')
      .map(({ value }) => `${key}=${value}`),
  );
  const starts = unitValue(unit, 'Timer', 'Unit')?.value ?? name.replace(/\.timer$/, '.service');
  const instance = /^[^@]+@(.*)\.timer$/.exec(name)?.[1] ?? '';
  const problem = await timerProblem(host, unit, when, wanted);
  return {
    name,
    starts: starts.replaceAll('%i', instance).replaceAll('%I', instance),
    source: unit.fragment ?? name,
    when,
    ...(problem ? { problem } : {}),
  };
}

async function timerProblem(
  host: Host,
  unit: Unit,
  when: readonly string[],
  wanted: ReadonlySet<string>,
): Promise<Text | undefined> {
  if (unit.state === 'masked') return { en: `${unit.name} is masked`, de: `${unit.name} ist maskiert` };
  if (unit.state === 'missing') return { en: `${unit.name} is missing`, de: `${unit.name} fehlt` };
  if (when.length === 0) {
    return { en: `${unit.name} has no repeated time`, de: `${unit.name} hat keine wiederkehrende Zeit` };
  }
  if (!unit.names.some((name) => wanted.has(name))) {
    return { en: `${unit.name} is not enabled`, de: `${unit.name} ist nicht aktiviert` };
  }
  return calendarProblem(host, when);
}

/** systemd's own reading of the expressions, where it can be asked; one that still elapses is enough. */
async function calendarProblem(host: Host, when: readonly string[]): Promise<Text | undefined> {
  const calendars = when.flatMap((each) =>
    each.startsWith('OnCalendar=') ? [each.slice('OnCalendar='.length)] : [],
  );
  if (!host.live || calendars.length === 0 || calendars.length < when.length) return undefined;
  for (const calendar of calendars) {
    const answer = await host.run(systemdCalendar, [calendar]);
    // Not there, or not an argument that may be asked: the timer being enabled has to do.
    if (answer.state !== 'known') return undefined;
    const { status, stdout, stderr } = answer.value;
    if (status !== 0 && !stderr.includes('Failed to parse')) return undefined;
    if (status === 0 && /^\s*Next elapse: (?!never)/m.test(stdout)) return undefined;
  }
  return { en: `${calendars.join(', ')} never comes`, de: `${calendars.join(', ')} tritt nie ein` };
}
