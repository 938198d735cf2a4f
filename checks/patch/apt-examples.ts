/** Hosts for the apt checks. Each answer of apt below has the form that apt 2.6 gave; the tests compare with it. */
import type { Example } from '../check.ts';
import { aptConfig, aptSimulate, type Command } from '../commands.ts';
import type { Tree } from '../host-memory.ts';
import type { Memory } from '../memory.ts';

type Answers = NonNullable<Tree['commands']>;

/** Key of a command's answer in a tree. */
export const asked = (command: Command, ...args: string[]): string =>
  [command.programs[0], ...command.argv, ...args].join(' ');

const INSTALLED = '2026-01-10T08:00:00.000Z';
const FETCHED = '2026-06-15T04:00:00.000Z';

export interface IndexFields {
  readonly suite: string;
  readonly label?: string;
  readonly origin?: string;
  readonly codename?: string;
  readonly date?: string;
  readonly validUntil?: string;
}

/** A signed Release file as apt stores it; dates in the archive's form. */
export function inRelease(fields: IndexFields): string {
  const { suite, label = 'Debian', origin = 'Debian', codename = suite, date, validUntil } = fields;
  return [
    '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n',
    `Origin: ${origin}\nLabel: ${label}\nSuite: ${suite}\nCodename: ${codename}`,
    ...(date ? [`Date: ${date}`] : []),
    ...(validUntil ? [`Valid-Until: ${validUntil}`] : []),
    'Components: main\nSHA256:\n 0123 10 main/binary-amd64/Packages\n-----BEGIN PGP SIGNATURE-----\n',
  ].join('\n');
}

const LISTS = '/var/lib/apt/lists';
const main = `${LISTS}/deb.example.org_debian_dists_bookworm`;
const security = `${LISTS}/deb.example.org_security_dists_bookworm-security`;

const mainRelease = inRelease({
  suite: 'stable',
  codename: 'bookworm',
  date: 'Sat, 16 May 2026 10:00:00 UTC',
});
const securityRelease = inRelease({
  suite: 'stable-security',
  label: 'Debian-Security',
  codename: 'bookworm-security',
  date: 'Fri, 12 Jun 2026 20:00:00 UTC',
  validUntil: 'Fri, 19 Jun 2026 20:00:00 UTC',
});

const nothing =
  'Reading package lists...\nBuilding dependency tree...\nCalculating upgrade...\n0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n';

