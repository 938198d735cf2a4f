/** password.hash-algorithm */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn, valueOr } from '../fact.ts';
import { type LoginDefs, loginDefs } from '../facts/login-defs.ts';
import { type Algorithm, algorithms, toolsHash, unixHash } from '../facts/new-hash.ts';
import { type OsRelease, osRelease } from '../facts/os-release.ts';
import { isPamUnix, type PamConfiguration, pam, pamModules, pamServices, pamStack } from '../facts/pam.ts';
import type { PamModuleLine } from '../facts/pam-line.ts';
import { yescryptAvailable } from '../facts/yescrypt.ts';

interface Judged {
  readonly algorithm: Algorithm;
  readonly evidence: Evidence;
}

/** What tools without PAM use. */
function byTools(defs: LoginDefs | undefined, os: OsRelease | undefined, wanted: Text): Judged {
  const setting = defs?.tools.get('ENCRYPT_METHOD');
  const { algorithm, known } = toolsHash(defs, os);
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
    evidence: evidence({
      source: setting?.source ?? defs?.source ?? '/etc/login.defs',
      line: setting?.line,
      found,
      wanted,
    }),
  };
}

function byPamUnix(
  line: PamModuleLine,
  defs: LoginDefs | undefined,
  yescrypt: boolean,
  wanted: Text,
): Judged {
  const { algorithm, option, inherited } = unixHash(line, defs, yescrypt);
  const origin: Text = option
    ? { en: `option ${option}`, de: `Option ${option}` }
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

/** pam_unix wherever a stack changes passwords, each line once. @throws CouldNotLook where a stack unfolds without end */
export function unixPasswordLines(configuration: PamConfiguration): readonly PamModuleLine[] {
  const lines = pamServices(configuration)
    .flatMap((service) => pamModules(pamStack(configuration, service, 'password')))
    .filter(isPamUnix);
  return [...new Map(lines.map((line) => [`${line.file}:${line.line}`, line])).values()];
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
    const os = facts.osRelease.state === 'known' ? facts.osRelease.value : undefined;
    const yescrypt = os && yescryptAvailable(os);
    const distinct = unixPasswordLines(configuration);
    const judged = [
      byTools(defs, os, wanted),
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
  examples: async () => (await import('./hash-algorithm.examples.ts')).examples,
});
