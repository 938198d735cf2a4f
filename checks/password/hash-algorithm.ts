/** password.hash-algorithm */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn, valueOr } from '../fact.ts';
import { type LoginDefs, loginDefs } from '../facts/login-defs.ts';
import { osRelease } from '../facts/os-release.ts';
import { isPamUnix, pam, pamModules, pamServices, pamStack } from '../facts/pam.ts';
import type { PamModuleLine } from '../facts/pam-line.ts';
import { yescryptAvailable } from '../facts/yescrypt.ts';
import { examples } from './hash-algorithm.examples.ts';

const algorithms = [
  'yescrypt',
  'gost-yescrypt',
  'sha512',
  'sha256',
  'bcrypt',
  'bigcrypt',
  'md5',
  'des',
] as const;
type Algorithm = (typeof algorithms)[number];

/** shadow-utils compares whole words in capitals; whatever else is there makes DES, with a warning nobody sees. */
const TOOLS: Readonly<Record<string, Algorithm>> = {
  YESCRYPT: 'yescrypt',
  BCRYPT: 'bcrypt',
  SHA512: 'sha512',
  SHA256: 'sha256',
  MD5: 'md5',
  DES: 'des',
};

/** pam_unix's options in its order; it compares as many letters as the name has, so `sha512x` is sha512. */
const OPTIONS: readonly (readonly [string, Algorithm])[] = [
  ['md5', 'md5'],
  ['bigcrypt', 'bigcrypt'],
  ['sha256', 'sha256'],
  ['sha512', 'sha512'],
  ['blowfish', 'bcrypt'],
  ['gost_yescrypt', 'gost-yescrypt'],
  ['yescrypt', 'yescrypt'],
];

interface Judged {
  readonly algorithm: Algorithm;
  readonly evidence: Evidence;
}

/** What useradd, chpasswd -c and other tools without PAM use. */
function byTools(defs: LoginDefs | undefined, wanted: Text): Judged {
  const setting = defs?.tools.get('ENCRYPT_METHOD');
  const md5 = defs?.tools.get('MD5_CRYPT_ENAB')?.value.toLowerCase() === 'yes';
  const algorithm = setting ? (TOOLS[setting.value] ?? 'des') : md5 ? 'md5' : 'des';
  const known = setting !== undefined && setting.value in TOOLS;
  const found: Text | string = !setting
    ? { en: `ENCRYPT_METHOD not set: ${algorithm}`, de: `ENCRYPT_METHOD nicht gesetzt: ${algorithm}` }
    : known
      ? `ENCRYPT_METHOD ${setting.value}`
      : {
          en: `ENCRYPT_METHOD not a known word: ${algorithm}`,
          de: `ENCRYPT_METHOD kein bekanntes Wort: ${algorithm}`,
        };
  return {
    algorithm,
    evidence: evidence({ source: defs?.source ?? '/etc/login.defs', line: setting?.line, found, wanted }),
  };
}

/**
 * What pam_unix uses on this line: login.defs first, then its own options, of which the last one wins; without either,
 * traditional DES. Versions without yescrypt skip its names as unknown options.
 */
function byPamUnix(
  line: PamModuleLine,
  defs: LoginDefs | undefined,
  yescrypt: boolean,
  wanted: Text,
): Judged {
  const options = OPTIONS.filter(([name]) => yescrypt || !name.includes('yescrypt'));
  const find = (text: string) => options.find(([name]) => text.startsWith(name));
  const setting = defs?.pam.get('ENCRYPT_METHOD');
  const inherited = setting && find(setting.value.toLowerCase());
  const own = line.args.map(find).findLast((option) => option !== undefined);
  const algorithm = own?.[1] ?? inherited?.[1] ?? 'des';
  const origin: Text = own
    ? { en: `option ${own[0]}`, de: `Option ${own[0]}` }
    : inherited
      ? { en: 'from login.defs', de: 'aus login.defs' }
      : { en: 'nothing set', de: 'nichts gesetzt' };
  return {
    algorithm,
    evidence: evidence({
      source: line.file,
      line: line.line,
      found: {
        en: `pam_unix: ${algorithm} (${origin.en})`,
        de: `pam_unix: ${algorithm} (${origin.de})`,
      },
      wanted,
    }),
  };
}

export const hashAlgorithm = defineCheck({
  id: 'password.hash-algorithm',
  title: {
    en: 'New passwords are stored with a strong algorithm',
    de: 'Neue Passwörter werden mit einem starken Verfahren gespeichert',
  },
  why: {
    en: 'Whoever gets hold of the hashes tries passwords offline; the algorithm decides whether that takes seconds or years.',
    de: 'Wer an die Hashes gelangt, probiert Passwörter in Ruhe durch; das Verfahren entscheidet, ob das Sekunden oder Jahre dauert.',
  },
  remedy: {
    en: 'Set ENCRYPT_METHOD YESCRYPT (or SHA512) in /etc/login.defs and yescrypt (or sha512) on the password line of pam_unix; then have passwords changed.',
    de: 'ENCRYPT_METHOD YESCRYPT (oder SHA512) in /etc/login.defs und yescrypt (oder sha512) in der password-Zeile von pam_unix setzen; danach Passwörter ändern lassen.',
  },
  severity: 'medium',
  params: z.strictObject({
    allowed: z.array(z.enum(algorithms)).min(1).max(8).default(['yescrypt', 'gost-yescrypt', 'sha512']),
  }),
  needs: { loginDefs, pam, osRelease },
  appliesTo: always,
  evaluate: (facts, { allowed }) => {
    const words = allowed.join(', ');
    const wanted: Text = { en: `one of ${words}`, de: `eines von ${words}` };
    const defs = valueOr(facts.loginDefs, undefined);
    const configuration = valueIn(facts.pam);
    const yescrypt = facts.osRelease.state === 'known' ? yescryptAvailable(facts.osRelease.value) : undefined;
    const lines = pamServices(configuration)
      .flatMap((service) => pamModules(pamStack(configuration, service, 'password')))
      .filter(isPamUnix);
    const distinct = [...new Map(lines.map((line) => [`${line.file}:${line.line}`, line])).values()];
    const judged = [
      byTools(defs, wanted),
      ...distinct.map((line) => byPamUnix(line, defs, yescrypt ?? true, wanted)),
    ];
    const wrong = judged.filter(({ algorithm }) => !allowed.includes(algorithm));
    if (wrong.length > 0) return fail(wrong.map((one) => one.evidence));
    if (distinct.length === 0)
      return unknown(
        {
          en: 'no PAM service changes passwords with pam_unix; what other modules store is not known',
          de: 'kein PAM-Dienst ändert Passwörter mit pam_unix; was andere Module speichern, ist nicht bekannt',
        },
        judged.map((one) => one.evidence),
      );
    return pass(judged.map((one) => one.evidence));
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.4.1.4 and 5.3.3.4.3',
    'CIS Red Hat Enterprise Linux 9 v2.0.0, 5.4.1.4 and 5.3.3.4.3',
    'BSI IT-Grundschutz ORP.4.A23, CON.1; BSI TR-02102-1',
    'ISO/IEC 27001:2022 A.5.17, A.8.24',
    'login.defs(5), pam_unix(8), crypt(5)',
  ],
  examples,
});
