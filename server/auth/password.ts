/**
 * Passwords: argon2id (RFC 9106) through node:crypto, kept as PHC strings
 * (https://github.com/P-H-C/phc-string-format), so that parameters can be raised later.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { CodedError } from '../../shared/errors.ts';

const derive = promisify(argon2);

/** OWASP Password Storage Cheat Sheet asks for 46 MiB with one pass, or 19 MiB with two; this is both. */
const current = { memory: 47_104, passes: 2, parallelism: 1 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

export const PASSWORD_MIN_LENGTH = 12;
/** Bounds the work that a stranger can ask for. */
export const PASSWORD_MAX_BYTES = 1024;
const MIN_DISTINCT = 5;

interface Phc {
  memory: number;
  passes: number;
  parallelism: number;
  salt: Buffer;
  hash: Buffer;
}

/** The same words typed on two keyboards are the same password (NIST SP 800-63B, 5.1.1.2). */
const normalise = (password: string) => password.normalize('NFC');

function argon2id(password: string, { memory, passes, parallelism, salt, hash }: Phc): Promise<Buffer> {
  return derive('argon2id', {
    message: normalise(password),
    nonce: salt,
    memory,
    passes,
    parallelism,
    tagLength: hash.length,
  });
}

/** @returns `$argon2id$v=19$m=…,t=…,p=…$salt$hash` */
export async function hashPassword(password: string): Promise<string> {
  const phc: Phc = { ...current, salt: randomBytes(SALT_BYTES), hash: Buffer.alloc(HASH_BYTES) };
  const hash = await argon2id(password, phc);
  return `$argon2id$v=19$m=${phc.memory},t=${phc.passes},p=${phc.parallelism}$${bare(phc.salt)}$${bare(hash)}`;
}

/** PHC strings use base64 without padding. */
const bare = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

function parsePhc(text: string): Phc | undefined {
  const found =
    /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{22,86})$/.exec(
      text,
    );
  if (!found) return undefined;
  const [, memory, passes, parallelism, salt = '', hash = ''] = found;
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

/** Hash of a password nobody has: what unknown names are compared with, so that they take as long as known ones. */
let decoy: Promise<string> | undefined;

/**
 * Takes as long for a name that does not exist, or has no password (`stored` is null), as for one that has.
 * @returns whether it matches, and whether the stored hash is weaker than today's
 */
export async function verifyPassword(
  password: string,
  stored: string | null,
): Promise<{ matches: boolean; outdated: boolean }> {
  decoy ??= hashPassword(randomBytes(24).toString('base64'));
  const known = stored === null ? undefined : parsePhc(stored);
  const phc = known ?? parsePhc(await decoy);
  if (!phc) throw new TypeError('no argon2id hash to compare with');
  const derived = await argon2id(password, phc);
  const matches = timingSafeEqual(derived, phc.hash) && known !== undefined;
  const outdated = matches && (phc.memory < current.memory || phc.passes < current.passes);
  return { matches, outdated };
}

/**
 * Length is what counts (NIST SP 800-63B); beyond it only what anybody would try first is refused.
 * @throws CodedError `PASSWORD_TOO_SHORT`, `PASSWORD_TOO_LONG`, `PASSWORD_LIKE_NAME`, `PASSWORD_TOO_PLAIN`
 */
export function checkNewPassword(password: string, userName: string): void {
  const text = normalise(password);
  const characters = [...text];
  if (Buffer.byteLength(text) > PASSWORD_MAX_BYTES)
    throw new CodedError('PASSWORD_TOO_LONG', { limit: PASSWORD_MAX_BYTES });
  if (characters.length < PASSWORD_MIN_LENGTH)
    throw new CodedError('PASSWORD_TOO_SHORT', { length: characters.length, limit: PASSWORD_MIN_LENGTH });
  const letters = text.toLowerCase().replace(/[^\p{Letter}]/gu, '');
  const name = userName.toLowerCase().replace(/[^\p{Letter}]/gu, '');
  // `admin-admin-1`, `AdminAdminAdmin`: nothing but the name, however often.
  if (name !== '' && letters !== '' && letters.replaceAll(name, '') === '')
    throw new CodedError('PASSWORD_LIKE_NAME');
  if (new Set(characters).size < MIN_DISTINCT || isRun(text)) throw new CodedError('PASSWORD_TOO_PLAIN');
}

/** `123456789012`, `abcdefghijkl`, `qwertzuiopü`: a walk along the alphabet, the digits or a keyboard's row. */
function isRun(text: string): boolean {
  const rows = [
    'abcdefghijklmnopqrstuvwxyz',
    '0123456789',
    'qwertzuiopü+asdfghjklöä#',
    'qwertyuiop[]asdfghjkl;',
  ];
  const walked = text.toLowerCase();
  return rows.some((row) => {
    const long = row.repeat(Math.ceil(walked.length / row.length) + 1);
    return long.includes(walked) || [...long].reverse().join('').includes(walked);
  });
}
