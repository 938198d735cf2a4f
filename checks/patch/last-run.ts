/** When automatic updates last ended well, and whether that is lately enough. Pure. */
import type { Evidence, Text } from '../../shared/outcome.ts';
import { evidence } from '../evidence.ts';
import { UPGRADE_STAMP } from '../facts/automatic-updates.ts';

const DAY_MS = 86_400_000;
const CLOCK_MS = 5 * 60_000;

/** @param since when it was set up, where that is known */
export function lastRun(
  at: { source: string; at: string } | undefined,
  since: string | undefined,
  maxDays: number,
  now: Date,
): { evidence: Evidence; late: boolean; fresh: boolean; future: boolean } {
  const oldest = now.getTime() - maxDays * DAY_MS;
  const wanted = {
    en: `run at most ${maxDays} days ago`,
    de: `höchstens vor ${maxDays} Tagen gelaufen`,
  };
  const found = at
    ? { en: `last run ${at.at}`, de: `zuletzt gelaufen ${at.at}` }
    : { en: 'no run that ended well', de: 'kein erfolgreicher Lauf' };
  // What lies ahead proves nothing, and would for as long as it does.
  const future = at !== undefined && Date.parse(at.at) > now.getTime() + CLOCK_MS;
  const fresh = at !== undefined && !future && Date.parse(at.at) >= oldest;
  const young = since !== undefined && Date.parse(since) >= oldest;
  const source = at?.source ?? UPGRADE_STAMP;
  return { evidence: evidence({ source, found, wanted }), late: !fresh && !young && !future, fresh, future };
}

export const fromFuture: Text = {
  en: 'the last run bears a time that has not come yet: the clock is or was wrong',
  de: 'der letzte Lauf trägt eine Zeit, die noch nicht gekommen ist: die Uhr geht oder ging falsch',
};
export const notYet: Text = {
  en: 'set up lately and not run yet',
  de: 'erst vor Kurzem eingerichtet und noch nicht gelaufen',
};
