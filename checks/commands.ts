/**
 * Every command the agent may ever run, with its absolute program and the arguments it takes. Nothing that a
 * policy, a file or the collector says can add one: `Host.run` refuses whatever is not in `commands`.
 */
import { DNF_SCRIPT } from './facts/dnf-script.ts';
import { DNF5_SCRIPT } from './facts/dnf5-script.ts';
import { RPM_VERIFY_SCRIPT } from './facts/rpm-verify-script.ts';

export interface Command {
  readonly id: string;
  /** The first of these that exists, belongs to root and is not writable by others is run. */
  readonly programs: readonly string[];
  /** Leading arguments, always given. */
  readonly argv: readonly string[];
  /** What each further argument must match; one that does not is refused before anything starts. */
  readonly argument: RegExp;
  readonly maxArguments: number;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  /** Run as nobody (65534) where the agent is root: the program then can't write what it only should read. */
  readonly asNobody?: true;
  /** Added to the clean environment; fixed here like the arguments. */
  readonly env?: Readonly<Record<string, string>>;
}

const none = /^(?!)/;

/** What `sshd -T` and `-G` take: connections, files, options and host keys; RHEL's crypto policy makes long lists of options. */
const sshdArgument = /^(?:-[Cfoh]|[A-Za-z]+[ =][^\0\n]{0,1000}|\/[^\0\n]{1,300}|[a-z]+=[^\0\n]{0,600})$/;

/** `sshd -T [-C user=..,host=..,addr=..] [-f FILE] [-o OPTION]`: the effective configuration, sshd(8). */
export const sshdEffective: Command = {
  id: 'sshd-effective',
  programs: ['/usr/sbin/sshd', '/usr/local/sbin/sshd'],
  argv: ['-T'],
  argument: sshdArgument,
  maxArguments: 64,
  timeoutMs: 10_000,
  maxOutputBytes: 256 * 1024,
};

/** The same without looking at host keys and directories; OpenSSH 9.3 and newer. */
export const sshdParsed: Command = { ...sshdEffective, id: 'sshd-parsed', argv: ['-G'] };

/** `sshd -V` prints its version on stderr (OpenSSH 9.2 and older answer with a usage error that also names it). */
export const sshdVersion: Command = {
  id: 'sshd-version',
  programs: ['/usr/sbin/sshd', '/usr/local/sbin/sshd'],
  argv: ['-V'],
  argument: none,
  maxArguments: 0,
  timeoutMs: 5_000,
  maxOutputBytes: 16 * 1024,
};

/** Simulation: no lock is taken, nothing is downloaded. One `-q` keeps the lists of what is kept back. */
const simulate = [
  '-s',
  '-q',
  '-o',
  'Debug::NoLocking=true',
  '-o',
  'APT::Get::Show-User-Simulation-Note=false',
];

/** Nothing is written. As root apt would write what it made of the lists; without translations that is quicker to make. */
const uncached = [
  '-o',
  'Dir::Cache::pkgcache=',
  '-o',
  'Dir::Cache::srcpkgcache=',
  '-o',
  'Acquire::Languages=none',
];

const aptGet = {
  programs: ['/usr/bin/apt-get'],
  argument: none,
  maxArguments: 0,
  timeoutMs: 60_000,
  maxOutputBytes: 8 * 1024 * 1024,
};

/** The solver's own answer as this system is configured: apt-get(8). */
export const aptSimulate: Command = {
  ...aptGet,
  id: 'apt-simulate',
  argv: [...simulate, ...uncached, 'dist-upgrade'],
};

/** The same from the cache that apt made of the lists, which it would renew as root: nobody can only read it. */
export const aptSimulateCached: Command = {
  ...aptGet,
  id: 'apt-simulate-cached',
  argv: [...simulate, 'dist-upgrade'],
  asNobody: true,
};

/** Effective APT configuration after all files and drop-ins: apt-config(8). */
export const aptConfig: Command = {
  id: 'apt-config',
  programs: ['/usr/bin/apt-config'],
  argv: ['dump', '--no-empty'],
  argument: none,
  maxArguments: 0,
  timeoutMs: 10_000,
  maxOutputBytes: 1024 * 1024,
};

