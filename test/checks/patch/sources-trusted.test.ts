/** patch.sources-trusted against the real apt: does it take this index, and would it take the same one unsigned? */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { evaluateRound } from '../../../checks/evaluate.ts';
import { sourcesTrusted } from '../../../checks/patch/sources-trusted.ts';
import type { Outcome } from '../../../shared/outcome.ts';
import { describeWith } from '../../support/programs.ts';
import { type AptWorld, aptWorld } from './apt-world.ts';

const USERS = {
  current: ['ed25519', '0'],
  long: ['rsa2048', '0'],
  ended: ['ed25519', '20200201T000000'],
  weak: ['dsa1024', '0'],
  other: ['ed25519', '0'],
} as const;
type User = keyof typeof USERS;

interface Case {
  readonly signers: readonly User[];
  /** What is in the keyring `key.gpg` and in apt's own. */
  readonly keyring?: readonly User[];
  readonly own?: readonly User[];
  readonly options?: string;
  readonly config?: string;
  /** More for gpg when it signs. */
  readonly sign?: readonly string[];
  /** Instead of a line: fields of a deb822 source. */
  readonly deb822?: (key: string, armoured: string) => string;
  readonly outcome: Outcome;
  /** What apt does with the index as published, and with the same one unsigned. */
  readonly takes: boolean;
  readonly takesUnsigned: boolean;
}

const ring = (...keyring: User[]) => ({ keyring, options: 'signed-by=KEY' });
const taken = { takes: true, takesUnsigned: false };
const refused = { takes: false, takesUnsigned: false };
const anything = { takes: true, takesUnsigned: true };

const cases: Readonly<Record<string, Case>> = {
  'its own keyring': { signers: ['current'], ...ring('current'), outcome: 'pass', ...taken },
  'RSA with 2048 bits': { signers: ['long'], ...ring('long'), outcome: 'pass', ...taken },
  'apt’s own keyrings': { signers: ['current'], own: ['current'], outcome: 'pass', ...taken },
  'an ended key beside a good one': {
    signers: ['ended', 'current'],
    ...ring('ended', 'current'),
    outcome: 'pass',
    ...taken,
  },
  'the key in the source': {
    signers: ['current'],
    deb822: (_key, armoured) =>
      `Signed-By:\n${armoured
        .trimEnd()
        .split('\n')
        .map((line) => ` ${line === '' ? '.' : line}`)
        .join('\n')}`,
    outcome: 'pass',
    ...taken,
  },
  'a keyring by its file, deb822': {
    signers: ['current'],
    keyring: ['current'],
    deb822: (key) => `Signed-By: ${key}`,
    outcome: 'pass',
    ...taken,
  },
  'trusted=yes': { signers: ['current'], options: 'trusted=yes', outcome: 'fail', ...anything },
  'trusted=yes beside a keyring': {
    signers: ['current'],
    keyring: ['current'],
    options: 'trusted=yes signed-by=KEY',
    outcome: 'fail',
    ...anything,
  },
  'Trusted: yes': { signers: ['current'], deb822: () => 'Trusted: yes', outcome: 'fail', ...anything },
  'allow-insecure': {
    signers: ['current'],
    keyring: ['current'],
    options: 'signed-by=KEY allow-insecure=yes',
    outcome: 'fail',
    ...anything,
  },
  AllowInsecureRepositories: {
    signers: ['current'],
    ...ring('current'),
    config: 'Acquire::AllowInsecureRepositories "on";',
    outcome: 'fail',
    ...anything,
  },
  'trusted=no says nothing else': {
    signers: ['current'],
    keyring: ['current'],
    options: 'signed-by=KEY trusted=no',
    outcome: 'pass',
    ...taken,
  },
  'an ended key': { signers: ['ended'], ...ring('ended'), outcome: 'fail', ...refused },
  'a key that is not in the keyring': { signers: ['other'], ...ring('current'), outcome: 'fail', ...refused },
  'a key that only apt’s own keyrings hold': {
    signers: ['other'],
    own: ['other'],
    ...ring('current'),
    outcome: 'fail',
    ...refused,
  },
  'SHA-1': {
    signers: ['long'],
    ...ring('long'),
    sign: ['--digest-algo', 'SHA1'],
    outcome: 'fail',
    ...refused,
  },
  // Stricter than apt 2.6, which takes it; apt 3.0 refuses it.
  'a weak key': {
    signers: ['weak'],
    ...ring('weak'),
    sign: ['--digest-algo', 'SHA256'],
    outcome: 'fail',
    ...taken,
  },
};

