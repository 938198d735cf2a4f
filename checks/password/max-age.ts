/** password.max-age */
import { z } from 'zod';
import type { Evidence, Phrase, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, notApplicable, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { type Fact, valueIn } from '../fact.ts';
import { type LoginDefs, loginDefs, loginDefsNumber } from '../facts/login-defs.ts';
import { PASSWD, passwd } from '../facts/passwd.ts';
import type { PasswordField } from '../facts/password-field.ts';
import { SHADOW, type ShadowEntry, shadow } from '../facts/shadow.ts';
import { examples } from './max-age.examples.ts';

const never: Text = { en: 'never', de: 'nie' };

/** 99999 days is shadow-utils' word for never; negative numbers mean it too. */
const isLimit = (days: number | undefined): days is number =>
  days !== undefined && days >= 0 && days < 99_999;

interface Judged {
  readonly right: boolean;
  readonly evidence: Evidence;
}

function defaultAge(fact: Fact<LoginDefs>, max: number, wanted: Text): Judged {
  const source = fact.state === 'known' ? fact.value.source : '/etc/login.defs';
  const setting = fact.state === 'known' ? fact.value.tools.get('PASS_MAX_DAYS') : undefined;
  const days = setting && loginDefsNumber(setting.value);
  const found: Phrase = !setting
    ? { en: 'PASS_MAX_DAYS not set', de: 'PASS_MAX_DAYS nicht gesetzt' }
    : days === undefined
      ? { en: 'PASS_MAX_DAYS is not a number', de: 'PASS_MAX_DAYS ist keine Zahl' }
      : `PASS_MAX_DAYS ${days}`;
  return {
    right: isLimit(days) && days <= max,
    evidence: evidence({ source, line: setting?.line, found, wanted }),
  };
}

/** Somebody can log in with it: a hash that is not locked, or nothing at all. */
const usable = (password: PasswordField): boolean =>
  password.kind === 'empty' || (password.kind === 'hash' && !password.locked);

/** pam_unix and login count only from a day of change that is there; an empty one switches ageing off. */
function accountAge({ name, line, max: days, lastChange }: ShadowEntry, max: number, wanted: Text): Judged {
  const limit = lastChange === undefined ? undefined : days;
  const found: Text =
    lastChange === undefined && isLimit(days)
      ? {
          en: `${name}: no day of last change, so it never expires`,
          de: `${name}: kein Tag der letzten Änderung, läuft deshalb nie ab`,
        }
      : isLimit(limit)
        ? { en: `${name}: ${limit} days`, de: `${name}: ${limit} Tage` }
        : { en: `${name}: ${never.en}`, de: `${name}: ${never.de}` };
  return {
    right: isLimit(limit) && limit <= max,
    evidence: evidence({ source: SHADOW, line, found, wanted }),
  };
}

export const maxAge = defineCheck({
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
    en: 'Set PASS_MAX_DAYS in /etc/login.defs for new accounts and chage --maxdays 365 NAME for those that exist. If your guideline follows current advice and forces no change, set the parameter ageing to none.',
    de: 'PASS_MAX_DAYS in /etc/login.defs für neue Konten setzen und chage --maxdays 365 NAME für bestehende. Verzichtet Ihre Richtlinie nach heutiger Empfehlung auf erzwungene Wechsel, den Parameter ageing auf none setzen.',
  },
  severity: 'low',
  params: z.strictObject({
    /** Days. */
    max: z.int().min(1).max(3650).default(365),
    ageing: z.enum(['enforced', 'none']).default('enforced'),
  }),
  needs: { loginDefs, shadow, passwd },
  appliesTo: always,
  evaluate: (facts, { max, ageing }) => {
    if (ageing === 'none')
      return notApplicable({
        en: 'by policy, changes of passwords are not forced here (ageing: none)',
        de: 'nach den Vorgaben werden Passwortwechsel hier nicht erzwungen (ageing: none)',
      });
    const wanted: Text = { en: `at most ${max} days`, de: `höchstens ${max} Tage` };
    const accounts = facts.passwd.state === 'known' ? facts.passwd.value.entries : [];
    const shadows = facts.shadow.state === 'known' ? facts.shadow.value : undefined;
    const inPasswd = new Map(accounts.map(({ name, password }) => [name, password.kind]));
    const judged = [
      ...(facts.loginDefs.state === 'unreadable' ? [] : [defaultAge(facts.loginDefs, max, wanted)]),
      ...(shadows?.entries ?? [])
        .filter(({ name, password }) => inPasswd.get(name) === 'shadow' && usable(password))
        .map((entry) => accountAge(entry, max, wanted)),
      // A password in passwd itself has no ageing at all.
      ...accounts
        .filter(({ password }) => usable(password))
        .map(({ name, line }) => ({
          right: false,
          evidence: evidence({
            source: PASSWD,
            line,
            found: { en: `${name}: ${never.en}`, de: `${name}: ${never.de}` },
            wanted,
          }),
        })),
    ];
    const wrong = judged.filter(({ right }) => !right);
    if (wrong.length > 0) return fail(wrong.map((one) => one.evidence));
    valueIn(facts.loginDefs);
    valueIn(facts.passwd);
    const broken = valueIn(facts.shadow).malformed;
    if (broken.length > 0)
      return unknown(
        {
          en: 'shadow holds lines that can not be read as accounts',
          de: 'shadow enthält Zeilen, die nicht als Konto lesbar sind',
        },
        broken.map(({ line }) =>
          evidence({ source: SHADOW, line, found: { en: 'not readable', de: 'nicht lesbar' }, wanted }),
        ),
      );
    return pass(judged.map((one) => one.evidence));
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.4.1.1',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.4.1.1',
    'BSI IT-Grundschutz ORP.4.A23 (which advises against forced changes without a reason)',
    'ISO/IEC 27001:2022 A.5.17',
    'login.defs(5), shadow(5), chage(1)',
  ],
  examples,
});
