/** Hosts with dnf 4 and zypper. The answers have the form that dnf 4.14 and zypper 1.14.42 gave; the tests compare. */
import type { Example } from '../check.ts';
import {
  type Command,
  dnf5Query,
  dnfQuery,
  rpmInstalled,
  rpmVerify,
  zypperOffers,
  zypperOrphans,
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
  /** The day of issue; null: not to be read. */
  readonly issued?: string | null;
}
const secondsOf = (day: string): number => Date.parse(day) / 1000;
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
            published: secondsOf(waits.day ?? '2026-06-01T06:00:00Z'),
            issued:
              waits.issued === null ? 0 : secondsOf(waits.issued ?? waits.day ?? '2026-06-01T06:00:00Z'),
            installed: '1:3.0.7-27.el9',
            source: 'openssl',
          },
        ]
      : [],
    upgrades: waits ? [{ ...openssl, repo: 'baseos' }] : [],
    offered: waits ? [{ ...openssl, repo: 'baseos' }] : [],
    unsupplied: [],
    orphans: ['retired'],
    hidden: [],
    nowhere: [['retired', '1-1']],
    unfinished: [],
    events: [],
    present: [],
    fixed: [],
    holes: waits ? { 'EXSA-2026:0001': ['CVE-2026-4711'] } : {},
    ...more,
  });
};
/** For patch.broken-packages: one version of each package, and a last transaction that began then and has no end. */
export const cutOff = (began: string): Tree => {
  const tree = dnf(report(undefined, { unfinished: [secondsOf(began)] }));
  const packages = 'glibc\t0\t2.34\t1\tx86_64\t1780000000\tglibc-2.34-1.src.rpm\n';
  return { ...tree, commands: { ...tree.commands, [asked(rpmInstalled)]: packages } };
};

