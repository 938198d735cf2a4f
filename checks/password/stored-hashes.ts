/** password.stored-hashes */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { osRelease } from '../facts/os-release.ts';
import { PASSWD, passwd } from '../facts/passwd.ts';
import type { PasswordField } from '../facts/password-field.ts';
import { SHADOW, shadow } from '../facts/shadow.ts';
import { yescryptAvailable } from '../facts/yescrypt.ts';

type Hash = Extract<PasswordField, { kind: 'hash' }>;

interface Limits {
  readonly bcryptCost: number;
  readonly yescryptCost: number;
  readonly scryptCost: number;
  readonly shaRounds: number;
  /** Undefined: not known for this distribution. */
  readonly yescrypt: boolean | undefined;
}

/** SHA is a matter of its rounds, and only where the system has something better; the rest of its cost, or broken. */
function judge({ scheme, cost }: Hash, limits: Limits): 'strong' | 'weak' | 'unclear' {
  const least = scheme.endsWith('yescrypt')
    ? limits.yescryptCost
    : scheme === 'scrypt'
      ? limits.scryptCost
      : undefined;
  // Parameters that crypt_gensalt(3) never makes say little about the cost.
  if (least !== undefined) return cost === undefined ? 'unclear' : cost >= least ? 'strong' : 'weak';
  if (scheme === 'unknown') return 'unclear';
  if (scheme === 'bcrypt') return cost !== undefined && cost >= limits.bcryptCost ? 'strong' : 'weak';
  if (scheme !== 'sha512' && scheme !== 'sha256') return 'weak';
  if ((cost ?? 0) >= limits.shaRounds || limits.yescrypt === false) return 'strong';
  return limits.yescrypt === undefined ? 'unclear' : 'weak';
}

function describe(name: string, { scheme, cost, locked }: Hash): Text {
  const isSha = scheme === 'sha512' || scheme === 'sha256';
  const size: Text =
    cost === undefined
      ? { en: '', de: '' }
      : isSha
        ? { en: `, ${cost} rounds`, de: `, ${cost} Runden` }
        : { en: `, cost ${cost}`, de: `, Kosten ${cost}` };
  return {
    en: `${name}: ${scheme}${size.en}${locked ? ' (locked)' : ''}`,
    de: `${name}: ${scheme}${size.de}${locked ? ' (gesperrt)' : ''}`,
  };
}

export const storedHashes = defineCheck({
  id: 'password.stored-hashes',
  title: {
    en: 'Stored passwords are hashed strongly and shadowed',
    de: 'Gespeicherte Passwörter sind stark gehasht und liegen nur in shadow',
  },
  why: {
    en: 'A new algorithm changes nothing about passwords set before: old hashes stay as easy to crack as they were until each password is changed.',
    de: 'Ein neues Verfahren ändert nichts an früher gesetzten Passwörtern: Alte Hashes bleiben so leicht zu knacken, wie sie waren, bis das jeweilige Passwort geändert wird.',
  },
  remedy: {
    en: 'Have the accounts named change their passwords (chage -d 0 NAME), or remove the old hash of a locked account (usermod -p "!" NAME). pwconv moves hashes from passwd to shadow.',
    de: 'Die genannten Konten ihr Passwort ändern lassen (chage -d 0 NAME) oder den alten Hash eines gesperrten Kontos entfernen (usermod -p "!" NAME). pwconv verlegt Hashes aus passwd nach shadow.',
  },
  severity: 'high',
  params: z.strictObject({
    'bcrypt-cost': z.int().min(4).max(31).default(10),
    /** 5 and 7 are libxcrypt's own. */
    'yescrypt-cost': z.int().min(1).max(11).default(5),
    'scrypt-cost': z.int().min(6).max(11).default(7),
    /** SHA-256 and SHA-512 with fewer rounds fail where yescrypt is available; 5000 is their default. */
    'sha-rounds': z.int().min(1000).max(999_999_999).default(5001),
  }),
  needs: { passwd, shadow, osRelease },
  appliesTo: always,
  evaluate: (facts, params) => {
    const limits: Limits = {
      bcryptCost: params['bcrypt-cost'],
      yescryptCost: params['yescrypt-cost'],
      scryptCost: params['scrypt-cost'],
      shaRounds: params['sha-rounds'],
      yescrypt: facts.osRelease.state === 'known' ? yescryptAvailable(facts.osRelease.value) : undefined,
    };
    const strong: Text = {
      en: `yescrypt from cost ${limits.yescryptCost}, scrypt from ${limits.scryptCost}, bcrypt from ${limits.bcryptCost}${limits.yescrypt === false ? ', SHA-2' : `, SHA-2 from ${limits.shaRounds} rounds`}`,
      de: `yescrypt ab Kosten ${limits.yescryptCost}, scrypt ab ${limits.scryptCost}, bcrypt ab ${limits.bcryptCost}${limits.yescrypt === false ? ', SHA-2' : `, SHA-2 ab ${limits.shaRounds} Runden`}`,
    };
    const weak: Evidence[] = [];
    const unclear: Evidence[] = [];
    const fine: Evidence[] = [];
    const accounts = facts.passwd.state === 'known' ? facts.passwd.value : undefined;
    for (const { name, line, password } of accounts?.entries ?? [])
      if (password.kind === 'hash')
        weak.push(
          evidence({
            source: PASSWD,
            line,
            found: describe(name, password),
            wanted: { en: 'in shadow, not in passwd', de: 'in shadow, nicht in passwd' },
          }),
        );
    const shadows = facts.shadow.state === 'known' ? facts.shadow.value : undefined;
    for (const { name, line, password } of [...(shadows?.entries ?? []), ...(shadows?.network ?? [])]) {
      if (password.kind !== 'hash') continue;
      const piece = evidence({ source: SHADOW, line, found: describe(name, password), wanted: strong });
      ({ strong: fine, weak, unclear })[judge(password, limits)].push(piece);
    }
    if (weak.length > 0) return fail(weak);
    const readable = valueIn(facts.passwd);
    for (const [source, { malformed }] of [
      [PASSWD, readable],
      [SHADOW, valueIn(facts.shadow)],
    ] as const)
      for (const { line } of malformed)
        unclear.push(
          evidence({
            source,
            line,
            found: { en: 'not readable as an account', de: 'nicht als Konto lesbar' },
            wanted: strong,
          }),
        );
    if (unclear.length > 0)
      return unknown(
        {
          en: 'how strong these are can not be told',
          de: 'wie stark diese sind, ist nicht zu ermitteln',
        },
        unclear,
      );
    if (fine.length > 0) return pass(fine);
    const none: Text = { en: 'no account has a stored hash', de: 'kein Konto hat einen gespeicherten Hash' };
    return pass([evidence({ source: SHADOW, found: none, wanted: strong })]);
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.4.1.4 and 7.2.1',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.4.1.4 and 7.2.1',
    'BSI IT-Grundschutz ORP.4.A23',
    'ISO/IEC 27001:2022 A.5.17, A.8.24',
    'crypt(5), shadow(5), pwconv(8)',
  ],
  examples: async () => (await import('./stored-hashes.examples.ts')).examples,
});
