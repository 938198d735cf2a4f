/**
 * How new passwords are stored: which algorithm at which cost, by pam_unix and by the tools of shadow-utils that hash
 * without PAM (gpasswd, chgpasswd; chpasswd and useradd where they are built so). Tried on Debian 11 to 13. Pure.
 */
import { type LoginDefs, loginDefsNumber } from './login-defs.ts';
import type { OsRelease } from './os-release.ts';
import type { PamModuleLine } from './pam-line.ts';

export const algorithms = [
  'yescrypt',
  'gost-yescrypt',
  'sha512',
  'sha256',
  'bcrypt',
  'bigcrypt',
  'md5',
  'des',
] as const;
export type Algorithm = (typeof algorithms)[number];

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

export interface UnixHash {
  readonly algorithm: Algorithm;
  /** The option that decides; else the value of login.defs does, else nothing. */
  readonly option?: string;
  readonly inherited: boolean;
}

/**
 * What pam_unix uses on this line: login.defs first, then its own options, of which the last one wins; without either,
 * traditional DES. Versions without yescrypt skip its names as unknown options.
 */
export function unixHash(line: PamModuleLine, defs: LoginDefs | undefined, yescrypt: boolean): UnixHash {
  const options = OPTIONS.filter(([name]) => yescrypt || !name.includes('yescrypt'));
  const find = (text: string) => options.find(([name]) => text.startsWith(name));
  const setting = defs?.pam.get('ENCRYPT_METHOD');
  const inherited = setting && find(setting.value.toLowerCase());
  const own = line.args.map(find).findLast((option) => option !== undefined);
  return {
    algorithm: own?.[1] ?? inherited?.[1] ?? 'des',
    ...(own ? { option: own[0] } : {}),
    inherited: !own && inherited !== undefined,
  };
}

const isSha = (algorithm: Algorithm): boolean => algorithm === 'sha512' || algorithm === 'sha256';

/** strtol(3) to base 10: what follows the digits is left. */
const leadingNumber = (text: string): number => {
  const digits = /^\s*[+-]?\d+/.exec(text)?.[0];
  return digits === undefined ? 0 : Number(digits);
};

/**
 * The cost that pam_unix asks for: rounds of SHA-2, else the logarithmic cost; undefined where the algorithm has none.
 * Up to Linux-PAM 1.5 SHA_CRYPT_MAX_ROUNDS counts only where ENCRYPT_METHOD of the same file names SHA-2, and then for
 * whatever algorithm an option chooses; a cost out of range becomes 5. Later (seen in 1.7) it counts for SHA-2 alone, as
 * YESCRYPT_COST_FACTOR does for yescrypt, and what is out of range becomes the nearest that is possible.
 */
export function unixCost(
  line: PamModuleLine,
  defs: LoginDefs | undefined,
  { algorithm }: UnixHash,
  libpam: 'old' | 'new',
): number | undefined {
  const option = line.args.findLast((arg) => arg.startsWith('rounds='))?.slice('rounds='.length);
  const method = defs?.pam.get('ENCRYPT_METHOD')?.value.toLowerCase() ?? '';
  const key = isSha(algorithm)
    ? 'SHA_CRYPT_MAX_ROUNDS'
    : algorithm === 'yescrypt'
      ? 'YESCRYPT_COST_FACTOR'
      : '';
  const inherited =
    libpam === 'new'
      ? defs?.pam.get(key)?.value
      : /^sha(?:256|512)/.test(method)
        ? defs?.pam.get('SHA_CRYPT_MAX_ROUNDS')?.value
        : undefined;
  const text = option ?? inherited;
  // The newer one wants a number and nothing behind it.
  const valid = text !== undefined && (libpam === 'old' || /^\s*[+-]?\d+$/.test(text));
  const wanted = valid ? leadingNumber(text) : undefined;
  if (isSha(algorithm)) {
    if (wanted === undefined || wanted < 1000 || wanted >= 2_147_483_647) return 5000;
    return Math.min(wanted, 9_999_999);
  }
  const range = COSTS[algorithm];
  if (!range) return undefined;
  if (wanted === undefined) return 5;
  if (wanted >= range[0] && wanted <= range[1]) return wanted;
  return libpam === 'old' ? 5 : Math.min(Math.max(wanted, range[0]), range[1]);
}

