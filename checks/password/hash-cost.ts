/** password.hash-cost */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, type Example, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn, valueOr } from '../fact.ts';
import { loginDefs } from '../facts/login-defs.ts';
import { type Algorithm, libpamAge, toolsHash, unixCost, unixHash } from '../facts/new-hash.ts';
import { osRelease } from '../facts/os-release.ts';
import { pam } from '../facts/pam.ts';
import { yescryptAvailable } from '../facts/yescrypt.ts';
import { unixPasswordLines } from './hash-algorithm.ts';

/** What is asked of an algorithm; those without a cost are never expensive enough. */
type Least = (algorithm: Algorithm) => number | undefined;

const isSha = (algorithm: Algorithm): boolean => algorithm.startsWith('sha');

function words(algorithm: Algorithm, cost: number | undefined): Text {
  if (cost === undefined) return { en: `${algorithm}, no cost`, de: `${algorithm}, ohne Kosten` };
  return isSha(algorithm)
    ? { en: `${algorithm}, ${cost} rounds`, de: `${algorithm}, ${cost} Runden` }
    : { en: `${algorithm}, cost ${cost}`, de: `${algorithm}, Kosten ${cost}` };
}

const DEBIAN = (version: number) => `ID=debian\nVERSION_ID="${version}"\n`;
const tree = (options: string, defs: string, os = DEBIAN(12)): Example['tree'] => ({
  files: {
    '/etc/os-release': os,
    '/etc/login.defs': defs,
    '/etc/pam.d/passwd': `password required pam_unix.so ${options}\n`,
  },
});

