/** patch.broken-packages: packages that dpkg did not finish (dpkg --audit), and what an interrupted run of rpm left behind. */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import { always, defineCheck, type Example, fail, pass, unknown, type Verdict } from '../check.ts';
import { rpmInstalled } from '../commands.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { type DpkgPackage, dpkgStatus } from '../facts/dpkg-status.ts';
import { dpkgTouched } from '../facts/dpkg-touched.ts';
import { osRelease } from '../facts/os-release.ts';
import { leftOver, rpmPackages } from '../facts/rpm-installed.ts';
import type { InstalledPackage } from '../facts/zypper-answer.ts';
import { asked } from './apt-examples.ts';
import { needsApt, usesRpm } from './package-manager.ts';

const MINUTE_MS = 60_000;

const STATES: Readonly<Record<string, Text>> = {
  'half-installed': { en: 'only half installed', de: 'nur halb installiert' },
  unpacked: { en: 'unpacked, not configured', de: 'entpackt, nicht konfiguriert' },
  'half-configured': { en: 'only half configured', de: 'nur halb konfiguriert' },
  'triggers-awaited': {
    en: 'waits for triggers of another package',
    de: 'wartet auf Trigger eines anderen Pakets',
  },
  'triggers-pending': { en: 'has triggers to process', de: 'hat offene Trigger' },
};

function problemOf({ flag, state }: DpkgPackage): Text | undefined {
  if (flag === 'reinstreq') return { en: 'has to be installed again', de: 'muss erneut installiert werden' };
  return Object.hasOwn(STATES, state) ? STATES[state] : undefined;
}

/** rpm registers the new version before it removes the old one: both are there where it was interrupted between. */
function judgeRpm(packages: readonly InstalledPackage[], now: Date): Verdict {
  const source = 'rpm -qa';
  const wanted = { en: 'one version each', de: 'je eine Version' };
  const twice = leftOver(packages);
  if (twice.length === 0) {
    const found = { en: 'no package in two versions', de: 'kein Paket in zwei Versionen' };
    return pass([evidence({ source, found, wanted })]);
  }
  const bad = twice.map((group) => {
    const versions = group.map(({ evr }) => evr).join(', ');
    const name = group[0]?.name ?? '';
    return evidence({
      source,
      found: {
        en: `${name} in several versions: ${versions}`,
        de: `${name} in mehreren Versionen: ${versions}`,
      },
      wanted,
    });
  });
  const lately = twice.flat().some(({ installed }) => Date.parse(installed) > now.getTime() - 15 * MINUTE_MS);
  return lately ? unknown(atWork('rpm'), bad) : fail(bad);
}

const entry = (state: string, flag = 'ok'): string =>
  `Package: demo\nStatus: install ${flag} ${state}\nArchitecture: amd64\nVersion: 1.0\n`;
const tree = (text: string, more: Example['tree']['files'] = {}): Example['tree'] => ({
  files: { '/etc/os-release': 'ID=debian\n', '/var/lib/dpkg/status': text, ...more },
});

const rpm = (packages: readonly string[], day = '2026-05-01T12:00:00Z'): Example['tree'] => ({
  files: { '/etc/os-release': 'ID=almalinux\nID_LIKE="rhel fedora"\n', '/var/lib/rpm/rpmdb.sqlite': '' },
  commands: {
    [asked(rpmInstalled)]: packages
      .map((each) => each.split(' '))
      .map(([name, version, release, arch = 'x86_64']) =>
        [name, '0', version, release, arch, Date.parse(day) / 1000].join('\t'),
      )
      .map((line) => `${line}\n`)
      .join(''),
  },
});

