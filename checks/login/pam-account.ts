/** login.pam-account */
import { z } from 'zod';
import { always, defineCheck } from '../check.ts';
import { valueIn } from '../fact.ts';
import { pam } from '../facts/pam.ts';
import { pamPeople } from '../facts/pam-people.ts';
import { pamVerdict } from './pam-verdict.ts';

export const pamAccount = defineCheck({
  id: 'login.pam-account',
  title: {
    en: 'No PAM service skips the account check',
    de: 'Kein PAM-Dienst überspringt die Kontoprüfung',
  },
  why: {
    en: 'Whether an account has expired or been shut is asked in the account phase alone. Where that can be skipped, people who have left still come in with an SSH key, a job or a directory password. (usermod -L only takes the password away; the account ends with usermod -e 1 or chage -E 0.)',
    de: 'Ob ein Konto abgelaufen oder geschlossen ist, wird allein in der Phase account gefragt. Lässt sie sich überspringen, kommen Ausgeschiedene mit SSH-Schlüssel, Auftrag oder Verzeichnispasswort weiterhin herein. (usermod -L nimmt nur das Passwort weg; das Konto endet mit usermod -e 1 oder chage -E 0.)',
  },
  remedy: {
    en: 'Follow the lines shown: with these answers of the modules the account phase ends in success. Put pam_unix (and the module of the directory, if any) as required into the account lines, before pam_permit and pam_localuser; on Debian run pam-auth-update --force, on Red Hat authselect apply-changes.',
    de: 'Den gezeigten Zeilen folgen: Bei diesen Antworten der Module endet die Phase account mit Erfolg. pam_unix (und gegebenenfalls das Modul des Verzeichnisdienstes) als required in die account-Zeilen setzen, vor pam_permit und pam_localuser; unter Debian pam-auth-update --force, unter Red Hat authselect apply-changes.',
  },
  severity: 'high',
  params: z.strictObject({}),
  needs: { pam, people: pamPeople },
  appliesTo: always,
  evaluate: (facts) =>
    pamVerdict(valueIn(facts.pam), valueIn(facts.people), 'account', {
      wanted: {
        en: 'success only after a module has looked at the account',
        de: 'Erfolg erst, wenn ein Modul das Konto geprüft hat',
      },
      open: {
        en: 'these answers end in success without a look at the account',
        de: 'diese Antworten enden ohne Prüfung des Kontos mit Erfolg',
      },
      closed: { en: 'check the account', de: 'prüfen das Konto' },
    }),
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.3',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.3',
    'BSI IT-Grundschutz ORP.4.A2, ORP.4.A9',
    'ISO/IEC 27001:2022 A.5.18, A.8.5',
    'pam.conf(5), pam_unix(8), pam_acct_mgmt(3)',
  ],
  examples: async () => (await import('./pam-account.examples.ts')).examples,
});
