/** access.accounts-granted */
import { z } from 'zod';
import { coversAccount, liveGrants } from '../../shared/grant.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { foreignAccounts } from '../facts/foreign-accounts.ts';
import { hasLoginShell } from '../facts/login-shell.ts';
import { pam } from '../facts/pam.ts';
import { PASSWD, passwd } from '../facts/passwd.ts';
import { grants } from '../facts/policy.ts';
import { shadow } from '../facts/shadow.ts';
import { sshKeys } from '../facts/ssh-keys.ts';
import { sshd } from '../facts/sshd.ts';
import { foreignGap, malformedGap } from './account-gaps.ts';
import { GRANTED, grantInWords } from './grant-words.ts';
import { otherProofs } from './other-proofs.ts';
import { type Entrance, entrancesOf, gapIn, isOpen, waysInWords } from './ways-in.ts';

export const accountsGranted = defineCheck({
  id: 'access.accounts-granted',
  title: {
    en: 'Every account that can log in is granted',
    de: 'Jedes anmeldefähige Konto ist freigegeben',
  },
  why: {
    en: 'An account that nobody approved is a way in that nobody answers for, left by a colleague, an installer or an intruder.',
    de: 'Ein Konto, das niemand freigegeben hat, ist ein Zugang, für den niemand einsteht – von einer Kollegin, einem Installationsprogramm oder einem Einbrecher hinterlassen.',
  },
  remedy: {
    en: 'Record a grant for the account named (`nachweis-collector policy suggest HOST` drafts them), or close it: lock the password, remove its keys, or delete it.',
    de: 'Für das genannte Konto eine Zugriffsfreigabe eintragen (`nachweis-collector policy suggest HOST` entwirft sie) oder es schließen: Passwort sperren, Schlüssel entfernen oder Konto löschen.',
  },
  severity: 'high',
  params: z.strictObject({}),
  needs: { grants, passwd, shadow, keys: sshKeys, foreign: foreignAccounts, pam, sshd },
  appliesTo: always,
  evaluate: (facts, _params, now) => {
    // First of all: without a register nothing is granted and nothing is refused.
    const live = liveGrants(valueIn(facts.grants), now);
    const entrances = entrancesOf(facts, now);
    const grantsOf = ({ entry }: Entrance) => live.filter((grant) => coversAccount(grant, entry.name));
    const open = entrances.filter(isOpen);
    const wrong = open.filter((one) => grantsOf(one).length === 0);
    if (wrong.length > 0)
      return fail(
        wrong.map((one) => {
          const ways = waysInWords(one);
          return evidence({
            source: PASSWD,
            line: one.entry.line,
            found: {
              en: `${one.entry.name}: no grant; ways in: ${ways.en}`,
              de: `${one.entry.name}: keine Freigabe; Zugang: ${ways.de}`,
            },
            wanted: GRANTED,
          });
        }),
      );
    // What can't be told of an account that is granted anyway changes nothing.
    const ungranted = entrances.filter((one) => grantsOf(one).length === 0);
    const gap = ungranted.length > 0 ? gapIn(facts, ungranted, GRANTED) : undefined;
    if (gap) return unknown(gap.reason, gap.evidence);
    const enterable = ungranted.some(({ entry, expired }) => hasLoginShell(entry) && !expired);
    const other = enterable ? otherProofs(facts.pam, facts.sshd, GRANTED) : undefined;
    if (other) return unknown(other.reason, other.evidence);
    return (
      malformedGap(valueIn(facts.passwd).malformed) ??
      foreignGap(facts.foreign, 'ids', GRANTED) ??
      pass(
        open.length === 0
          ? [
              evidence({
                source: PASSWD,
                found: { en: 'no account can log in', de: 'kein Konto kann sich anmelden' },
                wanted: GRANTED,
              }),
            ]
          : open.flatMap((one) =>
              grantsOf(one).map((grant) => {
                const words = grantInWords(grant);
                return evidence({
                  source: PASSWD,
                  line: one.entry.line,
                  found: { en: `${one.entry.name}: ${words.en}`, de: `${one.entry.name}: ${words.de}` },
                  wanted: GRANTED,
                });
              }),
            ),
      )
    );
  },
  references: [
    'BSI IT-Grundschutz ORP.4.A1, ORP.4.A2, ORP.4.A5',
    'ISO/IEC 27001:2022 A.5.15, A.5.16, A.5.18',
    'GDPR Art. 32 (1)(b) and (4)',
    'passwd(5), shadow(5), sshd(8)',
  ],
  examples: async () => (await import('./accounts-granted.examples.ts')).examples,
});
