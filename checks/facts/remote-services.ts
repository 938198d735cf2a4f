/**
 * Services that may let people in without proof: what runs, what is started at boot or on a connection, and which sockets
 * on well-known ports of such services nobody accounts for.
 */
import type { Text } from '../../shared/outcome.ts';
import { absent, defineFact, type Fact, type GetFact, known } from '../fact.ts';
import type { Host } from '../host.ts';
import { isShell } from './agetty.ts';
import { dockerDaemon } from './docker-daemon.ts';
import {
  type ListeningSocket,
  listeningSockets,
  processes,
  type RunningProcess,
  socketsOf,
} from './processes.ts';
import { type RemoteProgram, remoteProgram } from './remote-program.ts';
import { superServices } from './super-server.ts';
import { readUnit, systemdUnits, type Unit, type UnitTree, unitList, unitValue } from './systemd-unit.ts';
import { execCommands } from './systemd-unit-file.ts';
import { pulledInUnits } from './wanted-units.ts';

export interface RemoteService {
  readonly source: string;
  readonly line?: number;
  /** The program, with the port where it is known. */
  readonly what: string;
  readonly verdict: 'open' | 'unclear' | 'asks';
  readonly why: Text;
  /** Only this system itself can reach it. */
  readonly loopback: boolean;
}

export interface RemoteServices {
  readonly services: readonly RemoteService[];
  /** TCP sockets that listen for others than this system itself; undefined on an unpacked one. */
  readonly listening: number | undefined;
}

const base = (path: string | undefined): string => (path ?? '').slice((path ?? '').lastIndexOf('/') + 1);
const legacy: Text = { en: 'an old service without protection', de: 'ein alter, ungeschützter Dienst' };
const shell: Text = { en: 'a shell that asks for nothing', de: 'eine Shell, die nichts verlangt' };
const unknownOwner: Text = {
  en: 'a port of a service without protection; what listens there is not known to ask for proof',
  de: 'ein Port eines ungeschützten Dienstes; von dem, was dort lauscht, ist nicht bekannt, ob es einen Nachweis verlangt',
};

/** Names of /etc/services under which the old services go. */
const LEGACY_NAMES = /^(?:telnets?|login|shell|exec|klogin|kshell|eklogin|rexec|rlogin|rsh|23|512|513|514)$/;

/** Ports that a service without protection usually has, and programs that have good reason to be there. */
function expectedOn(port: number): RegExp | undefined {
  if (port === 23 || port === 512 || port === 513) return /^(?!)/;
  if (port === 514)
    return /^(?:rsyslogd|syslog-ng|syslogd|vector|fluent-?bit|fluentd|logstash|java|telegraf)$/;
  if (port === 2375) return /^(?!)/;
  return port >= 5900 && port <= 5910 ? /^(?:qemu.*|kvm|sshd|websockify|haproxy|nginx)$/ : undefined;
}

export const remoteServices = defineFact<RemoteServices>({
  id: 'remote-services',
  collect: async (host, get): Promise<Fact<RemoteServices>> => {
    const services: RemoteService[] = [];
    const planned = await fromUnits(host, get);
    if (planned.state === 'unreadable') return planned;
    if (planned.state === 'known') services.push(...planned.value);
    const supers = await get(superServices);
    if (supers.state === 'unreadable') return supers;
    for (const { source, line, service, words, loopback } of supers.state === 'known' ? supers.value : []) {
      if (words.length === 0 || !(await isThere(host, words[0]))) continue;
      const program = remoteProgram(words);
      const place = { source, line, what: `${service}: ${base(words[0])}` };
      if (program)
        services.push({ ...place, ...program, what: place.what, loopback: loopback || program.loopback });
      else if (LEGACY_NAMES.test(service))
        services.push({ ...place, verdict: 'open', why: legacy, loopback });
      else if (isShell(words)) services.push({ ...place, verdict: 'open', why: shell, loopback });
    }
    const docker = await fromDockersFile(host, get);
    if (docker.state === 'unreadable') return docker;
    if (docker.state === 'known') services.push(docker.value);
    if (!host.live) return known({ services, listening: undefined });
    const [running, sockets] = [await get(processes), await get(listeningSockets)];
    if (running.state !== 'known') return running;
    if (sockets.state !== 'known') return sockets;
    services.push(...(await fromProcesses(host, running.value, sockets.value)));
    services.push(...(await unaccounted(host, running.value, sockets.value, services)));
    return known({ services, listening: sockets.value.filter(({ loopback }) => !loopback).length });
  },
});