const files: Tree['files'] = {
  '/etc/os-release': { text: 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n', changed: INSTALLED },
  '/usr/bin/apt-get': { text: '', mode: 0o755, changed: INSTALLED },
  '/var/lib/dpkg/status':
    'Package: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.1\n',
  '/etc/apt/sources.list':
    'deb http://deb.example.org/debian bookworm main\ndeb http://deb.example.org/security bookworm-security main\n',
  [`${main}_InRelease`]: { text: mainRelease, changed: FETCHED },
  [`${main}_main_binary-amd64_Packages.lz4`]: '',
  [`${security}_InRelease`]: { text: securityRelease, changed: FETCHED },
  [`${security}_main_binary-amd64_Packages`]: 'Package: filler\nArchitecture: all\nVersion: 1\n\n',
};

const answers: Answers = {
  [asked(aptConfig)]:
    'Dir "/";\nDir::State "var/lib/apt";\nDir::State::lists "lists/";\nAPT::Architecture "amd64";\n',
  [asked(aptSimulate)]: nothing,
};

const without = (...paths: string[]): Tree['files'] =>
  Object.fromEntries(Object.entries(files).filter(([path]) => !paths.some((each) => path.startsWith(each))));

const tree = (more: Tree['files'] = {}, moreAnswers: Answers = {}): Tree => ({
  files: { ...files, ...more },
  commands: { ...answers, ...moreAnswers },
});

const esm = `${LISTS}/esm.example.org_infra_ubuntu_dists_jammy-infra-security`;
const extended: Tree['files'] = {
  '/etc/apt/sources.list.d/esm.list': 'deb http://esm.example.org/infra/ubuntu jammy-infra-security main\n',
  [`${esm}_InRelease`]: {
    text: inRelease({
      suite: 'jammy-infra-security',
      label: 'UbuntuESM',
      origin: 'UbuntuESM',
      codename: 'jammy',
      date: 'Fri, 12 Jun 2026 20:00:00 UTC',
    }),
    changed: FETCHED,
  },
  [`${esm}_main_binary-amd64_Packages`]: 'Package: openssl\nArchitecture: amd64\nVersion: 3.0.9\n',
};

const rhel: Tree = {
  files: { '/etc/os-release': 'ID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.6"\n' },
};

export const indexFreshExamples: readonly Example[] = [
  { name: 'both sources were reached this morning, one with nothing new', outcome: 'pass', tree: tree() },
  {
    name: 'the security source has not answered for five days, though the other one has',
    outcome: 'fail',
    tree: tree({ [`${security}_InRelease`]: { text: securityRelease, changed: '2026-06-10T04:00:00.000Z' } }),
    says: ['bookworm-security', '2026-06-10T04:00:00.000Z'],
  },
  {
    name: 'one source was never fetched',
    outcome: 'fail',
    tree: { files: without(security), commands: answers },
    says: ['never fetched'],
  },
  {
    name: 'a mirror that hands out an index past its Valid-Until, however lately it was reached',
    outcome: 'fail',
    tree: tree({
      [`${security}_InRelease`]: {
        text: securityRelease.replace('19 Jun', '13 Jun'),
        changed: FETCHED,
      },
    }),
    says: ['Valid-Until 2026-06-13'],
  },
  {
    name: 'a snapshot of the security archive, past its Valid-Until, which nobody heeds: nothing new will ever be in it',
    outcome: 'fail',
    tree: tree({
      '/etc/apt/sources.list':
        'deb [check-valid-until=no] http://deb.example.org/security bookworm-security main\n',
      [`${security}_InRelease`]: { text: securityRelease.replace('19 Jun', '13 Jun'), changed: FETCHED },
    }),
    says: ['Valid-Until 2026-06-13'],
  },
  {
    name: 'everything on the system was copied this morning, so the time of the index says nothing',
    outcome: 'unknown',
    tree: tree({
      '/etc/os-release': {
        text: 'ID=debian\nVERSION_CODENAME=bookworm\n',
        changed: '2026-06-15T03:59:00.000Z',
      },
      '/usr/bin/apt-get': { text: '', mode: 0o755, changed: '2026-06-15T03:59:00.000Z' },
    }),
    says: ['image'],
  },
  {
    name: 'a switched-off deb822 source does not count',
    outcome: 'pass',
    tree: tree({
      '/etc/apt/sources.list.d/old.sources':
        'Types: deb\nURIs: http://old.example.org/\nSuites: stable\nComponents: main\nEnabled: no\n',
    }),
  },
  { name: 'no source at all', outcome: 'fail', tree: tree({ '/etc/apt/sources.list': '# nothing\n' }) },
  {
    name: 'unpacked system, index made yesterday',
    outcome: 'pass',
    now: '2026-06-13T12:00:00.000Z',
    tree: {
      files: {
        ...files,
        '/etc/apt/sources.list': 'deb http://deb.example.org/security bookworm-security main\n',
      },
      live: false,
    },
  },
  {
    name: 'unpacked system, index a month old: when the source was reached can not be seen',
    outcome: 'unknown',
    tree: { files, live: false },
  },
  { name: 'another package manager', outcome: 'unknown', tree: rhel, says: ['dnf'] },
];

const openssl = (archives: string): string =>
  `Reading package lists...\nThe following packages will be upgraded:\n  openssl\n1 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\nInst openssl [3.0.1] (3.0.2 ${archives} [amd64])\nConf openssl (3.0.2 ${archives} [amd64])\n`;
const kept =
  'The following packages have been kept back:\n  openssl\n0 upgraded, 0 newly installed, 0 to remove and 1 not upgraded.\n';
const SECURITY = 'Debian-Security:12/stable-security';

/** The list of the security archive, with a newer openssl. */
const offered: Tree['files'] = {
  [`${security}_main_binary-amd64_Packages`]:
    'Package: filler\nArchitecture: all\nVersion: 1\n\nPackage: openssl\nArchitecture: amd64\nVersion: 3.0.2\n\n',
};
const installable = { [asked(aptSimulate)]: openssl(SECURITY) };

/** What earlier rounds left: openssl was first seen on that day, and somebody had looked the day before. */
const waitingSince = (since: string, exact = true): Memory => ({
  format: 'nachweis.memory/1',
  manager: 'apt',
  looked: '2026-06-15T11:00:00.000Z',
  waiting: [
    {
      name: 'openssl',
      arch: 'amd64',
      installed: '3.0.1',
      offers: [{ version: '3.0.2', since, exact, from: 'index' }],
    },
  ],
});

export const securityUpdatesExamples: readonly Example[] = [
  { name: 'fresh indexes, nothing pending', outcome: 'pass', tree: tree() },
  {
    name: 'only an ordinary update is pending',
    outcome: 'pass',
    tree: tree({}, { [asked(aptSimulate)]: openssl('Debian:12.9/stable') }),
  },
  {
    name: 'a security update waits since three days: within its time',
    outcome: 'pass',
    tree: { ...tree(offered, installable), memory: waitingSince('2026-06-12T20:00:00.000Z') },
    says: ['openssl 3.0.1', '3.0.2', 'installable now', 'deadline 2026-06-19T20:00:00.000Z'],
  },
  {
    name: 'a security update waits since a fortnight',
    outcome: 'fail',
    tree: { ...tree(offered, installable), memory: waitingSince('2026-06-01T20:00:00.000Z') },
    says: ['openssl 3.0.1', 'since 2026-06-01T20:00:00.000Z', 'deadline 2026-06-08T20:00:00.000Z'],
  },
  {
    name: 'a security update was there when somebody looked for the first time',
    outcome: 'unknown',
    tree: tree(offered, installable),
    says: ['or earlier', 'nobody had looked before'],
  },
  {
    name: 'an index of last month lists it: since then at least',
    outcome: 'fail',
    now: '2026-06-25T12:00:00.000Z',
    tree: tree(offered, installable),
    says: ['since 2026-06-12T20:00:00.000Z'],
  },
  {
    name: 'no time allowed',
    outcome: 'fail',
    params: { grace: 'none' },
    tree: tree(offered, installable),
    says: ['openssl 3.0.1', '3.0.2', 'installable now'],
  },
  {
    name: 'a security update is on hold',
    outcome: 'fail',
    params: { grace: 'none' },
    tree: tree(
      {
        ...offered,
        '/var/lib/dpkg/status':
          'Package: openssl\nStatus: hold ok installed\nArchitecture: amd64\nVersion: 3.0.1\n',
      },
      { [asked(aptSimulate)]: kept },
    ),
    says: ['on hold'],
  },
  {
    name: 'a pin hides the security update',
    outcome: 'fail',
    params: { grace: 'none' },
    tree: tree(offered),
    says: ['pin'],
  },
  {
    name: 'a security update that can not be installed because of its dependencies',
    outcome: 'fail',
    params: { grace: 'none' },
    tree: tree(offered, { [asked(aptSimulate)]: kept }),
    says: ['openssl 3.0.1', 'dependencies'],
  },
  {
    name: 'a security update that only the solver names',
    outcome: 'fail',
    params: { grace: 'none' },
    tree: tree({}, { [asked(aptSimulate)]: openssl('UbuntuESM:22.04/jammy-infra-security') }),
    says: ['UbuntuESM'],
  },
  {
    name: 'a security update that only the solver names, with time for it: lists and solver disagree',
    outcome: 'unknown',
    tree: tree({}, { [asked(aptSimulate)]: openssl('Debian-Security:12/stable-security') }),
    says: ['its lists were not seen to have (openssl)'],
  },
  {
    name: 'a security update behind a subscription that this system does not have',
    outcome: 'fail',
    params: { grace: 'none' },
    tree: tree(extended),
    says: ['openssl 3.0.1', 'needs a subscription'],
  },
  {
    name: 'a list that was cut off',
    outcome: 'unknown',
    tree: tree({
      [`${security}_main_binary-amd64_Packages`]: 'Package: openssl\nArchitecture: amd64\n',
    }),
    says: ['damaged'],
  },
  {
    name: 'nothing pending by an index a week old',
    outcome: 'unknown',
    tree: tree({ [`${security}_InRelease`]: { text: securityRelease, changed: '2026-06-08T04:00:00.000Z' } }),
    says: ['not up to date'],
  },
  {
    name: 'nothing pending, and the security source was never fetched',
    outcome: 'unknown',
    tree: { files: without(security), commands: answers },
  },
  {
    name: 'nothing pending, and no security source is configured',
    outcome: 'unknown',
    tree: tree({ '/etc/apt/sources.list': 'deb http://deb.example.org/debian bookworm main\n' }),
    says: ['no source of security updates'],
  },
  {
    name: 'the security source is still that of the release before',
    outcome: 'unknown',
    tree: tree({
      '/etc/os-release': { text: 'ID=debian\nVERSION_ID=13\nVERSION_CODENAME=trixie\n', changed: INSTALLED },
    }),
    says: ['for this release'],
  },
  {
    name: 'the security source leaves out a component that is in use',
    outcome: 'unknown',
    tree: tree({
      '/etc/apt/sources.list':
        'deb http://deb.example.org/debian bookworm main contrib\ndeb http://deb.example.org/security bookworm-security main\n',
    }),
    says: ['contrib'],
  },
  {
    name: 'dpkg was interrupted',
    outcome: 'unknown',
    tree: tree({ '/var/lib/dpkg/updates/0001': '' }),
    says: ['dpkg --configure -a'],
  },
  {
    name: 'unmet dependencies',
    outcome: 'unknown',
    tree: tree(
      {},
      {
        [asked(aptSimulate)]: {
          status: 100,
          stderr: 'E: Unmet dependencies. Try apt --fix-broken install.\n',
        },
      },
    ),
    says: ['unmet dependencies'],
  },
  {
    name: 'an answer in another language',
    outcome: 'unknown',
    tree: tree(
      {},
      {
        [asked(aptSimulate)]: '0 aktualisiert, 0 neu installiert, 0 zu entfernen und 0 nicht aktualisiert.\n',
      },
    ),
    says: ['not understood'],
  },
  {
    name: 'no answer in time',
    outcome: 'unknown',
    tree: tree({}, { [asked(aptSimulate)]: { unreadable: 'no answer within 60 s' } }),
    says: ['no answer within 60 s'],
  },
  {
    name: 'unpacked system, nothing on offer',
    outcome: 'unknown',
    now: '2026-06-13T12:00:00.000Z',
    tree: { files, live: false },
    says: ['package manager'],
  },
  {
    name: 'unpacked system whose own list names an update for longer than allowed',
    outcome: 'fail',
    now: '2026-06-25T12:00:00.000Z',
    tree: { files: { ...files, ...offered }, live: false },
    says: ['openssl 3.0.1'],
  },
  { name: 'another package manager', outcome: 'unknown', tree: rhel, says: ['dnf'] },
];
