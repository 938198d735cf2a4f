/** Public keys and authorized_keys lines, compared with what ssh-keygen says about real keys. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hasExpired, parseAuthorizedKeys } from '../../../checks/facts/authorized-keys.ts';
import { parsePublicKey } from '../../../checks/facts/ssh-public-key.ts';
import { describeWith } from '../../support/programs.ts';

describeWith(['ssh-keygen'], 'like ssh-keygen', () => {
  const directory = mkdtempSync(join(tmpdir(), 'nachweis-keys-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const run = (args: readonly string[]) => spawnSync('/usr/bin/ssh-keygen', args, { encoding: 'utf8' });
  /** `3072 SHA256:... comment (RSA)` */
  const listed = (file: string) =>
    /^(\d+) (SHA256:\S+) .*\(([A-Z0-9-]+)\)/.exec(run(['-l', '-f', file]).stdout);

  function make(type: string, bits: number): string | undefined {
    const file = join(directory, `${type}-${bits}`);
    const made = run(['-q', '-t', type, '-b', String(bits), '-N', '', '-C', 'somebody here', '-f', file]);
    return made.status === 0 ? `${file}.pub` : undefined;
  }

  it.each([
    ['rsa', 1024],
    ['rsa', 2047],
    ['rsa', 2048],
    ['rsa', 3071],
    ['rsa', 4096],
    ['dsa', 1024],
    ['ecdsa', 256],
    ['ecdsa', 384],
    ['ecdsa', 521],
    ['ed25519', 256],
  ])('%s %i', (type, bits) => {
    const file = make(type, bits);
    // OpenSSH 10 makes no DSA keys any more.
    if (file === undefined) return expect(type).toBe('dsa');
    const [, size, fingerprint, kind] = listed(file) ?? [];
    const text = readFileSync(file, 'utf8');
    const { keys, ignored } = parseAuthorizedKeys(`# a comment\n\n \tfrom="a b\\"",no-pty ${text}`);
    expect(ignored).toEqual([]);
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({
      line: 3,
      options: { names: ['from', 'no-pty'], authority: false },
      key: { bits: Number(size), fingerprint, kind: kind?.toLowerCase(), hardware: false },
    });
    expect(parseAuthorizedKeys(text).keys[0]?.key).toEqual(keys[0]?.key);
  });

  it('sees a key exactly where ssh-keygen does, in changed lines', () => {
    const file = make('ed25519', 255) ?? '';
    const [type = '', blob = ''] = readFileSync(file, 'utf8').split(' ');
    const lines = [
      `${type} ${blob}`,
      `${type}\t${blob}\tcomment`,
      `${type} ${blob.slice(0, -4)}`,
      `${type} ${blob}AAAA`,
      `ssh-rsa ${blob}`,
      `ecdsa-sha2-nistp256 ${blob}`,
      `${type}`,
      `${type} not-base64!`,
      `restrict ${type} ${blob}`,
      `command="open ${type} ${blob}`,
      `command="x" ${type} ${blob}`,
      `command="a\\" b" ${type} ${blob}`,
      `# ${type} ${blob}`,
      `no-pty,from="*" ssh-rsa ${blob}`,
    ];
    for (const [index, line] of lines.entries()) {
      const one = join(directory, `line-${index}`);
      writeFileSync(one, `${line}\n`);
      expect([line, parseAuthorizedKeys(`${line}\n`).keys.length > 0]).toEqual([line, listed(one) !== null]);
    }
  });

  it('takes keys of security tokens apart', () => {
    // Made by hand: no token is at hand. ssh-keygen judges the form.
    const field = (text: string | Buffer) => {
      const data = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(data.length);
      return Buffer.concat([length, data]);
    };
    const type = 'sk-ssh-ed25519@openssh.com';
    const blob = Buffer.concat([field(type), field(randomBytes(32)), field('ssh:')]).toString('base64');
    const file = join(directory, 'token.pub');
    writeFileSync(file, `${type} ${blob} token\n`);
    const [, bits, fingerprint] = listed(file) ?? [];
    expect(parsePublicKey(type, blob)).toEqual({
      type,
      kind: 'ed25519',
      bits: Number(bits),
      fingerprint,
      hardware: true,
    });
  });
});

describe('lines that are no keys', () => {
  it('never throws, whatever the bytes', () => {
    for (let round = 0; round < 500; round += 1) {
      const noise = randomBytes(round % 90);
      expect(() => parseAuthorizedKeys(noise.toString('latin1'))).not.toThrow();
      const blob = Buffer.concat([Buffer.from([0, 0, 0, 7]), Buffer.from('ssh-rsa'), noise]);
      expect(() => parsePublicKey('ssh-rsa', blob.toString('base64'))).not.toThrow();
    }
  });

  it('reads expiry times, in doubt as not yet over', () => {
    const options = (expires: string) => ({ names: ['expiry-time'], authority: false, expires });
    const now = new Date('2026-06-15T12:00:00.000Z');
    expect(hasExpired(options('20260615Z'), now)).toBe(true);
    expect(hasExpired(options('202606151200Z'), now)).toBe(false);
    expect(hasExpired(options('20260615115959Z'), now)).toBe(true);
    expect(hasExpired(options('202606150000'), now)).toBe(false);
    expect(hasExpired(options('20260614'), now)).toBe(true);
    expect(hasExpired(options('soon'), now)).toBe(false);
  });
});
