/** Instants for people: an age against the moment that the page is true for, and the local time with its zone. */
import { createContext, useContext } from 'react';
import { type Language, useWords } from './i18n.ts';

const AsOf = createContext<string | null>(null);
export const AsOfProvider = AsOf.Provider;

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['second', 60],
  ['minute', 60],
  ['hour', 36],
  ['day', 14],
  ['week', 9],
  ['month', 18],
  ['year', Number.POSITIVE_INFINITY],
];
const perNext = [60, 60, 24, 7, 4.345, 12];

/** `vor 24 Minuten`, `in 2 hours`. */
export function age(at: string, asOf: string, language: Language): string {
  let value = (Date.parse(at) - Date.parse(asOf)) / 1000;
  for (const [index, [unit, limit]] of steps.entries()) {
    if (Math.abs(value) < limit)
      return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(Math.round(value), unit);
    value /= perNext[index] ?? 1;
  }
  return at;
}

/** `15.06.2026, 14:00 MESZ` */
export function clockTime(at: string, language: Language): string {
  return new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', {
    day: '2-digit',
    month: language === 'de' ? '2-digit' : 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(new Date(at));
}

export function useTimes() {
  const { language } = useWords();
  const asOf = useContext(AsOf);
  return {
    age: (at: string) => (asOf ? age(at, asOf, language) : clockTime(at, language)),
    clock: (at: string) => clockTime(at, language),
  };
}

/** The age; the exact time is its title. `full` shows both. */
export function Time({ at, full = false }: { at: string; full?: boolean }) {
  const times = useTimes();
  return (
    <time dateTime={at} title={times.clock(at)}>
      {full ? (
        <>
          {times.clock(at)} <span className="quiet">({times.age(at)})</span>
        </>
      ) : (
        times.age(at)
      )}
    </time>
  );
}
