/** password.max-age, min-age, warn-age, inactive: one row each. The default for new accounts, and each account's own. */
import { z } from 'zod';
import type { Evidence, Phrase, Text } from '../../shared/outcome.ts';
import { always, type Check, defineCheck, type Examples, fail, notApplicable, pass } from '../check.ts';
import { evidence } from '../evidence.ts';
import { type Fact, valueOr } from '../fact.ts';
import { type LoginDefs, loginDefs, loginDefsNumber } from '../facts/login-defs.ts';
import { passwd } from '../facts/passwd.ts';
import { type ShadowEntry, shadow } from '../facts/shadow.ts';
import { type UseraddDefaults, useraddDefaults } from '../facts/useradd-defaults.ts';
import { type PasswordAccount, passwordAccounts, unreadAccounts } from './accounts.ts';

interface Row {
  readonly id: string;
  readonly title: Text;
  readonly why: Text;
  readonly remedy: Text;
  readonly key: 'max' | 'min' | 'warn' | 'inactive';
  /** Where the value of new accounts stands; INACTIVE is useradd's. */
  readonly setting: string;
  readonly limit: 'at most' | 'at least';
  readonly days: number;
  /** Where nothing is set. */
  readonly none: Text;
  /** Without an end of the password the value does nothing: that is no fault for a warning, and one for a lock. */
  readonly withoutEnd?: 'fine' | 'wrong';
  readonly cis: string;
  readonly examples: Examples;
}

const rows: readonly Row[] = [
  {
    id: 'password.max-age',
    title: {
      en: 'Passwords expire after the time allowed',
      de: 'Passwörter laufen nach der erlaubten Zeit ab',
    },
    why: {
      en: 'A password that leaked unnoticed stays valid until it is changed; a limit ends that without anybody having to notice.',
      de: 'Ein unbemerkt bekannt gewordenes Passwort gilt, bis es geändert wird; eine Frist beendet das, ohne dass es jemand bemerken muss.',
    },
    remedy: {
      en: 'Set PASS_MAX_DAYS in /etc/login.defs for new accounts and chage --maxdays 365 NAME for those that exist.',
      de: 'PASS_MAX_DAYS in /etc/login.defs für neue Konten setzen und chage --maxdays 365 NAME für bestehende.',
    },
    key: 'max',
    setting: 'PASS_MAX_DAYS',
    limit: 'at most',
    days: 365,
    none: { en: 'never', de: 'nie' },
    cis: '5.4.1.1',
    examples: async () => (await import('./max-age.examples.ts')).examples,
  },
  {
    id: 'password.min-age',
    title: {
      en: 'A new password stays for a day at least',
      de: 'Ein neues Passwort gilt mindestens einen Tag',
    },
    why: {
      en: 'Whoever may change a password again at once runs through the history in a minute and is back at the old one.',
      de: 'Wer ein Passwort sofort wieder ändern darf, spult die Historie in einer Minute durch und ist wieder beim alten.',
    },
    remedy: {
      en: 'Set PASS_MIN_DAYS 1 in /etc/login.defs for new accounts and chage --mindays 1 NAME for those that exist.',
      de: 'PASS_MIN_DAYS 1 in /etc/login.defs für neue Konten setzen und chage --mindays 1 NAME für bestehende.',
    },
    key: 'min',
    setting: 'PASS_MIN_DAYS',
    limit: 'at least',
    days: 1,
    none: { en: 'none', de: 'keine' },
    cis: '5.4.1.2',
    examples: async () => (await import('./ageing.examples.ts')).minAgeExamples,
  },
  {
    id: 'password.warn-age',
    title: {
      en: 'People are warned before a password expires',
      de: 'Vor dem Ablauf eines Passworts wird gewarnt',
    },
    why: {
      en: 'Whoever has to find a new password with no time left takes a bad one, or is locked out.',
      de: 'Wer ohne Vorlauf ein neues Passwort finden muss, nimmt ein schlechtes oder steht vor verschlossener Tür.',
    },
    remedy: {
      en: 'Set PASS_WARN_AGE 7 in /etc/login.defs for new accounts and chage --warndays 7 NAME for those that exist.',
      de: 'PASS_WARN_AGE 7 in /etc/login.defs für neue Konten setzen und chage --warndays 7 NAME für bestehende.',
    },
    key: 'warn',
    setting: 'PASS_WARN_AGE',
    limit: 'at least',
    days: 7,
    none: { en: 'no warning', de: 'keine Warnung' },
    withoutEnd: 'fine',
    cis: '5.4.1.3',
    examples: async () => (await import('./ageing.examples.ts')).warnAgeExamples,
  },
  {
    id: 'password.inactive',
    title: {
      en: 'Accounts are closed when an expired password is not changed',
      de: 'Konten werden geschlossen, wenn ein abgelaufenes Passwort nicht geändert wird',
    },
    why: {
      en: 'An account whose password ran out weeks ago is used by nobody; it stays a way in that nobody watches.',
      de: 'Ein Konto, dessen Passwort seit Wochen abgelaufen ist, benutzt niemand; es bleibt ein Zugang, auf den niemand achtet.',
    },
    remedy: {
      en: 'useradd -D --inactive 30 for new accounts and chage --inactive 30 NAME for those that exist.',
      de: 'useradd -D --inactive 30 für neue Konten und chage --inactive 30 NAME für bestehende.',
    },
    key: 'inactive',
    setting: 'INACTIVE',
    limit: 'at most',
    days: 45,
    none: { en: 'never', de: 'nie' },
    withoutEnd: 'wrong',
    cis: '5.4.1.5',
    examples: async () => (await import('./ageing.examples.ts')).inactiveExamples,
  },
];

