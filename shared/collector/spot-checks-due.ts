/** Are audits or spot checks carried out at regular intervals, each recorded with what came out? */
import { z } from 'zod';
import type { CollectorResult } from '../clause-basis.ts';
import { standingOf } from '../host-standing.ts';
import type { Outcome, Text } from '../outcome.ts';
import type { CollectorCheck, CollectorFacts } from './check.ts';

/** A year by default, as for everything else in the annex that has to be renewed; a record's own end may come sooner. */
const paramsSchema = z.strictObject({ days: z.int().min(1).max(3660).default(365) });

const ID = 'collector.spot-checks-due';
const DAY_MS = 86_400_000;

export const spotChecksDueCheck: CollectorCheck = {
  id: ID,
  title: { de: 'Keine Stichprobe ist überfällig', en: 'No spot check is overdue' },
  why: {
    de: 'Was nur automatisch geprüft wird, prüft niemand mit eigenen Augen; erst die Stichprobe zeigt, ob die Prüfungen das Richtige sehen.',
    en: 'What is checked by machines alone is seen by nobody; only a spot check shows whether the checks see the right things.',
  },
  remedy: {
    de: 'Eine Stichprobe durchführen und mit ihrem Ergebnis eintragen: nachweis-collector record add DATEI (type: spot-check, das Ergebnis als text).',
    en: 'Carry out a spot check and record it with its result: nachweis-collector record add FILE (type: spot-check, the result as text).',
  },
  severity: 'medium',
  params: paramsSchema,
  evaluate: (facts) => [spotChecks(facts)],
};

function spotChecks({ hosts, spotChecks: records, now, params }: CollectorFacts): CollectorResult {
  const { days } = paramsSchema.parse(params?.[ID] ?? {});
  const after = (at: string) => new Date(Date.parse(at) + days * DAY_MS).toISOString();
  const result = (outcome: Outcome, reason: Text, found: string | Text): CollectorResult => ({
    check: ID,
    hostId: null,
    params: { days },
    outcome,
    reason,
    since: now,
    evidence:
      outcome === 'not-applicable'
        ? []
        : [
            {
              source: 'records',
              found,
              wanted: {
                de: `eine Stichprobe mit Ergebnis alle ${days} Tage`,
                en: `a spot check with its result every ${days} days`,
              },
            },
          ],
  });
  const owedSince = hosts
    .filter((host) => host.contract && standingOf(host, now) === 'owed')
    .map(({ contract }) => contract?.since ?? now)
    .sort()[0];
  if (owedSince === undefined)
    return result(
      'not-applicable',
      { de: 'Kein System steht im Leistungsumfang.', en: 'No host is in the contract.' },
      '',
    );
  const done = records
    .filter(({ at, revokedAt, hasResult }) => hasResult && at <= now && !(revokedAt && revokedAt <= now))
    .map(({ at, until }) => ({ at, due: earlier(after(at), until) }))
    .sort((a, b) => (a.due < b.due ? 1 : -1))[0];
  const none: Text = { de: 'keine', en: 'none' };
  if (!done) {
    const empty = records.some(({ hasResult }) => !hasResult);
    const due = after(owedSince);
    const said: Text = empty ? { de: 'nur ohne Ergebnis', en: 'only without a result' } : none;
    return now < due
      ? result(
          'unknown',
          {
            de: `Noch keine Stichprobe mit Ergebnis; die erste ist bis ${day(due)} fällig.`,
            en: `No spot check with a result yet; the first is due by ${day(due)}.`,
          },
          said,
        )
      : result(
          'fail',
          {
            de: `Noch keine Stichprobe mit Ergebnis; die erste war am ${day(due)} fällig.`,
            en: `No spot check with a result yet; the first was due on ${day(due)}.`,
          },
          said,
        );
  }
  return now < done.due
    ? result(
        'pass',
        {
          de: `Letzte Stichprobe vom ${day(done.at)}, die nächste ist bis ${day(done.due)} fällig.`,
          en: `The last spot check is of ${day(done.at)}, the next is due by ${day(done.due)}.`,
        },
        done.at,
      )
    : result(
        'fail',
        {
          de: `Die letzte Stichprobe ist vom ${day(done.at)}; die nächste war am ${day(done.due)} fällig.`,
          en: `The last spot check is of ${day(done.at)}; the next was due on ${day(done.due)}.`,
        },
        done.at,
      );
}

const earlier = (a: string, b: string | null) => (b !== null && b < a ? b : a);
const day = (instant: string) => instant.slice(0, 10);
