/** login.sudo-authenticates */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, notApplicable, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn, valueOr } from '../fact.ts';
import { doas, doasPrivileges } from '../facts/doas.ts';
import { group } from '../facts/group.ts';
import { passwd } from '../facts/passwd.ts';
import { sudo } from '../facts/sudo.ts';
import { type Proof, type SudoPrivilege, sudoPrivileges } from '../facts/sudo-privileges.ts';
import { doasProblems, noSudo, policyProblems } from './sudo-problems.ts';

const WANTED: Text = { en: "asks for the caller's own password", de: 'fragt nach dem eigenen Passwort' };

const PROOFS: Readonly<Record<Proof, Text>> = {
  none: { en: 'without a password', de: 'ohne Passwort' },
  own: { en: 'with their own password', de: 'mit dem eigenen Passwort' },
  root: { en: "with root's password", de: 'mit dem Passwort von root' },
  target: { en: "with the target account's password", de: 'mit dem Passwort des Zielkontos' },
  'runas-default': {
    en: "with the password of runas_default's account",
    de: 'mit dem Passwort des Kontos aus runas_default',
  },
  unknown: { en: 'perhaps without a password', de: 'möglicherweise ohne Passwort' },
};

function named(names: readonly string[], more: (count: number) => string): string {
  const shown = names.slice(0, 6).join(', ');
  return names.length > 6 ? `${shown} ${more(names.length - 6)}` : shown;
}

/** Who may run what as whom, and what sudo asks for. */
function say(privilege: SudoPrivilege): Evidence {
  const { because, certain, command, line, proof, runas, source, users } = privilege;
  // Arguments may hold what nobody else should see; the line number leads to them.
  const program = command.replace(/ .*/s, ' …');
  const why = because === '' ? '' : ` (${because})`;
  const open = certain ? { en: '', de: '' } : { en: 'perhaps: ', de: 'möglicherweise: ' };
  const en = (names: readonly string[]) => named(names, (count) => `and ${count} more`);
  const de = (names: readonly string[]) => named(names, (count) => `und ${count} weitere`);
  return evidence({
    source,
    line,
    found: {
      en: `${open.en}${en(users)} as ${en(runas)}: ${program}${why}, ${PROOFS[proof].en}`,
      de: `${open.de}${de(users)} als ${de(runas)}: ${program}${why}, ${PROOFS[proof].de}`,
    },
    wanted: WANTED,
  });
}

export const sudoAuthenticates = defineCheck({
  id: 'login.sudo-authenticates',
  title: {
    en: 'sudo and doas give no privilege without proof of identity',
    de: 'sudo und doas gewähren keine Rechte ohne Nachweis der Identität',
  },
  why: {
    en: 'Where sudo asks for nothing, an unattended session or a stolen key is enough to become root. Where it asks for the password of root or of the target account, many people share one secret and it can not be told who acted.',
    de: 'Wo sudo nichts verlangt, genügt eine unbeaufsichtigte Sitzung oder ein entwendeter Schlüssel, um root zu werden. Wo es das Passwort von root oder des Zielkontos verlangt, teilen sich mehrere Personen ein Geheimnis, und es lässt sich nicht sagen, wer gehandelt hat.',
  },
  remedy: {
    en: 'Take NOPASSWD, !authenticate, exempt_group, targetpw, rootpw and runaspw out of the line named, with visudo -f FILE; nopass out of that of doas.conf. An account of automation that has no password can be listed in the parameter allowedUsers, with its reason.',
    de: 'NOPASSWD, !authenticate, exempt_group, targetpw, rootpw und runaspw mit visudo -f DATEI aus der genannten Zeile entfernen, nopass aus der von doas.conf. Ein Konto für Automatisierung, das kein Passwort hat, lässt sich begründet im Parameter allowedUsers nennen.',
  },
  severity: 'high',
  params: z.strictObject({
    /** Accounts that may use sudo without a password. */
    allowedUsers: z.array(z.string().max(200)).max(100).default([]),
    /** Whether the password must be the caller's own: neither root's nor the target account's. */
    ownPassword: z.boolean().default(true),
  }),
  needs: { sudo, doas, passwd, group },
  appliesTo: always,
  evaluate: (facts, { allowedUsers, ownPassword }, now) => {
    if (facts.sudo.state === 'absent' && facts.doas.state === 'absent')
      return notApplicable(noSudo(facts.sudo.source));
    const state = facts.sudo.state === 'known' ? facts.sudo.value : undefined;
    const problems = state?.policy.problems ?? [];
    const voided = problems.some(({ voids }) => voids);
    const unclear = policyProblems(problems) ?? doasProblems(facts.doas);
    const all = [
      ...(state && !voided ? sudoPrivileges(state, valueIn(facts.passwd), valueIn(facts.group), now) : []),
      ...(facts.doas.state === 'known'
        ? doasPrivileges(facts.doas.value, valueIn(facts.passwd), valueIn(facts.group))
        : []),
    ];
    const judged = all
      .map((one) => ({ ...one, users: one.users.filter((user) => !allowedUsers.includes(user)) }))
      .filter(({ users }) => users.length > 0);
    const lacking = judged.filter(({ proof }) => proof === 'none' || (ownPassword && proof !== 'own'));
    const sure = lacking.filter(({ certain, proof }) => certain && proof !== 'unknown');
    // What is open stays open, whatever else is not clear.
    if (sure.length > 0) return fail(sure.map(say));
    if (unclear) return unclear;
    valueOr(facts.sudo, undefined);
    valueOr(facts.doas, undefined);
    if (lacking.length > 0)
      return unknown(
        {
          en: 'whether these rules apply to anybody can not be told from the files of this host',
          de: 'ob diese Regeln für jemanden gelten, lässt sich aus den Dateien dieses Systems nicht ersehen',
        },
        lacking.map(say),
      );
    if (all.length > 0) return pass(all.map(say));
    return pass([
      evidence({
        source: state?.policy.source ?? (facts.doas.state === 'known' ? facts.doas.value.source : '-'),
        found: { en: 'no rule for any account but root', de: 'keine Regel für ein anderes Konto als root' },
        wanted: WANTED,
      }),
    ]);
  },
  references: [
    'CIS Debian 12 Benchmark 5.2.4, 5.2.5; CIS RHEL 9 Benchmark 5.2.4, 5.2.5',
    'DISA STIG RHEL 9, RHEL-09-611085 (re-authentication), RHEL-09-432020 (own password)',
    'BSI IT-Grundschutz ORP.4.A9, SYS.1.3.A8',
    'ISO/IEC 27001:2022 A.8.2, A.8.5',
    'sudoers(5), sudo(8), sudo.conf(5), doas.conf(5)',
  ],
  examples: async () => (await import('./sudo-authenticates.examples.ts')).examples,
});
