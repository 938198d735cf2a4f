/** Hosts for patch.broken-packages. */
import type { Example } from '../check.ts';
import { dnfQuery, rpmInstalled, rpmVerify } from '../commands.ts';
import { asked } from './apt-examples.ts';
import { cutOff } from './rpm-examples.ts';

const entry = (state: string, flag = 'ok'): string =>
  `Package: demo\nStatus: install ${flag} ${state}\nArchitecture: amd64\nVersion: 1.0\n`;
const tree = (text: string, more: Example['tree']['files'] = {}): Example['tree'] => ({
  files: { '/etc/os-release': 'ID=debian\n', '/var/lib/dpkg/status': text, ...more },
});

const rpm = (packages: readonly string[], day = '2026-05-01T12:00:00Z'): Example['tree'] => ({
  files: { '/etc/os-release': 'ID=almalinux\nID_LIKE="rhel fedora"\n', '/var/lib/rpm/rpmdb.sqlite': '' },
  commands: {
    [asked(rpmVerify)]: 'ok\n',
    [asked(rpmInstalled)]: packages
      .map((each) => each.split(' '))
      .map(([name, version, release, arch = 'x86_64']) =>
        [name, '0', version, release, arch, Date.parse(day) / 1000].join('\t'),
      )
      .map((line) => `${line}\n`)
      .join(''),
  },
});

export const brokenPackagesExamples: readonly Example[] = [
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
    name: 'dnf: the last transaction was cut off before rpm knew of anything new',
    outcome: 'fail',
    tree: cutOff('2026-06-14T03:00:00Z'),
    says: ['2026-06-14T03:00:00.000Z', 'dnf history'],
  },
  {
    name: 'dnf: a transaction of minutes ago may still be going on',
    outcome: 'unknown',
    tree: cutOff('2026-06-15T11:40:00Z'),
    says: ['dnf'],
  },
  {
    name: 'dnf: whether the last transaction ended can not be asked',
    outcome: 'unknown',
    tree: {
      ...cutOff('2026-06-14T03:00:00Z'),
      commands: {
        ...cutOff('2026-06-14T03:00:00Z').commands,
        [asked(dnfQuery)]: { unreadable: 'no answer within 60 s' },
      },
    },
    says: ['no answer'],
  },
  {
    name: 'rpm: a page of the database is damaged, and what lies on it is not listed',
    outcome: 'unknown',
    tree: {
      ...rpm(['glibc 1 1']),
      commands: {
        ...rpm(['glibc 1 1']).commands,
        [asked(rpmVerify)]:
          '*** in database main ***\nOn tree page 7: btreeInitPage() returns error code 11\n',
      },
    },
    says: ['rpmdb --rebuilddb'],
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
];
