/** login.pam-authentication */
import { z } from 'zod';
import { always, defineCheck } from '../check.ts';
import { valueIn } from '../fact.ts';
import { pam } from '../facts/pam.ts';
import { pamPeople } from '../facts/pam-people.ts';
import { pamVerdict } from './pam-verdict.ts';

export const pamAuthentication = defineCheck({
  id: 'login.pam-authentication',
  title: {
    en: 'No PAM service lets anybody in without a proof of identity',
    de: 'Kein PAM-Dienst lässt jemanden ohne Identitätsnachweis herein',
  },
  why: {
    en: 'PAM decides for login, SSH, su, sudo and most others who gets in. One line in the wrong place (pam_permit, a jump too far, sufficient instead of required) opens a service, and nobody notices, because the right password still works.',
    de: 'PAM entscheidet für login, SSH, su, sudo und die meisten anderen, wer hereinkommt. Eine Zeile am falschen Platz (pam_permit, ein Sprung zu weit, sufficient statt required) öffnet einen Dienst, und niemand merkt es, denn das richtige Passwort funktioniert weiterhin.',
  },
  remedy: {
    en: 'Follow the lines shown: with these answers of the modules the service ends in success. Put a module that asks for proof before the line that succeeds, or make it required; on Debian run pam-auth-update --force, on Red Hat authselect apply-changes to restore what was delivered. Keep a root shell open while changing PAM.',
    de: 'Den gezeigten Zeilen folgen: Bei diesen Antworten der Module endet der Dienst mit Erfolg. Vor die Zeile, die Erfolg meldet, ein Modul setzen, das einen Nachweis verlangt, oder es auf required stellen; unter Debian stellt pam-auth-update --force, unter Red Hat authselect apply-changes den Auslieferungszustand her. Während einer Änderung an PAM eine Root-Shell offen halten.',
  },
  severity: 'critical',
  params: z.strictObject({}),
  needs: { pam, people: pamPeople },
  appliesTo: always,
  evaluate: (facts) =>
    pamVerdict(valueIn(facts.pam), valueIn(facts.people), 'auth', {
      wanted: {
        en: 'success only after a module has proved who it is',
        de: 'Erfolg erst, wenn ein Modul nachgewiesen hat, wer es ist',
      },
      open: {
        en: 'these answers end in success without proof',
        de: 'diese Antworten enden ohne Nachweis mit Erfolg',
      },
      closed: { en: 'ask for proof', de: 'verlangen einen Nachweis' },
    }),
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.3',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.3',
    'BSI IT-Grundschutz ORP.4.A9, SYS.1.3.A14',
    'ISO/IEC 27001:2022 A.5.17, A.8.5',
    'pam.conf(5), pam(8)',
  ],
  examples: async () => (await import('./pam-authentication.examples.ts')).examples,
});