interface Judged {
  readonly right: boolean;
  readonly evidence: Evidence;
}

/** 99999 days is shadow-utils' word for never; negative numbers mean it too. */
const isLimit = (days: number | undefined): days is number =>
  days !== undefined && days >= 0 && days < 99_999;

const fits = ({ limit }: Row, days: number, allowed: number): boolean =>
  limit === 'at most' ? days <= allowed : days >= allowed;

const inDays = (days: number): Text =>
  days === 1 ? { en: '1 day', de: '1 Tag' } : { en: `${days} days`, de: `${days} Tage` };

function fromLoginDefs(row: Row, fact: Fact<LoginDefs>, allowed: number, wanted: Text): Judged {
  const value = fact.state === 'known' ? fact.value.tools.get(row.setting) : undefined;
  const source = value?.source ?? (fact.state === 'known' ? fact.value.source : '/etc/login.defs');
  const days = value && loginDefsNumber(value.value);
  const found: Phrase = !value
    ? { en: `${row.setting} not set`, de: `${row.setting} nicht gesetzt` }
    : days === undefined
      ? { en: `${row.setting} is not a number`, de: `${row.setting} ist keine Zahl` }
      : `${row.setting} ${days}`;
  const set = row.limit === 'at most' ? isLimit(days) : days !== undefined;
  return {
    right: set && days !== undefined && fits(row, days, allowed),
    evidence: evidence({ source, line: value?.line, found, wanted }),
  };
}

function fromUseradd(row: Row, fact: Fact<UseraddDefaults>, allowed: number, wanted: Text): Judged {
  const source = fact.state === 'known' ? fact.value.source : '/etc/default/useradd';
  const set = fact.state === 'known' ? fact.value.inactive : undefined;
  const found: Phrase = set
    ? `${row.setting} ${set.days}`
    : { en: `${row.setting} not set: ${row.none.en}`, de: `${row.setting} nicht gesetzt: ${row.none.de}` };
  return {
    right: isLimit(set?.days) && fits(row, set.days, allowed),
    evidence: evidence({ source, line: set?.line, found, wanted }),
  };
}