async function fromProcesses(
  host: Host,
  running: readonly RunningProcess[],
  sockets: readonly ListeningSocket[],
): Promise<RemoteService[]> {
  const found: RemoteService[] = [];
  for (const { pid, words } of running) {
    const program = remoteProgram(words) ?? xServer(words);
    if (!program) continue;
    const own = await socketsOf(host, pid);
    const listens = own && sockets.filter(({ inode }) => own.has(inode));
    const ports = [...new Set((listens ?? []).map(({ port }) => port))].sort((a, b) => a - b);
    const isX = program.what.startsWith('X') && program.verdict === 'asks' && xServer(words) !== undefined;
    const openX =
      isX && (listens ?? []).some(({ port, loopback }) => port >= 6000 && port <= 6063 && !loopback);
    if (isX && !openX) continue;
    // What listens nowhere (any more) serves one connection, or a local socket: only the old services count then.
    if (listens && listens.length === 0 && program.why.en !== legacy.en) continue;
    found.push({
      source: `/proc/${pid}`,
      what: ports.length > 0 ? `${program.what}, TCP ${ports.join(', ')}` : program.what,
      verdict: openX ? 'open' : program.verdict,
      why: program.why,
      loopback: listens && listens.length > 0 ? listens.every(({ loopback }) => loopback) : program.loopback,
    });
  }
  return found;
}

/** Docker's own file names sockets, too; they count where something starts the daemon. */
async function fromDockersFile(host: Host, get: GetFact): Promise<Fact<RemoteService>> {
  const daemon = await get(dockerDaemon);
  if (daemon.state !== 'known') return daemon;
  const { source, hosts, tlsVerify } = daemon.value;
  const program = remoteProgram(['dockerd', ...hosts.flatMap((one) => ['-H', one])]);
  if (!program) return absent(source);
  const pulledIn = await get(pulledInUnits);
  const started = pulledIn.state === 'known' && pulledIn.value.has('docker.service');
  const running = host.live ? await get(processes) : undefined;
  const runs = running?.state === 'known' && running.value.some(({ words }) => base(words[0]) === 'dockerd');
  if (!started && !runs) return absent(source);
  const ports = hosts.flatMap((one) => /^tcp:.*:(\d+)\/?$/.exec(one)?.[1] ?? []);
  const { verdict, why } = tlsVerify
    ? (remoteProgram(['dockerd', '-H', 'tcp://', '--tlsverify']) ?? program)
    : program;
  const what = ports.length > 0 ? `dockerd, TCP ${ports.join(', ')}` : 'dockerd';
  return known({ source, what, verdict, why, loopback: program.loopback });
}

/** An X server counts by what it listens on, whatever its options say. */
const xServer = (words: readonly string[]): RemoteProgram | undefined =>
  /^(?:X|Xorg|Xwayland|Xephyr|Xvfb|Xnest)$/.test(base(words[0]))
    ? {
        what: base(words[0]),
        verdict: 'asks',
        why: { en: 'takes X connections over TCP', de: 'nimmt X-Verbindungen über TCP an' },
        loopback: false,
      }
    : undefined;

/** Sockets on ports of unprotected services that no finding explains. */
async function unaccounted(
  host: Host,
  running: readonly RunningProcess[],
  sockets: readonly ListeningSocket[],
  services: readonly RemoteService[],
): Promise<RemoteService[]> {
  const odd = sockets.filter(({ port, loopback }) => !loopback && expectedOn(port) !== undefined);
  if (odd.length === 0) return [];
  const owners = new Map<number, string>();
  for (const { pid, words } of running) {
    const own = await socketsOf(host, pid);
    for (const { inode } of odd) if (own?.has(inode) && !owners.has(inode)) owners.set(inode, nameOf(words));
  }
  return odd.flatMap(({ port, inode }): RemoteService[] => {
    const owner = owners.get(inode);
    if (owner !== undefined && expectedOn(port)?.test(owner)) return [];
    if (services.some(({ what }) => new RegExp(`TCP (?:\\d+, )*${port}(?:,|$)`).test(what))) return [];
    const what = `TCP ${port}${owner === undefined ? '' : `, ${owner}`}`;
    return [{ source: '/proc/net/tcp', what, verdict: 'unclear', why: unknownOwner, loopback: false }];
  });
}

