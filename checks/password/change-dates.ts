/** password.change-dates */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import { always, defineCheck, type Example, fail, pass } from '../check.ts';
import { evidence } from '../evidence.ts';
import { passwd } from '../facts/passwd.ts';
import { shadow } from '../facts/shadow.ts';
import { passwordAccounts, unreadAccounts } from './accounts.ts';

const WANTED: Text = { en: 'a day that has been', de: 'ein vergangener Tag' };
const DAY_MS = 86_400_000;

const dateOf = (day: number): string => {
  const date = new Date(day * DAY_MS);
  return Number.isNaN(date.getTime()) ? `${day}` : date.toISOString().replace(/T.*/, '');
};

const HASH = '$y$j9T$exampleexampleexampl$exampleexampleexampleexampleexampleexampleexa';
const tree = (day: string, more: Example['tree']['files'] = {}): Example['tree'] => ({
  files: {
    '/etc/passwd': 'root:x:0:0::/root:/bin/bash\nanna:x:1000:1000::/home/anna:/bin/bash\n',
    '/etc/shadow': `root:*:::::::\nanna:${HASH}:${day}:0:90:7:::\n`,
    ...more,
  },
});
const NOW = '2026-06-15T12:00:00.000Z';

export const changeDates = defineCheck({
  id: 'password.change-dates',
  title: {
    en: 'Every password has a day of its last change, and none in the future',
    de: 'Jedes Passwort hat einen Tag der letzten Änderung, und keiner liegt in der Zukunft',
  },
  why: {
    en: 'Ageing counts from that day: without it, or with one to come, a password does not expire, whatever limit is set.',
    de: 'Von diesem Tag an zählt die Frist: Fehlt er oder liegt er in der Zukunft, läuft ein Passwort trotz gesetzter Frist nicht ab.',
  },
  remedy: {
    en: 'Have the password changed (chage -d 0 NAME asks for it at the next login); if many are in the future, set the clock first.',
    de: 'Das Passwort ändern lassen (chage -d 0 NAME verlangt es bei der nächsten Anmeldung); liegen viele in der Zukunft, zuerst die Uhr stellen.',
  },
  severity: 'low',
  params: z.strictObject({}),
  needs: { passwd, shadow },
  appliesTo: always,
  evaluate: (facts, _params, now) => {
    const today = Math.floor(now.getTime() / DAY_MS);
    const judged = passwordAccounts(facts.passwd, facts.shadow).map(({ name, source, line, ageing }) => {
      const day = ageing?.lastChange;
      const said: Text =
        day === undefined
          ? { en: 'no day of last change', de: 'kein Tag der letzten Änderung' }
          : day === 0
            ? { en: 'to be changed at the next login', de: 'bei der nächsten Anmeldung zu ändern' }
            : { en: `changed on ${dateOf(day)}`, de: `geändert am ${dateOf(day)}` };
      const found: Text = { en: `${name}: ${said.en}`, de: `${name}: ${said.de}` };
      return {
        right: day !== undefined && day <= today,
        evidence: evidence({ source, line, found, wanted: WANTED }),
      };
    });
    const wrong = judged.filter(({ right }) => !right);
    if (wrong.length > 0) return fail(wrong.map((one) => one.evidence));
    return unreadAccounts(facts.passwd, facts.shadow, WANTED) ?? pass(judged.map((one) => one.evidence));
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.4.1.6',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.4.1.6',
    'BSI IT-Grundschutz ORP.4.A23',
    'ISO/IEC 27001:2022 A.5.17',
    'shadow(5), chage(1)',
  ],
  examples: [
    { name: 'a day that has been', outcome: 'pass', tree: tree('20000'), now: NOW, says: ['2024-10-04'] },
    { name: 'today', outcome: 'pass', tree: tree('20619'), now: NOW, says: ['2026-06-15'] },
    {
      name: 'to be changed at the next login',
      outcome: 'pass',
      tree: tree('0'),
      now: NOW,
      says: ['next login'],
    },
    { name: 'tomorrow', outcome: 'fail', tree: tree('20620'), now: NOW, says: ['2026-06-16'] },
    {
      name: 'a day beyond all dates',
      outcome: 'fail',
      tree: tree('2147483647'),
      now: NOW,
      says: ['2147483647'],
    },
    { name: 'none', outcome: 'fail', tree: tree(''), now: NOW, says: ['no day'] },
    { name: '-1 is none', outcome: 'fail', tree: tree('-1'), now: NOW },
    {
      name: 'shadow not readable without root',
      outcome: 'unknown',
      tree: tree('', { '/etc/shadow': { unreadable: 'permission denied' } }),
    },
    { name: 'a day that is no number', outcome: 'unknown', tree: tree('yesterday'), says: ['"line":2'] },
  ],
});
