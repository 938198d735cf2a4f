/** patch.sources-trusted: nothing is installed that a known key has not signed. */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import type { AptSetting } from '../facts/apt-conf-file.ts';
import { aptBoolean, aptSettings, aptValue } from '../facts/apt-config.ts';
import { type AptSource, aptEverySource, isCdrom } from '../facts/apt-sources.ts';
import { aptTrust, type HeldKey, type SourceTrust } from '../facts/apt-trust.ts';
import { isIssuer, type PgpKey } from '../facts/openpgp.ts';
import { osRelease } from '../facts/os-release.ts';
import { rpmTrust } from '../facts/rpm-trust.ts';
import { hasEnded, isWeak, short, signatureFlaw } from './key-flaw.ts';
import { needsApt, usesRpm } from './package-manager.ts';
import { judgeRpmSources, NO_SOURCE } from './rpm-sources.ts';

const WANTED: Text = {
  en: 'signed by a strong key that has not ended',
  de: 'mit einem starken, nicht abgelaufenen Schlüssel signiert',
};

/** Settings that let apt take what is not signed well: apt-secure(8), apt.conf(5). */
const LETTING = [
  'APT::Get::AllowUnauthenticated',
  'Acquire::AllowInsecureRepositories',
  'Acquire::AllowWeakRepositories',
  'Acquire::AllowDowngradeToInsecureRepositories',
] as const;
/** Digests that apt refuses unless it is told not to. */
const REFUSED = ['MD5', 'SHA1', 'RIPE-MD/160'].map((name) => `APT::Hashes::${name}::Untrusted`);

const place = ({ uri, suite }: AptSource): string => `${uri} ${suite}`;

function settingProblems(settings: readonly AptSetting[], live: boolean): Evidence[] {
  const source = live ? 'apt-config dump' : '/etc/apt/apt.conf.d';
  const found = (name: string, value: string): Evidence =>
    evidence({
      source,
      found: `${name} ${value}`,
      wanted: {
        en: 'apt takes nothing that is not signed well',
        de: 'apt nimmt nichts an, was nicht gut signiert ist',
      },
    });
  return [
    ...LETTING.filter((name) => aptBoolean(aptValue(settings, name)) === true).map((name) =>
      found(name, 'true'),
    ),
    ...REFUSED.filter((name) => aptBoolean(aptValue(settings, name)) === false).map((name) =>
      found(name, 'false'),
    ),
  ];
}

const atSource = (source: AptSource, found: Text): Evidence =>
  evidence({ source: source.file, line: source.line, found, wanted: WANTED });

function optionProblems(sources: readonly AptSource[], settings: readonly AptSetting[]): Evidence[] {
  const discs = aptBoolean(aptValue(settings, 'APT::Authentication::TrustCDROM')) === true;
  return sources.flatMap((source) => [
    ...source.unverified.map((name) => {
      const text = `${place(source)}: ${name}=yes`;
      return atSource(source, { en: text, de: text });
    }),
    ...(discs && isCdrom(source)
      ? [
          atSource(source, {
            en: 'a disc that is taken without a signature (APT::Authentication::TrustCDROM)',
            de: 'ein Datenträger, der ohne Signatur angenommen wird (APT::Authentication::TrustCDROM)',
          }),
        ]
      : []),
  ]);
}

interface Judged {
  readonly good?: Evidence;
  readonly bad?: Evidence;
  readonly unclear?: Text;
}

