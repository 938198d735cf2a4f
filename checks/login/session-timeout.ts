/** login.session-timeout */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { shellTimeout } from '../facts/shell-timeout.ts';
import { lastSetting, logindSettings } from '../facts/systemd-manager.ts';

const KEY = 'StopIdleSessionSec';

const params = z.strictObject({
  /** Seconds without input after which a session ends, at most. */
  seconds: z.int().min(1).default(900),
});

/** systemd.time(7) as far as people write it; undefined for anything else, `infinity` is no limit. */
export function timeSpan(text: string): number | undefined {
  const units: Readonly<Record<string, number>> = {
    '': 1,
    s: 1,
    sec: 1,
    second: 1,
    seconds: 1,
    m: 60,
    min: 60,
    minute: 60,
    minutes: 60,
    h: 3600,
    hr: 3600,
    hour: 3600,
    hours: 3600,
    d: 86_400,
    day: 86_400,
    days: 86_400,
  };
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  const parts = [...text.matchAll(/(\d+)\s*([a-z]*)\s*/gy)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) return undefined;
  let total = 0;
  for (const [, amount, unit = ''] of parts) {
    const factor = units[unit];
    if (factor === undefined) return undefined;
    total += Number(amount) * factor;
  }
  return total;
}

export const sessionTimeout = defineCheck({
  id: 'login.session-timeout',
  title: { en: 'Idle sessions end', de: 'Untätige Sitzungen enden von selbst' },
  why: {
    en: 'Whoever comes upon a session that was left open works in it under another name, without logging in.',
    de: 'Wer eine offen gelassene Sitzung vorfindet, arbeitet in ihr unter fremdem Namen, ohne sich anzumelden.',
  },
  remedy: {
    en: 'A file in /etc/profile.d with “TMOUT=900; readonly TMOUT; export TMOUT”, each without a condition, or StopIdleSessionSec=15min in /etc/systemd/logind.conf.d/ (systemd 252 and newer). Remove later lines that unset it.',
    de: 'Eine Datei in /etc/profile.d mit „TMOUT=900; readonly TMOUT; export TMOUT“, jeweils ohne Bedingung, oder StopIdleSessionSec=15min in /etc/systemd/logind.conf.d/ (ab systemd 252). Spätere Zeilen, die TMOUT löschen, entfernen.',
  },
  severity: 'low',
  params,
  needs: { shellTimeout, logindSettings },
  appliesTo: always,
  // sshd's ClientAlive is judged by a check of its own: it ends sessions whose network is gone, not idle ones.
  evaluate: (facts, { seconds }) => {
    const wanted: Text = {
      en: `TMOUT from 1 to ${seconds}, read-only and exported`,
      de: `TMOUT von 1 bis ${seconds}, schreibgeschützt und exportiert`,
    };
    const idle = lastSetting(valueIn(facts.logindSettings), KEY);
    const span = idle && timeSpan(idle.value);
    if (idle && span !== undefined && span > 0 && span <= seconds)
      return pass([
        evidence({
          source: idle.source,
          line: idle.line,
          found: `${KEY}=${idle.value}`,
          wanted: `${KEY} <= ${seconds}`,
        }),
      ]);
    const shell = valueIn(facts.shellTimeout);
    const { source, line } = shell;
    const limited = shell.seconds !== undefined && shell.seconds > 0 && shell.seconds <= seconds;
    const yes = (on: boolean, word: Text, not: Text): Text => (on ? word : not);
    const locked = yes(
      shell.readonly,
      { en: 'read-only', de: 'schreibgeschützt' },
      { en: 'not read-only', de: 'nicht schreibgeschützt' },
    );
    const handed = yes(
      shell.exported,
      { en: 'exported', de: 'exportiert' },
      { en: 'not exported', de: 'nicht exportiert' },
    );
    const piece = evidence({
      source,
      line,
      found:
        shell.seconds === undefined
          ? { en: 'TMOUT is not set', de: 'TMOUT ist nicht gesetzt' }
          : {
              en: `TMOUT=${shell.seconds}, ${locked.en}, ${handed.en}`,
              de: `TMOUT=${shell.seconds}, ${locked.de}, ${handed.de}`,
            },
      wanted,
    });
    // What is read-only can not be changed by a line that may or may not run later.
    if (limited && shell.readonly && shell.exported) return pass([piece]);
    if (shell.unclear && (!shell.readonly || limited))
      return unknown(
        {
          en: 'TMOUT depends on a condition or on another variable in the start files',
          de: 'TMOUT hängt in den Startdateien von einer Bedingung oder einer anderen Variablen ab',
        },
        [evidence({ ...shell.unclear, found: 'TMOUT', wanted })],
      );
    return fail([piece]);
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.4.3.2',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.4.3.2',
    'DISA STIG RHEL 9, RHEL-09-412035, RHEL-09-412080',
    'BSI IT-Grundschutz SYS.1.1.A2, ORP.4.A9',
    'ISO/IEC 27001:2022 A.7.7, A.8.5',
    'bash(1), logind.conf(5), systemd.time(7)',
  ],
  examples: async () => (await import('./session-timeout.examples.ts')).examples,
});
