/**
 * Local time for what sleeps. node-cron takes the parts of a date, and its distance from UTC, from
 * `Intl.DateTimeFormat`, whose first use brings 10 MB of ICU into the process for good. A schedule without a time zone
 * needs no more than `Date` knows by itself.
 */
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

/** What node-cron asks for, in the system's own zone: year, month, day, hour (0 to 23), minute, second, `Mon`. */
export function plainParts(date: Date): { type: string; value: string }[] {
  const two = (value: number): string => String(value).padStart(2, '0');
  return [
    { type: 'weekday', value: WEEKDAYS[date.getDay()] ?? '' },
    { type: 'month', value: two(date.getMonth() + 1) },
    { type: 'day', value: two(date.getDate()) },
    { type: 'year', value: String(date.getFullYear()) },
    { type: 'hour', value: two(date.getHours()) },
    { type: 'minute', value: two(date.getMinutes()) },
    { type: 'second', value: two(date.getSeconds()) },
  ];
}

/** As `timeZoneName: 'shortOffset'` has it: `GMT`, `GMT+2`, `GMT-3:30`. */
export function plainOffset(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  if (minutes === 0) return 'GMT';
  const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `GMT${minutes < 0 ? '-' : '+'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
}

/** Only for a process that writes no dates for people: there `Intl.DateTimeFormat` is the plain one from now on. */
export function installPlainCalendar(): void {
  const { DateTimeFormat } = Intl;
  const plain = function plain(locale?: string, options?: Intl.DateTimeFormatOptions) {
    const { timeZone, timeZoneName } = options ?? {};
    // Another zone, or the name of one, is more than Date can tell.
    if (timeZone !== undefined || (timeZoneName !== undefined && timeZoneName !== 'shortOffset'))
      return new DateTimeFormat(locale, options);
    if (timeZoneName === undefined) return { formatToParts: plainParts };
    return { formatToParts: (date: Date) => [{ type: 'timeZoneName', value: plainOffset(date) }] };
  };
  Object.defineProperty(Intl, 'DateTimeFormat', { value: plain, configurable: true, writable: true });
}
