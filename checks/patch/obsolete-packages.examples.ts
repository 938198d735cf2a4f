/** Hosts for patch.obsolete-packages. */
import type { Example } from '../check.ts';
import { aptConfig } from '../commands.ts';
import { asked, inRelease } from './apt-examples.ts';
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

export const obsoletePackagesExamples: readonly Example[] = [
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
];
