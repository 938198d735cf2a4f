/**
 * login.sshd-*: one row for each keyword of sshd_config(5). A new row needs the keyword in
 * checks/facts/sshd-keywords.ts with its default, and examples in sshd-examples.ts.
 */
import { z } from 'zod';
import type { ParamValue, Severity, Text } from '../../shared/outcome.ts';
import { always, type Check, defineCheck } from '../check.ts';
import { sshd } from '../facts/sshd.ts';
import { examplesOf } from './sshd-examples.ts';
import { judge, type Question } from './sshd-judge.ts';

/** How a value is judged: with what params, what passes, and how the wish is written. */
interface Measure {
  readonly params: z.ZodObject;
  readonly allows: (value: string, params: Params) => boolean;
  readonly wanted: (params: Params) => string;
}
type Params = Readonly<Record<string, ParamValue>>;

export interface Row {
  /** As in sshd_config(5). */
  readonly keyword: string;
  readonly id: string;
  readonly severity: Severity;
  readonly who?: Question['who'];
  readonly measure: Measure;
  readonly title: Text;
  readonly why: Text;
  /** What to write, in the remedy's sentence. */
  readonly line: string;
  readonly references: readonly string[];
}

/** Values from the weakest to the strictest: whatever is as strict as the weakest allowed one, or stricter, passes. */
function atLeast(
  order: readonly [string, ...string[]],
  allowed: readonly string[],
  adjustable = true,
): Measure {
  const weakest = (names: readonly string[]) => Math.min(...names.map((name) => order.indexOf(name)));
  const allowedIn = (params: Params): readonly string[] =>
    Array.isArray(params.allowed) ? params.allowed.map(String) : allowed;
  return {
    params: adjustable
      ? z.strictObject({
          allowed: z
            .array(z.enum(order))
            .min(1)
            .max(order.length)
            .default([...allowed]),
        })
      : z.strictObject({}),
    allows: (value, params) => order.includes(value) && order.indexOf(value) >= weakest(allowedIn(params)),
    wanted: (params) =>
      order
        .slice(weakest(allowedIn(params)))
        .reverse()
        .join(', '),
  };
}

/** A number that may not be higher. */
function atMost(limit: number, range: { min: number; max: number }): Measure {
  const max = (params: Params) => (typeof params.max === 'number' ? params.max : limit);
  return {
    params: z.strictObject({ max: z.int().min(range.min).max(range.max).default(limit) }),
    allows: (value, params) => /^\d+$/.test(value) && Number(value) <= max(params),
    wanted: (params) => `<= ${max(params)}`,
  };
}

const mustBeNo = atLeast(['yes', 'no'], ['no'], false);

