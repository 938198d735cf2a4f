/** Hosts for patch.automatic-updates. The tests compare the patterns with unattended-upgrades itself. */
import type { Example } from '../check.ts';
import { journalUnits } from '../commands.ts';
import type { Node, Tree } from '../host-memory.ts';
import { asked, inRelease } from './apt-examples.ts';

const CONFIG = '/usr/bin/apt-config dump --no-empty';
const LISTS = '/var/lib/apt/lists';
const UNITS = '/usr/lib/systemd/system';
const STAMP = '/var/lib/apt/periodic/upgrade-stamp';

const DEFAULTS =
  'Dir "/";\nDir::State "var/lib/apt";\nDir::State::lists "lists/";\nAPT::Architecture "amd64";\n';
const PERIODS = 'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n';
const PATTERNS = [
  `origin=Debian,codename=\${distro_codename},label=Debian`,
  `origin=Debian,codename=\${distro_codename}-security,label=Debian-Security`,
];
const patterns = (...more: string[]): string =>
  [...PATTERNS, ...more].map((one) => `Unattended-Upgrade::Origins-Pattern:: "${one}";\n`).join('');

const timer = (name: string): Tree['files'] => ({
  [`${UNITS}/${name}.timer`]: '[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n',
  [`/etc/systemd/system/timers.target.wants/${name}.timer`]: { link: `${UNITS}/${name}.timer` },
});

const index = (place: string, fields: Parameters<typeof inRelease>[0]): Tree['files'] => ({
  [`${LISTS}/${place}_InRelease`]: inRelease(fields),
  [`${LISTS}/${place}_main_binary-amd64_Packages`]: '',
});

const files: Tree['files'] = {
  '/etc/os-release': 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
  '/usr/bin/apt-get': '',
  '/var/lib/dpkg/status':
    'Package: unattended-upgrades\nStatus: install ok installed\nArchitecture: all\nVersion: 2.9\n',
  '/etc/apt/sources.list':
    'deb http://deb.example.org/debian bookworm main\ndeb http://deb.example.org/security bookworm-security main\n',
  ...index('deb.example.org_debian_dists_bookworm', { suite: 'stable', codename: 'bookworm' }),
  ...index('deb.example.org_security_dists_bookworm-security', {
    suite: 'stable-security',
    label: 'Debian-Security',
    codename: 'bookworm-security',
  }),
  ...timer('apt-daily'),
  ...timer('apt-daily-upgrade'),
  [STAMP]: { text: '', modified: '2026-06-15T06:10:00.000Z' },
};
const vendor: Tree['files'] = {
  '/etc/apt/sources.list.d/vendor.sources':
    'Types: deb\nURIs: https://user:cAnArY@packages.example.com/apt\nSuites: stable\nComponents: main\n',
  ...index('packages.example.com_apt_dists_stable', {
    suite: 'stable',
    codename: 'stable',
    origin: 'Example Vendor, Inc',
    label: 'Example',
  }),
};

const apt = (more: Tree['files'] = {}, config = PERIODS + patterns()): Tree => ({
  files: { ...files, ...more },
  commands: { [CONFIG]: DEFAULTS + config },
});
const without = (path: string, config?: string): Tree => {
  const tree = apt({}, config);
  return { ...tree, files: Object.fromEntries(Object.entries(tree.files).filter(([name]) => name !== path)) };
};

const rhel: Tree['files'] = {
  '/etc/os-release': 'ID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.6"\n',
  '/etc/dnf/automatic.conf': '[commands]\nupgrade_type = security\napply_updates = yes\n',
  ...timer('dnf-automatic'),
  '/var/lib/systemd/timers/stamp-dnf-automatic.timer': { text: '', modified: '2026-06-15T06:00:00.000Z' },
};
/** A source of dnf without advisories. */
const rpmVendor: Tree['files'] = {
  '/etc/dnf/dnf.conf': '[main]\ngpgcheck=1\n',
  '/etc/yum.repos.d/vendor.repo': '[vendor]\nenabled=1\nbaseurl=https://vendor.example.com/rpm\n',
  '/var/cache/dnf/vendor-0123456789abcdef/repodata/repomd.xml':
    '<repomd>\n<data type="primary"><location href="repodata/primary.xml.gz"/></data>\n</repomd>\n',
  '/var/cache/dnf/vendor-0123456789abcdef/repodata/primary.xml.gz': '',
};
const suse = (more: Tree['files']): Tree => ({
  files: { '/etc/os-release': 'ID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="16.0"\n', ...more },
});
const proof = (node: Node): Tree => ({
  files: { '/etc/os-release': 'ID=debian\n', '/var/lib/nachweis/managed-updates': node },
});

