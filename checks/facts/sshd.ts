/**
 * What the SSH server of this host does with every kind of login: which servers there are, what each says about each
 * login (`sshd -T -C`), and what our own reader makes of the files. On an unpacked system the reader alone.
 */
import type { Text } from '../../shared/outcome.ts';
import type { GetFact } from '../fact.ts';
import { absent, defineFact, type Fact, known, valueIn, valueOr } from '../fact.ts';
import type { Host } from '../host.ts';
import { group } from './group.ts';
import { type OsRelease, osRelease } from './os-release.ts';
import { passwd } from './passwd.ts';
import { accountsOf } from './sshd-accounts.ts';
import type { SshdArguments } from './sshd-arguments.ts';
import { ask, type SshdAnswer } from './sshd-ask.ts';
import { readConfiguration, type SshdReading } from './sshd-config.ts';
import { type SshdDaemon, sshdDaemons } from './sshd-daemons.ts';
import { collectFiles, type SshdFiles } from './sshd-files.ts';
import type { Build } from './sshd-keywords.ts';
import { loginsOf, type SshdLogin } from './sshd-logins.ts';
import { type PlannedSshd, plannedSshd } from './sshd-units.ts';
import { installedSshd, type SshdVersion } from './sshd-version.ts';

export interface SshdServer {
  /** As people call it: `sshd`, `sshd -f /etc/ssh/sshd_config_sftp`. */
  readonly name: string;
  /** The main configuration file. */
  readonly file: string;
  readonly arguments: SshdArguments;
  /** False: not running and no socket waits for it; judged by what it would do. Undefined on an unpacked system. */
  readonly listens: boolean | undefined;
  readonly reading: SshdReading;
  readonly logins: readonly SshdLogin[] | 'too many';
  /** What sshd said, one for each login, in their order; empty on an unpacked system. */
  readonly answers: readonly SshdAnswer[];
  /** Set when what is on disk may not be what the running daemon does. */
  readonly notInEffect?: { readonly source: string; readonly reason: Text };
}

export interface SshdState {
  readonly version: SshdVersion;
  /** Whether it offers the strict key exchange that CVE-2023-48795 (Terrapin) needs against it. */
  readonly strictKex: boolean;
  readonly live: boolean;
  readonly servers: readonly SshdServer[];
}

const MAIN = '/etc/ssh/sshd_config';
/** Where the vendor's file lies when the administrator has none (SUSE, and systems with an empty /etc). */
const VENDOR_MAIN = '/usr/etc/ssh/sshd_config';
const OTHER_PROGRAMS = ['/usr/sbin/dropbear', '/usr/bin/dropbear', '/usr/sbin/tinysshd', '/usr/sbin/lshd'];
const SOCKETS = ['ssh.socket', 'sshd.socket'];

/** Absent where no SSH server is installed; unreadable with the reason where it can not be judged at all. */
export const sshd = defineFact<SshdState>({
  id: 'sshd',
  collect: async (host, get, now) => {
    const daemons = host.live ? await get(sshdDaemons) : absent('/proc');
    if (daemons.state === 'unreadable') return daemons;
    const running = daemons.state === 'known' ? daemons.value : { daemons: [], others: [], ports: [] };
    if (running.others.length > 0) return couldNot(otherServer(running.others.join(', ')));
    const installed = await installedSshd(host);
    if (installed.state === 'unreadable') return installed;
    const planned = await get(plannedSshd);
    if (installed.state === 'absent')
      return without(host, running.daemons, running.ports, planned, installed.source);
    const { path, version, strictKex } = installed.value;
    const elsewhere = running.daemons.find(({ program }) => program !== path);
    if (elsewhere) return couldNot(otherProgram(elsewhere.program));
    const build: Build = { version, vendor: vendorOf(await get(osRelease)) };
    if (running.daemons.length === 0 && planned.state !== 'known') return planned;
    const foreignPlan = running.daemons.length === 0 && (await unknownProgram(host, planned, path));
    if (foreignPlan) return couldNot(foreignPlan);
    const socket = host.live && (await socketEnabled(host));
    if (running.daemons.length === 0 && running.ports.includes(22) && !socket) return couldNot(foreign());
    const servers: SshdServer[] = [];
    for (const daemon of running.daemons)
      servers.push(await judged(host, get, build, daemon.arguments, daemon, now));
    if (servers.length === 0)
      for (const one of valueIn(planned))
        servers.push(await judged(host, get, build, one.arguments, socket, now));
    return known({ version, strictKex, live: host.live, servers });
  },
});

