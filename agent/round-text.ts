/** One round and one sending, in a few lines for people. Imports nothing heavy: the resident process uses it. */
import type { Language } from '../shared/outcome.ts';
import { speaker } from './language.ts';
import type { RoundSummary } from './run.ts';
import type { Sent } from './send.ts';

export function countsText(counts: RoundSummary['counts'], language: Language): string {
  const say = speaker(language);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const parts = [
    [counts.fail, say({ en: 'fail', de: 'nicht bestanden' })],
    [counts.unknown, say({ en: 'unknown', de: 'nicht ermittelbar' })],
    [counts.pass, say({ en: 'pass', de: 'bestanden' })],
    [counts['not-applicable'], say({ en: 'not applicable', de: 'nicht anwendbar' })],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return `${total} ${say({ en: 'checks', de: 'Prüfungen' })}: ${said.join(', ')}`;
}

export function roundText(summary: RoundSummary, language: Language): string {
  const say = speaker(language);
  const head = say({ en: `Report ${summary.sequence}`, de: `Bericht ${summary.sequence}` });
  const lines = [
    `${head}: ${countsText(summary.counts, language)}`,
    ...summary.failing.map(({ check, title }) => `  ✗ ${title[language]}  (${check})`),
  ];
  if (!summary.privileged && summary.counts.unknown > 0) {
    lines.push(
      say({
        en: 'Not run as root: what may not be read is unknown.',
        de: 'Nicht als root ausgeführt: Was nicht lesbar ist, bleibt nicht ermittelbar.',
      }),
    );
  }
  return `${lines.join('\n')}\n`;
}

export function sentText(sent: Sent, language: Language): string {
  const say = speaker(language);
  const lines: string[] = [];
  const last = sent.receipts.at(-1);
  if (last) {
    lines.push(
      sent.receipts.length === 1
        ? say({
            en: `Received by the collector; position ${last.log.index} in its log.`,
            de: `Vom Kollektor angenommen; Position ${last.log.index} in dessen Protokoll.`,
          })
        : say({
            en: `${sent.receipts.length} reports received by the collector; the last at position ${last.log.index} in its log.`,
            de: `${sent.receipts.length} Berichte vom Kollektor angenommen; der letzte an Position ${last.log.index} in dessen Protokoll.`,
          }),
    );
  }
  for (const { sequence, code } of sent.setAside) {
    lines.push(
      say({
        en: `Report ${sequence} was refused for good (${code}); the next one says so.`,
        de: `Bericht ${sequence} wurde endgültig abgelehnt (${code}); der nächste sagt es.`,
      }),
    );
  }
  if (sent.problem) lines.push(`${sent.problem.code}: ${sent.problem.message} ${sent.problem.next}`);
  if (sent.waiting > 0) {
    const next = sent.notBefore ? ` ${sent.notBefore.slice(11, 16)} UTC` : '';
    lines.push(
      say({
        en: `${sent.waiting} waiting on this machine${next ? `; next try from${next}` : ''}.`,
        de: `${sent.waiting} auf dieser Maschine in der Warteschlange${next ? `; nächster Versuch ab${next}` : ''}.`,
      }),
    );
  }
  lines.push(...recordLines(sent.records, language));
  const { policy } = sent;
  if (policy && 'number' in policy) {
    lines.push(
      say({
        en: `Policy ${policy.number} received; the next round is judged by it.`,
        de: `Vorgaben Nr. ${policy.number} erhalten; die nächste Runde richtet sich danach.`,
      }),
    );
  } else if (policy) {
    lines.push(`${policy.problem.code}: ${policy.problem.message} ${policy.problem.next}`);
  }
  if (lines.length === 0) lines.push(say({ en: 'Nothing to send.', de: 'Nichts zu senden.' }));
  return `${lines.join('\n')}\n`;
}

function recordLines(records: Sent['records'], language: Language): string[] {
  if (!records) return [];
  const say = speaker(language);
  const lines = records.receipts.map(({ log }) =>
    say({
      en: `Record received by the collector; position ${log.index} in its log.`,
      de: `Nachweisdokument vom Kollektor angenommen; Position ${log.index} in dessen Protokoll.`,
    }),
  );
  for (const { code } of records.setAside) {
    lines.push(
      say({
        en: `A record was refused for good (${code}) and set aside.`,
        de: `Ein Nachweisdokument wurde endgültig abgelehnt (${code}) und beiseitegelegt.`,
      }),
    );
  }
  const { problem, waiting } = records;
  if (problem) lines.push(`${problem.code}: ${problem.message} ${problem.next}`);
  if (waiting > 0) {
    lines.push(
      say({
        en: `Records waiting on this machine: ${waiting}; they go with the next report.`,
        de: `Nachweisdokumente in der Warteschlange dieser Maschine: ${waiting}; sie gehen mit dem nächsten Bericht.`,
      }),
    );
  }
  return lines;
}