/** Next elapse of calendar expressions: systemd-analyze(1). */
export const systemdCalendar: Command = {
  id: 'systemd-calendar',
  programs: ['/usr/bin/systemd-analyze'],
  argv: ['calendar', '--iterations=2'],
  argument: /^(?!-)[A-Za-z0-9 *,:./~+-]{1,200}$/,
  maxArguments: 20,
  timeoutMs: 10_000,
  maxOutputBytes: 64 * 1024,
};

const pinnedFile = /^\/proc\/\d{1,10}\/fd\/\d{1,6}$/;

/** A `+` after the mode says that a file has a POSIX ACL: ls(1). Takes the agent's own pinned descriptors only. */
export const aclPresent: Command = {
  id: 'acl-present',
  programs: ['/usr/bin/ls', '/bin/ls'],
  argv: ['-dlnLU', '--'],
  argument: pinnedFile,
  maxArguments: 256,
  timeoutMs: 10_000,
  maxOutputBytes: 256 * 1024,
};

/** Access entries with numeric ids and what the mask leaves of them: getfacl(1), package acl. */
export const aclEntries: Command = {
  id: 'acl-entries',
  programs: ['/usr/bin/getfacl', '/bin/getfacl'],
  argv: ['-a', '-c', '-n', '-p', '--'],
  argument: pinnedFile,
  maxArguments: 1,
  timeoutMs: 10_000,
  maxOutputBytes: 256 * 1024,
};

/** Capabilities of programs, by fixed paths without links: getcap(8), package libcap2-bin. */
export const fileCapabilities: Command = {
  id: 'file-capabilities',
  programs: ['/usr/sbin/getcap', '/sbin/getcap', '/usr/bin/getcap'],
  argv: [],
  argument: /^\/[A-Za-z0-9_+.-][A-Za-z0-9_+./-]{0,200}$/,
  maxArguments: 500,
  timeoutMs: 10_000,
  maxOutputBytes: 256 * 1024,
};

/** Newest logins that sshd itself (user 0) wrote of, at most 20,000 of the last 90 days: journalctl(1). */
export const journalLogins: Command = {
  id: 'journal-logins',
  programs: ['/usr/bin/journalctl'],
  argv: [
    '--no-pager',
    '--quiet',
    '--reverse',
    '--lines=20000',
    '--since=-90d',
    '--output=json',
    '--output-fields=MESSAGE',
    '--grep=^Accepted ',
    '_UID=0',
    '_COMM=sshd',
    '_COMM=sshd-session',
  ],
  argument: none,
  maxArguments: 0,
  timeoutMs: 5_000,
  maxOutputBytes: 16 * 1024 * 1024,
};

/** How jobs of services ended in the last 90 days, newest first, as process 1 wrote it: journalctl(1), sd-messages.h. */
export const journalUnits: Command = {
  id: 'journal-units',
  programs: ['/usr/bin/journalctl'],
  argv: [
    '--no-pager',
    '--quiet',
    '--reverse',
    '--lines=1000',
    '--since=-90d',
    '--output=json',
    '--output-fields=UNIT,JOB_RESULT,RESULT',
    '_PID=1',
    'MESSAGE_ID=39f53479d3a045ac8e11786248231fbf',
    'MESSAGE_ID=be02cf6855d2428ba40df7e9d022f03d',
  ],
  argument: /^UNIT=[A-Za-z0-9@._-]{1,100}\.service$/,
  maxArguments: 10,
  timeoutMs: 10_000,
  maxOutputBytes: 4 * 1024 * 1024,
};

/**
 * What dnf 4 knows from its caches; status 77 where its Python interface is not there. It runs as root: files with
 * credentials and caches made under a strict umask are closed to others, and a source left out would look like none.
 */
export const dnfQuery: Command = {
  id: 'dnf-query',
  programs: ['/usr/libexec/platform-python', '/usr/bin/python3'],
  argv: ['-I', '-B', '-c', DNF_SCRIPT],
  argument: none,
  maxArguments: 0,
  timeoutMs: 60_000,
  maxOutputBytes: 8 * 1024 * 1024,
};

