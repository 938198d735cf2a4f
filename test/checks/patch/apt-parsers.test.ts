/** The readers of apt's answers and files: any text gives an answer, and a cut one is never taken for a whole. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aptPath, parseAptConfig } from '../../../checks/facts/apt-config.ts';
import { parseRelease } from '../../../checks/facts/apt-index.ts';
import { parseSimulation } from '../../../checks/facts/apt-pending.ts';
import { isSecurityArchive, parseArchive } from '../../../checks/facts/apt-security.ts';
import { listStem, parseDeb822, parseOneLine } from '../../../checks/facts/apt-sources.ts';
import { parseDpkgStatus } from '../../../checks/facts/dpkg-status.ts';

const whole = [
  'Reading package lists...',
  'The following packages have been kept back:',
  '  kept-one kept-two',
  '  kept-three',
  'The following upgrades have been deferred due to phasing:',
  '  phased',
  'The following packages will be upgraded:',
  '  libc6 foreign:i386',
  '2 upgraded, 1 newly installed, 0 to remove and 4 not upgraded.',
  'Inst libc6 [2.36-9] (2.36-9+deb12u1 Debian:12.9/stable, Debian-Security:12/stable-security [amd64]) [foreign:i386 on libc6:i386]',
  'Inst foreign:i386 [1] (2 Docker CE:stable [i386])',
  'Inst new (1 . [all])',
  'Conf libc6 (2.36-9+deb12u1 Debian:12.9/stable [amd64])',
  '',
].join('\n');

describe('parseSimulation', () => {
  it('reads every kind of line', () => {
    expect(parseSimulation(whole)).toEqual({
      installs: [
        {
          name: 'libc6',
          installed: '2.36-9',
          candidate: '2.36-9+deb12u1',
          archives: ['Debian:12.9/stable', 'Debian-Security:12/stable-security'],
        },
        { name: 'foreign:i386', installed: '1', candidate: '2', archives: ['Docker CE:stable'] },
        { name: 'new', candidate: '1', archives: ['.'] },
      ],
      keptBack: ['kept-one', 'kept-two', 'kept-three'],
      phased: ['phased'],
      notUpgraded: 4,
    });
  });

  it('takes no cut answer for a whole one', () => {
    const end = whole.indexOf('Conf ');
    for (let length = 0; length < end - 1; length += 1)
      expect(parseSimulation(whole.slice(0, length)), String(length)).toBeUndefined();
  });

  it('gives up on 8 MB of anything else', () => {
    expect(parseSimulation('Inst a [1] (2 '.repeat(600_000))).toBeUndefined();
    expect(parseSimulation('x'.repeat(8 * 1024 * 1024))).toBeUndefined();
    expect(
      parseSimulation(
        `${'Inst a [1] (2 b [all])\n'.repeat(300_000)}1 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n`,
      ),
    ).toBeUndefined();
  });
});

it.each([
  ['Debian-Security:12/stable-security', true],
  ['Debian-Security:10/oldoldstable', true],
  ['Ubuntu:22.04/jammy-security', true],
  ['UbuntuESM:22.04/jammy-infra-security', true],
  ['UbuntuESMApps:22.04/jammy-apps-security', true],
  ['Debian:12.9/stable', false],
  ['Ubuntu:22.04/jammy-updates', false],
  ['Debian Backports:stable-backports', false],
  ['security tools:1/stable', false],
  ['.', false],
])('%s: security is %s', (archive, security) => {
  expect(isSecurityArchive(parseArchive(archive))).toBe(security);
});

it('resolves directories as apt does', () => {
  const config = parseAptConfig(
    'Dir "/";\nDir::State "var/lib/apt";\nDir::State::lists "lists/";\nDir::Etc "/srv/etc";\nDir::Etc::sourcelist "sources.list";\n',
  );
  expect(aptPath(config, 'Dir::State::lists', '-')).toBe('/var/lib/apt/lists');
  expect(aptPath(config, 'Dir::Etc::sourcelist', '-')).toBe('/srv/etc/sources.list');
  expect(aptPath(config, 'Dir::Etc::sourceparts', '/otherwise')).toBe('/otherwise');
});

it('names list files as apt does', () => {
  expect(listStem('http://user:pw@deb.example.org:8080/debian/', 'bookworm')).toBe(
    'deb.example.org:8080_debian_dists_bookworm_',
  );
  expect(listStem('https://deb.example.org/~me/a_b', './')).toBe('deb.example.org_%7eme_a%5fb_._');
  expect(listStem('mirror+file:/etc/apt/mirrors/debian.list', 'bookworm')).toBe(
    '_etc_apt_mirrors_debian.list_dists_bookworm_',
  );
});

it('survives any text', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 2000 }), (text) => {
      parseAptConfig(text);
      parseRelease(text);
      parseSimulation(text);
      parseOneLine(text);
      parseOneLine(`deb ${text}`);
      parseDeb822(text);
      parseDpkgStatus(text);
      parseArchive(text);
    }),
    { seed: 20261123, numRuns: 1000 },
  );
});
