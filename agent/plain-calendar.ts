/**
 * Local time for what sleeps. node-cron takes the parts of a date from `Intl.DateTimeFormat`, whose first use brings
 * 8 MB of ICU into the process for good. A schedule without a time zone needs no more than `Date` knows by itself.
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

/** Only for a process that writes no dates for people: there `Intl.DateTimeFormat` is the plain one from now on. */
export function installPlainCalendar(): void {
  const { DateTimeFormat } = Intl;
  const plain = function plain(locale?: string, options?: Intl.DateTimeFormatOptions) {
    // A zone, or the offset of one, is more than Date can tell.
    if (options?.timeZone !== undefined || options?.timeZoneName !== undefined)
      return new DateTimeFormat(locale, options);
    return { formatToParts: plainParts };
  };
  Object.defineProperty(Intl, 'DateTimeFormat', { value: plain, configurable: true, writable: true });
}
