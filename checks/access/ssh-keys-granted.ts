/** access.ssh-keys-granted */
import { z } from 'zod';
import { coversKey, type Grant, liveGrants } from '../../shared/grant.ts';
import type { Evidence } from '../../shared/outcome.ts';
import { always, defineCheck, fail, notApplicable, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { foreignAccounts } from '../facts/foreign-accounts.ts';
import { passwd } from '../facts/passwd.ts';
import { grants } from '../facts/policy.ts';
import { shadow } from '../facts/shadow.ts';
import { sshKeys } from '../facts/ssh-keys.ts';
import { foreignGap, malformedGap } from './account-gaps.ts';
import { GRANTED, grantInWords } from './grant-words.ts';
import { type Entrance, entrancesOf, type KeyWay } from './ways-in.ts';

interface Opening extends KeyWay {
  readonly account: string;
  readonly grants: readonly Grant[];
}

function openingsOf(entrances: readonly Entrance[], live: readonly Grant[]): readonly Opening[] {
  return entrances
    .filter(({ expired }) => !expired)
    .flatMap(({ entry, keys }) =>
      keys.map((way) => ({
        ...way,
        account: entry.name,
        grants: live.filter((grant) => coversKey(grant, entry.name, way.key.key.fingerprint)),
      })),
    );
}

function show({ account, source, key, authority, grants: by }: Opening): Evidence {
  const what = `${account}: ${key.key.type} ${key.key.fingerprint}`;
  const [first] = by;
  const words = first ? grantInWords(first) : { en: 'no grant', de: 'keine Freigabe' };
  return evidence({
    source,
    line: key.line,
    found: {
      en: `${what}${authority ? ' (authority)' : ''}; ${words.en}`,
      de: `${what}${authority ? ' (Zertifizierungsstelle)' : ''}; ${words.de}`,
    },
    wanted: GRANTED,
  });
}

export const sshKeysGranted = defineCheck({
  id: 'access.ssh-keys-granted',
  title: {
    en: 'Every SSH key that opens an account is granted',
    de: 'Jeder SSH-Schlüssel, der ein Konto öffnet, ist freigegeben',
  },
  why: {
    en: 'A key in authorized_keys opens an account for whoever holds its other half, long after the password was changed and whoever left has gone.',
    de: 'Ein Schlüssel in authorized_keys öffnet ein Konto für jeden, der das Gegenstück hat – auch wenn das Passwort längst geändert und die Person längst gegangen ist.',
  },
  remedy: {
    en: 'Name the key by its fingerprint (ssh-keygen -l) in a grant for this account, or take it out of the file named.',
    de: 'Den Schlüssel mit seinem Fingerabdruck (ssh-keygen -l) in die Zugriffsfreigabe für dieses Konto aufnehmen oder ihn aus der genannten Datei entfernen.',
  },
  severity: 'high',
  params: z.strictObject({}),
  needs: { grants, passwd, shadow, keys: sshKeys, foreign: foreignAccounts },
  appliesTo: always,
  evaluate: (facts, _params, now) => {
    const live = liveGrants(valueIn(facts.grants), now);
    if (facts.keys.state === 'absent')
      return notApplicable({ en: 'no SSH server is installed', de: 'kein SSH-Server ist installiert' });
    const keys = valueIn(facts.keys);
    const openings = openingsOf(entrancesOf(facts, now), live);
    const wrong = openings.filter((one) => one.grants.length === 0);
    if (wrong.length > 0) return fail(wrong.map(show));
    const unclear = keys.accounts.flatMap((one) => one.unclear);
    const [first] = unclear;
    if (first)
      return unknown(
        first.reason,
        [...new Map(unclear.map((one) => [one.source, one])).values()].map(({ source, reason }) =>
          evidence({ source, found: reason, wanted: GRANTED }),
        ),
      );
    if (keys.notInEffect) return unknown(keys.notInEffect.reason);
    return (
      malformedGap(valueIn(facts.passwd).malformed) ??
      foreignGap(facts.foreign, 'ids', GRANTED) ??
      pass(
        openings.length > 0
          ? openings.map(show)
          : [
              evidence({
                source: 'authorized_keys',
                found: { en: 'no key opens an account', de: 'kein Schlüssel öffnet ein Konto' },
                wanted: GRANTED,
              }),
            ],
      )
    );
  },
  references: [
    'BSI IT-Grundschutz ORP.4.A1, ORP.4.A5, SYS.1.3.A8',
    'ISO/IEC 27001:2022 A.5.15, A.5.17, A.5.18',
    'GDPR Art. 32 (1)(b) and (4)',
    'sshd(8), AUTHORIZED_KEYS FILE FORMAT; sshd_config(5)',
  ],
  examples: async () => (await import('./ssh-keys-granted.examples.ts')).examples,
});
