/** Hosts with dnf 4 and zypper. The answers have the form that dnf 4.14 and zypper 1.14.42 gave; the tests compare. */
import type { Example } from '../check.ts';
import {
  type Command,
  dnfQuery,
  rpmInstalled,
  zypperOffers,
  zypperPatches,
  zypperPatchInfo,
  zypperUpdates,
} from '../commands.ts';
import type { Tree } from '../host-memory.ts';

const asked = (command: Command, ...args: string[]): string =>
  [command.programs[0], ...command.argv, ...args].join(' ');

const REACHED = '2026-06-15T04:00:00.000Z';
const WEEK_AGO = '2026-06-08T04:00:00.000Z';
const repomd = (types: readonly string[]): string =>
  `<?xml version="1.0"?>\n<repomd xmlns="http://linux.duke.edu/metadata/repo">\n<revision>1780000000</revision>\n${types.map((type) => `<data type="${type}"><location href="repodata/${type}.xml.gz"/><timestamp>1780000000</timestamp></data>`).join('\n')}\n</repomd>\n`;

const CACHE = '/var/cache/dnf/baseos-0123456789abcdef/repodata';
const dnfFiles = (
  reached = REACHED,
  types: readonly string[] = ['primary', 'updateinfo'],
): Tree['files'] => ({
  '/etc/os-release': 'ID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.6"\n',
  '/etc/dnf/dnf.conf': '[main]\ngpgcheck=1\n',
  '/etc/yum.repos.d/alma.repo':
    '[baseos]\nname=BaseOS\nmirrorlist=https://mirrors.example.org/$releasever/baseos\nenabled=1\n[source]\nname=Source\nenabled=0\n',
  [`${CACHE}/repomd.xml`]: { text: repomd(types), modified: WEEK_AGO },
  [`${CACHE}/primary.xml.gz`]: { text: '', modified: reached },
  '/var/lib/rpm/rpmdb.sqlite': '',
});

interface Waits {
  readonly severity?: string;
  readonly day?: string;
}
const report = (waits: Waits | undefined, more: object = {}): string => {
  const openssl = { name: 'openssl', arch: 'x86_64', evr: '1:3.0.7-28.el9' };
  return JSON.stringify({
    dnf: '4.14.0',
    installed: 412,
    repos: [{ id: 'baseos', loaded: true, updateinfo: true }],
    waiting: waits
      ? [
          {
            ...openssl,
            id: 'EXSA-2026:0001',
            severity: waits.severity ?? 'Important',
            published: Date.parse(waits.day ?? '2026-06-01T06:00:00Z') / 1000,
            installed: '1:3.0.7-27.el9',
          },
        ]
      : [],
    upgrades: waits ? [{ ...openssl, repo: 'baseos' }] : [],
    offered: waits ? [{ ...openssl, repo: 'baseos' }] : [],
    unsupplied: [],
    orphans: ['retired'],
    ...more,
  });
};
type Said = NonNullable<Tree['commands']>[string];
const dnf = (said: Said, files: Tree['files'] = dnfFiles()): Tree => ({
  files,
  commands: { [asked(dnfQuery)]: said },
});

const RAW = '/var/cache/zypp/raw/update/repodata/repomd.xml';
const zyppFiles = (reached = REACHED): Tree['files'] => ({
  '/etc/os-release': 'ID="sles"\nID_LIKE="suse"\nVERSION_ID="15.6"\n',
  '/etc/zypp/repos.d/update.repo':
    '[update]\nname=Update\nenabled=1\nbaseurl=https://mirrors.example.org/update\n',
  [RAW]: { text: repomd(['primary', 'updateinfo']), modified: reached },
  '/var/cache/zypp/solv/update/solv': '',
  '/usr/lib/sysimage/rpm/Packages.db': '',
});
const stream = (updates: string): string =>
  `<?xml version='1.0'?>\n<stream>\n<message type="info">Loading repository data...</message>\n<update-status version="0.6">\n<update-list>\n${updates}</update-list>\n</update-status>\n</stream>\n`;