/** The same of dnf 5; status 77 where libdnf5's Python interface is not there. */
export const dnf5Query: Command = {
  ...dnfQuery,
  id: 'dnf5-query',
  programs: ['/usr/bin/python3'],
  argv: ['-I', '-B', '-c', DNF5_SCRIPT],
};

/** No lock (/run/zypp.pid), no log, no refresh: zypper(8), libzypp's zypp/base/LogControl and ZYppFactory. */
const zypper = {
  programs: ['/usr/bin/zypper'],
  timeoutMs: 60_000,
  maxOutputBytes: 16 * 1024 * 1024,
  env: { ZYPP_READONLY_HACK: '1', ZYPP_LOGFILE: '/dev/null' },
};
const quietly = ['--xmlout', '--non-interactive', '--no-refresh'];

/** Patches that are needed here, whatever is locked. */
export const zypperPatches: Command = {
  ...zypper,
  id: 'zypper-patches',
  argv: [...quietly, 'list-patches'],
  argument: none,
  maxArguments: 0,
};

/** What the next update would bring: locked packages are left out. */
export const zypperUpdates: Command = {
  ...zypper,
  id: 'zypper-updates',
  argv: [...quietly, 'list-updates'],
  argument: none,
  maxArguments: 0,
};

/** Which packages of these names the sources given (`-r ALIAS`) have; status 104 where they have none. */
export const zypperOffers: Command = {
  ...zypper,
  id: 'zypper-offers',
  argv: [...quietly, 'search', '-s', '--match-exact', '-t', 'package'],
  argument: /^(?:-r|--|[A-Za-z0-9_][A-Za-z0-9._:+@/-]{0,250})$/,
  maxArguments: 200,
};

/** Which packages a patch is about: their older versions conflict with it. And its day of issue, in UTC. */
export const zypperPatchInfo: Command = {
  ...zypper,
  id: 'zypper-patch-info',
  env: { ...zypper.env, TZ: 'UTC' },
  argv: ['--non-interactive', '--no-refresh', 'info', '-t', 'patch', '--'],
  argument: /^[A-Za-z0-9][A-Za-z0-9._:+-]{0,200}$/,
  maxArguments: 200,
};

/** Installed packages that no source has, under any version. */
export const zypperOrphans: Command = {
  ...zypper,
  id: 'zypper-orphans',
  argv: [...quietly, 'packages', '--orphaned'],
  argument: none,
  maxArguments: 0,
};

/** Installed packages, one a line: name, epoch, version, release, architecture, seconds of installing, source: rpm(8). */
export const rpmInstalled: Command = {
  id: 'rpm-installed',
  programs: ['/usr/bin/rpm', '/bin/rpm'],
  argv: [
    '-qa',
    '--qf',
    '%{NAME}\\t%{EPOCHNUM}\\t%{VERSION}\\t%{RELEASE}\\t%{ARCH}\\t%{INSTALLTIME}\\t%{SOURCERPM}\\n',
  ],
  argument: none,
  maxArguments: 0,
  timeoutMs: 30_000,
  maxOutputBytes: 8 * 1024 * 1024,
};

/** Whether every page of rpm's database is whole, where that is SQLite; see there. It prints `ok`. */
export const rpmVerify: Command = {
  id: 'rpm-verify',
  programs: ['/usr/libexec/platform-python', '/usr/bin/python3'],
  argv: ['-I', '-B', '-c', RPM_VERIFY_SCRIPT],
  argument: none,
  maxArguments: 0,
  timeoutMs: 60_000,
  maxOutputBytes: 1024 * 1024,
};

export const commands: readonly Command[] = [
  aclPresent,
  aclEntries,
  fileCapabilities,
  journalLogins,
  journalUnits,
  sshdEffective,
  sshdParsed,
  sshdVersion,
  aptSimulate,
  aptSimulateCached,
  aptConfig,
  systemdCalendar,
  dnfQuery,
  dnf5Query,
  zypperPatches,
  zypperUpdates,
  zypperOffers,
  zypperPatchInfo,
  zypperOrphans,
  rpmInstalled,
  rpmVerify,
];
