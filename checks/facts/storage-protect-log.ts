/**
 * Scheduled backups in dsmsched.log, the schedule log of IBM Storage Protect's client, by its documentation ("Client
 * options reference": schedlogname, schedlogmax, dateformat, timeformat; messages ANS1512E). Pure; never throws.
 */
import { instant } from './time-zone.ts';

export interface ScheduledBackup {
  readonly name: string;
  /** Milliseconds since 1970, when it ended. */
  readonly at: number;
  /** `some`: the client says so of success too, but could not copy everything. */
  readonly end: 'well' | 'some' | 'failed';
}

/** What matters of a log that may have hundreds of megabytes. */
const TELLING =
  /SCHEDULEREC OBJECT (?:BEGIN|END)|Scheduled event '|Total number of objects (?:inspected|failed):|END OF DATA|Continued at beginning of file/;
/** A backup leaves six of them. */
const MAX_LINES = 60_000;

/** Takes a log piece by piece and keeps the lines that matter, the last 60,000 of them. */
export function scheduleLines(): { push(text: string): void; end(): readonly string[] } {
  let rest = '';
  let lines: string[] = [];
  return {
    push(text) {
      const all = (rest + text).split('\n');
      // No line that matters is that long.
      rest = (all.pop() ?? '').slice(-2000);
      for (const line of all) if (TELLING.test(line)) lines.push(line);
      if (lines.length > 2 * MAX_LINES) lines = lines.slice(-MAX_LINES);
    },
    end() {
      if (TELLING.test(rest)) lines.push(rest);
      return unwrapped(lines.slice(-MAX_LINES));
    },
  };
}

/** With `schedlogmax` the log goes on at its beginning: what stands behind END OF DATA is older than what is before it. */
function unwrapped(lines: readonly string[]): readonly string[] {
  const end = lines.findLastIndex((line) => line.includes('END OF DATA'));
  return end < 0 ? lines : [...lines.slice(end + 1), ...lines.slice(0, end)];
}

type Order = 'mdy' | 'dmy' | 'ymd';

/** `dateformat`, an option of dsm.opt. */
const FORMATS: Readonly<Record<string, Order>> = {
  1: 'mdy',
  2: 'dmy',
  3: 'ymd',
  4: 'dmy',
  5: 'ymd',
  6: 'ymd',
  7: 'dmy',
};

const STAMP =
  /^(\d{1,4})([-/.])(\d{1,2})\2(\d{2,4})[.,]? {1,4}(\d{1,2})[:.,](\d{2})[:.,](\d{2})(?: ?([AP])\.?M?\.?)? /i;

/** How the dates of a log are written; undefined where only 12 days at most were seen and nothing says it. */
function orderOf(lines: readonly string[], dateFormat: string | undefined): Order | undefined {
  const stated = FORMATS[dateFormat ?? ''];
  if (stated) return stated;
  for (const line of lines) {
    const [, first = '', mark, second = ''] = STAMP.exec(line) ?? [];
    if (first.length === 4) return 'ymd';
    // Only the United States put the month first, and they write it with slashes.
    if (mark === '.' || mark === '-') return 'dmy';
    if (Number(first) > 12) return 'dmy';
    if (Number(second) > 12) return 'mdy';
  }
  return undefined;
}

const two = (text: string): string => text.padStart(2, '0');

function atOf(line: string, order: Order, zone: string): number | undefined {
  const found = STAMP.exec(line);
  if (!found) return undefined;
  const [, first = '', , second = '', third = '', hour = '', minute = '', seconds = '', half] = found;
  const [year, month, day] =
    order === 'ymd'
      ? [first, second, third]
      : order === 'mdy'
        ? [third, first, second]
        : [third, second, first];
  if (year.length !== 4) return undefined;
  const late = half === undefined ? Number(hour) : (Number(hour) % 12) + (/p/i.test(half) ? 12 : 0);
  return instant(
    `${year}-${two(month)}-${two(day)}T${two(String(late))}:${two(minute)}:${two(seconds)}`,
    zone,
  );
}

/**
 * The backups that a schedule of the server started, in their order; commands and macros that it started are none.
 * @param dateFormat the client's option, where it is set
 * @param zone of the lines' times, such as `Europe/Berlin`
 * @returns undefined where the order of day and month can not be told
 */
export function scheduledBackups(
  lines: readonly string[],
  dateFormat: string | undefined,
  zone: string,
): readonly ScheduledBackup[] | undefined {
  const order = orderOf(lines, dateFormat);
  if (order === undefined) return lines.some((line) => STAMP.test(line)) ? undefined : [];
  const backups: ScheduledBackup[] = [];
  const names = new Set<string>();
  let open: { inspected: boolean; failed: number } = { inspected: false, failed: 0 };
  for (const line of lines) {
    const [, count] = /Total number of objects failed: +([\d.,]+)/.exec(line) ?? [];
    if (/SCHEDULEREC OBJECT BEGIN/.test(line)) open = { inspected: false, failed: 0 };
    else if (/objects inspected:/.test(line)) open.inspected = true;
    else if (count !== undefined) open.failed += Number(count.replace(/[.,]/g, ''));
    const [, name, how] = /Scheduled event '([^']{1,64})' (completed successfully|failed)/.exec(line) ?? [];
    if (name === undefined) continue;
    const { inspected, failed } = open;
    open = { inspected: false, failed: 0 };
    if (inspected) names.add(name);
    const at = atOf(line, order, zone);
    // An event that could not begin says nothing of objects: it counts where its name is that of a backup.
    if (at === undefined || !names.has(name) || (how !== 'failed' && !inspected)) continue;
    backups.push({ name, at, end: how === 'failed' ? 'failed' : failed > 0 ? 'some' : 'well' });
  }
  return backups;
}