describeWith(['apt-get', 'apt-ftparchive', 'dpkg-deb', 'gpg'], 'patch.sources-trusted with real apt', () => {
  let home: string;
  let world: AptWorld;
  const gpg = (...args: string[]): Buffer =>
    execFileSync(
      'gpg',
      ['--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...args],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'nachweis-gpg-'));
    for (const [user, [kind, end]] of Object.entries(USERS))
      gpg(
        '--faked-system-time',
        '20200101T000000!',
        '--quick-gen-key',
        `<${user}@example.org>`,
        kind,
        'sign',
        end,
      );
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  beforeEach(() => {
    world = aptWorld();
    world.write('etc/os-release', 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n');
    mkdirSync(join(world.root, 'etc/apt/trusted.gpg.d'));
  });
  afterEach(() => world.end());

  const lists = () => join(world.root, 'var/lib/apt/lists');
  /** Whether apt now has an index of packages. */
  async function takes(): Promise<boolean> {
    rmSync(lists(), { recursive: true });
    mkdirSync(join(lists(), 'partial'), { recursive: true });
    await world.apt('update');
    return readdirSync(lists()).some((name) => name.endsWith('_Packages'));
  }
  async function judge(): Promise<Outcome | undefined> {
    const { results } = await evaluateRound({
      host: world.host(),
      system: { id: 'debian', version: '12', like: [], kind: 'vm' },
      checks: [sourcesTrusted],
      params: {},
      now: new Date(),
      monotonic: () => 0,
    });
    return results[0]?.outcome;
  }
  const exported = (users: readonly User[], ...more: string[]): Buffer =>
    gpg(...more, '--export', ...users.map((user) => `${user}@example.org`));

  it.each(Object.entries(cases))('%s', async (_name, one) => {
    const { signers, keyring = [], own = [], options, config, sign = [], deb822 } = one;
    world.publish({
      suite: 'one',
      label: 'Demo',
      codename: 'one',
      packages: [{ name: 'demo', version: '1' }],
    });
    const dist = join(world.repository, 'dists/one');
    const release = join(world.repository, 'Release.unsigned');
    const users = signers.flatMap((user) => ['--local-user', `${user}@example.org`]);
    // Signed while all keys were valid; apt looks today.
    const past = ['--faked-system-time', '20200115T000000!'];
    gpg(...past, '--yes', ...users, ...sign, '--clearsign', '-o', join(dist, 'InRelease'), release);
    const key = join(world.root, 'etc/apt/key.gpg');
    if (keyring.length > 0) writeFileSync(key, exported(keyring));
    if (own.length > 0) writeFileSync(join(world.root, 'etc/apt/trusted.gpg.d/own.gpg'), exported(own));
    if (config) world.write('etc/apt/apt.conf.d/99test', `${config}\n`);
    const uri = `file:${world.repository}`;
    if (deb822) {
      const more = deb822(key, exported(signers, '--armor').toString());
      world.write(
        'etc/apt/sources.list.d/one.sources',
        `Types: deb\nURIs: ${uri}\nSuites: one\nComponents: main\n${more}\n`,
      );
    } else world.sources([`deb ${options ? `[${options.replace('KEY', key)}] ` : ''}${uri} one main`]);
    expect(await takes()).toBe(one.takes);
    // Where apt refused it, it stays what an earlier update brought.
    if (!one.takes) keepAnyway(dist);
    expect(await judge()).toBe(one.outcome);
    renameSync(join(dist, 'InRelease'), join(world.repository, 'InRelease.signed'));
    writeFileSync(join(dist, 'Release'), readFileSync(release));
    expect(await takes()).toBe(one.takesUnsigned);
  });

  /** The index as apt has kept it from a time when the key was good. */
  function keepAnyway(dist: string): void {
    const stem = `${world.repository}/dists/one/`.replaceAll('/', '_');
    writeFileSync(join(lists(), `${stem}InRelease`), readFileSync(join(dist, 'InRelease')));
    writeFileSync(join(lists(), `${stem}main_binary-amd64_Packages`), '');
  }

  it('an index that was taken unsigned is a fail when the setting is long gone', async () => {
    world.publish({
      suite: 'one',
      label: 'Demo',
      codename: 'one',
      packages: [{ name: 'demo', version: '1' }],
    });
    const dist = join(world.repository, 'dists/one');
    rmSync(join(dist, 'InRelease'));
    writeFileSync(join(dist, 'Release'), readFileSync(join(world.repository, 'Release.unsigned')));
    world.sources([`deb ${world.signedBy} file:${world.repository} one main`]);
    await world.apt('-o', 'Acquire::AllowInsecureRepositories=true', 'update');
    expect(readdirSync(lists()).some((name) => name.endsWith('_Release'))).toBe(true);
    expect(await judge()).toBe('fail');
  });
});