const nameOf = (words: readonly string[]): string => base((words[0] ?? '').split(/[\s:]/)[0]);

/** Commands of units that something pulls in: services, and what sockets start. Absent without systemd. */
async function fromUnits(host: Host, get: GetFact): Promise<Fact<RemoteService[]>> {
  const [tree, pulledIn] = [await get(systemdUnits), await get(pulledInUnits)];
  if (tree.state !== 'known') return tree;
  if (pulledIn.state !== 'known') return pulledIn;
  const found: RemoteService[] = [];
  for (const name of pulledIn.value.keys()) {
    if (!/\.(?:service|socket)$/.test(name)) continue;
    const unit = await readUnit(host, tree.value, name);
    if (unit.state === 'unreadable') return unit;
    if (unit.state !== 'known' || unit.value.state !== 'loaded') continue;
    if (name.endsWith('.service')) found.push(...(await commandsOf(host, unit.value, undefined)));
    else {
      const own = await ofSocket(host, tree.value, unit.value);
      if (own.state === 'unreadable') return own;
      if (own.state === 'known') found.push(...own.value);
    }
  }
  return known(found);
}

/** systemd.socket(5): the service of the same name, a template where each connection gets its own. */
async function ofSocket(host: Host, tree: UnitTree, socket: Unit): Promise<Fact<RemoteService[]>> {
  const streams = unitList(socket, 'Socket', 'ListenStream')
    .map(({ value }) => value)
    .filter((value) => /^(?:.*:)?\d+$/.test(value));
  if (streams.length === 0) return known([]);
  const accept = /^(?:1|y|yes|t|true|on)$/i.test(unitValue(socket, 'Socket', 'Accept')?.value ?? '');
  const stem = (socket.names.at(-1) ?? socket.name).replace(/\.socket$/, '');
  const name = unitValue(socket, 'Socket', 'Service')?.value ?? `${stem}${accept ? '@0' : ''}.service`;
  const service = await readUnit(host, tree, name);
  if (service.state !== 'known') return service;
  const loopback = streams.every((value) => /^(?:127\.[\d.]+|\[::1\]|localhost):\d+$/.test(value));
  const found = await commandsOf(host, service.value, { loopback });
  const port = Number(streams[0]?.replace(/^.*:/, ''));
  if (found.length > 0 || expectedOn(port) === undefined || port === 514) return known(found);
  const source = socket.fragment ?? socket.name;
  return known([
    { source, what: `${socket.name}, TCP ${port}`, verdict: 'unclear', why: unknownOwner, loopback },
  ]);
}

async function commandsOf(
  host: Host,
  unit: Unit,
  socket: { loopback: boolean } | undefined,
): Promise<RemoteService[]> {
  const found: RemoteService[] = [];
  for (const { value, source, line } of unitList(unit, 'Service', 'ExecStart'))
    for (const raw of execCommands(value)) {
      // `sh -c 'exec ttyd ...'`: what the shell starts.
      const inner =
        /^(?:\S*\/)?(?:ba|da)?sh$/.test(raw[0] ?? '') && raw[1] === '-c' ? (raw[2] ?? '').split(/\s+/) : raw;
      const words = inner[0] === 'exec' ? inner.slice(1) : inner;
      if (!(await isThere(host, words[0]))) continue;
      const program = remoteProgram(words);
      const place = { source, line, what: `${unit.name}: ${base(words[0])}` };
      const loopback = socket?.loopback ?? program?.loopback ?? false;
      const served = socket && unitValue(unit, 'Service', 'StandardInput')?.value === 'socket';
      // Options from a variable may change what the rest says.
      const open = words.some((word) => /\$\{?[A-Za-z_]/.test(word));
      if (program)
        found.push({
          ...place,
          verdict:
            program.verdict === 'open' && open && program.why.en !== legacy.en ? 'unclear' : program.verdict,
          why: program.why,
          loopback,
        });
      else if (served && isShell(words)) found.push({ ...place, verdict: 'open', why: shell, loopback });
    }
  return found;
}

/** A program that is not installed starts nothing; one named without its path is taken as there. */
async function isThere(host: Host, program: string | undefined): Promise<boolean> {
  if (program === undefined || !program.startsWith('/')) return program !== undefined && program !== '';
  return (await host.stat(program)).state !== 'absent';
}