/** The signature on the index of one source: one good one is enough, as for apt. */
function judgeSignature(trust: SourceTrust, now: Date): Judged {
  const { source, file, state, signatures, keys } = trust;
  if (state === 'never') return judgeKeys(trust, now);
  if (state === 'unsigned') {
    const found = { en: `${place(source)}: not signed`, de: `${place(source)}: nicht signiert` };
    return { bad: evidence({ source: file, found, wanted: WANTED }) };
  }
  const matched = signatures.flatMap((signature) =>
    keys.filter(({ key }) => isIssuer(signature.issuer, key)).map((held) => ({ signature, held })),
  );
  const good = matched.find(({ signature, held }) => !signatureFlaw(signature, held.key, now));
  if (good) return { good: goodEvidence(source, file, good.held.key) };
  const [unread] = trust.unread;
  if (unread) return { unclear: unread };
  const [first] = matched;
  const flaw = first && signatureFlaw(first.signature, first.held.key, now);
  if (first && flaw) {
    const found = {
      en: `${place(source)}: its key ${short(first.held.key)} ${flaw.en}`,
      de: `${place(source)}: Schlüssel ${short(first.held.key)} ${flaw.de}`,
    };
    return { bad: evidence({ source: first.held.file, found, wanted: WANTED }) };
  }
  const issuers = [...new Set(signatures.map(({ issuer }) => issuer.slice(-16)))].slice(0, 5).join(', ');
  const gone = trust.missing.length > 0 ? ` (${trust.missing.join(', ')})` : '';
  return {
    bad: atSource(source, {
      en: `${place(source)}: signed by ${issuers}, which none of its keyrings${gone} holds`,
      de: `${place(source)}: signiert von ${issuers}, in keinem seiner Schlüsselbunde${gone} enthalten`,
    }),
  };
}

function goodEvidence(source: AptSource, file: string, key: PgpKey): Evidence {
  const until = key.expires;
  return evidence({
    source: file,
    found: {
      en: `${place(source)}: signed by ${short(key)} (${key.algorithm}${until ? `, until ${until}` : ''})`,
      de: `${place(source)}: signiert von ${short(key)} (${key.algorithm}${until ? `, bis ${until}` : ''})`,
    },
    wanted: WANTED,
  });
}

/** Of a source that was never fetched: apt will take it only if one of these keys has signed it. */
function judgeKeys({ source, keys, unread, missing }: SourceTrust, now: Date): Judged {
  const able = keys.filter(({ key }) => key.signs && !key.revoked && !hasEnded(key, now));
  if (able.length > 0) {
    return {
      good: atSource(source, {
        en: `${place(source)}: never fetched; apt takes it only with a signature of one of ${able.length} keys`,
        de: `${place(source)}: nie abgerufen; apt nimmt sie nur mit der Signatur eines von ${able.length} Schlüsseln an`,
      }),
    };
  }
  if (unread[0]) return { unclear: unread[0] };
  const gone = missing.length > 0 ? ` (${missing.join(', ')})` : '';
  return {
    bad: atSource(source, {
      en: `${place(source)}: no key that could sign it${gone}`,
      de: `${place(source)}: kein Schlüssel, der sie signieren könnte${gone}`,
    }),
  };
}

/** Keys that could sign an update and that others can forge: one is enough, whoever signed the index of today. */
function weakKeys(trusts: readonly SourceTrust[], now: Date): Evidence[] {
  const seen = new Map<string, HeldKey>();
  for (const held of trusts.flatMap(({ keys }) => keys)) {
    const { key, file } = held;
    if (key.signs && !key.revoked && !hasEnded(key, now) && isWeak(key))
      seen.set(`${file} ${key.fingerprint}`, held);
  }
  return [...seen.values()].map(({ key, file }) =>
    evidence({
      source: file,
      found: {
        en: `key ${short(key)} may sign packages and is weak (${key.algorithm})`,
        de: `Schlüssel ${short(key)} darf Pakete signieren und ist schwach (${key.algorithm})`,
      },
      wanted: {
        en: 'RSA from 2048 bits, or an elliptic curve',
        de: 'RSA ab 2048 Bit oder elliptische Kurve',
      },
    }),
  );
}

