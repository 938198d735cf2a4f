/** login.mfa */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import { waysToRoot } from '../access/ways-to-root.ts';
import { always, defineCheck, notApplicable, pass, unknown, type Verdict } from '../check.ts';
import { evidence } from '../evidence.ts';
import { absent, valueIn, valueOr } from '../fact.ts';
import { containerSockets } from '../facts/container-sockets.ts';
import { doas } from '../facts/doas.ts';
import { group } from '../facts/group.ts';
import { loginDefs } from '../facts/login-defs.ts';
import { pam, pamModules, pamStack } from '../facts/pam.ts';
import { PASSWD, passwd } from '../facts/passwd.ts';
import { type SecondFactor, secondFactor } from '../facts/second-factor.ts';
import { shadow } from '../facts/shadow.ts';
import { sshd } from '../facts/sshd.ts';
import { sudo } from '../facts/sudo.ts';
import { examples } from './mfa.examples.ts';
import { standsFor, withPassword } from './mfa-accounts.ts';
import { type Assessment, judge, type Question, type Values } from './sshd-judge.ts';
import { doasProblems, policyProblems } from './sudo-problems.ts';

/** Ways to root that people use from afar; reading logs and the like is none. */
const POWER = /^(?:root|sudo|sudo-commands|docker|lxd|libvirt|disk)$/;
const DIRECTORY = /^pam_(?:sss|ldap|krb5|winbind)(?:\.so)?$/;
const WANTED: Text = {
  en: 'a key, or a second factor besides the password',
  de: 'ein Schlüssel oder ein zweiter Faktor zusätzlich zum Passwort',
};

const KEYWORDS = [
  'passwordauthentication',
  'kbdinteractiveauthentication',
  'authenticationmethods',
  'hostbasedauthentication',
  'permitrootlogin',
  'usepam',
] as const;
const notSure: Text = {
  en: 'sudo has rules of which it can not be told whom they make an administrator',
  de: 'bei einigen sudo-Regeln lässt sich nicht sagen, wen sie zum Administrator machen',
};
const fromDirectory: Text = {
  en: 'accounts of a directory service may be administrators, and a password is enough for them',
  de: 'Konten eines Verzeichnisdienstes können Administratoren sein, und ihnen genügt ein Passwort',
};

/** Lists of methods each of which lets somebody in: AuthenticationMethods, or every single method that is switched on. */
function waysIn(values: Values): readonly (readonly string[])[] {
  const on = (keyword: string) => values[keyword] === 'yes';
  const isOn = (method: string) =>
    method === 'password'
      ? on('passwordauthentication')
      : method === 'keyboard-interactive'
        ? on('kbdinteractiveauthentication')
        : method !== 'hostbased' || on('hostbasedauthentication');
  const methods = values.authenticationmethods ?? 'any';
  if (methods === 'any')
    return ['password', 'keyboard-interactive', 'hostbased'].filter(isOn).map((method) => [method]);
  return methods
    .split(/\s+/)
    .map((list) => list.split(',').map((method) => method.split(':')[0] ?? ''))
    .filter((list) => list.every(isOn));
}

function assess(values: Values, root: boolean, factor: SecondFactor | undefined): Assessment {
  const at = 'permitrootlogin';
  if (root && values[at] !== 'yes') return { passes: true, at };
  const throughPam = values.usepam === 'yes';
  const second = throughPam && factor?.required === true;
  const weak = waysIn(values).find(
    (list) =>
      !list.includes('publickey') &&
      !(second && list.some((method) => method === 'password' || method === 'keyboard-interactive')),
  );
  const name = weak?.join(',');
  return {
    passes: weak === undefined,
    at:
      values.authenticationmethods === 'any'
        ? values.passwordauthentication === 'no' && weak
          ? 'kbdinteractiveauthentication'
          : 'passwordauthentication'
        : 'authenticationmethods',
    shown:
      name === undefined
        ? second
          ? { en: 'second factor through PAM', de: 'zweiter Faktor über PAM' }
          : { en: 'never without a key', de: 'nie ohne Schlüssel' }
        : { en: `enough by itself: ${name}`, de: `genügt allein: ${name}` },
  };
}

