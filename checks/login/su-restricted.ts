/** login.su-restricted */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { group } from '../facts/group.ts';
import { pam, pamModules, pamStack } from '../facts/pam.ts';
import type { PamModuleLine } from '../facts/pam-line.ts';
import { passwd } from '../facts/passwd.ts';
import { isWheel, suBarriers, suGroupMembers, suGroupOf } from '../facts/su-barrier.ts';
import { examples } from './su-restricted.examples.ts';

const SERVICES = ['su', 'su-l'];
const WANTED: Text = {
  en: 'pam_wheel that refuses whoever is not in its group',
  de: 'pam_wheel, das jeden außerhalb seiner Gruppe abweist',
};

const params = z.strictObject({
  /** Whether pam_wheel must look at the caller's own uid and not at who once logged in. */
  'use-uid': z.boolean().default(true),
  /** Accounts that may use su to become root. */
  granted: z.array(z.string().max(64)).max(100).default([]),
});

const seen = (line: PamModuleLine, found: Text): Evidence =>
  evidence({ source: line.file, line: line.line, found, wanted: WANTED });

export const suRestricted = defineCheck({
  id: 'login.su-restricted',
  title: {
    en: 'Only a named group may become another user with su',
    de: 'Nur eine benannte Gruppe darf mit su das Konto wechseln',
  },
  why: {
    en: 'Otherwise every account, also that of a service that was broken into, can try the root password, and whoever knows it becomes root without a trace of who it was.',
    de: 'Sonst kann jedes Konto, auch das eines übernommenen Dienstes, das root-Passwort ausprobieren, und wer es kennt, wird root, ohne dass erkennbar ist, wer es war.',
  },
  remedy: {
    en: 'Put “auth required pam_wheel.so use_uid group=NAME” before the password in /etc/pam.d/su (and su-l), with a group that is empty or holds only granted accounts.',
    de: 'In /etc/pam.d/su (und su-l) vor der Passwortabfrage „auth required pam_wheel.so use_uid group=NAME“ eintragen, mit einer Gruppe, die leer ist oder nur freigegebene Konten enthält.',
  },
  severity: 'medium',
  params,
  needs: { pam, group, passwd },
  appliesTo: always,
  evaluate: (facts, { 'use-uid': useUid, granted }) => {
    const configuration = valueIn(facts.pam);
    const services = SERVICES.filter((name) => configuration.files.has(name));
    if (services.length === 0)
      return unknown({ en: 'PAM knows no service su', de: 'PAM kennt keinen Dienst su' });
    const open: Evidence[] = [];
    const lines = new Map<string, PamModuleLine>();
    for (const service of services) {
      const found = suBarriers(configuration, service);
      const unix = pamModules(pamStack(configuration, service, 'auth')).find(isWheel);
      if (found === undefined)
        open.push(
          evidence({
            source: unix?.file ?? `/etc/pam.d/${service}`,
            line: unix?.line,
            found: {
              en: `${service}: nothing is needed but the password`,
              de: `${service}: wer das Passwort kennt, kommt durch`,
            },
            wanted: WANTED,
          }),
        );
      for (const line of found ?? []) {
        lines.set(`${line.file}:${line.line}`, line);
        if (useUid && !line.args.includes('use_uid'))
          open.push(seen(line, { en: `${line.module} without use_uid`, de: `${line.module} ohne use_uid` }));
      }
    }
    if (open.length > 0) return fail(open);
    const groups = valueIn(facts.group);
    const accounts = valueIn(facts.passwd);
    const told = [...lines.values()].map((line) => {
      const name = suGroupOf(line, groups);
      const others = suGroupMembers(name, groups, accounts).filter((one) => !granted.includes(one));
      const list = others.slice(0, 10).join(', ');
      return {
        others,
        piece: seen(
          line,
          others.length === 0
            ? { en: `group ${name}: nobody without a grant`, de: `Gruppe ${name}: niemand ohne Freigabe` }
            : { en: `group ${name}: ${list}`, de: `Gruppe ${name}: ${list}` },
        ),
      };
    });
    if (told.length === 0)
      return pass([
        evidence({
          source: '/etc/pam.d/su',
          found: { en: 'su lets nobody through', de: 'su lässt niemanden durch' },
          wanted: WANTED,
        }),
      ]);
    // Several barriers in a row: one whose members are all granted is enough, but then only for its own service.
    if (told.some(({ others }) => others.length > 0))
      return unknown(
        {
          en: 'su is restricted to a group with members of whom no grant is known here (parameter granted)',
          de: 'su ist auf eine Gruppe beschränkt, für deren Mitglieder hier keine Freigabe bekannt ist (Parameter granted)',
        },
        told.map(({ piece }) => piece),
      );
    return pass(told.map(({ piece }) => piece));
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.2.7',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.2.7',
    'BSI IT-Grundschutz SYS.1.3.A6, ORP.4.A2',
    'ISO/IEC 27001:2022 A.8.2',
    'su(1), pam_wheel(8), pam_succeed_if(8)',
  ],
  examples,
});
