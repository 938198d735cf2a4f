/** login.su-restricted */
import { z } from 'zod';
import { coversPrivilege, type Grant, liveGrants } from '../../shared/grant.ts';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { foreignGap, malformedGap } from '../access/account-gaps.ts';
import { always, defineCheck, fail, pass, unknown, type Verdict } from '../check.ts';
import { evidence } from '../evidence.ts';
import { type Fact, valueIn, valueOr } from '../fact.ts';
import { foreignAccounts } from '../facts/foreign-accounts.ts';
import { group } from '../facts/group.ts';
import { type Nsswitch, nsswitch } from '../facts/nsswitch.ts';
import { pam, pamModules, pamStack } from '../facts/pam.ts';
import type { PamModuleLine } from '../facts/pam-line.ts';
import { passwd } from '../facts/passwd.ts';
import { grants } from '../facts/policy.ts';
import { isWheel, suBarriers, suCallers, suGroupMembers, suGroupOf } from '../facts/su-barrier.ts';

const SERVICES = ['su', 'su-l'];
const WANTED: Text = {
  en: 'pam_wheel that refuses whoever is not in its group',
  de: 'pam_wheel, das jeden außerhalb seiner Gruppe abweist',
};

const params = z.strictObject({
  /** Whether pam_wheel must look at the caller's own uid and not at who once logged in. */
  'use-uid': z.boolean().default(true),
  /** Accounts that may use su to become root, besides those with a grant. */
  granted: z.array(z.string().max(64)).max(100).default([]),
});

const seen = (line: PamModuleLine, found: Text): Evidence =>
  evidence({ source: line.file, line: line.line, found, wanted: WANTED });

const WITHOUT: Text = {
  en: 'accounts may try the password of root that no grant covers (privilege su, sudo or root)',
  de: 'Konten dürfen das Passwort von root versuchen, die keine Zugriffsfreigabe deckt (Recht su, sudo oder root)',
};

/** Whoever may become root without limit by sudo needs no word for su, as in access.privileges-granted. */
const mayTry = (grant: Grant, account: string): boolean =>
  (['su', 'sudo'] as const).some((privilege) => coversPrivilege(grant, account, privilege));

const noLeave = (register: Fact<unknown>): Text => {
  const why = register.state === 'unreadable' ? register.reason : { en: '', de: '' };
  return {
    en: `su is restricted to a group with members of whom no grant is known here (parameter granted); ${why.en}`,
    de: `su ist auf eine Gruppe beschränkt, für deren Mitglieder hier keine Freigabe bekannt ist (Parameter granted); ${why.de}`,
  };
};

/** Unknown, where members of groups also come from a directory. @throws CouldNotLook */
function foreignGroups(switches: Fact<Nsswitch>): Verdict | undefined {
  const conf = valueOr(switches, undefined);
  const sources = ['group', 'initgroups'].flatMap((database) => {
    const entry = conf?.databases.get(database);
    const found = entry?.services.filter((service) => !/^(?:files|compat|systemd)$/.test(service)) ?? [];
    if (!conf || !entry || found.length === 0) return [];
    return [evidence({ source: conf.source, line: entry.line, found: found.join(' '), wanted: 'files' })];
  });
  if (sources.length === 0) return undefined;
  return unknown(
    {
      en: 'members of groups also come from a source that can not be read here',
      de: 'Gruppenmitglieder kommen auch aus einer Quelle, die hier nicht lesbar ist',
    },
    sources,
  );
}

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
  needs: { pam, group, passwd, grants, foreign: foreignAccounts, switches: nsswitch },
  appliesTo: always,
  evaluate: (facts, { 'use-uid': useUid, granted }, now) => {
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
    const member = services.flatMap((service) => suCallers(configuration, service, groups, accounts));
    const ungranted = [...new Set(member)].filter((one) => !granted.includes(one)).sort();
    const live = facts.grants.state === 'known' ? liveGrants(facts.grants.value, now) : [];
    const others = ungranted.filter((one) => !live.some((grant) => mayTry(grant, one)));
    const told = [...lines.values()].map((line) => {
      const name = suGroupOf(line, groups);
      const here = suGroupMembers(name, groups, accounts).filter((one) => others.includes(one));
      const list = here.slice(0, 10).join(', ');
      return seen(
        line,
        here.length === 0
          ? { en: `group ${name}: nobody without a grant`, de: `Gruppe ${name}: niemand ohne Freigabe` }
          : { en: `group ${name}: ${list}`, de: `Gruppe ${name}: ${list}` },
      );
    });
    // Let in by a line that nobody outside ever reaches.
    const elsewhere = others.filter((one) => !told.some(({ found }) => JSON.stringify(found).includes(one)));
    if (elsewhere.length > 0)
      told.push(evidence({ source: '/etc/group', found: elsewhere.slice(0, 10).join(', '), wanted: WANTED }));
    if (others.length > 0)
      return facts.grants.state === 'known' ? fail(told, WITHOUT) : unknown(noLeave(facts.grants), told);
    if (told.length === 0)
      return pass([
        evidence({
          source: '/etc/pam.d/su',
          found: { en: 'su lets nobody through', de: 'su lässt niemanden durch' },
          wanted: WANTED,
        }),
      ]);
    return (
      malformedGap(accounts.malformed) ??
      malformedGap(groups.malformed, '/etc/group') ??
      foreignGap(facts.foreign, 'ids', WANTED) ??
      foreignGroups(facts.switches) ??
      pass(told)
    );
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.2.7',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.2.7',
    'BSI IT-Grundschutz SYS.1.3.A6, ORP.4.A2',
    'ISO/IEC 27001:2022 A.8.2',
    'su(1), pam_wheel(8), pam_succeed_if(8)',
  ],
  examples: async () => (await import('./su-restricted.examples.ts')).examples,
});