export const mfa = defineCheck({
  id: 'login.mfa',
  title: {
    en: 'Administrators log in from afar with a key or a second factor',
    de: 'Administratoren melden sich aus der Ferne mit Schlüssel oder zweitem Faktor an',
  },
  why: {
    en: 'A password alone can be guessed, caught or bought; for an account that can become root that is the whole host.',
    de: 'Ein Passwort allein lässt sich erraten, abfangen oder kaufen; bei einem Konto, das root werden kann, ist damit das ganze System verloren.',
  },
  remedy: {
    en: 'Set “PasswordAuthentication no” and “KbdInteractiveAuthentication no”, or “AuthenticationMethods publickey,password”, or require a second factor in /etc/pam.d/sshd (without nullok); reload sshd.',
    de: '„PasswordAuthentication no“ und „KbdInteractiveAuthentication no“ setzen, oder „AuthenticationMethods publickey,password“, oder in /etc/pam.d/sshd einen zweiten Faktor verlangen (ohne nullok); sshd neu laden.',
  },
  severity: 'high',
  params: z.strictObject({
    /** Who needs it. */
    required: z.enum(['none', 'privileged', 'all']).default('privileged'),
  }),
  needs: { sshd, pam, passwd, shadow, group, sudo, doas, sockets: containerSockets, defs: loginDefs },
  appliesTo: always,
  evaluate: (facts, { required }, now) => {
    if (required === 'none')
      return notApplicable({ en: 'not required by the policy', de: 'laut Vorgaben nicht verlangt' });
    if (facts.sshd.state === 'absent')
      return notApplicable({ en: 'no SSH server is installed', de: 'kein SSH-Server ist installiert' });
    const state = valueIn(facts.sshd);
    const configuration = valueOr(facts.pam, undefined);
    const auth = configuration ? pamStack(configuration, 'sshd', 'auth') : [];
    const factor = configuration ? secondFactor(auth) : undefined;
    const directory = pamModules(auth).some(({ module }) => DIRECTORY.test(module));
    const people = withPassword(valueIn(facts.passwd), valueIn(facts.group), facts.shadow, directory);
    const ways = waysToRoot({ ...facts, files: absent('-') }, now).filter(({ privilege }) =>
      POWER.test(privilege),
    );
    const powerful = new Set(ways.filter(({ certain }) => certain).map(({ account }) => account));
    const doubtful = ways.some(({ certain, account }) => !certain && !powerful.has(account));
    const accounts = people.filter(({ name, uid }) => required === 'all' || uid === 0 || powerful.has(name));
    const ask = (root: boolean, only?: Question['only']): Verdict =>
      judge(facts.sshd, {
        keywords: [...KEYWORDS],
        who: root ? 'root' : 'everybody',
        ...(only ? { only } : {}),
        assess: (values) => assess(values, root, factor),
        wanted: WANTED,
      });
    const verdicts = [true, false].flatMap((root) => {
      const concerned = accounts.filter(({ uid }) => (uid === 0) === root);
      if (concerned.length === 0) return [];
      return [ask(root, (login, server) => standsFor(login, server, concerned, state.version))];
    });
    const outcomes = ['fail', 'unknown', 'pass'] as const;
    const sorted = outcomes.flatMap((outcome) => verdicts.filter((one) => one.outcome === outcome));
    const pieces = sorted.flatMap((one) => one.evidence);
    const [worst] = sorted;
    if (worst?.outcome === 'fail' && factor?.open)
      return unknown(
        {
          en: `${factor.open.module} may ask for a second factor: it is not judged`,
          de: `${factor.open.module} verlangt möglicherweise einen zweiten Faktor: es wird nicht beurteilt`,
        },
        pieces,
      );
    if (worst && worst.outcome !== 'pass') return { ...worst, evidence: pieces };
    // Passing needs to know everybody who matters.
    if (required === 'privileged') {
      const rules = valueOr(facts.sudo, undefined);
      valueOr(facts.doas, undefined);
      valueIn(facts.sockets);
      const unclear = (rules && policyProblems(rules.policy.problems)) ?? doasProblems(facts.doas);
      if (unclear) return unclear;
      if (doubtful) return unknown(notSure, pieces);
    }
    if (directory) {
      const others = ask(false, (login) => !login.root);
      if (others.outcome !== 'pass') return unknown(fromDirectory, [...pieces, ...others.evidence]);
    }
    return pass(
      pieces.length > 0
        ? pieces
        : [
            evidence({
              source: PASSWD,
              found: {
                en: 'nobody who needs it has a usable password',
                de: 'niemand, der ihn braucht, hat ein gültiges Passwort',
              },
              wanted: WANTED,
            }),
          ],
    );
  },
  references: [
    'CIS Controls v8, 6.5',
    'BSI IT-Grundschutz ORP.4.A21, SYS.1.3.A8',
    'ISO/IEC 27001:2022 A.8.2, A.8.5',
    'sshd_config(5) AuthenticationMethods, pam.d(5)',
  ],
  examples,
});
