/** patch.broken-packages: packages that dpkg did not finish, as dpkg --audit lists them. */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import { always, defineCheck, type Example, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { type DpkgPackage, dpkgStatus } from '../facts/dpkg-status.ts';
import { dpkgTouched } from '../facts/dpkg-touched.ts';
import { osRelease } from '../facts/os-release.ts';
import { needsApt } from './package-manager.ts';

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

const entry = (state: string, flag = 'ok'): string =>
  `Package: demo\nStatus: install ${flag} ${state}\nArchitecture: amd64\nVersion: 1.0\n`;
const tree = (text: string, more: Example['tree']['files'] = {}): Example['tree'] => ({
  files: { '/etc/os-release': 'ID=debian\n', '/var/lib/dpkg/status': text, ...more },
});

export const brokenPackages = defineCheck({
  id: 'patch.broken-packages',
  title: { en: 'No package is half installed', de: 'Kein Paket ist nur halb installiert' },
  why: {
    en: 'As long as one installation hangs, apt installs nothing else: every later security update waits behind it.',
    de: 'Solange eine Installation hängt, installiert apt nichts weiter: Jedes spätere Sicherheitsupdate wartet dahinter.',
  },
  remedy: {
    en: 'dpkg --configure -a finishes what was interrupted, apt-get -f install repairs dependencies; dpkg --audit says what is left.',
    de: 'dpkg --configure -a schließt Unterbrochenes ab, apt-get -f install repariert Abhängigkeiten; dpkg --audit zeigt, was übrig ist.',
  },
  severity: 'medium',
  params: z.strictObject({}),
  needs: { os: osRelease, dpkg: dpkgStatus, touched: dpkgTouched },
  appliesTo: always,
  evaluate: ({ os, dpkg, touched }, _params, now) => {
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
    if (lately) return unknown(atWork, bad);
    return fail(bad);
  },
  references: ['BSI IT-Grundschutz: OPS.1.1.3.A15', 'ISO/IEC 27001:2022 A.8.8', 'dpkg(1)'],
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
      name: 'another package manager',
      outcome: 'unknown',
      tree: { files: { '/etc/os-release': 'ID=fedora\n' } },
    },
  ],
});

const atWork: Text = {
  en: 'dpkg was at work minutes ago; an upgrade may still be going on',
  de: 'dpkg war vor wenigen Minuten tätig; vielleicht läuft noch eine Aktualisierung',
};
