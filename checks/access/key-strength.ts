/** access.key-strength */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, notApplicable, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { loginDefs } from '../facts/login-defs.ts';
import { type HostKeys, hostKeys } from '../facts/ssh-host-keys.ts';
import { type SshKeys, sshKeys } from '../facts/ssh-keys.ts';
import type { PublicKey } from '../facts/ssh-public-key.ts';
import { uidMin } from './system-accounts.ts';

interface Found {
  readonly source: string;
  readonly line?: number;
  readonly key: PublicKey;
  /** Whose account it opens; absent for host keys and authorities. */
  readonly account?: { readonly name: string; readonly uid: number };
}

/** Every key once for each account that it opens. */
function allKeys({ accounts }: SshKeys, hosts: HostKeys): readonly Found[] {
  const opening = accounts.flatMap(({ account, uid, files, authorities }) => [
    ...files.flatMap(({ path, content }) =>
      content.keys.map(({ line, key, options }) => ({
        source: path,
        line,
        key,
        ...(options.authority ? {} : { account: { name: account, uid } }),
      })),
    ),
    ...authorities.flatMap(({ path, content }) =>
      content.keys.map(({ line, key }) => ({ source: path, line, key })),
    ),
  ]);
  return [...opening, ...hosts.keys.map(({ path, key }) => ({ source: path, key }))];
}

const show = ({ type, bits, fingerprint }: PublicKey): string =>
  `${type}${bits > 0 ? ` ${bits}` : ''} ${fingerprint}`;

function weakness({ kind, bits }: PublicKey, rsaBits: number): Text | undefined {
  if (kind === 'dsa')
    return { en: 'no DSA: its 1024 bits are broken', de: 'kein DSA: dessen 1024 Bit gelten als gebrochen' };
  if (kind === 'rsa' && bits < rsaBits)
    return { en: `RSA with at least ${rsaBits} bits`, de: `RSA mit mindestens ${rsaBits} Bit` };
  return undefined;
}

/** Keys that open the accounts of two people. Root and accounts of services may share one with the person behind. */
function sharedKeys(found: readonly Found[], least: number): readonly Evidence[] {
  const byKey = new Map<string, Map<string, Found>>();
  for (const one of found) {
    if (!one.account || one.account.uid < least) continue;
    const holders = byKey.get(one.key.fingerprint) ?? new Map<string, Found>();
    if (!holders.has(one.account.name)) holders.set(one.account.name, one);
    byKey.set(one.key.fingerprint, holders);
  }
  return [...byKey.values()].flatMap((holders) => {
    const [first, ...others] = [...holders.values()];
    if (!first || others.length === 0) return [];
    const names = [...holders.keys()].join(', ');
    return others.map(({ source, line, key }) =>
      evidence({
        source,
        line,
        found: {
          en: `one key opens the accounts ${names}: ${show(key)}`,
          de: `ein Schlüssel öffnet die Konten ${names}: ${show(key)}`,
        },
        wanted: { en: 'a key of their own for each person', de: 'für jede Person ein eigener Schlüssel' },
      }),
    );
  });
}

export const keyStrength = defineCheck({
  id: 'access.key-strength',
  title: {
    en: 'SSH keys are strong, and each belongs to one person',
    de: 'SSH-Schlüssel sind stark und gehören jeweils einer Person',
  },
  why: {
    en: 'DSA and short RSA keys can be computed; whoever has a host’s key can pose as the host. A key that opens two people’s accounts does not tell who it was.',
    de: 'DSA- und kurze RSA-Schlüssel lassen sich errechnen; wer den Schlüssel eines Systems hat, kann sich als dieses ausgeben. Ein Schlüssel, der die Konten zweier Personen öffnet, verrät nicht, wer es war.',
  },
  remedy: {
    en: 'Make a new key (ssh-keygen -t ed25519), put it in place of the one named, and remove the old one.',
    de: 'Einen neuen Schlüssel erzeugen (ssh-keygen -t ed25519), den genannten durch ihn ersetzen und den alten entfernen.',
  },
  severity: 'medium',
  params: z.strictObject({
    rsaBits: z.int().min(1024).max(16_384).default(3072),
    /** False: keys may open several people’s accounts. */
    oneHolder: z.boolean().default(true),
  }),
  needs: { keys: sshKeys, hosts: hostKeys, defs: loginDefs },
  appliesTo: always,
  evaluate: (facts, { rsaBits, oneHolder }) => {
    if (facts.keys.state === 'absent')
      return notApplicable({ en: 'no SSH server is installed', de: 'kein SSH-Server ist installiert' });
    const keys = valueIn(facts.keys);
    const hosts = valueIn(facts.hosts);
    const found = allKeys(keys, hosts);
    const once = [
      ...new Map(found.map((one) => [`${one.source}\0${one.line}\0${one.key.fingerprint}`, one])).values(),
    ];
    const weak = once.flatMap(({ source, line, key }) => {
      const wanted = weakness(key, rsaBits);
      return wanted ? [evidence({ source, line, found: show(key), wanted })] : [];
    });
    const shared = oneHolder ? sharedKeys(found, uidMin(facts.defs)) : [];
    if (weak.length + shared.length > 0) return fail([...weak, ...shared]);
    const unclear = [...keys.accounts.flatMap((account) => account.unclear), ...hosts.unclear];
    const [first] = unclear;
    if (first) return unknown(first.reason);
    const odd = once.find(({ key }) => key.kind === 'other');
    if (odd)
      return unknown(
        {
          en: 'a key is of a type that this check does not know',
          de: 'ein Schlüssel ist von einer Art, die diese Prüfung nicht kennt',
        },
        [
          evidence({
            source: odd.source,
            line: odd.line,
            found: show(odd.key),
            wanted: 'ssh-ed25519, ecdsa, RSA',
          }),
        ],
      );
    if (keys.notInEffect) return unknown(keys.notInEffect.reason);
    const opening = new Set(found.filter(({ account }) => account).map(({ key }) => key.fingerprint)).size;
    return pass([
      evidence({
        source: '.ssh/authorized_keys',
        found: { en: `${opening} keys that open accounts`, de: `${opening} Schlüssel, die Konten öffnen` },
        wanted: { en: `no DSA, RSA from ${rsaBits} bits`, de: `kein DSA, RSA ab ${rsaBits} Bit` },
      }),
      ...hosts.keys.map(({ path, key }) =>
        evidence({
          source: path,
          found: show(key),
          wanted: { en: `no DSA, RSA from ${rsaBits} bits`, de: `kein DSA, RSA ab ${rsaBits} Bit` },
        }),
      ),
    ]);
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.1 (host keys)',
    'BSI TR-02102-4, 3.6; BSI IT-Grundschutz SYS.1.3.A8, CON.1.A1',
    'ISO/IEC 27001:2022 A.8.5, A.8.24',
    'sshd(8), AUTHORIZED_KEYS FILE FORMAT; RFC 4253, 6.6; ssh-keygen(1)',
  ],
  examples: async () => (await import('./key-strength.examples.ts')).examples,
});
