/** password.quality-module, history-module, unix-module: the module is in every stack that changes passwords, where it works. */
import { z } from 'zod';
import type { Evidence, Phrase, Text } from '../../shared/outcome.ts';
import { always, type Check, defineCheck, type Examples, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { decides, type PasswordModule, type PasswordWay, passwordPolicy } from '../facts/password-policy.ts';
import { byStack, isOpen, NO_WAY, STRANGE } from './ways.ts';

interface Row {
  readonly id: string;
  readonly title: Text;
  readonly why: Text;
  readonly remedy: Text;
  readonly is: (module: PasswordModule) => boolean;
  /** Whether it does its work there. */
  readonly works: (way: PasswordWay, module: PasswordModule) => boolean;
  /** Why it does not. */
  readonly idle: Text;
  readonly none: Text;
  /** Whether ways by which nothing can be stored matter: they show that the module is out of reach. */
  readonly closed?: true;
  readonly wanted: Text;
  readonly cis: string;
  readonly examples: Examples;
}

const AT_ALL: Text = {
  en: 'what it refuses is stored all the same',
  de: 'was es ablehnt, wird trotzdem gespeichert',
};

const rows: readonly Row[] = [
  {
    id: 'password.quality-module',
    title: {
      en: 'A quality module is in every stack that changes passwords',
      de: 'Ein Qualitätsmodul steht in jedem Stapel, der Passwörter ändert',
    },
    why: {
      en: 'One service with a stack of its own is enough: there, any password will do.',
      de: 'Ein einziger Dienst mit eigenem Stapel genügt: Dort geht jedes Passwort.',
    },
    remedy: {
      en: 'Install libpam-pwquality (Debian) or run authselect (Red Hat); put pam_pwquality as requisite before pam_unix, which needs use_authtok.',
      de: 'libpam-pwquality installieren (Debian) oder authselect verwenden (Red Hat); pam_pwquality als requisite vor pam_unix stellen, das use_authtok braucht.',
    },
    is: ({ kind }) => /^(pwquality|cracklib|passwdqc)$/.test(kind),
    works: decides,
    idle: AT_ALL,
    none: { en: 'no quality module', de: 'kein Qualitätsmodul' },
    wanted: {
      en: 'pam_pwquality, pam_cracklib or pam_passwdqc, whose word counts',
      de: 'pam_pwquality, pam_cracklib oder pam_passwdqc, deren Wort gilt',
    },
    cis: '5.3.2.3',
    examples: async () => (await import('./modules.examples.ts')).qualityModuleExamples,
  },
  {
    id: 'password.history-module',
    title: {
      en: 'A module that remembers passwords is in every stack that changes them',
      de: 'Ein Modul, das sich Passwörter merkt, steht in jedem Stapel, der sie ändert',
    },
    why: {
      en: 'What one stack does not remember can be set by it again.',
      de: 'Was ein Stapel sich nicht merkt, lässt sich über ihn wieder setzen.',
    },
    remedy: {
      en: 'Put pam_pwhistory as requisite with use_authtok between the quality module and pam_unix, which needs use_authtok.',
      de: 'pam_pwhistory als requisite mit use_authtok zwischen Qualitätsmodul und pam_unix stellen, das use_authtok braucht.',
    },
    is: (module) => module.kind === 'history' || ('unix' in module && module.unix.remember.value > 0),
    works: decides,
    idle: AT_ALL,
    none: { en: 'no module remembers passwords', de: 'kein Modul merkt sich Passwörter' },
    wanted: {
      en: 'pam_pwhistory, or pam_unix with remember, whose word counts',
      de: 'pam_pwhistory oder pam_unix mit remember, deren Wort gilt',
    },
    cis: '5.3.2.4',
    examples: async () => (await import('./modules.examples.ts')).historyModuleExamples,
  },
  {
    id: 'password.unix-module',
    title: {
      en: 'pam_unix is in every stack that changes passwords of this system',
      de: 'pam_unix steht in jedem Stapel, der Passwörter dieses Systems ändert',
    },
    why: {
      en: 'Only pam_unix stores them in shadow with the hash that is set; where it is out of reach nobody can change a password that has leaked.',
      de: 'Nur pam_unix legt sie mit dem eingestellten Verfahren in shadow ab; wo es nicht erreicht wird, kann niemand ein bekannt gewordenes Passwort ändern.',
    },
    remedy: {
      en: 'Run pam-auth-update (Debian) or authselect (Red Hat), or put pam_unix behind the quality module. With use_authtok there must be a module before it that asks for the password.',
      de: 'pam-auth-update (Debian) oder authselect (Red Hat) ausführen oder pam_unix hinter das Qualitätsmodul stellen. Mit use_authtok muss vor ihm ein Modul stehen, das nach dem Passwort fragt.',
    },
    is: ({ kind }) => kind === 'unix',
    works: isOpen,
    idle: {
      en: 'it is not reached, or nobody asked for one before it',
      de: 'es wird nicht erreicht, oder niemand fragt vor ihm danach',
    },
    none: { en: 'no pam_unix', de: 'kein pam_unix' },
    closed: true,
    wanted: { en: 'pam_unix stores it', de: 'pam_unix speichert es' },
    cis: '5.3.2.1',
    examples: async () => (await import('./modules.examples.ts')).unixModuleExamples,
  },
];

/** Some of its modules have to do with accounts of this system. */
const isLocal = ({ modules }: PasswordWay): boolean =>
  modules.some(({ kind }) => kind !== 'fixed' && kind !== 'elsewhere');

function judge(row: Row, way: PasswordWay, services: string): { right: boolean; evidence: Evidence } {
  const candidates = way.modules.filter(row.is);
  const working = candidates.find((module) => row.works(way, module));
  const module = working ?? candidates[0];
  const words = (text: Text): Phrase => ({
    en: `${module ? `${module.line.module}: ` : ''}${text.en} (${services})`,
    de: `${module ? `${module.line.module}: ` : ''}${text.de} (${services})`,
  });
  const place = module ?? way.modules.find(({ kind }) => kind !== 'fixed') ?? way.modules[0];
  return {
    right: working !== undefined,
    evidence: evidence({
      source: place?.line.file ?? '/etc/pam.d',
      line: place?.line.line,
      found: working ? `${working.line.module} (${services})` : words(module ? row.idle : row.none),
      wanted: row.wanted,
    }),
  };
}

function toCheck(row: Row): Check {
  return defineCheck({
    id: row.id,
    title: row.title,
    why: row.why,
    remedy: row.remedy,
    severity: 'low',
    params: z.strictObject({}),
    needs: { passwordPolicy },
    appliesTo: always,
    evaluate: (facts) => {
      const ways = valueIn(facts.passwordPolicy);
      if (!ways.some(isOpen) && !(row.closed && ways.some((way) => way.modules.some(row.is))))
        return unknown(NO_WAY);
      const groups = byStack(ways.filter((way) => isOpen(way) || (row.closed && isLocal(way))));
      const isStrange = ({ way }: { way: PasswordWay }) => way.modules.some(({ kind }) => kind === 'unknown');
      const judged = groups
        .filter((group) => !isStrange(group))
        .map(({ way, services }) => judge(row, way, services));
      const wrong = judged.filter(({ right }) => !right);
      if (wrong.length > 0) return fail(wrong.map((one) => one.evidence));
      const strange = groups.filter(isStrange).flatMap(({ way, services }) =>
        way.modules
          .filter(({ kind }) => kind === 'unknown')
          .map(({ line }) =>
            evidence({
              source: line.file,
              line: line.line,
              found: `${line.module} (${services})`,
              wanted: row.wanted,
            }),
          ),
      );
      return strange.length > 0 ? unknown(STRANGE, strange) : pass(judged.map((one) => one.evidence));
    },
    references: [
      `CIS Debian Linux 12 v1.1.0, ${row.cis}`,
      `CIS Red Hat Enterprise Linux 9 v2.0.0, ${row.cis}`,
      'BSI IT-Grundschutz ORP.4.A22',
      'ISO/IEC 27001:2022 A.5.17',
      'pam.conf(5), pam_pwquality(8), pam_pwhistory(8), pam_unix(8)',
    ],
    examples: row.examples,
  });
}

export const moduleChecks: readonly Check[] = rows.map(toCheck);