/** What process 1 wrote of a service. */
const ended = (
  service: string,
  ...runs: readonly (readonly [string, 'done' | 'failed'])[]
): Tree['commands'] => ({
  [`${asked(journalUnits)} UNIT=${service}.service`]: runs
    .map(([at, result]) => {
      const time = `${Date.parse(at) * 1000}`;
      return `${JSON.stringify({ __REALTIME_TIMESTAMP: time, UNIT: `${service}.service`, JOB_RESULT: result })}\n`;
    })
    .join(''),
});
const TODAY = ['2026-06-15T06:01:00Z', 'done'] as const;
const dnf = (more: Tree['files'] = {}, commands = ended('dnf-automatic', TODAY)): Tree => ({
  files: { ...rhel, ...more },
  commands: commands ?? {},
});

export const automaticUpdatesExamples: readonly Example[] = [
  { name: 'unattended-upgrades, run this morning', outcome: 'pass', tree: apt(), says: [STAMP] },
  {
    name: 'a vendor whose origin has a comma, with a pattern of its own',
    outcome: 'pass',
    tree: apt(vendor, PERIODS + patterns('origin=Example Vendor\\, Inc')),
  },
  {
    name: 'all of a site by a glob',
    outcome: 'pass',
    tree: apt(vendor, PERIODS + patterns('site=*.example.com')),
  },
  {
    name: 'a vendor whose updates are installed by hand, as agreed',
    outcome: 'pass',
    params: { exempt: ['packages.example.com'] },
    tree: apt(vendor),
  },
  {
    name: 'Allowed-Origins, the older form',
    outcome: 'pass',
    tree: apt({}, `${PERIODS}Unattended-Upgrade::Allowed-Origins:: "\${distro_id}:stable-security";\n`),
  },
  {
    name: 'a vendor source that no pattern takes',
    outcome: 'fail',
    tree: apt(vendor),
    says: ['packages.example.com', 'matched by no pattern'],
  },
  {
    name: 'security is left out',
    outcome: 'fail',
    tree: apt({}, `${PERIODS}Unattended-Upgrade::Origins-Pattern:: "origin=Debian,label=Debian";\n`),
    says: ['bookworm-security'],
  },
  {
    name: 'a codename of the release before',
    outcome: 'fail',
    tree: apt({}, `${PERIODS}Unattended-Upgrade::Origins-Pattern:: "o=Debian,n=bullseye-security";\n`),
  },
  {
    name: 'a pattern that ends the program',
    outcome: 'fail',
    tree: apt({}, `${PERIODS}Unattended-Upgrade::Origins-Pattern:: "distribution=Debian";\n${patterns()}`),
    says: ['not valid'],
  },
  {
    name: 'not installed',
    outcome: 'fail',
    tree: apt({ '/var/lib/dpkg/status': 'Package: apt\nStatus: install ok installed\n' }),
    says: ['not installed'],
  },
  {
    name: 'installed and never switched on',
    outcome: 'fail',
    tree: apt({}, patterns()),
    says: ['is not set'],
  },
  {
    name: 'switched off as a whole',
    outcome: 'fail',
    tree: apt({}, `${PERIODS}APT::Periodic::Enable "0";\n${patterns()}`),
  },
  {
    name: 'once a month',
    outcome: 'fail',
    tree: apt(
      {},
      `APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "30";\n${patterns()}`,
    ),
    says: ['Unattended-Upgrade 30'],
  },
  {
    name: 'the timer is masked',
    outcome: 'fail',
    tree: apt({
      '/etc/systemd/system/apt-daily-upgrade.timer': { link: '/dev/null' },
      '/dev/null': { type: 'other' },
    }),
    says: ['apt-daily-upgrade.timer is masked'],
  },
  {
    name: 'the last run that ended well was two weeks ago',
    outcome: 'fail',
    tree: apt({ [STAMP]: { text: '', modified: '2026-06-01T06:10:00.000Z' } }),
    says: ['2026-06-01T06:10:00.000Z'],
  },
  { name: 'it never ran', outcome: 'fail', tree: without(STAMP), says: ['no run that ended well'] },
  {
    name: 'the stamp that failed and simulated runs renew as well is no proof',
    outcome: 'fail',
    tree: apt({
      [STAMP]: { text: '', modified: '2026-06-01T06:10:00.000Z' },
      '/var/lib/apt/periodic/unattended-upgrades-stamp': { text: '', modified: '2026-06-15T06:10:00.000Z' },
    }),
  },
  {
    name: 'the kernel is excluded',
    outcome: 'fail',
    tree: apt({}, `${PERIODS}${patterns()}Unattended-Upgrade::Package-Blacklist:: "linux-";\n`),
    says: ['excluded: linux-'],
  },
  {
    name: 'an exclusion that is agreed on',
    outcome: 'pass',
    params: { exclude: ['linux-'] },
    tree: apt({}, `${PERIODS}${patterns()}Unattended-Upgrade::Package-Blacklist:: "linux-";\n`),
  },
  {
    name: 'installed yesterday, not run yet',
    outcome: 'unknown',
    tree: {
      ...without(STAMP),
      files: {
        ...without(STAMP).files,
        '/var/lib/dpkg/info/unattended-upgrades.list': { text: '', modified: '2026-06-14T06:10:00.000Z' },
      },
    },
    says: ['not run yet'],
  },
  {
    name: 'a vendor source that was never fetched: its origin is not known',
    outcome: 'unknown',
    tree: apt({ '/etc/apt/sources.list.d/new.list': 'deb http://new.example.com/ stable main\n' }),
    says: ['never fetched'],
  },
  {
    name: 'unpacked system, by its files',
    outcome: 'pass',
    tree: {
      files: {
        ...files,
        '/etc/apt/apt.conf.d/20auto-upgrades': PERIODS,
        '/etc/apt/apt.conf.d/50unattended-upgrades': `Unattended-Upgrade::Origins-Pattern { ${PATTERNS.map((one) => `"${one}";`).join(' ')} };\n`,
      },
      live: false,
    },
  },
  { name: 'dnf-automatic installs them', outcome: 'pass', tree: dnf(), says: ['last run 2026-06-15T06:01'] },
  {
    name: 'dnf-automatic was started, and its runs failed',
    outcome: 'fail',
    tree: dnf(
      {},
      ended('dnf-automatic', ['2026-06-15T06:01:00Z', 'failed'], ['2026-06-01T06:01:00Z', 'done']),
    ),
    says: ['failed 2026-06-15T06:01', 'last run 2026-06-01'],
  },
  {
    name: 'dnf-automatic failed today, and ended well on the day before',
    outcome: 'pass',
    tree: dnf(
      {},
      ended('dnf-automatic', ['2026-06-15T06:01:00Z', 'failed'], ['2026-06-14T06:01:00Z', 'done']),
    ),
  },
  {
    name: 'dnf-automatic was started, and how it ended is not in the journal',
    outcome: 'unknown',
    tree: dnf({}, ended('dnf-automatic')),
    says: ['not be seen in the journal'],
  },
  { name: 'dnf-automatic, unpacked', outcome: 'unknown', tree: { files: rhel, live: false } },
  {
    name: 'dnf-automatic takes security updates only, and a vendor does not say which are',
    outcome: 'fail',
    tree: dnf(rpmVendor),
    says: ['nothing comes from vendor'],
  },
  {
    name: 'dnf-automatic takes all updates, also those of the vendor',
    outcome: 'pass',
    tree: dnf({ ...rpmVendor, '/etc/dnf/automatic.conf': '[commands]\napply_updates = yes\n' }),
  },
  {
    name: 'a vendor of dnf whose updates are installed by hand, as agreed',
    outcome: 'pass',
    params: { exempt: ['vendor'] },
    tree: dnf(rpmVendor),
  },
  {
    name: 'dnf-automatic only downloads',
    outcome: 'fail',
    tree: dnf({ '/etc/dnf/automatic.conf': '[commands]\napply_updates = no\n' }),
    says: ['apply_updates is off'],
  },
  {
    name: 'dnf-automatic last ran in May',
    outcome: 'fail',
    tree: dnf(
      {
        '/var/lib/systemd/timers/stamp-dnf-automatic.timer': {
          text: '',
          modified: '2026-05-15T06:00:00.000Z',
        },
      },
      ended('dnf-automatic'),
    ),
  },
  {
    name: 'nothing of the kind on a system with dnf',
    outcome: 'fail',
    tree: { files: { '/etc/os-release': 'ID=rocky\n', '/usr/lib/systemd/system/x.timer': '[Timer]\n' } },
    says: ['nothing installs updates'],
  },
  {
    name: 'transactional-update, whose last run is not seen',
    outcome: 'unknown',
    tree: suse(timer('transactional-update')),
  },
  {
    name: 'transactional-update, by its journal',
    outcome: 'pass',
    tree: {
      ...suse(timer('transactional-update')),
      commands: ended('transactional-update', TODAY) ?? {},
    },
    says: ['journalctl -u transactional-update'],
  },
  {
    name: 'transactional-update that never reboots: what it installs never takes effect',
    outcome: 'fail',
    tree: {
      ...suse({
        ...timer('transactional-update'),
        '/usr/etc/transactional-update.conf': 'REBOOT_METHOD=auto\n',
        '/etc/transactional-update.conf': '# ours\nREBOOT_METHOD="none"\n',
      }),
      commands: ended('transactional-update', TODAY) ?? {},
    },
    says: ['/etc/transactional-update.conf', 'REBOOT_METHOD none'],
  },
  {
    name: 'transactional-update with a rebootmgr that is switched off',
    outcome: 'fail',
    tree: {
      ...suse({
        ...timer('transactional-update'),
        '/etc/rebootmgr.conf': '[rebootmgr]\nwindow-start=03:30\nstrategy=off\n',
      }),
      commands: ended('transactional-update', TODAY) ?? {},
    },
    says: ['strategy off'],
  },
  {
    name: 'transactional-update that reboots by systemd, whatever rebootmgr says',
    outcome: 'pass',
    tree: {
      ...suse({
        ...timer('transactional-update'),
        '/usr/etc/transactional-update.conf.d/50-own.conf': 'REBOOT_METHOD=systemd\n',
        '/etc/rebootmgr.conf': '[rebootmgr]\nstrategy=off\n',
      }),
      commands: ended('transactional-update', TODAY) ?? {},
    },
  },
  {
    name: 'Ansible installs them, proof of yesterday',
    outcome: 'pass',
    params: { managedBy: 'ansible' },
    tree: proof({ text: '', modified: '2026-06-14T03:00:00.000Z' }),
    says: ['/var/lib/nachweis/managed-updates'],
  },
  {
    name: 'Ansible is said to install them, and the proof is a month old',
    outcome: 'fail',
    params: { managedBy: 'ansible' },
    tree: proof({ text: '', modified: '2026-05-14T03:00:00.000Z' }),
  },
  {
    name: 'a proof from next year',
    outcome: 'unknown',
    params: { managedBy: 'ansible' },
    tree: proof({ text: '', modified: '2027-05-14T03:00:00.000Z' }),
    says: ['clock'],
  },
  {
    name: 'a proof that an account could have made',
    outcome: 'unknown',
    params: { managedBy: 'ansible' },
    tree: proof({ text: '', modified: '2026-06-14T03:00:00.000Z', uid: 1000 }),
  },
];
