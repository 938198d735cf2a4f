/** login.su-restricted */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { type GroupFile, group } from '../facts/group.ts';
import { type PamConfiguration, pam, pamModules, pamStack } from '../facts/pam.ts';
import type { PamModuleLine, PamReturn } from '../facts/pam-line.ts';
import { type PasswdFile, passwd } from '../facts/passwd.ts';
import { runStack } from '../facts/stack-run.ts';
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

const isWheel = ({ module }: PamModuleLine): boolean => /^pam_wheel(?:\.so)?$/.test(module);

/** What modules return to somebody who knows the root password and is in no special group. */
function answer(line: PamModuleLine): PamReturn {
  const name = line.module.replace(/\.so$/, '');
  if (isWheel(line)) {
    if (line.args.includes('deny')) return line.args.includes('trust') ? 'ignore' : 'success';
    return line.args.includes('trust') ? 'ignore' : 'perm_denied';
  }
  if (name === 'pam_succeed_if' && line.args.includes('ingroup')) return 'auth_err';
  if (name === 'pam_rootok' || name === 'pam_deny') return 'auth_err';
  return 'success';
}

/** The groups that a line lets through: named, or wheel, or what has the number 0 where there is no wheel. */
function groupOf(line: PamModuleLine, groups: GroupFile): string {
  const named = line.args.findLast((arg) => arg.startsWith('group='))?.slice('group='.length);
  if (named) return named;
  if (!isWheel(line)) return line.args[line.args.indexOf('ingroup') + 1] ?? '';
  const wheel = groups.entries.some(({ name }) => name === 'wheel');
  return wheel ? 'wheel' : (groups.entries.find(({ gid }) => gid === 0)?.name ?? 'wheel');
}

/** Accounts in a group, root left out; several groups of pam_succeed_if stand with colons between them. */
function membersOf(name: string, groups: GroupFile, accounts: PasswdFile): string[] {
  const found = groups.entries.filter((entry) => name.split(':').includes(entry.name));
  const named = found.flatMap(({ members }) => members);
  const primary = accounts.entries.filter(({ gid }) => found.some((entry) => entry.gid === gid));
  const roots = new Set(accounts.entries.filter(({ uid }) => uid === 0).map((entry) => entry.name));
  return [...new Set([...named, ...primary.map((entry) => entry.name)])]
    .filter((one) => !roots.has(one))
    .sort();
}

/** The lines without which somebody outside would get in; undefined where they do get in. */
function barriers(configuration: PamConfiguration, service: string): PamModuleLine[] | undefined {
  const phases = (['auth', 'account'] as const).map((type) => pamStack(configuration, service, type));
  const runs = phases.map((entries) => runStack(entries, answer));
  if (runs.every(({ success }) => success)) return undefined;
  return runs
    .flatMap(({ called }) => called)
    .filter((line) => isWheel(line) || line.args.includes('ingroup'))
    .filter((line) => answer(line) !== 'success' && answer(line) !== 'ignore');
}

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
      const found = barriers(configuration, service);
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
      const name = groupOf(line, groups);
      const others = membersOf(name, groups, accounts).filter((one) => !granted.includes(one));
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