const needed = stream(
  '<update kind="patch" name="EX-SLE-2026-1" edition="1" arch="noarch" status="needed" category="security" severity="important" pkgmanager="false" restart="false" interactive="false"><summary>openssl</summary><description/><license/><source url="https://mirrors.example.org/update" alias="update"/><issue-date time_t="1780293600" text="2026-06-01T06:00:00Z"/><issue-list/></update>',
);
const waiting = (alias: string): string =>
  stream(
    `<update kind="package" name="openssl" edition="3.1.4-2" arch="x86_64" edition-old="3.1.4-1"><summary>x</summary><description>x</description><license/><source url="https://mirrors.example.org/update" alias="${alias}"/></update>`,
  );
const OFFERS =
  '<?xml version=\'1.0\'?>\n<stream>\n<search-result version="0.0">\n<solvable-list>\n<solvable status="other-version" name="glibc" kind="package" edition="2.38-2" arch="x86_64" repository="Update"/>\n</solvable-list>\n</search-result>\n</stream>\n';
interface Zypper {
  readonly files?: Tree['files'];
  readonly offers?: Said;
  readonly updates?: Said;
}
const zypper = (patches: Said, more: Zypper = {}): Tree => ({
  files: more.files ?? zyppFiles(),
  commands: {
    [asked(zypperPatches)]: patches,
    [asked(zypperPatchInfo, 'EX-SLE-2026-1')]:
      'Loading repository data...\n\nInformation for patch EX-SLE-2026-1:\n------\nRepository  : update\nName        : EX-SLE-2026-1\nDescription : \n    x\nConflicts   : [2]\n    openssl < 3.1.4-2\n    openssl-doc.noarch < 3.1.4-2\n',
    [asked(rpmInstalled)]:
      'openssl\t0\t3.1.4\t1\tx86_64\t1780000000\nglibc\t0\t2.38\t1\tx86_64\t1780000000\n',
    [asked(zypperOffers, '-r', 'update', '--', 'glibc')]: more.offers ?? OFFERS,
    [asked(zypperUpdates)]: more.updates ?? waiting('update'),
  },
});

