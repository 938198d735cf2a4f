/** Keyrings and signatures read as gpg reads them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseKeyFile, parseSignatures } from '../../../checks/facts/openpgp.ts';
import { describeWith } from '../../support/programs.ts';

interface Shown {
  readonly fingerprint: string;
  readonly algorithm: string;
  readonly expires: string | undefined;
  readonly revoked: boolean;
  readonly signs: boolean;
}

const NAMES: Readonly<Record<string, string>> = { 1: 'rsa', 16: 'elg', 17: 'dsa' };

/** `gpg --show-keys --with-colons`, doc/DETAILS of GnuPG. */
function shown(file: string, home: string): Shown[] {
  const text = execFileSync('gpg', ['--homedir', home, '--batch', '--show-keys', '--with-colons', file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const keys: Shown[] = [];
  let primaryEnd = Number.POSITIVE_INFINITY;
  let pending: Omit<Shown, 'fingerprint'> | undefined;
  for (const line of text.split('\n')) {
    const fields = line.split(':');
    const [kind = '', validity = '', size = '', algorithm = '', , , end = ''] = fields;
    if (kind === 'pub' || kind === 'sub') {
      const own = end ? Number(end) : Number.POSITIVE_INFINITY;
      if (kind === 'pub') primaryEnd = own;
      const ends = Math.min(own, primaryEnd);
      pending = {
        algorithm: fields[16] || `${NAMES[algorithm] ?? algorithm}${size}`,
        expires: Number.isFinite(ends) ? new Date(ends * 1000).toISOString() : undefined,
        revoked: validity === 'r',
        signs: (fields[11] ?? '').replace(/[A-Z]/g, '').includes('s'),
      };
    } else if (kind === 'fpr' && pending) {
      keys.push({ fingerprint: fields[9] ?? '', ...pending });
      pending = undefined;
    }
  }
  return keys;
}

const read = (file: string): Shown[] =>
  (parseKeyFile(readFileSync(file, 'latin1')) ?? []).map(
    ({ fingerprint, algorithm, expires, revoked, signs }) => ({
      fingerprint,
      algorithm,
      expires,
      revoked,
      signs,
    }),
  );

describeWith(['gpg', 'debian-archive-keyring'], 'OpenPGP with real gpg', () => {
  let home: string;
  const gpg = (...args: string[]) =>
    execFileSync(
      'gpg',
      ['--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...args],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'nachweis-gpg-'));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  const kinds = [
    ['rsa1024', 'sign', '0'],
    ['rsa2048', 'sign', '2030-01-01'],
    ['dsa1024', 'sign', '1y'],
    ['ed25519', 'sign', 'never'],
    ['nistp256', 'sign', '2y'],
    ['nistp521', 'sign', '2y'],
    ['brainpoolP256r1', 'sign', '2y'],
    ['ed25519', 'cert', '3y'],
  ] as const;

  it('every kind of key, with subkeys, ends, revocations and moved ends', () => {
    const fingerprints = kinds.map(([kind, usage, end], index) => {
      const name = `Key ${index} <key${index}@example.org>`;
      gpg('--faked-system-time', '20250101T000000!', '--quick-gen-key', name, kind, usage, end);
      const [key] = shown(write(`new-${index}`, gpg('--armor', '--export', `key${index}@example.org`)), home);
      return key?.fingerprint ?? '';
    });
    const [first = '', second = '', , , , , , last = ''] = fingerprints;
    gpg('--quick-add-key', last, 'ed25519', 'sign', '2028-06-01');
    gpg('--quick-add-key', last, 'rsa2048', 'encr', 'never');
    gpg('--quick-set-expire', second, '2031-05-05');
    // A second name, and the end moved after it: the newest signature that names one counts.
    gpg('--quick-add-uid', first, 'Other <other@example.org>');
    gpg('--quick-set-expire', first, '2033-03-03');
    for (const [name, options] of [
      ['binary', []],
      ['armour', ['--armor']],
    ] as const) {
      const file = write(name, gpg(...options, '--export'));
      const truth = shown(file, home);
      expect(truth).toHaveLength(kinds.length + 2);
      expect(read(file)).toEqual(truth);
    }
    // As gpg itself prepares it at the making of the key: with a colon in front of it.
    const revocation = readFileSync(join(home, 'openpgp-revocs.d', `${second}.rev`), 'utf8');
    gpg('--import', write('revocation', revocation.replace(':-----BEGIN', '-----BEGIN')));
    const file = write('revoked', gpg('--export', second));
    expect(shown(file, home)[0]?.revoked).toBe(true);
    expect(read(file)).toEqual(shown(file, home));
  });

  it.each(
    readdirSync('/usr/share/keyrings')
      .filter((name) => /\.(?:gpg|asc|pgp)$/.test(name))
      .map((name) => [name]),
  )('the keyring %s of this machine', (name) => {
    const file = join('/usr/share/keyrings', name);
    const truth = shown(file, home);
    expect(read(file)).toEqual(truth);
  });

  it('names the key and the digest of a signature, clear-signed, armoured and binary', () => {
    const text = write('text', Buffer.from('Origin: Debian\n'));
    gpg('--quick-gen-key', 'Signer <signer@example.org>', 'ed25519', 'sign', 'never');
    const [key] = shown(write('signer', gpg('--export', 'signer@example.org')), home);
    const ways = [['--clearsign'], ['--detach-sign', '--armor'], ['--detach-sign']];
    for (const [index, way] of ways.entries()) {
      const out = join(home, `signed-${index}`);
      const user = ['--local-user', 'signer@example.org', '--digest-algo', index === 2 ? 'SHA1' : 'SHA384'];
      gpg('--yes', ...user, '-o', out, ...way, text);
      const found = parseSignatures(readFileSync(out, 'latin1'));
      expect(found).toMatchObject([
        { issuer: key?.fingerprint, digest: index === 2 ? 'sha1' : 'sha384', made: expect.any(String) },
      ]);
    }
  });

  it('survives any bytes, and says of what is no keyring that it is none', () => {
    const whole = readFileSync('/usr/share/keyrings/debian-archive-keyring.gpg', 'latin1');
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return seed % below;
    };
    for (let round = 0; round < 300; round += 1) {
      const at = random(whole.length);
      const spoiled = whole.slice(0, at) + String.fromCharCode(random(256)) + whole.slice(at + 1);
      parseKeyFile(spoiled.slice(0, random(whole.length)));
      parseSignatures(spoiled);
    }
    expect(parseKeyFile(whole.slice(0, -1))).toBeUndefined();
    expect(parseKeyFile('<html>not found</html>')).toBeUndefined();
    expect(parseKeyFile('')).toEqual([]);
  });

  function write(name: string, data: Uint8Array | string): string {
    const path = join(home, name);
    writeFileSync(path, data);
    return path;
  }
});
