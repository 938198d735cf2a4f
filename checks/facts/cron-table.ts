/** Crontabs: crontab(5) of Debian's cron and of cronie. Pure. */
import type { Environment } from './backup-shell.ts';

export interface CronLine {
  readonly line: number;
  /** `0 3 * * *` or `@daily`. */
  readonly schedule: string;
  /** In system tables only. */
  readonly user?: string;
  readonly command: string;
  readonly environment: Environment;
}

const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** @param system whether the sixth field is a user, as in /etc/crontab and /etc/cron.d */
export function parseCrontab(text: string, system: boolean): readonly CronLine[] {
  const environment: Record<string, string> = {};
  const found: CronLine[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const row = raw.trim();
    if (row === '' || row.startsWith('#')) continue;
    const set = /^(?:"([^"]+)"|'([^']+)'|([A-Za-z_]\w*))\s*=\s*(.*)$/.exec(row);
    if (set) {
      environment[set[1] ?? set[2] ?? set[3] ?? ''] = (set[4] ?? '').replace(/^(["'])(.*)\1$/, '$2');
      continue;
    }
    // cronie: a dash in front means "do not log".
    const match = /^-?(@\w+|\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(.*)$/.exec(row);
    if (!match?.[1] || match[2] === undefined) continue;
    const named = system ? /^(\S+)\s+(.*)$/.exec(match[2]) : undefined;
    const [user, command] = system ? [named?.[1], named?.[2]] : [undefined, match[2]];
    if (command === undefined) continue;
    found.push({
      line: index + 1,
      schedule: match[1].replace(/\s+/g, ' '),
      ...(user === undefined ? {} : { user }),
      // An unescaped % ends the command: what follows is its standard input.
      command: command.replace(/(?<!\\)%.*$/, '').replaceAll('\\%', '%'),
      environment: { ...environment },
    });
  }
  return found;
}

const LIMITS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;
const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const DAYS = 'sun mon tue wed thu fri sat'.split(' ');

/** The values of one field; undefined where cron would refuse it. */
function fieldValues(
  field: string,
  low: number,
  high: number,
  names: readonly string[],
): Set<number> | undefined {
  const values = new Set<number>();
  const number = (text: string): number => {
    const name = names.indexOf(text.toLowerCase());
    return name >= 0 ? name + (names === MONTHS ? 1 : 0) : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  };
  for (const part of field.split(',')) {
    const match = /^(\*|[A-Za-z0-9]+)(?:-([A-Za-z0-9]+))?(?:\/(\d+))?$/.exec(part);
    if (!match?.[1]) return undefined;
    const first = match[1] === '*' ? low : number(match[1]);
    const last = match[1] === '*' ? high : match[2] === undefined ? first : number(match[2]);
    const step = match[3] === undefined ? 1 : Number(match[3]);
    if (
      !(first >= low && last <= high && first <= last && step > 0) ||
      (match[1] === '*' && match[2] !== undefined)
    ) {
      return undefined;
    }
    for (let value = first; value <= last; value += step) values.add(value);
  }
  return values;
}

const DAY_MS = 86_400_000;

/**
 * The next time at or after `from` at which cron would start a line, reckoned in UTC; undefined where it never does
 * (31 February, a field that cron refuses, `@reboot`). As in crontab(5), day of month and day of week are joined by
 * "or" when neither begins with `*`.
 */
export function nextRun(schedule: string, from: Date): Date | undefined {
  const fields = (NICKNAMES[schedule.toLowerCase()] ?? schedule).split(' ');
  if (fields.length !== 5) return undefined;
  const values = fields.map((field, index) => {
    const [low, high] = LIMITS[index] ?? [0, 0];
    return fieldValues(field, low, high, index === 3 ? MONTHS : index === 4 ? DAYS : []);
  });
  const [minutes, hours, monthDays, months, weekDays] = values;
  if (!minutes || !hours || !monthDays || !months || !weekDays) return undefined;
  const either = !fields[2]?.startsWith('*') && !fields[4]?.startsWith('*');
  const start = Math.ceil(from.getTime() / 60_000) * 60_000;
  const midnight = Math.floor(start / DAY_MS) * DAY_MS;
  // Eight years and a day: 29 February may be that far away (1896 to 1904, 2096 to 2104).
  for (let day = 0; day <= 8 * 366; day += 1) {
    const date = new Date(midnight + day * DAY_MS);
    const week = date.getUTCDay();
    const onMonthDay = monthDays.has(date.getUTCDate());
    const onWeekDay = weekDays.has(week) || (week === 0 && weekDays.has(7));
    if (!months.has(date.getUTCMonth() + 1) || !(either ? onMonthDay || onWeekDay : onMonthDay && onWeekDay))
      continue;
    for (const hour of [...hours].sort((a, b) => a - b)) {
      for (const minute of [...minutes].sort((a, b) => a - b)) {
        const time = date.getTime() + (hour * 60 + minute) * 60_000;
        if (time >= start) return new Date(time);
      }
    }
  }
  return undefined;
}
