/** Password hashes and rules. */
import { argon2Sync } from 'node:crypto';
import { expect, it } from 'vitest';
import { checkNewPassword, hashPassword, verifyPassword } from '../../../server/auth/password.ts';
import { CodedError } from '../../../shared/errors.ts';

const PASSWORD = 'drei kleine Igel tanzen';

it('a hash is a PHC string of argon2id with parameters that OWASP accepts, and salted', async () => {
  const [one, two] = await Promise.all([hashPassword(PASSWORD), hashPassword(PASSWORD)]);
  const found = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(one);
  const [, memory, passes, parallelism, salt = '', hash = ''] = found ?? [];
  expect(Number(memory)).toBeGreaterThanOrEqual(47_104);
  expect(Number(passes)).toBeGreaterThanOrEqual(1);
  expect(one).not.toBe(two);
  // The string says everything that is needed to compute it again.
  const again = argon2Sync('argon2id', {
    message: PASSWORD,
    nonce: Buffer.from(salt, 'base64'),
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: 32,
  });
  expect(hash).toBe(again.toString('base64').replace(/=+$/, ''));
});

it('takes the right password, also typed in another Unicode form, and no other', async () => {
  const stored = await hashPassword('Übermäßig gute Ösen');
  expect(await verifyPassword('Übermäßig gute Ösen'.normalize('NFD'), stored)).toEqual({
    matches: true,
    outdated: false,
  });
  expect((await verifyPassword('übermäßig gute ösen', stored)).matches).toBe(false);
  expect((await verifyPassword('', stored)).matches).toBe(false);
});

it('notices a hash with weaker parameters than today, so that it is renewed at sign-in', async () => {
  const salt = Buffer.alloc(16, 7);
  const hash = argon2Sync('argon2id', {
    message: PASSWORD,
    nonce: salt,
    memory: 8192,
    passes: 1,
    parallelism: 1,
    tagLength: 32,
  });
  const bare = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  const stored = `$argon2id$v=19$m=8192,t=1,p=1$${bare(salt)}$${bare(hash)}`;
  expect(await verifyPassword(PASSWORD, stored)).toEqual({ matches: true, outdated: true });
});

it.each([null, '', 'x', '$argon2i$v=19$m=8192,t=1,p=1$AAAAAAAAAAAAAAAA$AAAA', '$2b$12$abc'])(
  'no password matches what is stored as %j',
  async (stored) => {
    expect((await verifyPassword(PASSWORD, stored)).matches).toBe(false);
    expect((await verifyPassword('', stored)).matches).toBe(false);
  },
);

it.each([
  ['elf Zeichen', 'PASSWORD_TOO_SHORT'],
  ['🦔'.repeat(11), 'PASSWORD_TOO_SHORT'],
  ['a b c d e f '.repeat(100), 'PASSWORD_TOO_LONG'],
  ['berta-berta-berta', 'PASSWORD_LIKE_NAME'],
  ['Berta1234567', 'PASSWORD_LIKE_NAME'],
  ['aaaaaaaaaaaaaaa', 'PASSWORD_TOO_PLAIN'],
  ['abababababababab', 'PASSWORD_TOO_PLAIN'],
  ['abcdefghijklmno', 'PASSWORD_TOO_PLAIN'],
  ['012345678901234', 'PASSWORD_TOO_PLAIN'],
  ['0987654321098', 'PASSWORD_TOO_PLAIN'],
  ['qwertzuiopü+asdf', 'PASSWORD_TOO_PLAIN'],
])('refuses %s: %s', (password, code) => {
  expect(() => checkNewPassword(password, 'berta')).toThrow(expect.objectContaining({ code }));
});

it.each([
  PASSWORD,
  'correct horse battery',
  'Berta mag zwölf Igel',
  '🦔🐌🦋🐞🐝🪲🦗🕷️🦂🐜🪰🪱',
  'x'.repeat(4).concat('yzab1234'),
])('accepts %s', (password) => {
  expect(() => checkNewPassword(password, 'berta')).not.toThrow();
});

it('says how long it was and how long it must be', () => {
  try {
    checkNewPassword('kurz', 'berta');
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(CodedError);
    expect((error as CodedError).explain('de').message).toContain('4');
    expect((error as CodedError).explain('de').message).toContain('12');
  }
});
