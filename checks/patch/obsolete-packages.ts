/** patch.obsolete-packages: what no source has any more gets no security update, and nothing says so. */
import { z } from 'zod';
import type { Example } from '../check.ts';
import { always, defineCheck, fail, pass } from '../check.ts';
import { aptConfig } from '../commands.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { osRelease } from '../facts/os-release.ts';
import { obsoletePackages as fact } from '../facts/patch-state.ts';
import { asked, inRelease } from './apt-examples.ts';
import { needsApt, usesRpm } from './package-manager.ts';
import { rpmObsoleteExamples } from './rpm-examples.ts';

const STEM = '/var/lib/apt/lists/deb.example.org_debian_dists_bookworm';
const LIST = `${STEM}_main_binary-amd64_Packages`;

const installed = (...names: string[]): string =>
  names
    .map((name) => `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0\n`)
    .join('\n');
const offered = (...names: string[]): string =>
  names.map((name) => `Package: ${name}\nVersion: 2.0\nArchitecture: amd64\n`).join('\n');

const tree = (status: string, list: Example['tree']['files'][string], live = true): Example['tree'] => ({
  live,
  files: {
    '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
    '/usr/bin/apt-get': '',
    '/etc/apt/sources.list': 'deb http://deb.example.org/debian bookworm main\n',
    '/var/lib/dpkg/status': status,
    [`${STEM}_InRelease`]: inRelease({ suite: 'stable', codename: 'bookworm' }),
    [LIST]: list,
  },
  commands: {
    [asked(aptConfig)]:
      'Dir "/";\nDir::State "var/lib/apt";\nDir::State::lists "lists/";\nAPT::Architecture "amd64";\n',
  },
});

export const obsoletePackages = defineCheck({
  id: 'patch.obsolete-packages',
  title: {
    en: 'Packages from no source any more are known',
    de: 'Pakete ohne Quelle sind bekannt',
  },
  why: {
    en: 'A package that its source has dropped, or that was installed by hand, stays as it is: it never counts as pending, whatever holes it has.',
    de: 'Ein Paket, das seine Quelle nicht mehr führt oder das von Hand installiert wurde, bleibt, wie es ist: Es gilt nie als ausstehend, welche Lücken es auch hat.',
  },
  remedy: {
    en: 'Look through the list: remove what is not needed, add the source that is missing, or update it yourself.',
    de: 'Die Liste durchsehen: nicht Benötigtes entfernen, fehlende Quellen ergänzen oder selbst aktualisieren.',
  },
  severity: 'low',
  params: z.strictObject({
    /** By default they are only listed. */
    outcome: z.enum(['listed', 'fail']).default('listed'),
    /** Packages that are known to come from elsewhere, by name. */
    allowed: z.array(z.string().max(200)).max(100).default([]),
  }),
  needs: { os: osRelease, obsolete: fact },
  appliesTo: always,
  evaluate: ({ os, obsolete }, { outcome, allowed }) => {
    if (!usesRpm(os)) needsApt(os, obsolete);
    const wanted = { en: 'in an index', de: 'in einem Index' };
    const { source, packages } = valueIn(obsolete);
    const open = packages.filter(({ name }) => !allowed.includes(name));
    if (open.length === 0) {
      const found = { en: 'every package has a source', de: 'jedes Paket hat eine Quelle' };
      return pass([evidence({ source, found, wanted })]);
    }
    const listed = open.map(({ name, version }) =>
      evidence({
        source,
        found: { en: `${name} ${version}: from no source`, de: `${name} ${version}: ohne Quelle` },
        wanted,
      }),
    );
    return outcome === 'fail' ? fail(listed) : pass(listed);
  },
  references: [
    'BSI IT-Grundschutz: OPS.1.1.3.A15',
    'ISO/IEC 27001:2022 A.8.8',
    'apt-patterns(7), dnf(8), zypper(8)',
  ],
  examples: [
    {
      name: 'all have a source',
      outcome: 'pass',
      tree: tree(installed('curl', 'bash'), offered('bash', 'curl', 'zsh')),
    },
    {
      name: 'one has none: it is listed',
      outcome: 'pass',
      tree: tree(installed('curl', 'own-tool'), offered('curl')),
      says: ['own-tool 1.0: from no source'],
    },
    {
      name: 'one has none, where that was decided to fail',
      outcome: 'fail',
      params: { outcome: 'fail' },
      tree: tree(installed('curl', 'own-tool'), offered('curl')),
      says: ['own-tool'],
    },
    {
      name: 'a name that is only the beginning of another one',
      outcome: 'fail',
      params: { outcome: 'fail' },
      tree: tree(installed('lib'), `${offered('libx')}Description: Package: lib\n`),
    },
    {
      name: 'one of our own, as agreed',
      outcome: 'pass',
      params: { outcome: 'fail', allowed: ['own-tool'] },
      tree: tree(installed('curl', 'own-tool'), offered('curl')),
    },
    { name: 'unpacked system', outcome: 'pass', tree: tree(installed('curl'), offered('curl'), false) },
    {
      name: 'the list can not be read',
      outcome: 'unknown',
      tree: tree(installed('curl'), { unreadable: 'EIO' }),
    },
    {
      name: 'no list was fetched',
      outcome: 'unknown',
      tree: {
        files: {
          ...tree(installed('curl'), '').files,
          [LIST]: { link: '/nowhere' },
          '/etc/apt/sources.list': 'deb http://new.example.org/ stable main\n',
        },
        commands: tree('', '').commands ?? {},
      },
      says: ['no package list'],
    },
    ...rpmObsoleteExamples,
  ],
});
