/** password.cloud-init */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, notApplicable, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { type Fact, valueIn } from '../fact.ts';
import { CLOUD_SSHD, CLOUD_STATE, cloudInit } from '../facts/cloud-init.ts';
import { type SshdState, sshd } from '../facts/sshd.ts';
import { judge } from '../login/sshd-judge.ts';

const WANTED: Text = {
  en: 'hashed values only, and password login not turned on',
  de: 'nur gehashte Werte, und die Anmeldung mit Passwort nicht eingeschaltet',
};

const NOT_TOLD: Text = {
  en: 'turns on password login; whether sshd goes by it could not be told',
  de: 'schaltet die Anmeldung mit Passwort ein; ob sshd sich danach richtet, war nicht zu ermitteln',
};

/** Whether sshd lets anybody in with a password, whatever cloud-init has written for it. */
function passwordLogin(state: Fact<SshdState>): 'on' | 'off' | 'unclear' {
  if (state.state === 'unreadable') return 'unclear';
  const { outcome } = judge(state, {
    keywords: ['passwordauthentication'],
    who: 'everybody',
    assess: (values) => ({ passes: values.passwordauthentication === 'no' }),
    wanted: 'no',
  });
  return outcome === 'fail' ? 'on' : outcome === 'unknown' ? 'unclear' : 'off';
}

export const cloudInitLeftovers = defineCheck({
  id: 'password.cloud-init',
  title: {
    en: 'cloud-init has left no plain-text password and does not turn on password login',
    de: 'cloud-init hat kein Klartextpasswort hinterlassen und schaltet keine Anmeldung mit Passwort ein',
  },
  why: {
    en: 'What a machine was given at its first start stays on its disk and in every backup and image of it; cloud-init uses it again when the machine is copied.',
    de: 'Was ein System bei seinem ersten Start mitbekam, bleibt auf seiner Platte und in jeder Sicherung und jedem Abbild; cloud-init wendet es wieder an, wenn das System kopiert wird.',
  },
  remedy: {
    en: 'Change each password that stands there in clear text, then remove the file that the evidence names (or cloud-init clean --seed, and take the value out of where the data comes from). Use ssh keys or a hash made by mkpasswd, and ssh_pwauth: false.',
    de: 'Jedes dort im Klartext stehende Passwort ändern, dann die im Beleg genannte Datei entfernen (oder cloud-init clean --seed, und den Wert dort entfernen, woher die Daten kommen). SSH-Schlüssel oder einen mit mkpasswd erzeugten Hash verwenden, und ssh_pwauth: false.',
  },
  severity: 'high',
  params: z.strictObject({}),
  needs: { cloudInit, sshd },
  appliesTo: always,
  evaluate: (facts) => {
    if (facts.cloudInit.state === 'absent')
      return notApplicable({
        en: 'cloud-init has left nothing here',
        de: 'cloud-init hat hier nichts hinterlassen',
      });
    const { findings, read, unclear: unread } = valueIn(facts.cloudInit);
    const dropIn = findings.some(({ kind }) => kind === 'drop-in') ? passwordLogin(facts.sshd) : 'off';
    const effective = findings.filter(({ kind }) => kind !== 'drop-in' || dropIn === 'on');
    const unclear = [...unread, ...(dropIn === 'unclear' ? [{ source: CLOUD_SSHD, why: NOT_TOLD }] : [])];
    const wrong = effective.map(({ kind, key, source, line }): Evidence => {
      const found: Text =
        kind === 'plain'
          ? { en: `in clear text (${key})`, de: `im Klartext (${key})` }
          : {
              en: `turns on password login (${key})`,
              de: `schaltet die Anmeldung mit Passwort ein (${key})`,
            };
      return evidence({ source, line, found, wanted: WANTED });
    });
    if (wrong.length > 0) return fail(wrong);
    if (unclear.length > 0)
      return unknown(
        {
          en: 'not everything that cloud-init has left could be read or understood',
          de: 'nicht alles, was cloud-init hinterlassen hat, war lesbar oder verständlich',
        },
        unclear.map(({ source, why }) => evidence({ source, found: why, wanted: WANTED })),
      );
    return pass([
      evidence({
        source: read[0] ?? CLOUD_STATE,
        found: {
          en: `${read.length} files, nothing in clear text`,
          de: `${read.length} Dateien, nichts im Klartext`,
        },
        wanted: WANTED,
      }),
    ]);
  },
  references: [
    'BSI IT-Grundschutz ORP.4.A8, SYS.1.1.A2',
    'ISO/IEC 27001:2022 A.5.17',
    'cloud-init documentation: Set Passwords, Users and Groups, User-data formats',
  ],
  examples: async () => (await import('./cloud-init.examples.ts')).examples,
});
