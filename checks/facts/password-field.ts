/**
 * The password field of passwd(5) and shadow(5): what kind of secret it holds, never the secret. Nothing that is
 * returned here contains a part of a hash, so that no fact can leak one. crypt(5) names the schemes.
 */
export const schemes = [
  'yescrypt',
  'gost-yescrypt',
  'scrypt',
  'bcrypt',
  'bcrypt-x',
  'sha512',
  'sha256',
  'sha1',
  'sm3',
  'sm3-yescrypt',
  'sunmd5',
  'md5',
  'nthash',
  'bsdi-des',
  'bigcrypt',
  'des',
  'unknown',
] as const;
export type Scheme = (typeof schemes)[number];

export type PasswordField =
  /** Nothing at all: no password is asked for where empty ones are accepted. */
  | { readonly kind: 'empty' }
  /** `x` in passwd: the password is in shadow. */
  | { readonly kind: 'shadow' }
  /** `*`, `!`, `!!`, `*LK*` and other text that no password can match. */
  | { readonly kind: 'none' }
  | {
      readonly kind: 'hash';
      readonly scheme: Scheme;
      /** A `!` or `*` stands before it: no password matches until that is taken away. */
      readonly locked: boolean;
      /** SHA: rounds (5000 where none are stated); bcrypt, scrypt, yescrypt: the logarithmic cost; else absent. */
      readonly cost?: number;
    };

const PREFIXES: readonly (readonly [string, Scheme])[] = [
  ['$y$', 'yescrypt'],
  ['$gy$', 'gost-yescrypt'],
  ['$sm3y$', 'sm3-yescrypt'],
  ['$sm3$', 'sm3'],
  ['$7$', 'scrypt'],
  ['$2a$', 'bcrypt'],
  ['$2b$', 'bcrypt'],
  ['$2y$', 'bcrypt'],
  ['$2x$', 'bcrypt-x'],
  ['$6$', 'sha512'],
  ['$5$', 'sha256'],
  ['$sha1$', 'sha1'],
  ['$md5', 'sunmd5'],
  ['$1$', 'md5'],
  ['$3$', 'nthash'],
];

/** Pure, never throws. `x` counts as "in shadow" only in passwd. */
export function parsePasswordField(field: string, file: 'passwd' | 'shadow'): PasswordField {
  if (field === '') return { kind: 'empty' };
  // pam_unix also takes `##name` for shadowed (a convention of SunOS).
  if (file === 'passwd' && (field === 'x' || field.startsWith('##'))) return { kind: 'shadow' };
  const locked = /^[!*]/.test(field);
  const rest = field.replace(/^[!*]+/, '');
  const scheme = schemeOf(rest);
  if (scheme === undefined) return { kind: 'none' };
  const cost = costOf(rest, scheme);
  return { kind: 'hash', scheme, locked, ...(cost === undefined ? {} : { cost }) };
}

function schemeOf(text: string): Scheme | undefined {
  const prefixed = PREFIXES.find(([prefix]) => text.startsWith(prefix));
  if (prefixed) return prefixed[1];
  if (text.startsWith('$')) return 'unknown';
  if (/^_[./0-9A-Za-z]{19}$/.test(text)) return 'bsdi-des';
  // libpam cuts HP-UX ageing information behind a comma before it compares.
  const traditional = /^[./0-9A-Za-z]+(?=,|$)/.exec(text)?.[0] ?? '';
  if (traditional.length === 13) return 'des';
  return traditional.length >= 24 && (traditional.length - 2) % 11 === 0 ? 'bigcrypt' : undefined;
}

const BASE64 = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function costOf(text: string, scheme: Scheme): number | undefined {
  if (scheme === 'sha512' || scheme === 'sha256') {
    const rounds = /^\$[56]\$rounds=(\d{1,10})\$/.exec(text)?.[1];
    // glibc's old crypt raised fewer than 1000 to 1000 and lowered more than 999999999; libxcrypt refuses both.
    return rounds === undefined ? 5000 : Math.min(Math.max(Number(rounds), 1000), 999_999_999);
  }
  if (scheme === 'bcrypt' || scheme === 'bcrypt-x') {
    const cost = /^\$2[abxy]\$(\d\d)\$/.exec(text)?.[1];
    return cost === undefined ? undefined : Number(cost);
  }
  if (scheme === 'scrypt') {
    // log2(N) in one digit, then r in five, the lowest first. libxcrypt makes r 32 and N from its cost 6 to 11.
    const digits = [...(/^\$7\$([./0-9A-Za-z]{6})/.exec(text)?.[1] ?? '')].map((one) => BASE64.indexOf(one));
    const [log2 = 0, ...rest] = digits;
    const r = rest.reduce((sum, digit, at) => sum + digit * 64 ** at, 0);
    return r === 0 ? undefined : Math.floor(log2 + Math.log2(r)) - 12;
  }
  if (scheme === 'yescrypt' || scheme === 'gost-yescrypt' || scheme === 'sm3-yescrypt') {
    // `j`, log2(N) and r, one digit each; libxcrypt makes them from its cost 1 to 11.
    const [, n, r] = /^\$(?:g|sm3)?y\$j(.)(.)\$/.exec(text) ?? [];
    const log2 = n === undefined ? -1 : BASE64.indexOf(n) + 1;
    if (log2 < 1 || (r !== 'T' && r !== '5')) return undefined;
    return r === 'T' ? log2 - 7 : log2 - 9;
  }
  return undefined;
}
