/** Amounts as people read them; number and unit are never parted. */
import type { Language } from './i18n.ts';

const decimal = (value: number, language: Language) =>
  new Intl.NumberFormat(language === 'de' ? 'de-DE' : 'en-GB', { maximumFractionDigits: 1 }).format(value);

/** `1,2 MB`: powers of a thousand. */
export function bytes(count: number, language: Language): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let at = 0;
  let value = count;
  for (; value >= 1000 && at < units.length - 1; at += 1) value /= 1000;
  return `${decimal(value, language)}\u00a0${units[at]}`;
}

/** `850 ms`, `42 s`, `12.5 min`, `1.5 h`. */
export function duration(ms: number, language: Language): string {
  if (ms < 1000) return `${Math.round(ms)}\u00a0ms`;
  if (ms < 120_000) return `${decimal(ms / 1000, language)}\u00a0s`;
  return ms < 7_200_000
    ? `${decimal(ms / 60_000, language)}\u00a0min`
    : `${decimal(ms / 3_600_000, language)}\u00a0h`;
}