/** pam_unix and login count only from a day of change that is there; an empty one switches ageing off. */
function fromAccount(row: Row, account: PasswordAccount, allowed: number, wanted: Text): Judged[] {
  const { name, ageing } = account;
  const said = (found: Text): Evidence =>
    evidence({
      source: account.source,
      line: account.line,
      found: { en: `${name}: ${found.en}`, de: `${name}: ${found.de}` },
      wanted,
    });
  const days: number | undefined = ageing?.[row.key];
  if (row.withoutEnd && !expires(ageing)) {
    if (row.withoutEnd === 'fine') return [];
    return [
      {
        right: false,
        evidence: said(
          isLimit(days)
            ? {
                en: `${inDays(days).en}, without effect: the password never expires`,
                de: `${inDays(days).de}, ohne Wirkung: Das Passwort läuft nie ab`,
              }
            : row.none,
        ),
      },
    ];
  }
  if (!ageing || days === undefined || (row.limit === 'at most' && !isLimit(days)))
    return [{ right: false, evidence: said(row.none) }];
  if (ageing.lastChange === undefined)
    return [
      {
        right: false,
        evidence: said(
          row.key === 'max'
            ? {
                en: 'no day of last change to count from',
                de: 'kein Tag der letzten Änderung, von dem an zu zählen wäre',
              }
            : {
                en: `${inDays(days).en}, without effect: no day of last change`,
                de: `${inDays(days).de}, ohne Wirkung: kein Tag der letzten Änderung`,
              },
        ),
      },
    ];
  return [{ right: fits(row, days, allowed), evidence: said(inDays(days)) }];
}

const expires = (ageing: ShadowEntry | undefined): boolean =>
  ageing?.lastChange !== undefined && isLimit(ageing.max);

const NOT_FORCED: Text = {
  en: 'by policy, changes of passwords are not forced here (ageing: none)',
  de: 'nach den Vorgaben werden Passwortwechsel hier nicht erzwungen (ageing: none)',
};

function toCheck(row: Row): Check {
  const name = row.limit === 'at most' ? 'max' : 'min';
  return defineCheck({
    id: row.id,
    title: row.title,
    why: row.why,
    remedy: {
      en: `${row.remedy.en} If your guideline follows current advice and forces no change, set the parameter ageing to none.`,
      de: `${row.remedy.de} Verzichtet Ihre Richtlinie nach heutiger Empfehlung auf erzwungene Wechsel, den Parameter ageing auf none setzen.`,
    },
    severity: 'low',
    params: z.strictObject({
      /** Days. */
      [name]: z
        .int()
        .min(row.limit === 'at most' ? 1 : 0)
        .max(3650)
        .default(row.days),
      ageing: z.enum(['enforced', 'none']).default('enforced'),
    }),
    needs: { loginDefs, useraddDefaults, shadow, passwd },
    appliesTo: always,
    evaluate: (facts, params) => {
      if (params.ageing === 'none') return notApplicable(NOT_FORCED);
      const allowed = Number(params[name]);
      const wanted: Text =
        row.limit === 'at most'
          ? { en: `at most ${inDays(allowed).en}`, de: `höchstens ${inDays(allowed).de}` }
          : { en: `at least ${inDays(allowed).en}`, de: `mindestens ${inDays(allowed).de}` };
      const defaults: Fact<unknown> = row.key === 'inactive' ? facts.useraddDefaults : facts.loginDefs;
      const judged = [
        ...(defaults.state === 'unreadable'
          ? []
          : [
              row.key === 'inactive'
                ? fromUseradd(row, facts.useraddDefaults, allowed, wanted)
                : fromLoginDefs(row, facts.loginDefs, allowed, wanted),
            ]),
        ...passwordAccounts(facts.passwd, facts.shadow).flatMap((account) =>
          fromAccount(row, account, allowed, wanted),
        ),
      ];
      const wrong = judged.filter(({ right }) => !right);
      if (wrong.length > 0) return fail(wrong.map((one) => one.evidence));
      valueOr(defaults, undefined);
      return unreadAccounts(facts.passwd, facts.shadow, wanted) ?? pass(judged.map((one) => one.evidence));
    },
    references: [
      `CIS Debian Linux 12 v1.1.0, ${row.cis}`,
      `CIS Red Hat Enterprise Linux 9 v2.0.0, ${row.cis}`,
      'BSI IT-Grundschutz ORP.4.A23 (which advises against forced changes without a reason)',
      'ISO/IEC 27001:2022 A.5.17',
      'login.defs(5), shadow(5), chage(1), useradd(8)',
    ],
    examples: row.examples,
  });
}

export const ageingChecks: readonly Check[] = rows.map(toCheck);
