/** password.enforced and password.enforced-for-root: a quality module really decides, for every way of changing a password. */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, type Check, defineCheck, fail, pass, unknown, type Verdict } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { passwdqcAccepts } from '../facts/passwdqc.ts';
import {
  decides,
  isEnforced,
  type PasswordModule,
  type PasswordWay,
  type PasswordWho,
  passwordPolicy,
} from '../facts/password-policy.ts';
import { NO_WAY, openWays } from './ways.ts';

const isQuality = ({ kind }: PasswordModule): boolean => /^(pwquality|cracklib|passwdqc)$/.test(kind);

/** Whether it refuses anything worth the name: the others have floors, pam_passwdqc has none. */
const refuses = (module: PasswordModule): boolean =>
  module.kind !== 'passwdqc' || !passwdqcAccepts(module.rules, 'xqvkz');

const WANTED: Text = {
  en: 'a quality module refuses weak choices before they are stored',
  de: 'ein Qualitätsmodul lehnt schwache Passwörter ab, bevor sie gespeichert werden',
};

interface Judged {
  readonly outcome: 'pass' | 'fail' | 'unknown';
  readonly evidence: Evidence;
}

function judge(way: PasswordWay, services: string): Judged {
  const about = (module: PasswordModule | undefined, found: Text): Evidence =>
    evidence({
      source: module?.line.file ?? '/etc/pam.d',
      line: module?.line.line,
      found: { en: `${found.en} (${services})`, de: `${found.de} (${services})` },
      wanted: WANTED,
    });
  const strange = way.modules.find(({ kind }) => kind === 'unknown');
  if (strange)
    return {
      outcome: 'unknown',
      evidence: about(strange, {
        en: `what ${strange.line.module} asks for is not known here`,
        de: `was ${strange.line.module} verlangt, ist hier nicht bekannt`,
      }),
    };
  const judges = way.modules.filter(isQuality);
  const right = judges.find((one) => isEnforced(way, one) && decides(way, one) && refuses(one));
  if (right)
    return {
      outcome: 'pass',
      evidence: about(right, { en: `${right.line.module} decides`, de: `${right.line.module} entscheidet` }),
    };
  const first = judges[0];
  const missing = way.modules.find(
    ({ kind, line }) => kind === 'missing' && /^pam_(pwquality|cracklib|passwdqc)/.test(line.module),
  );
  if (!first && missing)
    return {
      outcome: 'fail',
      evidence: about(missing, {
        en: `${missing.line.module} is not installed, and it is stored all the same`,
        de: `${missing.line.module} ist nicht installiert, und gespeichert wird trotzdem`,
      }),
    };
  if (!first)
    return {
      outcome: 'fail',
      evidence: about(
        way.modules.find(({ kind }) => kind === 'unix'),
        { en: 'no quality module', de: 'kein Qualitätsmodul' },
      ),
    };
  if (isEnforced(way, first) && !refuses(first))
    return {
      outcome: 'fail',
      evidence: about(first, {
        en: `${first.line.module} takes five letters of one class`,
        de: `${first.line.module} nimmt fünf Zeichen einer Klasse an`,
      }),
    };
  if (isEnforced(way, first))
    return {
      outcome: 'fail',
      evidence: about(first, {
        en: `${first.line.module} refuses, and it is stored all the same`,
        de: `${first.line.module} lehnt ab, und gespeichert wird trotzdem`,
      }),
    };
  const exempt = way.who === 'root';
  const word = exempt
    ? { en: 'root is exempt', de: 'root ist ausgenommen' }
    : { en: 'it only warns', de: 'es warnt nur' };
  return {
    outcome: 'fail',
    evidence: about(first, {
      en: `${first.line.module}: ${word.en}`,
      de: `${first.line.module}: ${word.de}`,
    }),
  };
}

function verdict(ways: readonly PasswordWay[], who: PasswordWho): Verdict {
  const judged = openWays(ways, who).map(({ way, services }) => judge(way, services));
  const of = (outcome: Judged['outcome']) =>
    judged.filter((one) => one.outcome === outcome).map((one) => one.evidence);
  if (judged.length === 0) return unknown(NO_WAY);
  if (of('fail').length > 0) return fail(of('fail'));
  if (of('unknown').length > 0)
    return unknown(
      { en: 'a module of the stack is not known here', de: 'ein Modul des Stapels ist hier nicht bekannt' },
      of('unknown'),
    );
  return pass(of('pass'));
}

const shared = {
  params: z.strictObject({}),
  needs: { passwordPolicy },
  appliesTo: always,
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.3.2.3 and 5.3.3.2.7, 5.3.3.2.8',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.3.2.3 and 5.3.3.2.7',
    'BSI IT-Grundschutz ORP.4.A22',
    'ISO/IEC 27001:2022 A.5.17',
    'pam_pwquality(8), pwquality.conf(5), pam.conf(5)',
  ],
};

export const enforcedChecks: readonly Check[] = [
  defineCheck({
    ...shared,
    id: 'password.enforced',
    title: {
      en: 'Weak passwords are refused, not only warned about',
      de: 'Schwache Passwörter werden abgelehnt, nicht nur angemahnt',
    },
    why: {
      en: 'A quality module that only warns, is optional, or is asked after the new one has been stored keeps nobody from a weak choice.',
      de: 'Ein Qualitätsmodul, das nur warnt, optional ist oder erst nach dem Speichern gefragt wird, hält niemanden von einer schwachen Wahl ab.',
    },
    remedy: {
      en: 'Put pam_pwquality as requisite before pam_unix in the password stack, give pam_unix use_authtok, and take out enforcing = 0. Debian: apt install libpam-pwquality.',
      de: 'pam_pwquality im password-Stapel als requisite vor pam_unix stellen, pam_unix use_authtok geben und enforcing = 0 entfernen. Debian: apt install libpam-pwquality.',
    },
    severity: 'high',
    evaluate: (facts) => verdict(valueIn(facts.passwordPolicy), 'account'),
    examples: async () => (await import('./enforced.examples.ts')).examples,
  }),
  defineCheck({
    ...shared,
    id: 'password.enforced-for-root',
    title: {
      en: 'Root too can set no weak passwords',
      de: 'Auch root kann keine schwachen Passwörter setzen',
    },
    why: {
      en: 'First passwords are set by root, and so is its own; without enforce_for_root the rules hold for neither.',
      de: 'Erste Passwörter setzt root, und das eigene auch; ohne enforce_for_root gelten die Regeln für beide nicht.',
    },
    remedy: {
      en: 'Put a line enforce_for_root into /etc/security/pwquality.conf.',
      de: 'In /etc/security/pwquality.conf eine Zeile enforce_for_root eintragen.',
    },
    severity: 'low',
    evaluate: (facts) => verdict(valueIn(facts.passwordPolicy), 'root'),
    examples: async () => (await import('./enforced.examples.ts')).rootExamples,
  }),
];
