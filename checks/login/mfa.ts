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
import { secondFactor } from '../facts/second-factor.ts';
import { shadow } from '../facts/shadow.ts';
import { sshKeys } from '../facts/ssh-keys.ts';
import { sshd } from '../facts/sshd.ts';
import { accountsOf, type SshdAccount } from '../facts/sshd-accounts.ts';
import { sudo } from '../facts/sudo.ts';
import { standsFor, withPassword } from './mfa-accounts.ts';
import { assess, keywordsFor, kinds, type Proofs, proofsOf } from './mfa-proofs.ts';
import { judge, type Question } from './sshd-judge.ts';
import { doasProblems, policyProblems } from './sudo-problems.ts';

/** Ways to root that people use from afar; reading logs and the like is none. */
const POWER = /^(?:root|sudo|sudo-commands|docker|lxd|libvirt|disk)$/;
const DIRECTORY = /^pam_(?:sss|ldap|krb5|winbind)(?:\.so)?$/;
const WANTED: Text = {
  en: 'a key, or a second factor besides the password',
  de: 'ein Schlüssel oder ein zweiter Faktor zusätzlich zum Passwort',
};

const notSure: Text = {
  en: 'sudo has rules of which it can not be told whom they make an administrator',
  de: 'bei einigen sudo-Regeln lässt sich nicht sagen, wen sie zum Administrator machen',
};
const fromDirectory: Text = {
  en: 'accounts of a directory service may be administrators, and a password is enough for them',
  de: 'Konten eines Verzeichnisdienstes können Administratoren sein, und ihnen genügt ein Passwort',
};

const WITH_TOUCH: Text = {
  en: 'a security token that asks for a touch, or a second factor besides the password',
  de: 'ein Sicherheitsschlüssel, der berührt werden will, oder ein zweiter Faktor zusätzlich zum Passwort',
};
/** Of accounts that can't be seen. */
const anything: Proofs = { password: true, plain: true, touchless: false, touch: false, unclear: false };
const unseen: Text = {
  en: 'keys or certificates open these accounts whose kind can not be seen',
  de: 'diese Konten lassen sich mit Schlüsseln oder Zertifikaten öffnen, deren Art nicht zu sehen ist',
};

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
    /** What counts beside a password. Without `key` only one in a security token does, and only if it asks for a touch. */
    counts: z
      .array(z.enum(kinds))
      .min(1)
      .max(2)
      .default([...kinds]),
  }),
  needs: {
    sshd,
    pam,
    passwd,
    shadow,
    group,
    sudo,
    doas,
    sockets: containerSockets,
    defs: loginDefs,
    keys: sshKeys,
  },
  appliesTo: always,
  evaluate: (facts, { required, counts }, now) => {
    if (required === 'none')
      return notApplicable({ en: 'not required by the policy', de: 'laut Vorgaben nicht verlangt' });
    if (facts.sshd.state === 'absent')
      return notApplicable({ en: 'no SSH server is installed', de: 'kein SSH-Server ist installiert' });
    const state = valueIn(facts.sshd);
    const configuration = valueOr(facts.pam, undefined);
    const auth = configuration ? pamStack(configuration, 'sshd', 'auth') : [];
    const factor = configuration ? secondFactor(auth) : undefined;
    const directory = pamModules(auth).some(({ module }) => DIRECTORY.test(module));
    const users = valueIn(facts.passwd);
    const groups = valueIn(facts.group);
    const secrets = withPassword(users, groups, facts.shadow, directory);
    const keys = counts.includes('key') ? [] : valueIn(facts.keys).accounts;
    const people = counts.includes('key')
      ? secrets
      : accountsOf(users, groups).filter(({ person }) => person);
    const ways = waysToRoot({ ...facts, files: absent('-') }, now).filter(({ privilege }) =>
      POWER.test(privilege),
    );
    const powerful = new Set(ways.filter(({ certain }) => certain).map(({ account }) => account));
    const doubtful = ways.some(({ certain, account }) => !certain && !powerful.has(account));
    const accounts = people.filter(({ name, uid }) => required === 'all' || uid === 0 || powerful.has(name));
    const ask = (root: boolean, proofs: Proofs, only?: Question['only']): Verdict =>
      judge(facts.sshd, {
        keywords: keywordsFor(counts),
        who: root ? 'root' : 'everybody',
        ...(only ? { only } : {}),
        assess: (values) => assess(values, { root, proofs, factor }, counts),
        wanted: counts.includes('key') ? WANTED : WITH_TOUCH,
      });
    /** Those who are root or not, and have the same proofs, are one question. */
    const kindsOf = new Map<string, { root: boolean; proofs: Proofs; those: SshdAccount[] }>();
    for (const account of accounts) {
      const root = account.uid === 0;
      const password = secrets.some(({ name }) => name === account.name);
      const proofs = proofsOf(
        password,
        keys.find((one) => one.account === account.name),
      );
      const kind = JSON.stringify([root, proofs]);
      kindsOf.set(kind, { root, proofs, those: [...(kindsOf.get(kind)?.those ?? []), account] });
    }
    const verdicts = [...kindsOf.values()]
      .sort((a, b) => Number(b.root) - Number(a.root))
      .map(({ root, proofs, those }) => {
        const verdict = ask(root, proofs, (login, server) => standsFor(login, server, those, state.version));
        const surely = proofs.unclear
          ? ask(root, { ...proofs, unclear: false }, (login, server) =>
              standsFor(login, server, those, state.version),
            )
          : verdict;
        return verdict.outcome === 'fail' && surely.outcome !== 'fail'
          ? unknown(unseen, verdict.evidence)
          : verdict;
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
      const others = ask(false, anything, (login) => !login.root);
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
  examples: async () => (await import('./mfa.examples.ts')).examples,
});
