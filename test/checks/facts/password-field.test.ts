/** Password fields: schemes and costs against what the system's own crypt(3) makes and accepts. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePasswordField } from '../../../checks/facts/password-field.ts';

describe('fields without a hash', () => {
  it.each(['*', '!', '!!', '!*', '*LK*', '*NP*', 'NP', '!x', ' ', 'short'])(
    '%j: no password matches',
    (field) => {
      expect(parsePasswordField(field, 'shadow')).toEqual({ kind: 'none' });
    },
  );
  it('empty is empty; x is "in shadow" in passwd only', () => {
    expect(parsePasswordField('', 'shadow')).toEqual({ kind: 'empty' });
    expect(parsePasswordField('x', 'passwd')).toEqual({ kind: 'shadow' });
    expect(parsePasswordField('x', 'shadow')).toEqual({ kind: 'none' });
  });
});

/** Settings as crypt(5) writes them, what they are, and their cost. */
const settings: readonly [string, string, number | undefined][] = [
  ['$y$j9T$abcdefghijklmnop', 'yescrypt', 5],
  ['$y$j75$abcdefghijklmnop', 'yescrypt', 1],
  ['$y$j7T$abcdefghijklmnop', 'yescrypt', 3],
  ['$gy$j9T$abcdefghijklmnop', 'gost-yescrypt', 5],
  ['$7$CU..../....abcdefghijklmnop', 'scrypt', 7],
  ['$2b$05$abcdefghijklmnopqrstuu', 'bcrypt', 5],
  ['$2y$06$abcdefghijklmnopqrstuu', 'bcrypt', 6],
  ['$6$abcdefgh', 'sha512', 5000],
  ['$6$rounds=1500$abcdefgh', 'sha512', 1500],
  ['$5$abcdefgh', 'sha256', 5000],
  ['$sha1$248488$abcdefgh', 'sha1', undefined],
  ['$md5,rounds=1000$abcdefgh$', 'sunmd5', undefined],
  ['$1$abcdefgh', 'md5', undefined],
  ['$3$', 'nthash', undefined],
  ['_J9..abcd', 'bsdi-des', undefined],
  ['ab', 'des', undefined],
];

describe.skipIf(!existsSync('/usr/bin/perl'))('hashes made by crypt(3) [needs perl]', () => {
  const made = spawnSync(
    '/usr/bin/perl',
    ['-e', 'print crypt("example", $_) // "", "\\n" for @ARGV', ...settings.map(([setting]) => setting)],
    {
      encoding: 'utf8',
    },
  ).stdout.split('\n');

  it.each(settings.map((row, index) => [made[index] ?? '', ...row] as const))(
    '%#: %s',
    (hash, setting, scheme, cost) => {
      // A library built without an old scheme answers *0: then there is nothing to compare.
      if (hash === '' || hash.startsWith('*'))
        return expect(['nthash', 'sunmd5', 'bsdi-des', 'des', 'sha1', 'md5']).toContain(scheme);
      expect(hash.length).toBeGreaterThan(setting.length);
      const expected = { kind: 'hash', scheme, ...(cost === undefined ? {} : { cost }) };
      expect(parsePasswordField(hash, 'shadow')).toEqual({ ...expected, locked: false });
      expect(parsePasswordField(`!${hash}`, 'shadow')).toEqual({ ...expected, locked: true });
      expect(JSON.stringify(parsePasswordField(hash, 'shadow'))).not.toContain(hash.slice(-8));
    },
  );
});

it('never throws and never keeps text', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc
          .tuple(fc.constantFrom('$6$', '$y$', '$2b$', '!', '*', '$'), fc.string())
          .map((parts) => parts.join('')),
      ),
      (text) => {
        const field = parsePasswordField(text, 'shadow');
        expect(
          Object.values(field).every((value) => typeof value !== 'string' || /^[a-z0-9-]+$/.test(value)),
        ).toBe(true);
      },
    ),
    { numRuns: 2000, seed: 1 },
  );
});