const COSTS: Readonly<Partial<Record<Algorithm, readonly [number, number]>>> = {
  yescrypt: [3, 11],
  'gost-yescrypt': [3, 11],
  bcrypt: [4, 31],
};

/** ID -> the first release with a newer Linux-PAM and the last one with an older. Between and elsewhere: not known. */
const LIBPAM: Readonly<Record<string, readonly [newFrom: number, oldUpTo: number]>> = {
  debian: [13, 12],
  raspbian: [13, 12],
  ubuntu: [25.1, 22.04],
  rhel: [11, 9.99],
  almalinux: [11, 9.99],
  rocky: [11, 9.99],
  ol: [11, 9.99],
};

/** Which of the two readings of login.defs this system's pam_unix has; undefined: not known here. */
export function libpamAge(os: Pick<OsRelease, 'id' | 'version'> | undefined): 'old' | 'new' | undefined {
  const [newFrom, oldUpTo] = (os && LIBPAM[os.id]) ?? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const version = Number.parseFloat(os?.version ?? '');
  return version >= newFrom ? 'new' : version <= oldUpTo ? 'old' : undefined;
}

/** shadow-utils compares whole words in capitals; whatever else is there makes DES, with a warning nobody sees. */
const TOOLS: Readonly<Record<string, Algorithm>> = {
  YESCRYPT: 'yescrypt',
  BCRYPT: 'bcrypt',
  SHA512: 'sha512',
  SHA256: 'sha256',
  MD5: 'md5',
  DES: 'des',
};

/** ID -> the first release whose shadow-utils (4.9) take the word YESCRYPT; libcrypt knows it longer. */
const TOOLS_YESCRYPT: Readonly<Record<string, number>> = { debian: 12, raspbian: 12, ubuntu: 24.04 };

/** Debian's and Ubuntu's are built without BCRYPT (tried on Debian 11 to 13). */
const NO_BCRYPT = /^(?:debian|raspbian|ubuntu|devuan|linuxmint|pop)$/;

export interface ToolsHash {
  readonly algorithm: Algorithm;
  /** ENCRYPT_METHOD holds a word that these tools know. */
  readonly known: boolean;
  /** As low as it can be: of a range of SHA rounds the tools draw one by lot. */
  readonly cost?: number;
}

/** What tools without PAM use. */
export function toolsHash(
  defs: LoginDefs | undefined,
  os: Pick<OsRelease, 'id' | 'version'> | undefined,
): ToolsHash {
  const word = defs?.tools.get('ENCRYPT_METHOD')?.value;
  const since = os && TOOLS_YESCRYPT[os.id];
  const lacks =
    (word === 'YESCRYPT' && since !== undefined && Number.parseFloat(os?.version ?? '') < since) ||
    (word === 'BCRYPT' && NO_BCRYPT.test(os?.id ?? ''));
  const named = word === undefined || lacks ? undefined : TOOLS[word];
  const md5 = word === undefined && defs?.tools.get('MD5_CRYPT_ENAB')?.value.toLowerCase() === 'yes';
  const algorithm = named ?? (md5 ? 'md5' : 'des');
  const number = (key: string): number | undefined => {
    const value = defs?.tools.get(key)?.value;
    return value === undefined ? undefined : loginDefsNumber(value);
  };
  const between = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
  const cost = isSha(algorithm)
    ? between(number('SHA_CRYPT_MIN_ROUNDS') ?? number('SHA_CRYPT_MAX_ROUNDS') ?? 5000, 1000, 999_999_999)
    : algorithm === 'yescrypt'
      ? between(number('YESCRYPT_COST_FACTOR') ?? 5, 1, 11)
      : algorithm === 'bcrypt'
        ? between(number('BCRYPT_MIN_ROUNDS') ?? number('BCRYPT_MAX_ROUNDS') ?? 13, 4, 31)
        : undefined;
  return { algorithm, known: named !== undefined, ...(cost === undefined ? {} : { cost }) };
}