/** Sources of source packages are left out: apt installs nothing from them. */
export const sourcesTrusted = defineCheck({
  id: 'patch.sources-trusted',
  title: {
    en: 'Every package source is signed and verified',
    de: 'Jede Paketquelle ist signiert und wird geprüft',
  },
  why: {
    en: 'Packages are installed with root privileges. Whoever can slip one in through an unverified source owns the system.',
    de: 'Pakete werden mit Root-Rechten installiert. Wer über eine ungeprüfte Quelle eines unterschieben kann, beherrscht das System.',
  },
  remedy: {
    en: 'Take trusted=yes, allow-insecure and the like out of the sources, and AllowUnauthenticated and AllowInsecureRepositories out of /etc/apt/apt.conf.d. Give each source the current key of its publisher by Signed-By, and delete keyrings that are weak or no longer needed. Then run apt-get update and look at its warnings. With dnf and zypper: gpgcheck=1, no sslverify=0, https or repo_gpgcheck=1, and the current key of the publisher in place of one that has ended (gpgkey=, rpm --import).',
    de: 'trusted=yes, allow-insecure und Ähnliches aus den Quellen entfernen, ebenso AllowUnauthenticated und AllowInsecureRepositories aus /etc/apt/apt.conf.d. Jeder Quelle mit Signed-By den aktuellen Schlüssel ihres Herausgebers geben; schwache und nicht mehr benötigte Schlüsselbunde löschen. Danach apt-get update ausführen und die Warnungen beachten. Mit dnf und zypper: gpgcheck=1, kein sslverify=0, https oder repo_gpgcheck=1 und statt eines abgelaufenen Schlüssels der aktuelle des Herausgebers (gpgkey=, rpm --import).',
  },
  severity: 'critical',
  params: z.strictObject({}),
  needs: { os: osRelease, every: aptEverySource, trust: aptTrust, settings: aptSettings, rpm: rpmTrust },
  appliesTo: always,
  evaluate: ({ os, every, trust, settings, rpm }, _params, now) => {
    if (usesRpm(os) || (every.state === 'absent' && rpm.state !== 'absent')) return judgeRpmSources(rpm, now);
    needsApt(every);
    const [sources, set] = [valueIn(every), valueIn(settings)];
    const live = aptValue(set, 'Dir') !== undefined;
    const certain = [...settingProblems(set, live), ...optionProblems(sources, set)];
    if (certain.length > 0 && trust.state === 'unreadable') return fail(certain);
    const trusts = valueIn(trust);
    const judged = trusts.map((each) => judgeSignature(each, now));
    const bad = [...certain, ...judged.flatMap((each) => each.bad ?? []), ...weakKeys(trusts, now)];
    if (bad.length > 0) return fail(bad);
    const good = judged.flatMap((each) => each.good ?? []);
    const other = ['APT::Key::gpgvcommand', 'Dir::Bin::apt-key'].find((name) => isReplaced(set, name));
    if (other) return unknown(replaced(other), good);
    const unclear = judged.find((each) => each.unclear)?.unclear;
    if (unclear) return unknown(unclear, good);
    if (good.length === 0) return unknown(NO_SOURCE);
    return pass(good);
  },
  references: [
    'CIS Debian 12: 1.2.1.1',
    'CIS RHEL 9: 1.2.1.1, 1.2.1.2',
    'BSI IT-Grundschutz: OPS.1.1.3.A10, SYS.1.3.A4',
    'ISO/IEC 27001:2022 A.8.19',
    'apt-secure(8), sources.list(5)',
  ],
  examples: async () => (await import('./sources-trusted.examples.ts')).sourcesTrustedExamples,
});

/** The program that verifies for apt is another than the one that comes with it. */
function isReplaced(settings: readonly AptSetting[], name: string): boolean {
  const value = aptValue(settings, name);
  return (
    value !== undefined && !/^(?:\/usr\/bin\/(?:apt-key|gpgv|gpgv1|gpgv2)|gpgv|\/dev\/null)?$/.test(value)
  );
}

const replaced = (name: string): Text => ({
  en: `${name} names a program of its own to verify signatures; what it accepts can not be seen here`,
  de: `${name} setzt ein eigenes Programm zum Prüfen von Signaturen ein; was es annimmt, ist hier nicht zu sehen`,
});
