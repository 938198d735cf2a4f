/** How far apart the runs of a trigger are. Pure. */
import type { Trigger } from './backup-trigger.ts';
import { nextRun } from './cron-table.ts';

const HOUR = 1 / 24;
const NAMED: Readonly<Record<string, number>> = {
  minutely: HOUR / 60,
  hourly: HOUR,
  daily: 1,
  weekly: 7,
  monthly: 30,
  quarterly: 91,
  semiannually: 182,
  yearly: 365,
  annually: 365,
};
const SAMPLES = 8;

/** Days between two runs, the least that occurs; undefined where that is not told by a simple schedule. */
export function periodDays({ schedule }: Trigger, now: Date): number | undefined {
  if (!schedule.includes('=')) return cronPeriod(schedule, now);
  const expressions = schedule.split(', ');
  const calendar = /^OnCalendar=(.+)$/.exec(expressions[0] ?? '')?.[1]?.trim();
  return expressions.length === 1 && calendar !== undefined ? calendarPeriod(calendar) : undefined;
}

function cronPeriod(schedule: string, now: Date): number | undefined {
  let at = nextRun(schedule, now);
  let least: number | undefined;
  for (let count = 0; at && count < SAMPLES; count += 1) {
    const next = nextRun(schedule, new Date(at.getTime() + 60_000));
    if (next)
      least = Math.min(least ?? Number.POSITIVE_INFINITY, (next.getTime() - at.getTime()) / 86_400_000);
    at = next;
  }
  return least;
}

/** `daily`, `*-*-* 03:00`, `Mon *-*-* 03:00`, `Sun 04:00`, `*-*-01 02:00`, `*-*-* 0/4:00:00`. systemd.time(7) */
function calendarPeriod(text: string): number | undefined {
  const name = text.toLowerCase();
  if (Object.hasOwn(NAMED, name)) return NAMED[name];
  const match =
    /^(?:(mon|tue|wed|thu|fri|sat|sun)\w*\s+)?(?:\*-\*-(\*|\d{1,2})\s+)?(?:(\d{1,2})|(\*)|(?:0{1,2}|\*)\/(\d{1,2})):\d{1,2}(?::\d{1,2})?$/.exec(
      name,
    );
  if (!match) return undefined;
  const [, day, ofMonth = '*', hour, every, step] = match;
  if (hour === undefined) {
    if (day !== undefined || ofMonth !== '*') return undefined;
    return every === undefined ? Number(step) * HOUR : HOUR;
  }
  if (ofMonth !== '*') return day === undefined ? 30 : undefined;
  return day === undefined ? 1 : 7;
}