function vendorOf(release: Fact<OsRelease>): Build['vendor'] {
  if (release.state !== 'known') return 'other';
  const { id, like, version } = release.value;
  const family = [id, ...like].join(' ');
  if (/\b(?:sles|sled|suse|opensuse)/.test(family) && /^15(?:\.|$)/.test(version)) return 'suse-15';
  return /\b(?:rhel|fedora|centos)\b/.test(family) ? 'redhat' : 'other';
}

const couldNot = (reason: Text): Fact<never> => ({ state: 'unreadable', source: 'sshd', reason });

/** No OpenSSH in the usual place: not applicable, unless something else lets people in. */
async function without(
  host: Host,
  daemons: readonly SshdDaemon[],
  ports: readonly number[],
  planned: Fact<readonly PlannedSshd[]>,
  source: string,
): Promise<Fact<never>> {
  const unknown = await unknownProgram(host, planned, undefined);
  if (unknown) return couldNot(unknown);
  if (daemons[0]) return couldNot(otherProgram(daemons[0].program));
  if (ports.includes(22)) return couldNot(foreign());
  for (const path of OTHER_PROGRAMS) {
    const there = await host.stat(path);
    if (there.state !== 'absent') return couldNot(otherServer(path));
  }
  return absent(source);
}

/** Why a server that would be started can't be judged: not OpenSSH, or another program than the one installed. */
async function unknownProgram(
  host: Host,
  planned: Fact<readonly PlannedSshd[]>,
  installed: string | undefined,
): Promise<Text | undefined> {
  const real = async (path: string) => {
    const fact = await host.realPath(path);
    return fact.state === 'known' ? fact.value : undefined;
  };
  const own = installed === undefined ? undefined : await real(installed);
  for (const { program, unit } of planned.state === 'known' ? planned.value : []) {
    if (program === undefined || !program.startsWith('/')) continue;
    const there = await real(program);
    // A program that is not installed starts nothing.
    if (there === undefined || there === own) continue;
    if (!program.endsWith('/sshd')) return otherServer(`${program}, ${unit}`);
    return plannedProgram(program, unit ?? '');
  }
  return undefined;
}

async function socketEnabled(host: Host): Promise<boolean> {
  const links = await Promise.all(
    ['/etc', '/run', '/usr/lib', '/lib'].flatMap((base) =>
      SOCKETS.map((name) => host.lstat(`${base}/systemd/system/sockets.target.wants/${name}`)),
    ),
  );
  return links.some(({ state }) => state === 'known');
}

/** @param source the running daemon, or whether a socket waits for it */
async function judged(
  host: Host,
  get: GetFact,
  build: Build,
  server: SshdArguments,
  source: SshdDaemon | boolean,
  now: Date,
): Promise<SshdServer> {
  const file = server.file ?? (await mainFile(host));
  const files = await collectFiles(host, file);
  const reading = readConfiguration(files, build, server.options);
  const accounts = accountsOf(
    valueIn(await get(passwd)),
    valueOr(await get(group), { entries: [], network: [], malformed: [] }),
  );
  const configuration = reading.state === 'read' ? reading.configuration : undefined;
  const ports = (configuration?.global('port') ?? []).map(({ value }) => Number(value));
  const logins = loginsOf(configuration?.blocks ?? [], accounts, ports, build.version);
  const answers = host.live && logins !== 'too many' ? await askAll(host, build, server, logins) : [];
  const late = typeof source === 'object' ? await notInEffect(host, files, reading, source, now) : undefined;
  return {
    name: [
      'sshd',
      ...(server.file === undefined ? [] : ['-f', server.file]),
      ...server.options.flatMap((o) => ['-o', o]),
    ].join(' '),
    file,
    arguments: server,
    listens: host.live ? source !== false : undefined,
    reading,
    logins,
    answers,
    ...(late ? { notInEffect: late } : {}),
  };
}