export const brokenPackages = defineCheck({
  id: 'patch.broken-packages',
  title: { en: 'No package is half installed', de: 'Kein Paket ist nur halb installiert' },
  why: {
    en: 'As long as one installation hangs, nothing else gets installed reliably: every later security update waits behind it.',
    de: 'Solange eine Installation hängt, wird nichts weiter verlässlich installiert: Jedes spätere Sicherheitsupdate wartet dahinter.',
  },
  remedy: {
    en: 'dpkg --configure -a finishes what was interrupted, apt-get -f install repairs dependencies; dpkg --audit says what is left. With dnf: dnf remove --duplicates.',
    de: 'dpkg --configure -a schließt Unterbrochenes ab, apt-get -f install repariert Abhängigkeiten; dpkg --audit zeigt, was übrig ist. Mit dnf: dnf remove --duplicates.',
  },
  severity: 'medium',
  params: z.strictObject({}),
  needs: { os: osRelease, dpkg: dpkgStatus, touched: dpkgTouched, rpm: rpmPackages },
  appliesTo: always,
  evaluate: ({ os, dpkg, touched, rpm }, _params, now) => {
    if (usesRpm(os)) return judgeRpm(valueIn(rpm), now);
    needsApt(os, dpkg);
    const { packages, interrupted } = valueIn(dpkg);
    const wanted = { en: 'installed whole', de: 'vollständig installiert' };
    const bad = packages.flatMap((each) => {
      const found = problemOf(each);
      if (!found) return [];
      const text = {
        en: `${each.name} ${each.version}: ${found.en}`,
        de: `${each.name} ${each.version}: ${found.de}`,
      };
      return [evidence({ source: '/var/lib/dpkg/status', found: text, wanted })];
    });
    if (interrupted) {
      const found = { en: 'dpkg was interrupted', de: 'dpkg wurde unterbrochen' };
      bad.unshift(evidence({ source: '/var/lib/dpkg/updates', found, wanted }));
    }
    if (bad.length === 0) {
      const found = { en: 'nothing half done', de: 'nichts halb Fertiges' };
      return pass([evidence({ source: '/var/lib/dpkg/status', found, wanted })]);
    }
    const lately = touched.state === 'known' && Date.parse(touched.value) > now.getTime() - 15 * MINUTE_MS;
    // An upgrade that is just going on looks the same.
    if (lately) return unknown(atWork('dpkg'), bad);
    return fail(bad);
  },
  references: ['BSI IT-Grundschutz: OPS.1.1.3.A15', 'ISO/IEC 27001:2022 A.8.8', 'dpkg(1), rpm(8)'],
  examples: [
    { name: 'all installed', outcome: 'pass', tree: tree(entry('installed')) },
    { name: 'removed, configuration kept', outcome: 'pass', tree: tree(entry('config-files')) },
    { name: 'half configured', outcome: 'fail', tree: tree(entry('half-configured')), says: ['demo 1.0'] },
    {
      name: 'half installed',
      outcome: 'fail',
      tree: tree(entry('half-installed', 'reinstreq')),
      says: ['again'],
    },
    { name: 'unpacked', outcome: 'fail', tree: tree(entry('unpacked')) },
    { name: 'waits for triggers', outcome: 'fail', tree: tree(entry('triggers-awaited')) },
    {
      name: 'dpkg was killed: its journal is still there',
      outcome: 'fail',
      tree: tree(entry('installed'), { '/var/lib/dpkg/updates/0001': '' }),
      says: ['interrupted'],
    },
    {
      name: 'half configured a minute ago: an upgrade may be going on',
      outcome: 'unknown',
      tree: {
        files: {
          '/etc/os-release': 'ID=debian\n',
          '/var/lib/dpkg/status': { text: entry('half-configured'), modified: '2026-06-15T11:59:00.000Z' },
        },
      },
      says: ['going on'],
    },
    {
      name: 'rpm: one version each',
      outcome: 'pass',
      tree: rpm(['glibc 1 1', 'kernel-core 1 1', 'kernel-core 2 1']),
    },
    {
      name: 'rpm: an interrupted update left the old version behind',
      outcome: 'fail',
      tree: rpm(['glibc 1 1', 'glibc 2 1']),
      says: ['glibc', '1-1, 2-1'],
    },
    {
      name: 'rpm: one package for two architectures is no remnant',
      outcome: 'pass',
      tree: rpm(['glibc 1 1', 'glibc 1 1 i686']),
    },
    {
      name: 'rpm: two versions a minute ago, an update may be going on',
      outcome: 'unknown',
      tree: rpm(['glibc 1 1', 'glibc 2 1'], '2026-06-15T11:59:00Z'),
      says: ['rpm'],
    },
    {
      name: 'rpm: an empty answer',
      outcome: 'unknown',
      tree: rpm([]),
    },
    {
      name: 'another distribution without anything that is known',
      outcome: 'unknown',
      tree: { files: { '/etc/os-release': 'ID=fedora\n' } },
    },
  ],
});

const atWork = (program: string): Text => ({
  en: `${program} was at work minutes ago; an upgrade may still be going on`,
  de: `${program} war vor wenigen Minuten tätig; vielleicht läuft noch eine Aktualisierung`,
});
