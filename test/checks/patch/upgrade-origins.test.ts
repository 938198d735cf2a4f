/**
 * Which origins are allowed, as unattended-upgrades itself reads its settings: its own functions in a Debian root, for
 * generated patterns and origins.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AptSetting } from '../../../checks/facts/apt-conf-file.ts';
import {
  allowedOrigins,
  fnmatch,
  isAllowed,
  type UpgradeOrigin,
} from '../../../checks/facts/upgrade-origins.ts';
import { debianRoot, describeInDebian, ROOT_TIMEOUT_MS } from '../../support/debian-root.ts';
import { copyRoot, type RootCopy } from '../../support/root-copy.ts';

interface Case {
  readonly legacy: readonly string[];
  readonly patterns: readonly string[];
  readonly origin: UpgradeOrigin;
}

/** Loads the program without running it, and asks it about every case: allowed, not, or an error that ends it. */
const HARNESS = `
import importlib.machinery, importlib.util, json, sys, types, apt_pkg, logging
logging.disable(logging.CRITICAL)
loader = importlib.machinery.SourceFileLoader("uu", "/usr/bin/unattended-upgrade")
uu = importlib.util.module_from_spec(importlib.util.spec_from_loader("uu", loader))
loader.exec_module(uu)
apt_pkg.init_config()
answers = []
for case in json.load(sys.stdin):
    for key, values in (("Allowed-Origins", case["legacy"]), ("Origins-Pattern", case["patterns"])):
        apt_pkg.config.clear("Unattended-Upgrade::" + key)
        for value in values:
            apt_pkg.config.set("Unattended-Upgrade::" + key + "::", value)
    origin = types.SimpleNamespace(**case["origin"])
    try:
        answers.append(any(uu.match_whitelist_string(one, origin) for one in uu.get_allowed_origins()))
    except Exception as error:
        answers.append(None)
print(json.dumps([uu.get_distro_id(), uu.get_distro_codename(), answers]))
`;

function generated(count: number): Case[] {
  let seed = 20_26;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >>> 8) % below;
  };
  const pick = <T>(all: readonly T[]): T => all[random(all.length)] as T;
  const values: Record<keyof UpgradeOrigin, readonly string[]> = {
    origin: ['Debian', 'Ubuntu', 'Example Vendor, Inc', 'LP-PPA-x', ''],
    label: ['Debian', 'Debian-Security', 'Example', ''],
    archive: ['stable', 'stable-security', 'bookworm', 'noble-security', ''],
    codename: ['bookworm', 'bookworm-security', 'stable', ''],
    component: ['main', 'contrib', 'non-free-firmware', ''],
    site: ['deb.debian.org', 'packages.example.com', ''],
  };
  const names = [
    'o',
    'origin',
    'l',
    'label',
    'a',
    'suite',
    'archive',
    'c',
    'component',
    'site',
    'n',
    'codename',
  ];
  const globs = [
    'Debian',
    'Debian*',
    '*',
    '*security',
    '$' + '{distro_id}',
    '$' + '{distro_codename}',
    '$' + '{distro_codename}-security',
    '$distro_codename',
    'Example Vendor\\, Inc',
    '*.example.com',
    'stabl?',
    'stable*',
    '[Ds]*',
    '[!D]*',
    '[a-m]*',
    'main',
    '',
    ' Debian ',
    '[',
    '*[!a]*n',
    '$$',
  ];
  const odd = ['x=Debian', 'Debian', 'o=a=b', 'o=$' + '{other}', 'o=$', '', ' '];
  const pattern = (): string =>
    random(12) === 0
      ? pick(odd)
      : Array.from({ length: 1 + random(3) }, () => `${pick(['', ' '])}${pick(names)}=${pick(globs)}`).join(
          ',',
        );
  const legacy = (): string =>
    pick([
      'Debian:stable',
      '$' + '{distro_id}:$' + '{distro_codename}-security',
      'Debian stable',
      'Example Vendor, Inc:stable',
      'LP-PPA-x:*',
      'a\\:b:stable',
      'one',
      'a b c',
      '*:*',
    ]);
  return Array.from({ length: count }, () => ({
    legacy: Array.from({ length: random(8) === 0 ? 1 : 0 }, legacy),
    patterns: Array.from({ length: 1 + random(3) }, pattern),
    origin: Object.fromEntries(
      Object.entries(values).map(([name, all]) => [name, pick(all)]),
    ) as unknown as UpgradeOrigin,
  }));
}

const settingsOf = ({ legacy, patterns }: Case): AptSetting[] => [
  ...legacy.map((value) => ({ name: 'Unattended-Upgrade::Allowed-Origins::', value })),
  ...patterns.map((value) => ({ name: 'Unattended-Upgrade::Origins-Pattern::', value })),
];

describeInDebian('unattended-upgrades', () => {
  let copy: RootCopy;
  beforeAll(async () => {
    copy = copyRoot(await debianRoot(12));
    writeFileSync(join(copy.path, 'etc/resolv.conf'), readFileSync('/etc/resolv.conf'));
    const env = {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      LC_ALL: 'C.UTF-8',
      DEBIAN_FRONTEND: 'noninteractive',
      http_proxy: process.env.http_proxy,
      https_proxy: process.env.https_proxy,
    };
    const options = { env, timeoutMs: 300_000 };
    await copy.run(['apt-get', '-q', 'update'], options);
    await copy.run(['apt-get', '-qy', '--no-install-recommends', 'install', 'unattended-upgrades'], options);
  }, ROOT_TIMEOUT_MS);
  afterAll(() => copy?.remove());

  it('allows what it allows itself, for 3000 generated settings and origins', async () => {
    const cases = generated(3000);
    const said = await copy.run(['python3', '-c', HARNESS], { input: JSON.stringify(cases) });
    const [id, codename, answers] = JSON.parse(said) as [string, string, (boolean | null)[]];
    expect([id, codename]).toEqual(['Debian', 'bookworm']);
    const distro = { id, codename };
    // Each answer is worth something only where there are many of each.
    for (const answer of [true, false, null])
      expect(answers.filter((each) => each === answer).length).toBeGreaterThan(200);
    for (const [index, one] of cases.entries()) {
      const patterns = allowedOrigins(settingsOf(one), distro);
      const ours = isAllowed(patterns, one.origin, distro);
      expect([one, ours ?? null]).toEqual([one, answers[index]]);
    }
  });
});

it('matches long texts and many stars at once', () => {
  expect(fnmatch('a'.repeat(5000), `${'*a'.repeat(200)}b`)).toBe(false);
});