async function askAll(
  host: Host,
  build: Build,
  server: SshdArguments,
  logins: readonly SshdLogin[],
): Promise<readonly SshdAnswer[]> {
  const answers: SshdAnswer[] = [];
  for (const login of logins) {
    // What keeps sshd from answering one keeps it from answering all.
    const stuck = answers.find((answer) => answer.state === 'not asked' && answer.always);
    answers.push(stuck ?? (await ask(host, build.version, server, login)));
  }
  return answers;
}

async function mainFile(host: Host): Promise<string> {
  const main = await host.stat(MAIN);
  if (main.state !== 'absent') return MAIN;
  return (await host.stat(VENDOR_MAIN)).state === 'known' ? VENDOR_MAIN : MAIN;
}

/**
 * Whether a file of the configuration changed after the daemon read it. The daemon writes its PID file right after it
 * has read its configuration, also when it was told to do so again (SIGHUP), so that file's time is the best there is;
 * the start of the process, which SIGHUP leaves as it is, is the second best.
 */
async function notInEffect(
  host: Host,
  files: SshdFiles,
  reading: SshdReading,
  daemon: SshdDaemon,
  now: Date,
): Promise<{ source: string; reason: Text } | undefined> {
  const named = reading.state === 'read' ? reading.configuration.global('pidfile')[0]?.value : undefined;
  const read = await readAt(host, daemon, named);
  if (read === undefined || Date.parse(read) > now.getTime() + 60_000)
    return { source: files.main, reason: startUnknown() };
  const times = [
    ...[...files.files].flatMap(([path, fact]) =>
      fact.state === 'known' ? [[path, fact.value.changed] as const] : [],
    ),
    ...files.directories,
  ];
  const [newest] = times.filter(([, changed]) => changed > read).sort(([, a], [, b]) => (a < b ? 1 : -1));
  return newest && { source: newest[0], reason: changedLater(newest[0], newest[1]) };
}

/** The instant up to which changes are in effect. */
async function readAt(
  host: Host,
  daemon: SshdDaemon,
  named: string | undefined,
): Promise<string | undefined> {
  const paths = named === undefined ? ['/run/sshd.pid', '/var/run/sshd.pid'] : [named];
  for (const path of paths) {
    const file = await host.readText(path, { maxBytes: 64 });
    if (file.state === 'known' && file.value.text.trim() === String(daemon.pid))
      return file.value.stat.modified;
  }
  if (daemon.started === undefined) return undefined;
  // The boot time is in whole seconds: what changed within two of them counts as before.
  return new Date(Date.parse(daemon.started) + 2000).toISOString();
}

const otherServer = (name: string): Text => ({
  en: `an SSH server other than OpenSSH (${name}): this check can not judge it`,
  de: `ein anderer SSH-Server als OpenSSH (${name}): diese Prüfung kann ihn nicht beurteilen`,
});
const otherProgram = (path: string): Text => ({
  en: `the sshd that runs is ${path}, not the installed one: this check can not judge it`,
  de: `Der laufende sshd ist ${path}, nicht der installierte: diese Prüfung kann ihn nicht beurteilen`,
});
const plannedProgram = (path: string, unit: string): Text => ({
  en: `${unit} starts ${path}, not the installed sshd: this check can not judge it`,
  de: `${unit} startet ${path}, nicht den installierten sshd: diese Prüfung kann ihn nicht beurteilen`,
});
const foreign = (): Text => ({
  en: 'something listens on port 22 and no sshd is seen to run',
  de: 'auf Port 22 lauscht etwas, aber kein laufender sshd ist zu sehen',
});
const startUnknown = (): Text => ({
  en: 'it can not be told when the running sshd read its configuration',
  de: 'es lässt sich nicht feststellen, wann der laufende sshd seine Konfiguration gelesen hat',
});
const changedLater = (path: string, at: string): Text => ({
  en: `${path} changed at ${at}, after the running sshd read its configuration: not yet in effect; reload sshd`,
  de: `${path} wurde am ${at} geändert, nachdem der laufende sshd seine Konfiguration gelesen hatte: noch nicht in Kraft; sshd neu laden`,
});
