/**
 * login.sshd-*: one row for each keyword of sshd_config(5), in sshd-rows-*.ts by topic. A new row needs the keyword
 * in checks/facts/sshd-keywords.ts with its default, and examples in sshd-examples.ts.
 */
import { always, type Check, defineCheck, notApplicable } from '../check.ts';
import { sshd } from '../facts/sshd.ts';
import { since } from '../facts/sshd-version.ts';
import { judge } from './sshd-judge.ts';
import type { Params } from './sshd-measure.ts';
import type { Row } from './sshd-row.ts';
import { cryptoRows } from './sshd-rows-crypto.ts';
import { limitRows } from './sshd-rows-limit.ts';
import { loginRows } from './sshd-rows-login.ts';
import { sessionRows } from './sshd-rows-session.ts';

const rows: readonly Row[] = [...loginRows, ...limitRows, ...cryptoRows, ...sessionRows];

function toCheck(row: Row): Check {
  const { keyword, measure, line, note, gone } = row;
  return defineCheck({
    id: row.id,
    title: row.title,
    why: row.why,
    remedy: {
      en: `Write "${line}" into /etc/ssh/sshd_config above every Match line, and above the Include line if a drop-in sets ${keyword} too: the first line counts. Correct the Match blocks that the evidence names. Test with sshd -t, then reload sshd; keep a session open until a new one works.${note ? ` ${note.en}` : ''}`,
      de: `„${line}“ in /etc/ssh/sshd_config vor jede Match-Zeile schreiben, und vor die Include-Zeile, wenn auch eine eingebundene Datei ${keyword} setzt: Die erste Zeile gilt. Match-Blöcke berichtigen, die der Beleg nennt. Mit sshd -t prüfen, dann sshd neu laden; eine Sitzung offen lassen, bis eine neue gelingt.${note ? ` ${note.de}` : ''}`,
    },
    severity: row.severity,
    params: measure.params,
    needs: { sshd },
    appliesTo: always,
    evaluate: (facts, params) => {
      // The schema of the row's own measure produced them: strings, numbers, lists.
      const values = params as Params;
      if (gone && facts.sshd.state === 'known' && since(facts.sshd.value.version, gone.since))
        return notApplicable(gone.reason);
      const main = keyword.toLowerCase();
      return judge(facts.sshd, {
        keywords: [main, ...(row.also ?? []).map((name) => name.toLowerCase())],
        who: row.who ?? 'everybody',
        assess: (found, server) => {
          const assessed = measure.assess(found[main] ?? '', { values: found, params: values, server });
          return typeof assessed === 'boolean' ? { passes: assessed } : assessed;
        },
        wanted: measure.wanted(values),
        unprinted: row.unprinted,
      });
    },
    references: row.references,
    examples: async () => (await import('./sshd-examples.ts')).examplesOf(row.id),
  });
}

export const sshdChecks: readonly Check[] = rows.map(toCheck);
