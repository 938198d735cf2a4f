/** Timers of systemd and whether they will ever fire: systemd.timer(5), systemd.unit(5). */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, known, valueIn } from '../fact.ts';
import type { Host } from '../host.ts';
import { neverElapsing } from './calendar.ts';
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
    const started = timers
      .filter(({ problem }) => problem === undefined)
      .map(({ when }) => calendarsOf(when));
    const never = await neverElapsing(host, started.flat());
    return known(timers.map((timer) => withCalendar(timer, never)));
  },
});

/** Every name that a target which is reached at boot pulls in. */
export function wantedUnits(host: Host, tree: UnitTree): Promise<ReadonlySet<string>> {
  const before = wantedOf.get(tree);
  if (before) return before;
  const found = readWanted(host, tree);
  wantedOf.set(tree, found);
  return found;
}

/** Several facts of a round ask; the tree lives as long as the round. */
const wantedOf = new WeakMap<UnitTree, Promise<ReadonlySet<string>>>();

async function readWanted(host: Host, tree: UnitTree): Promise<ReadonlySet<string>> {
  const wanted = new Set<string>();
  for (const { path, names } of tree.directories) {
    for (const name of names) {
      const target = /^(.+)\.(?:wants|requires|upholds)$/.exec(name)?.[1];
      if (target === undefined || !REACHED.has(target)) continue;
      const links = await host.list(`${path}/${name}`);
      if (links.state !== 'known') valueIn(links);
      else
        for (const link of links.value)
          if (!(await isMasked(host, `${path}/${name}/${link}`))) wanted.add(link);
    }
  }
  return wanted;
}

/** A link to /dev/null takes the dependency out: "masked by", load-dropin.c. */
async function isMasked(host: Host, path: string): Promise<boolean> {
  const link = await host.readlink(path);
  return link.state === 'known' && link.value === '/dev/null';
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
  const problem = timerProblem(unit, when, wanted);
  return {
    name,
    starts: starts.replaceAll('%i', instance).replaceAll('%I', instance),
    source: unit.fragment ?? name,
    when,
    ...(problem ? { problem } : {}),
  };
}

function timerProblem(unit: Unit, when: readonly string[], wanted: ReadonlySet<string>): Text | undefined {
  if (unit.state === 'masked') return { en: `${unit.name} is masked`, de: `${unit.name} ist maskiert` };
  if (unit.state === 'missing') return { en: `${unit.name} is missing`, de: `${unit.name} fehlt` };
  if (when.length === 0) {
    return { en: `${unit.name} has no repeated time`, de: `${unit.name} hat keine wiederkehrende Zeit` };
  }
  if (!unit.names.some((name) => wanted.has(name))) {
    return { en: `${unit.name} is not enabled`, de: `${unit.name} ist nicht aktiviert` };
  }
  return undefined;
}

/** The calendar expressions of a timer that has nothing else; one with another kind of time always comes again. */
function calendarsOf(when: readonly string[]): readonly string[] {
  const calendars = when.flatMap((each) =>
    each.startsWith('OnCalendar=') ? [each.slice('OnCalendar='.length)] : [],
  );
  return calendars.length === when.length ? calendars : [];
}

/** One expression that still elapses is enough. */
function withCalendar(timer: Timer, never: ReadonlySet<string>): Timer {
  const calendars = calendarsOf(timer.when);
  if (timer.problem || calendars.length === 0 || !calendars.every((one) => never.has(one))) return timer;
  const named = calendars.join(', ');
  return { ...timer, problem: { en: `${named} never comes`, de: `${named} tritt nie ein` } };
}