type Said = NonNullable<Tree['commands']>[string];
const dnf = (said: Said, files: Tree['files'] = dnfFiles()): Tree => ({
  files,
  commands: { [asked(rpmVerify)]: 'ok\n', [asked(dnfQuery)]: said },
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
  readonly orphans?: Said;
}
const ORPHANS =
  '<?xml version=\'1.0\'?>\n<stream>\n<message type="info">Reading installed packages...</message>\nS | Repository | Name | Version | Arch\n--+------------+------+---------+-------\ni | @System    | own  | 1-1     | noarch\n</stream>\n';
const zypper = (patches: Said, more: Zypper = {}): Tree => ({
  files: more.files ?? zyppFiles(),
  commands: {
    [asked(rpmVerify)]: 'ok\n',
    [asked(zypperPatches)]: patches,
    [asked(zypperPatchInfo, 'EX-SLE-2026-1')]:
      'Loading repository data...\n\nInformation for patch EX-SLE-2026-1:\n------\nRepository  : update\nName        : EX-SLE-2026-1\nDescription : \n    x\nConflicts   : [2]\n    openssl < 3.1.4-2\n    openssl-doc.noarch < 3.1.4-2\n',
    [asked(rpmInstalled)]:
      'openssl\t0\t3.1.4\t1\tx86_64\t1780000000\topenssl-3.1.4-1.src.rpm\nglibc\t0\t2.38\t1\tx86_64\t1780000000\tglibc-2.38-1.src.rpm\n',
    [asked(zypperOffers, '-r', 'update', '--', 'glibc')]: more.offers ?? OFFERS,
    [asked(zypperUpdates)]: more.updates ?? waiting('update'),
    [asked(zypperOrphans)]: more.orphans ?? ORPHANS,
  },
});

/** Fedora with dnf 5: other places, the same answer. */
const fedora = (said: Said): Tree => ({
  files: {
    '/etc/os-release': 'ID=fedora\nVERSION_ID=43\n',
    '/usr/bin/dnf5': '',
    '/usr/bin/dnf': { link: 'dnf5' },
    '/usr/share/dnf5/libdnf.conf.d/20-fedora-defaults.conf': '[main]\ngpgcheck=True\n',
    '/etc/yum.repos.d/fedora.repo':
      '[fedora]\nname=Fedora\nmetalink=https://mirrors.example.org/metalink\n[rawhide]\nname=Next\nenabled=1\n',
    '/etc/dnf/repos.override.d/99-config_manager.repo': '[raw*]\nenabled=0\n',
    '/var/cache/libdnf5/fedora-0123456789abcdef/repodata/repomd.xml': {
      text: repomd(['primary', 'updateinfo']),
      modified: WEEK_AGO,
    },
    '/var/cache/libdnf5/fedora-0123456789abcdef/repodata/primary.xml.gz': { text: '', modified: REACHED },
    '/usr/lib/sysimage/rpm/rpmdb.sqlite': '',
  },
  commands: { [asked(rpmVerify)]: 'ok\n', [asked(dnf5Query)]: said },
});
const fedoraReport = (waits: Waits | undefined): string =>
  report(waits, { dnf: '5', repos: [{ id: 'fedora', loaded: true, updateinfo: true }] });

const at = (text: string): number => Date.parse(`${text}Z`) / 1000;
const openssl = (evr: string) => ['openssl', 'x86_64', evr] as const;
/** Version 2 of the 10th of May came after `days`. */
const history = (days: number, issued = at('2026-05-10 00:00:00')): object => {
  const came = at('2026-05-10 00:00:00') + days * 86_400;
  return {
    events: [
      [at('2026-01-10 00:00:00'), 1, ...openssl('1-1')],
      [came, 1, ...openssl('2-1')],
      [came, 0, ...openssl('1-1')],
    ],
    present: [[...openssl('2-1'), came]],
    fixed: [[...openssl('2-1'), issued]],
  };
};
const LOG = (day: string): string =>
  `2026-01-01 10:00:00|install|openssl|1-1|x86_64|root@host|update|${'0'.repeat(64)}|\n${day} 06:00:00|patch  |EX-SLE-2026-1|1|noarch|update|important|security|needed|applied|\n`;
const applied = (log: string, info = 'Created On  : Mon Jun 01 06:00:00 2026\n'): Tree => {
  const { files, commands } = zypper(stream(''), { updates: stream('') });
  return {
    files: { ...files, '/var/log/zypp/history': { text: log, modified: REACHED } },
    commands: {
      ...commands,
      [asked(zypperPatchInfo, 'EX-SLE-2026-1')]:
        `\nInformation for patch EX-SLE-2026-1:\n------\nRepository  : update\nName        : EX-SLE-2026-1\n${info}`,
    },
  };
};

export const rpmLatencyExamples: readonly Example[] = [
  {
    name: 'dnf: two days after its issue',
    outcome: 'pass',
    tree: dnf(report(undefined, history(2))),
    says: ['updates=1 unexplained=0 median=2.0 worst=2.0 within=1'],
  },
  {
    name: 'dnf: a month after its issue',
    outcome: 'fail',
    tree: dnf(report(undefined, history(30))),
    says: ['openssl 2-1: available 2026-05-10', '30 days'],
  },
  {
    name: 'dnf: its day of issue can not be read',
    outcome: 'unknown',
    tree: dnf(report(undefined, history(2, 0))),
    says: ['day of issue'],
  },
  {
    name: 'dnf: it came past dnf',
    outcome: 'unknown',
    tree: dnf(report(undefined, { ...history(2), events: [] })),
    says: ['past the package manager'],
  },
  {
    name: 'dnf: the history can not be read',
    outcome: 'unknown',
    tree: dnf(report(undefined, { ...history(2), events: null })),
    says: ['history'],
  },
  {
    name: 'dnf: a source is missing, and with it what it said',
    outcome: 'unknown',
    tree: dnf(
      report(undefined, {
        ...history(2),
        repos: [
          { id: 'baseos', loaded: true, updateinfo: true },
          { id: 'apps', loaded: false, updateinfo: false },
        ],
      }),
    ),
    says: ['apps'],
  },
  {
    name: 'zypper: applied on the day after its issue',
    outcome: 'pass',
    tree: applied(LOG('2026-06-02')),
    says: ['updates=1 unexplained=0 median=1.0'],
  },
  {
    name: 'zypper: applied two weeks after its issue',
    outcome: 'fail',
    tree: applied(LOG('2026-06-15')),
    says: ['EX-SLE-2026-1: available 2026-06-01', '/var/log/zypp/history'],
  },
  {
    name: 'zypper: needed only since a package came that has the hole',
    outcome: 'pass',
    tree: applied(
      `2026-06-14 10:00:00|patch  |EX-SLE-2026-1|1|noarch|update|important|security|not-needed|needed|\n${LOG('2026-06-15')}`,
    ),
  },
  {
    name: 'zypper: a patch that no source knows any more',
    outcome: 'unknown',
    tree: applied(LOG('2026-06-02'), ''),
  },
  {
    name: 'zypper: a part of the history was packed away',
    outcome: 'unknown',
    tree: {
      ...applied(LOG('2026-06-02')),
      files: {
        ...applied(LOG('2026-06-02')).files,
        '/var/log/zypp/history-20260601.xz': { text: '', modified: WEEK_AGO },
      },
    },
    says: ['history'],
  },
  {
    name: 'an unpacked system: dnf is not asked',
    outcome: 'unknown',
    tree: { ...dnf(''), live: false },
    says: ['unpacked'],
  },
];

export const rpmObsoleteExamples: readonly Example[] = [
  {
    name: 'dnf: one that no source has is listed',
    outcome: 'pass',
    tree: dnf(report(undefined)),
    says: ['retired 1-1: from no source', 'dnf list extras'],
  },
  {
    name: 'dnf: and fails where that was decided',
    outcome: 'fail',
    params: { outcome: 'fail' },
    tree: dnf(report(undefined)),
  },
  {
    name: 'dnf: where an index is missing nobody knows',
    outcome: 'unknown',
    tree: dnf(report(undefined, { repos: [{ id: 'baseos', loaded: false, updateinfo: false }] })),
    says: ['index is missing'],
  },
  {
    name: 'zypper: one that no source has is listed',
    outcome: 'pass',
    tree: zypper(stream(''), { updates: stream('') }),
    says: ['own 1-1: from no source', 'zypper packages --orphaned'],
  },
  {
    name: 'zypper: a table of another form',
    outcome: 'unknown',
    tree: zypper(stream(''), { updates: stream(''), orphans: '<stream>\n</stream>\n' }),
  },
  { name: 'zypper: unpacked', outcome: 'unknown', tree: { ...zypper(stream('')), live: false } },
];

export const rpmSecurityExamples: readonly Example[] = [
  { name: 'dnf: nothing waits', outcome: 'pass', tree: dnf(report(undefined)) },
  {
    name: 'dnf: an advisory of yesterday is within its time',
    outcome: 'pass',
    tree: dnf(report({ day: '2026-06-14T06:00:00Z' })),
    says: ['openssl 1:3.0.7-27.el9', 'EXSA-2026:0001'],
  },
  {
    name: 'dnf: an advisory that was revised yesterday waits since its issue',
    outcome: 'fail',
    tree: dnf(report({ day: '2026-06-14T06:00:00Z', issued: '2026-05-01T06:00:00Z' })),
    says: ['published 2026-05-01'],
  },
  {
    name: 'dnf: an advisory whose day of issue can not be read may have been there for longer',
    outcome: 'unknown',
    tree: dnf(report({ day: '2026-06-14T06:00:00Z', issued: null })),
    says: ['or earlier'],
  },
  {
    name: 'dnf: an advisory that says it will be issued next year',
    outcome: 'unknown',
    tree: dnf(report({ day: '2027-06-14T06:00:00Z' })),
  },
  {
    name: 'dnf: a module whose stream was reset, with its packages installed',
    outcome: 'unknown',
    tree: dnf(report(undefined, { hidden: ['nodejs'] })),
    says: ['nodejs', 'not enabled'],
  },
  { name: 'dnf 5: nothing waits', outcome: 'pass', tree: fedora(fedoraReport(undefined)) },
  {
    name: 'dnf 5: an advisory of two weeks ago',
    outcome: 'fail',
    tree: fedora(fedoraReport({})),
    says: ['EXSA-2026:0001'],
  },
  {
    name: 'dnf 5: its Python interface is not there',
    outcome: 'unknown',
    tree: fedora({ status: 77, stdout: '', stderr: '' }),
    says: ['python3-libdnf5'],
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
  {
    name: 'dnf: nothing waits for the packages that a damaged database still shows',
    outcome: 'unknown',
    tree: {
      ...dnf(report(undefined)),
      commands: {
        [asked(rpmVerify)]:
          '*** in database main ***\nOn tree page 7: btreeInitPage() returns error code 11\n',
        [asked(dnfQuery)]: report(undefined),
      },
    },
    says: ['rpmdb --rebuilddb'],
  },
  {
    name: 'dnf: an entry of the database was skipped',
    outcome: 'unknown',
    tree: dnf({
      stdout: report(undefined),
      stderr: 'error: rpmdbNextIterator: skipping h# 250 region trailer: BAD\n',
    }),
    says: ['rpmdb --rebuilddb'],
  },
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
    says: ['zypp.pid'],
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