export const rows: readonly Row[] = [
  {
    keyword: 'PermitRootLogin',
    id: 'login.sshd-permit-root-login',
    severity: 'high',
    who: 'root',
    measure: atLeast(['yes', 'prohibit-password', 'forced-commands-only', 'no'], ['no']),
    title: { en: 'root does not log in over SSH', de: 'root meldet sich nicht über SSH an' },
    why: {
      en: 'Whoever logs in as root leaves no trace of who it was, and root is the one account name that every attacker knows.',
      de: 'Wer sich als root anmeldet, bleibt als Person unerkannt, und root ist der Kontoname, den jeder Angreifer kennt.',
    },
    line: 'PermitRootLogin no',
    references: [
      'CIS Debian Linux 12, 5.1.20',
      'BSI IT-Grundschutz SYS.1.3.A8',
      'sshd_config(5) PermitRootLogin',
    ],
  },
  {
    keyword: 'PermitEmptyPasswords',
    id: 'login.sshd-permit-empty-passwords',
    severity: 'critical',
    measure: mustBeNo,
    title: {
      en: 'SSH lets nobody in with an empty password',
      de: 'SSH lässt niemanden mit leerem Kennwort herein',
    },
    why: {
      en: 'An account with an empty password would be open to everybody who can reach the server.',
      de: 'Ein Konto mit leerem Kennwort stünde jedem offen, der den Server erreicht.',
    },
    line: 'PermitEmptyPasswords no',
    references: [
      'CIS Debian Linux 12, 5.1.19',
      'BSI IT-Grundschutz SYS.1.3.A8',
      'sshd_config(5) PermitEmptyPasswords',
    ],
  },
  {
    keyword: 'PasswordAuthentication',
    id: 'login.sshd-password-authentication',
    severity: 'medium',
    measure: atLeast(['yes', 'no'], ['no']),
    title: {
      en: 'SSH takes keys instead of passwords (PasswordAuthentication)',
      de: 'SSH verlangt Schlüssel statt Kennwörter (PasswordAuthentication)',
    },
    why: {
      en: 'Passwords can be guessed and caught; keys can not. Passwords asked for through PAM are a keyword of their own (KbdInteractiveAuthentication).',
      de: 'Kennwörter lassen sich erraten und abfangen, Schlüssel nicht. Kennwörter, die über PAM abgefragt werden, regelt ein eigenes Schlüsselwort (KbdInteractiveAuthentication).',
    },
    line: 'PasswordAuthentication no',
    references: [
      'BSI IT-Grundschutz SYS.1.3.A8',
      'ISO/IEC 27001 A.8.5',
      'sshd_config(5) PasswordAuthentication',
    ],
  },
  {
    keyword: 'MaxAuthTries',
    id: 'login.sshd-max-auth-tries',
    severity: 'medium',
    measure: atMost(4, { min: 1, max: 100 }),
    title: {
      en: 'SSH ends a connection after a few failed attempts',
      de: 'SSH trennt die Verbindung nach wenigen Fehlversuchen',
    },
    why: {
      en: 'The fewer attempts a connection has, the slower passwords can be tried.',
      de: 'Je weniger Versuche eine Verbindung hat, desto langsamer lassen sich Kennwörter durchprobieren.',
    },
    line: 'MaxAuthTries 4',
    references: ['CIS Debian Linux 12, 5.1.16', 'sshd_config(5) MaxAuthTries'],
  },
  {
    keyword: 'HostbasedAuthentication',
    id: 'login.sshd-hostbased-authentication',
    severity: 'high',
    measure: mustBeNo,
    title: {
      en: 'SSH trusts no other machine to vouch for its users',
      de: 'SSH vertraut keiner anderen Maschine, dass sie für ihre Benutzer bürgt',
    },
    why: {
      en: 'With host-based authentication whoever controls a trusted machine gets in here without any further proof.',
      de: 'Bei rechnerbasierter Anmeldung kommt hier ohne weiteren Nachweis herein, wer eine vertraute Maschine beherrscht.',
    },
    line: 'HostbasedAuthentication no',
    references: ['CIS Debian Linux 12, 5.1.10', 'sshd_config(5) HostbasedAuthentication'],
  },
];

function toCheck(row: Row): Check {
  const { keyword, measure, line } = row;
  return defineCheck({
    id: row.id,
    title: row.title,
    why: row.why,
    remedy: {
      en: `Write "${line}" into /etc/ssh/sshd_config above every Match line, and above the Include line if a drop-in sets ${keyword} too: the first line counts. Correct the Match blocks that the evidence names. Test with sshd -t, then reload sshd; keep a session open until a new one works.`,
      de: `„${line}“ in /etc/ssh/sshd_config vor jede Match-Zeile schreiben, und vor die Include-Zeile, wenn auch eine eingebundene Datei ${keyword} setzt: Die erste Zeile gilt. Match-Blöcke berichtigen, die der Beleg nennt. Mit sshd -t prüfen, dann sshd neu laden; eine Sitzung offen lassen, bis eine neue gelingt.`,
    },
    severity: row.severity,
    params: measure.params,
    needs: { sshd },
    appliesTo: always,
    evaluate: (facts, params) => {
      // The schema of the row's own measure produced them: strings, numbers, lists.
      const values = params as Params;
      return judge(facts.sshd, {
        keyword: keyword.toLowerCase(),
        who: row.who ?? 'everybody',
        allows: (value) => measure.allows(value, values),
        wanted: measure.wanted(values),
      });
    },
    references: row.references,
    examples: examplesOf(row.id),
  });
}

export const sshdChecks: readonly Check[] = rows.map(toCheck);
