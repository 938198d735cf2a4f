/** Hosts for patch.release-supported. */
import type { Example } from '../check.ts';
import type { Tree } from '../host-memory.ts';
import { inRelease } from './apt-examples.ts';

const CONFIG = '/usr/bin/apt-config dump --no-empty';
const LISTS = '/var/lib/apt/lists';

const os = (id: string, version: string, more = ''): Tree['files'] => ({
  '/etc/os-release': `ID=${id}\nVERSION_ID="${version}"\n${more}`,
});
const apt = (release: Tree['files'], source: string, lists: Tree['files']): Tree => ({
  files: { ...release, '/usr/bin/apt-get': '', '/etc/apt/sources.list': source, ...lists },
  commands: { [CONFIG]: 'Dir "/";\nDir::State "var/lib/apt";\nDir::State::lists "lists/";\n' },
});
const bullseye = os('debian', '11', 'PRETTY_NAME="Debian 11"\nVERSION_CODENAME=bullseye\n');
const bionic = os('ubuntu', '18.04', 'VERSION_CODENAME=bionic\n');
const extended = 'deb http://deb.example.org/extended-lts bullseye-lts main\n';
const pro = 'deb https://esm.example.org/infra/ubuntu bionic-infra-security main\n';
const esmLists = {
  [`${LISTS}/esm.example.org_infra_ubuntu_dists_bionic-infra-security_InRelease`]: inRelease({
    suite: 'bionic-infra-security',
    label: 'UbuntuESM',
    origin: 'UbuntuESM',
    codename: 'bionic',
  }),
};
const rhel = (baseurl: string, id = 'rhel-9-for-x86_64-baseos-rpms', enabled = 1): Tree['files'] => ({
  ...os('rhel', '9.4'),
  '/etc/dnf/dnf.conf': '[main]\ngpgcheck=1\n',
  '/etc/yum.repos.d/redhat.repo': `[${id}]\nbaseurl = https://cdn.example.com/content/${baseurl}/x86_64/baseos/os\nenabled = ${enabled}\n`,
});
const LATER = '2026-12-01T12:00:00.000Z';