export const rpmSecurityExamples: readonly Example[] = [
  { name: 'dnf: nothing waits', outcome: 'pass', tree: dnf(report(undefined)) },
  {
    name: 'dnf: an advisory of yesterday is within its time',
    outcome: 'pass',
    tree: dnf(report({ day: '2026-06-14T06:00:00Z' })),
    says: ['openssl 1:3.0.7-27.el9', 'EXSA-2026:0001'],
  },
  {
    name: 'dnf: an important advisory has waited for two weeks',
    outcome: 'fail',
    tree: dnf(report({})),
    says: ['1:3.0.7-28.el9', '2026-06-01'],
  },
  {
    name: 'dnf: an advisory waits for too long, though its source is stale',
    outcome: 'fail',
    tree: dnf(report({}), dnfFiles(WEEK_AGO)),
  },
  {
    name: 'dnf: nothing waits by an index a week old',
    outcome: 'unknown',
    tree: dnf(report(undefined), dnfFiles(WEEK_AGO)),
    says: ['not up to date'],
  },
  {
    name: 'dnf: no source has advisories',
    outcome: 'unknown',
    tree: dnf(report(undefined), dnfFiles(REACHED, ['primary'])),
    says: ['updateinfo'],
  },
  {
    name: 'dnf: the distribution’s own sources are missing',
    outcome: 'unknown',
    tree: dnf(report(undefined, { unsupplied: ['bash'] })),
    says: ['bash'],
  },
  {
    name: 'dnf: one of the distribution’s sources is switched off',
    outcome: 'unknown',
    tree: dnf(report(undefined, { orphans: Array.from({ length: 30 }, (_, index) => `httpd-${index}`) })),
    says: ['30 of the distribution’s packages', 'httpd-0'],
  },
  {
    name: 'dnf: an index could not be loaded',
    outcome: 'unknown',
    tree: dnf(report(undefined, { repos: [{ id: 'baseos', loaded: false, updateinfo: false }] })),
    says: ['baseos'],
  },
  {
    name: 'dnf: no answer in time',
    outcome: 'unknown',
    tree: dnf({ unreadable: 'no answer within 60 s' }),
    says: ['no answer within 60 s'],
  },
  { name: 'dnf: another version', outcome: 'unknown', tree: dnf({ status: 77 }), says: ['dnf 4'] },
  { name: 'dnf: unpacked system', outcome: 'unknown', tree: { files: dnfFiles(), live: false } },
  { name: 'zypper: no patch is needed', outcome: 'pass', tree: zypper(stream('')) },
  {
    name: 'zypper: a security patch has been needed for two weeks',
    outcome: 'fail',
    tree: zypper(needed),
    says: ['openssl 3.1.4-1', '3.1.4-2', 'EX-SLE-2026-1'],
  },
  {
    name: 'zypper: nothing is needed by an index a week old',
    outcome: 'unknown',
    tree: zypper(stream(''), { files: zyppFiles(WEEK_AGO) }),
    says: ['not up to date'],
  },
  {
    name: 'zypper: only a vendor’s source lists patches',
    outcome: 'unknown',
    tree: zypper(stream(''), { offers: { status: 104 } }),
    says: ['packages of the distribution'],
  },
  {
    name: 'zypper: a source that lists no patches has an update',
    outcome: 'unknown',
    tree: zypper(stream(''), { updates: waiting('vendor') }),
    says: ['vendor', 'openssl'],
  },
  {
    name: 'zypper: the source of updates is switched off',
    outcome: 'unknown',
    tree: zypper(stream(''), {
      files: {
        ...zyppFiles(),
        '/etc/zypp/repos.d/sle.repo':
          '[SLE15-SP6-Pool]\nenabled=0\nbaseurl=https://mirrors.example.org/pool\n[SLE-Base15-SP6-Updates]\nenabled=0\nbaseurl=https://mirrors.example.org/base\n',
      },
    }),
    says: ['SLE-Base15-SP6-Updates', 'switched off'],
  },
  {
    name: 'zypper: an answer that ends in the middle',
    outcome: 'unknown',
    tree: zypper(needed.slice(0, 300)),
    says: ['not understood'],
  },
  {
    name: 'zypper: another one holds the lock',
    outcome: 'unknown',
    tree: zypper({ status: 7, stderr: 'System management is locked\n' }),
    says: ['status 7'],
  },
  { name: 'zypper: unpacked system', outcome: 'unknown', tree: { files: zyppFiles(), live: false } },
];

export const rpmIndexExamples: readonly Example[] = [
  { name: 'dnf: reached this morning', outcome: 'pass', tree: dnf(report(undefined)) },
  {
    name: 'dnf: reached a week ago',
    outcome: 'fail',
    tree: dnf(report(undefined), dnfFiles(WEEK_AGO)),
    says: [WEEK_AGO],
  },
  { name: 'zypper: reached this morning', outcome: 'pass', tree: zypper(stream('')) },
  {
    name: 'zypper: reached a week ago',
    outcome: 'fail',
    tree: zypper(stream(''), { files: zyppFiles(WEEK_AGO) }),
    says: [WEEK_AGO],
  },
  {
    name: 'zypper: a source that is on was never fetched',
    outcome: 'fail',
    tree: zypper(stream(''), {
      files: {
        ...zyppFiles(),
        '/etc/zypp/repos.d/new.repo': '[new]\nenabled=1\nbaseurl=https://mirrors.example.org/new\n',
      },
    }),
    says: ['never fetched'],
  },
  {
    name: 'dnf: two caches of one source, and which one counts is not to be seen',
    outcome: 'unknown',
    tree: dnf(report(undefined), {
      ...dnfFiles(),
      '/var/cache/dnf/baseos-fedcba9876543210/repodata/repomd.xml': repomd(['primary']),
    }),
  },
];
