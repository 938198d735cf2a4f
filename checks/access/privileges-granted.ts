/** access.privileges-granted */
import { z } from 'zod';
import { coversPrivilege, type Grant, liveGrants } from '../../shared/grant.ts';
import type { Evidence } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn, valueOr } from '../fact.ts';
import { containerSockets } from '../facts/container-sockets.ts';
import { doas } from '../facts/doas.ts';
import { foreignAccounts } from '../facts/foreign-accounts.ts';
import { group, gshadow } from '../facts/group.ts';
import { loginDefs } from '../facts/login-defs.ts';
import { pam } from '../facts/pam.ts';
import { lentGroups } from '../facts/pam-group.ts';
import { PASSWD, passwd } from '../facts/passwd.ts';
import { grants } from '../facts/policy.ts';
import { polkitRules } from '../facts/polkit-rules.ts';
import { powerfulShells } from '../facts/powerful-shells.ts';
import { rootFiles } from '../facts/root-files.ts';
import { shadow } from '../facts/shadow.ts';
import { sudo } from '../facts/sudo.ts';
import { doasProblems, policyProblems } from '../login/sudo-problems.ts';
import { foreignGap, malformedGap } from './account-gaps.ts';
import { GRANTED, grantInWords } from './grant-words.ts';
import { type WayToRoot, waysToRoot } from './ways-to-root.ts';

interface Judged extends WayToRoot {
  readonly by: Grant | undefined;
}

function show({ account, privilege, source, line, what, by }: Judged): Evidence {
  const words = by ? grantInWords(by) : { en: 'no grant', de: 'keine Freigabe' };
  return evidence({
    source,
    line,
    found: { en: `${account}: ${what.en}; ${words.en}`, de: `${account}: ${what.de}; ${words.de}` },
    wanted: {
      en: `${GRANTED.en}, with privilege ${privilege}`,
      de: `${GRANTED.de} mit dem Recht ${privilege}`,
    },
  });
}

export const privilegesGranted = defineCheck({
  id: 'access.privileges-granted',
  title: { en: 'Every way to root is granted', de: 'Jeder Weg zu root-Rechten ist freigegeben' },
  why: {
    en: 'Root rights come by more ways than sudo: a second account with UID 0, a container group, access to disks, a script of cron that others can write. Each that nobody approved is power that nobody answers for.',
    de: 'Zu root-Rechten führen mehr Wege als sudo: ein zweites Konto mit UID 0, eine Container-Gruppe, Zugriff auf Datenträger, ein für andere beschreibbares cron-Skript. Jeder, den niemand freigegeben hat, ist Macht, für die niemand einsteht.',
  },
  remedy: {
    en: 'Name the privilege in a grant for the account, or take it away: gpasswd -d for groups, visudo for rules, chown root and chmod go-w for files, chmod u-s or setcap -r for programs.',
    de: 'Das Recht in einer Zugriffsfreigabe für das Konto nennen oder es entziehen: gpasswd -d bei Gruppen, visudo bei Regeln, chown root und chmod go-w bei Dateien, chmod u-s oder setcap -r bei Programmen.',
  },
  severity: 'high',
  params: z.strictObject({}),
  needs: {
    grants,
    passwd,
    group,
    sudo,
    doas,
    polkit: polkitRules,
    sockets: containerSockets,
    gshadow,
    lent: lentGroups,
    files: rootFiles,
    shells: powerfulShells,
    pam,
    shadow,
    defs: loginDefs,
    foreign: foreignAccounts,
  },
  appliesTo: always,
  evaluate: (facts, _params, now) => {
    const live = liveGrants(valueIn(facts.grants), now);
    const accounts = valueIn(facts.passwd);
    const groups = valueIn(facts.group);
    const problems = facts.sudo.state === 'known' ? facts.sudo.value.policy.problems : [];
    const judged = waysToRoot(facts, now).map((way) => ({
      ...way,
      by: live.find((grant) => coversPrivilege(grant, way.account, way.privilege)),
    }));
    const ungranted = judged.filter(({ by }) => by === undefined);
    const wrong = ungranted.filter(({ certain }) => certain);
    if (wrong.length > 0) return fail(wrong.map(show));
    const unclear = policyProblems(problems);
    if (unclear) return unclear;
    if (facts.sudo.state === 'unreadable') valueIn(facts.sudo);
    if (facts.doas.state === 'unreadable') valueIn(facts.doas);
    const rules = doasProblems(facts.doas);
    if (rules) return rules;
    if (ungranted.length > 0)
      return unknown(
        {
          en: 'whether these rules apply to anybody can not be told from the files of this host',
          de: 'ob diese Regeln für jemanden gelten, lässt sich aus den Dateien dieses Systems nicht ersehen',
        },
        ungranted.map(show),
      );
    valueIn(facts.files);
    valueIn(facts.shells);
    valueIn(facts.sockets);
    valueOr(facts.gshadow, undefined);
    valueOr(facts.lent, undefined);
    if (facts.pam.state === 'unreadable') valueIn(facts.pam);
    const yes = valueIn(facts.polkit).unclear;
    if (yes.length > 0)
      return unknown(
        {
          en: 'rules of polkit answer yes without asking; for whom, this check can not tell',
          de: 'Regeln von polkit sagen ohne Rückfrage ja; für wen, kann diese Prüfung nicht feststellen',
        },
        yes.map(({ source, line }) =>
          evidence({
            source,
            line,
            found: 'YES',
            wanted: { en: 'auth_admin, or no rule', de: 'auth_admin oder keine Regel' },
          }),
        ),
      );
    return (
      malformedGap(accounts.malformed) ??
      malformedGap(groups.malformed, '/etc/group') ??
      foreignGap(facts.foreign, 'ids', GRANTED) ??
      pass(
        judged.length > 0
          ? judged.map(show)
          : [
              evidence({
                source: PASSWD,
                found: {
                  en: 'no account but root; looked at: UID 0, groups, sudo, su and polkit, files that root runs or goes by, shells',
                  de: 'kein Konto außer root; angesehen: UID 0, Gruppen, sudo, su und polkit, Dateien, die root ausführt oder nach denen es sich richtet, Shells',
                },
                wanted: GRANTED,
              }),
            ],
      )
    );
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.2, 5.4.2.1 to 5.4.2.3',
    'BSI IT-Grundschutz ORP.4.A2, ORP.4.A5, SYS.1.3.A3',
    'ISO/IEC 27001:2022 A.5.18, A.8.2',
    'GDPR Art. 32 (1)(b) and (4)',
    'sudoers(5), group(5), polkit(8), pam_wheel(8), capabilities(7), acl(5)',
  ],
  examples: async () => (await import('./privileges-granted.examples.ts')).examples,
});