export const releaseSupportedExamples: readonly Example[] = [
  { name: 'Debian 12', outcome: 'pass', tree: { files: os('debian', '12') }, says: ['2026-07-11'] },
  {
    name: 'Debian 12 after its first three years: LTS comes from the same archive',
    outcome: 'pass',
    now: LATER,
    tree: { files: os('debian', '12') },
    says: ['LTS support until 2028-06-30'],
  },
  {
    name: 'Debian 11 on the last day of LTS',
    outcome: 'pass',
    now: '2026-08-31T23:59:59.000Z',
    tree: { files: bullseye },
  },
  {
    name: 'Debian 11 on the day after',
    outcome: 'fail',
    now: '2026-09-01T00:00:00.000Z',
    tree: { files: bullseye },
    says: ['2026-08-31', 'ELTS'],
  },
  {
    name: 'Debian 11 with ELTS in use',
    outcome: 'pass',
    now: LATER,
    tree: apt(bullseye, extended, {
      [`${LISTS}/deb.example.org_extended-lts_dists_bullseye-lts_InRelease`]: inRelease({
        suite: 'bullseye-lts',
        label: 'Freexian',
        origin: 'Freexian',
        codename: 'bullseye-lts',
      }),
    }),
    says: ['ELTS support until 2031-06-30'],
  },
  {
    name: 'Debian 11 with ELTS that was never fetched',
    outcome: 'fail',
    now: LATER,
    tree: apt(bullseye, extended, {}),
  },
  {
    name: 'a newer table of the distribution moves the end',
    outcome: 'pass',
    now: '2027-01-15T12:00:00.000Z',
    tree: {
      files: {
        ...bullseye,
        '/usr/share/distro-info/debian.csv': {
          text: 'version,codename,series,created,release,eol,eol-lts,eol-elts\n11,Bullseye,bullseye,2019-07-06,2021-08-14,2024-08-14,2027-08-31,2031-06-30\n',
          modified: '2027-01-01T00:00:00.000Z',
        },
      },
    },
    says: ['/usr/share/distro-info/debian.csv'],
  },
  {
    name: 'an older one does not',
    outcome: 'pass',
    tree: {
      files: {
        ...os('debian', '12'),
        '/usr/share/distro-info/debian.csv':
          'version,codename,series,created,release,eol\n12,Bookworm,bookworm,2021-08-14,2023-06-10,2024-06-10\n',
      },
    },
    says: ['table of'],
  },
  { name: 'Ubuntu 24.04', outcome: 'pass', tree: { files: os('ubuntu', '24.04') } },
  {
    name: 'Ubuntu 18.04 without Pro',
    outcome: 'fail',
    tree: { files: bionic },
    says: ['2023-05-31', 'ESM support until 2028-04-26'],
  },
  { name: 'Ubuntu 18.04 with Pro', outcome: 'pass', tree: apt(bionic, pro, esmLists), says: ['ESM'] },
  {
    name: 'Ubuntu 18.04 with Pro after the end of ESM: the legacy add-on can not be seen',
    outcome: 'unknown',
    now: '2029-01-01T12:00:00.000Z',
    tree: apt(bionic, pro, esmLists),
    says: ['Legacy'],
  },
  {
    name: 'an interim release of Ubuntu past its end',
    outcome: 'fail',
    now: LATER,
    tree: { files: os('ubuntu', '25.10') },
  },
  { name: 'AlmaLinux 9', outcome: 'pass', tree: { files: os('almalinux', '9.6') } },
  {
    name: 'the distribution states its end itself',
    outcome: 'fail',
    tree: { files: os('fedora', '40', 'SUPPORT_END=2025-05-13\n') },
    says: ['/etc/os-release', '2025-05-13'],
  },
  { name: 'CentOS Linux 8', outcome: 'fail', tree: { files: os('centos', '8') } },
  {
    name: 'RHEL 7: whether ELS was ordered is not seen',
    outcome: 'unknown',
    tree: { files: os('rhel', '7.9') },
    says: ['ELS'],
  },
  {
    name: 'RHEL 9 that follows its minor releases',
    outcome: 'pass',
    tree: { files: rhel('dist/rhel9/$releasever') },
  },
  {
    name: 'RHEL kept at 9.4 by its addresses',
    outcome: 'fail',
    tree: { files: rhel('dist/rhel9/9.4') },
    says: ['9.4', '2024-11-12', 'redhat.repo'],
  },
  {
    name: 'RHEL kept at 9.6 by a variable of dnf',
    outcome: 'fail',
    tree: { files: { ...rhel('dist/rhel9/$releasever'), '/etc/dnf/vars/releasever': '9.6\n' } },
    says: ['/etc/dnf/vars/releasever', 'EUS'],
  },
  {
    name: 'RHEL kept at 9.6 with EUS',
    outcome: 'pass',
    tree: { files: rhel('eus/rhel9/9.6', 'rhel-9-for-x86_64-baseos-eus-rpms') },
    says: ['EUS support until 2027-05-31'],
  },
  {
    name: 'RHEL kept at 9.4 with EUS that has ended',
    outcome: 'fail',
    tree: { files: rhel('eus/rhel9/9.4', 'rhel-9-for-x86_64-baseos-eus-rpms') },
    says: ['2024-11-12'],
  },
  {
    name: 'RHEL kept at a minor release with another extended support',
    outcome: 'unknown',
    tree: { files: rhel('e4s/rhel9/9.4', 'rhel-9-for-x86_64-baseos-e4s-rpms') },
    says: ['9.4'],
  },
  {
    name: 'RHEL kept at a minor release that may still be the newest',
    outcome: 'unknown',
    tree: { files: rhel('dist/rhel9/9.8') },
    says: ['9.8'],
  },
  {
    name: 'RHEL kept at 9.8 with EUS',
    outcome: 'pass',
    tree: { files: rhel('eus/rhel9/9.8', 'rhel-9-for-x86_64-baseos-eus-rpms') },
    says: ['EUS support until 2028-05-31'],
  },
  {
    name: 'RHEL kept at 9.7, which has had a successor for months',
    outcome: 'fail',
    now: LATER,
    tree: { files: rhel('dist/rhel9/9.7') },
    says: ['9.7'],
  },
  {
    name: 'RHEL kept at 10.2, of whose successor nothing is known',
    outcome: 'unknown',
    tree: { files: { ...rhel('dist/rhel10/10.2'), ...os('rhel', '10.2') } },
    says: ['10.2'],
  },
  {
    name: 'RHEL 8 kept at its last minor release',
    outcome: 'pass',
    tree: { files: { ...rhel('dist/rhel8/8.10'), ...os('rhel', '8.10') } },
  },
  {
    name: 'AlmaLinux kept at an older minor release from the vault',
    outcome: 'unknown',
    tree: {
      files: {
        ...os('almalinux', '9.2'),
        '/etc/dnf/dnf.conf': '[main]\n',
        '/etc/yum.repos.d/alma.repo':
          '[baseos]\nbaseurl=https://repo.example.org/vault/9.2/BaseOS/x86_64/os/\n',
      },
    },
    says: ['9.2'],
  },
  {
    name: 'SLES 15 SP6 without LTSS',
    outcome: 'fail',
    tree: { files: os('sles', '15.6') },
    says: ['2025-12-31', 'LTSS support until 2028-12-31'],
  },
  { name: 'SLES 16.0', outcome: 'pass', tree: { files: os('sles', '16.0') }, says: ['2027-11-30'] },
  { name: 'RHEL 10', outcome: 'pass', tree: { files: os('rhel', '10.1') }, says: ['2035-05-31'] },
  {
    name: 'RHEL 11, of which nothing is known yet',
    outcome: 'unknown',
    tree: { files: os('rhel', '11.0') },
  },
  { name: 'SLES 15 SP7', outcome: 'pass', tree: { files: os('sles', '15.7') } },
  {
    name: 'SLES 15 SP5 without LTSS',
    outcome: 'fail',
    tree: { files: os('sles', '15.5') },
    says: ['2024-12-31'],
  },
  {
    name: 'SLES 15 SP5 with LTSS',
    outcome: 'pass',
    tree: { files: { ...os('sles', '15.5'), '/etc/products.d/SLES-LTSS.prod': '<product/>\n' } },
    says: ['/etc/products.d/SLES-LTSS.prod'],
  },
  { name: 'Leap 15.6 past its end', outcome: 'fail', tree: { files: os('opensuse-leap', '15.6') } },
  { name: 'Debian testing has no end and no promise', outcome: 'unknown', tree: { files: os('debian', '') } },
  { name: 'a distribution that is not known', outcome: 'unknown', tree: { files: os('example', '1') } },
  {
    name: 'os-release can not be read',
    outcome: 'unknown',
    tree: { files: { '/etc/os-release': { unreadable: 'EIO' } } },
  },
];