export const hashCost = defineCheck({
  id: 'password.hash-cost',
  title: {
    en: 'Hashing a new password costs enough',
    de: 'Das Hashen eines neuen Passworts kostet genug',
  },
  why: {
    en: 'The cost decides how many guesses a second somebody with the hashes can make; the old defaults are from a time of slower machines.',
    de: 'Die Kosten bestimmen, wie viele Versuche je Sekunde jemand mit den Hashes hat; die alten Voreinstellungen stammen aus einer Zeit langsamerer Rechner.',
  },
  remedy: {
    en: 'Set yescrypt, or sha512 rounds=65536, on the password line of pam_unix; in /etc/login.defs set ENCRYPT_METHOD YESCRYPT, or SHA512 with SHA_CRYPT_MIN_ROUNDS and SHA_CRYPT_MAX_ROUNDS 65536.',
    de: 'yescrypt oder sha512 rounds=65536 in der password-Zeile von pam_unix setzen; in /etc/login.defs ENCRYPT_METHOD YESCRYPT oder SHA512 mit SHA_CRYPT_MIN_ROUNDS und SHA_CRYPT_MAX_ROUNDS 65536.',
  },
  severity: 'low',
  params: z.strictObject({
    'yescrypt-cost': z.int().min(1).max(11).default(5),
    'sha-rounds': z.int().min(1000).max(9_999_999).default(65_536),
    'bcrypt-cost': z.int().min(4).max(31).default(10),
  }),
  needs: { loginDefs, pam, osRelease },
  appliesTo: always,
  evaluate: (facts, params) => {
    const least: Least = (algorithm) =>
      isSha(algorithm)
        ? params['sha-rounds']
        : algorithm === 'bcrypt'
          ? params['bcrypt-cost']
          : algorithm.endsWith('yescrypt')
            ? params['yescrypt-cost']
            : undefined;
    const enough = (algorithm: Algorithm, cost: number | undefined): boolean => {
      const needed = least(algorithm);
      return needed !== undefined && cost !== undefined && cost >= needed;
    };
    const wanted: Text = {
      en: `yescrypt from cost ${params['yescrypt-cost']}, SHA-2 from ${params['sha-rounds']} rounds, bcrypt from cost ${params['bcrypt-cost']}`,
      de: `yescrypt ab Kosten ${params['yescrypt-cost']}, SHA-2 ab ${params['sha-rounds']} Runden, bcrypt ab Kosten ${params['bcrypt-cost']}`,
    };
    const defs = valueOr(facts.loginDefs, undefined);
    const os = facts.osRelease.state === 'known' ? facts.osRelease.value : undefined;
    const age = libpamAge(os);
    const lines = unixPasswordLines(valueIn(facts.pam));
    const cheap: Evidence[] = [];
    const unclear: Evidence[] = [];
    const fine: Evidence[] = [];
    const tools = toolsHash(defs, os);
    (enough(tools.algorithm, tools.cost) ? fine : cheap).push(
      evidence({
        source: defs?.tools.get('ENCRYPT_METHOD')?.source ?? defs?.source ?? '/etc/login.defs',
        line: defs?.tools.get('ENCRYPT_METHOD')?.line,
        found: words(tools.algorithm, tools.cost),
        wanted,
      }),
    );
    for (const line of lines) {
      const hash = unixHash(line, defs, (os && yescryptAvailable(os)) ?? true);
      // Where the version is not known both readings have to agree.
      const costs = (age ? [age] : (['old', 'new'] as const)).map((one) => unixCost(line, defs, hash, one));
      const verdicts = new Set(costs.map((cost) => enough(hash.algorithm, cost)));
      const said = words(hash.algorithm, costs[0]);
      const piece = evidence({
        source: line.file,
        line: line.line,
        found: { en: `pam_unix: ${said.en}`, de: `pam_unix: ${said.de}` },
        wanted,
      });
      (verdicts.size > 1 ? unclear : verdicts.has(true) ? fine : cheap).push(piece);
    }
    if (cheap.length > 0) return fail(cheap);
    if (unclear.length > 0)
      return unknown(
        {
          en: 'whether pam_unix takes the cost from login.defs depends on its version, which is not known here',
          de: 'ob pam_unix die Kosten aus login.defs nimmt, hängt von seiner hier nicht bekannten Version ab',
        },
        unclear,
      );
    if (lines.length === 0)
      return unknown(
        {
          en: 'no PAM service changes passwords with pam_unix; what other modules store is not known',
          de: 'kein PAM-Dienst ändert Passwörter mit pam_unix; was andere Module speichern, ist nicht bekannt',
        },
        fine,
      );
    return pass(fine);
  },
  references: [
    'CIS Debian Linux 12 v1.1.0, 5.3.3.4.3 and 5.4.1.4',
    'BSI IT-Grundschutz ORP.4.A23, CON.1; BSI TR-02102-1',
    'ISO/IEC 27001:2022 A.5.17, A.8.24',
    'login.defs(5), pam_unix(8), crypt(5)',
  ],
  examples: [
    {
      name: 'yescrypt in both places, as on Debian 13',
      outcome: 'pass',
      tree: tree('yescrypt', 'ENCRYPT_METHOD YESCRYPT\n', DEBIAN(13)),
      says: ['pam_unix: yescrypt, cost 5'],
    },
    {
      name: 'SHA-512 with many rounds in both places',
      outcome: 'pass',
      tree: tree('sha512 rounds=100000', 'ENCRYPT_METHOD SHA512\nSHA_CRYPT_MIN_ROUNDS 65536\n'),
      says: ['100000 rounds', '65536 rounds'],
    },
    {
      name: 'rounds of login.defs alone',
      outcome: 'pass',
      tree: tree('sha512', 'ENCRYPT_METHOD SHA512\nSHA_CRYPT_MIN_ROUNDS 65536\nSHA_CRYPT_MAX_ROUNDS 70000\n'),
      says: ['pam_unix: sha512, 70000 rounds'],
    },
    {
      name: 'rounds that yescrypt can not have become the default',
      outcome: 'pass',
      tree: tree('yescrypt rounds=65536', 'ENCRYPT_METHOD YESCRYPT\n'),
      says: ['cost 5'],
    },
    {
      name: 'a drop-in that nobody reads on Debian',
      outcome: 'pass',
      tree: {
        files: {
          ...tree('yescrypt', 'ENCRYPT_METHOD YESCRYPT\n').files,
          '/etc/login.defs.d/90-local.defs': 'ENCRYPT_METHOD DES\n',
        },
      },
    },
    {
      name: 'yescrypt, with a lower cost',
      outcome: 'fail',
      tree: tree('yescrypt rounds=3', 'ENCRYPT_METHOD YESCRYPT\n'),
      says: ['pam_unix: yescrypt, cost 3'],
    },
    {
      name: 'Debian 12 as delivered: 5000 rounds by tools without PAM',
      outcome: 'fail',
      tree: tree('yescrypt', 'ENCRYPT_METHOD SHA512\n'),
      says: ['sha512, 5000 rounds'],
    },
    {
      name: 'SHA-512 without rounds',
      outcome: 'fail',
      tree: tree('sha512', 'ENCRYPT_METHOD YESCRYPT\n'),
      says: ['pam_unix: sha512, 5000 rounds'],
    },
    {
      name: 'rounds of login.defs do not count beside another method there',
      outcome: 'fail',
      tree: tree('sha512', 'ENCRYPT_METHOD YESCRYPT\nSHA_CRYPT_MAX_ROUNDS 70000\n'),
    },
    {
      name: 'the lower end of the range is what the tools may draw',
      outcome: 'fail',
      tree: tree(
        'yescrypt',
        'ENCRYPT_METHOD SHA512\nSHA_CRYPT_MIN_ROUNDS 5000\nSHA_CRYPT_MAX_ROUNDS 90000\n',
      ),
    },
    {
      name: 'the module wins over login.defs',
      outcome: 'fail',
      tree: tree(
        'sha512 rounds=6000',
        'ENCRYPT_METHOD SHA512\nSHA_CRYPT_MIN_ROUNDS 65536\nSHA_CRYPT_MAX_ROUNDS 65536\n',
      ),
      says: ['6000 rounds'],
    },
    {
      name: 'SUSE: a drop-in wins over login.defs',
      outcome: 'fail',
      tree: {
        files: {
          ...tree(
            'sha512 rounds=70000',
            'ENCRYPT_METHOD YESCRYPT\n',
            'ID=sles\nVERSION_ID="15.6"\nID_LIKE="suse"\n',
          ).files,
          '/etc/login.defs.d/90-local.defs': 'ENCRYPT_METHOD SHA512\n',
        },
      },
      says: ['/etc/login.defs.d/90-local.defs', 'sha512, 5000 rounds'],
    },
    {
      name: 'the word YESCRYPT is not known to the tools of Debian 11',
      outcome: 'fail',
      tree: tree('yescrypt', 'ENCRYPT_METHOD YESCRYPT\n', DEBIAN(11)),
      says: ['des, no cost'],
    },
    {
      name: 'the word BCRYPT is not known to the tools of Debian',
      outcome: 'fail',
      tree: tree('yescrypt', 'ENCRYPT_METHOD BCRYPT\nBCRYPT_MIN_ROUNDS 12\n'),
      says: ['des, no cost'],
    },
    {
      name: 'pam_unix chooses bcrypt with its default',
      outcome: 'fail',
      tree: tree('blowfish', 'ENCRYPT_METHOD YESCRYPT\n'),
      says: ['bcrypt, cost 5'],
    },
    {
      name: 'login.defs that one version of pam_unix reads and another does not',
      outcome: 'unknown',
      tree: tree(
        'sha512',
        'ENCRYPT_METHOD YESCRYPT\nSHA_CRYPT_MAX_ROUNDS 70000\n',
        'ID=mystery\nVERSION_ID=1\n',
      ),
    },
    {
      name: 'passwords are changed elsewhere',
      outcome: 'unknown',
      tree: {
        files: {
          ...tree('', 'ENCRYPT_METHOD YESCRYPT\n').files,
          '/etc/pam.d/passwd': 'password required pam_sss.so\n',
        },
      },
    },
    {
      name: 'login.defs can not be read',
      outcome: 'unknown',
      tree: {
        files: { ...tree('yescrypt', '').files, '/etc/login.defs': { unreadable: 'input/output error' } },
      },
    },
  ],
});
