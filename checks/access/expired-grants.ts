/** access.expired-grants */
import { z } from 'zod';
import {
  coversAccount,
  coversKey,
  coversPrivilege,
  type Grant,
  grantState,
  liveGrants,
} from '../../shared/grant.ts';
import type { Evidence, Text } from '../../shared/outcome.ts';
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
import { grants, POLICY } from '../facts/policy.ts';
import { polkitRules } from '../facts/polkit-rules.ts';
import { powerfulShells } from '../facts/powerful-shells.ts';
import { rootFiles } from '../facts/root-files.ts';
import { shadow } from '../facts/shadow.ts';
import { sshKeys } from '../facts/ssh-keys.ts';
import { sudo } from '../facts/sudo.ts';
import { doasProblems, policyProblems } from '../login/sudo-problems.ts';
import { foreignGap } from './account-gaps.ts';
import { type Entrance, entrancesOf, gapIn, isOpen, waysInWords } from './ways-in.ts';
import { type WayToRoot, waysToRoot } from './ways-to-root.ts';

const WANTED: Text = { en: 'gone with the end of the grant', de: 'mit dem Ende der Freigabe entfernt' };

const ended = ({ subject, until }: Grant): Text => ({
  en: `the grant of ${subject} ended ${until}`,
  de: `die Freigabe von ${subject} endete ${until}`,
});

/** Ways into an account that only grants which have ended were for. */
function leftOpen(one: Entrance, over: readonly Grant[], live: readonly Grant[]): readonly Evidence[] {
  const { entry, keys } = one;
  const account = over.find((grant) => coversAccount(grant, entry.name));
  if (account && !live.some((grant) => coversAccount(grant, entry.name))) {
    const ways = waysInWords(one);
    const words = ended(account);
    return [
      evidence({
        source: PASSWD,
        line: entry.line,
        found: {
          en: `${entry.name}: ${words.en}; still open: ${ways.en}`,
          de: `${entry.name}: ${words.de}; noch offen: ${ways.de}`,
        },
        wanted: WANTED,
      }),
    ];
  }
  return keys.flatMap(({ source, key }) => {
    const { fingerprint, type } = key.key;
    // Whoever's key it was: it must not open any account without a grant that is in force.
    const was = over.find((grant) => grant.keys.includes(fingerprint));
    if (!was || live.some((grant) => coversKey(grant, entry.name, fingerprint))) return [];
    const words = ended(was);
    return [
      evidence({
        source,
        line: key.line,
        found: {
          en: `${entry.name}: ${type} ${fingerprint}; ${words.en}`,
          de: `${entry.name}: ${type} ${fingerprint}; ${words.de}`,
        },
        wanted: WANTED,
      }),
    ];
  });
}

/** Ways to root that only grants which have ended were for. */
function leftPowers(
  ways: readonly WayToRoot[],
  over: readonly Grant[],
  live: readonly Grant[],
): readonly Evidence[] {
  return ways.flatMap(({ account, privilege, source, line, what }) => {
    const was = over.find((grant) => coversPrivilege(grant, account, privilege));
    if (!was || live.some((grant) => coversPrivilege(grant, account, privilege))) return [];
    const words = ended(was);
    return [
      evidence({
        source,
        line,
        found: { en: `${account}: ${what.en}; ${words.en}`, de: `${account}: ${what.de}; ${words.de}` },
        wanted: WANTED,
      }),
    ];
  });
}

export const expiredGrants = defineCheck({
  id: 'access.expired-grants',
  title: { en: 'Nothing outlives its grant', de: 'Kein Zugang überdauert seine Freigabe' },
  why: {
    en: 'A grant has an end because the task has one; an account or key that still works afterwards is access that nobody wants any more.',
    de: 'Eine Freigabe hat ein Ende, weil die Aufgabe eines hat; ein Konto oder Schlüssel, der danach noch funktioniert, ist ein Zugang, den niemand mehr will.',
  },
  remedy: {
    en: 'Lock or delete the account, or take out the key named; if the task goes on, record a new grant.',
    de: 'Das genannte Konto sperren oder löschen, den genannten Schlüssel entfernen; besteht die Aufgabe fort, eine neue Zugriffsfreigabe eintragen.',
  },
  severity: 'high',
  params: z.strictObject({}),
  needs: {
    grants,
    passwd,
    shadow,
    group,
    sudo,
    doas,
    defs: loginDefs,
    files: rootFiles,
    shells: powerfulShells,
    pam,
    polkit: polkitRules,
    sockets: containerSockets,
    gshadow,
    lent: lentGroups,
    keys: sshKeys,
    foreign: foreignAccounts,
  },
  appliesTo: always,
  evaluate: (facts, _params, now) => {
    const all = valueIn(facts.grants);
    const over = all.filter((grant) => grantState(grant, now) === 'ended');
    const live = liveGrants(all, now);
    const none = evidence({
      source: POLICY,
      found: {
        en: `grants that have ended: ${over.length}; nothing is left of them`,
        de: `beendete Freigaben: ${over.length}; nichts ist davon übrig`,
      },
      wanted: WANTED,
    });
    if (over.length === 0) return pass([none]);
    const entrances = entrancesOf(facts, now);
    const powers = over.some(({ privileges }) => privileges.length > 0);
    const wrong = [
      ...entrances.filter(isOpen).flatMap((one) => leftOpen(one, over, live)),
      ...(powers ? leftPowers(waysToRoot(facts, now), over, live) : []),
    ];
    if (wrong.length > 0) return fail(wrong);
    if (powers) {
      const unclear =
        (facts.sudo.state === 'known' ? policyProblems(facts.sudo.value.policy.problems) : undefined) ??
        doasProblems(facts.doas);
      if (unclear) return unclear;
      valueOr(facts.sudo, undefined);
      valueOr(facts.doas, undefined);
      valueIn(facts.files);
      const ended = new Set(over.flatMap(({ privileges }) => privileges));
      // What only these privileges were for; the others' ways are all told by now.
      if (ended.has('capabilities')) valueIn(facts.shells);
      if (ended.has('docker') || ended.has('lxd')) valueIn(facts.sockets);
      if (ended.has('polkit')) valueIn(facts.polkit);
      if (ended.has('su')) valueOr(facts.pam, undefined);
    }
    // A key that was somebody's could lie with any account, so all must be known where keys were granted.
    const keysMatter = over.some(({ keys }) => keys.length > 0);
    const concerned = entrances.filter(
      ({ entry, expired }) =>
        !expired && (keysMatter || over.some((grant) => coversAccount(grant, entry.name))),
    );
    const unsure = concerned.filter(
      ({ entry }) => keysMatter || !live.some((grant) => coversAccount(grant, entry.name)),
    );
    const first = keysMatter ? unsure.flatMap((one) => one.unclear)[0] : undefined;
    if (first) return unknown(first.reason);
    const passwords = unsure.filter(({ entry }) => over.some((grant) => coversAccount(grant, entry.name)));
    const gap = unsure.length > 0 ? gapIn(facts, passwords, WANTED) : undefined;
    if (gap) return unknown(gap.reason, gap.evidence);
    // Accounts of a directory may have outlived theirs unseen.
    return foreignGap(facts.foreign, 'ids', WANTED) ?? pass([none]);
  },
  references: [
    'BSI IT-Grundschutz ORP.4.A2, ORP.2.A2',
    'ISO/IEC 27001:2022 A.5.18, A.6.5',
    'GDPR Art. 32 (1)(b) and (4)',
  ],
  examples: async () => (await import('./expired-grants.examples.ts')).examples,
});
