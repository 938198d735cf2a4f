/** SSH servers that run: each listening sshd with its own arguments and the time since which it does, and others. */
import { defineFact, type Fact, known } from '../fact.ts';
import type { Host } from '../host.ts';
import { argumentsKey, listenerWords, parseArguments, type SshdArguments } from './sshd-arguments.ts';

export interface SshdDaemon {
  /** As it was started: absolute, sshd insists on that. */
  readonly program: string;
  readonly arguments: SshdArguments;
  readonly pid: number;
  /** From the kernel's clock, exact to about a second; undefined where it can not be told. */
  readonly started: string | undefined;
}

export interface SshdDaemons {
  readonly daemons: readonly SshdDaemon[];
  /** Programs of other SSH servers that run, sorted, each once. */
  readonly others: readonly string[];
  /** TCP ports on which anything listens, sorted. */
  readonly ports: readonly number[];
}

/** Programs of SSH servers other than OpenSSH, by name. */
export const OTHER_SERVERS: readonly string[] = [
  'dropbear',
  'tinysshd',
  'lshd',
  'sftpgo',
  'wolfsshd',
  'sshesame',
  'cowrie',
  'teleport',
];
/** Not listening: tests of the configuration, one connection each, or the child that took one over. */
const NOT_LISTENING = ['t', 'T', 'G', 'V', 'R', 'i', 'Q'];
/** Clock ticks a second in /proc/PID/stat: 100 on every Linux that a distribution ships. */
const TICKS = 100;

/** What a process is: a listening sshd's arguments, another SSH server's name, or of no interest. Pure. */
export function classify(
  commandLine: string,
): { program: string; words: readonly string[] } | { other: string } | undefined {
  const words = commandLine.replace(/[\0 ]+$/, '').split('\0');
  const program = words[0] ?? '';
  const listener = listenerWords(words.join(' '));
  if (listener) return { program: /^sshd: (\S*)/.exec(program)?.[1] ?? '', words: listener };
  const name = program.slice(program.lastIndexOf('/') + 1).split(' ')[0] ?? '';
  if (OTHER_SERVERS.includes(name)) return { other: name };
  // Before 8.2 a listener kept the arguments it was started with.
  if (name === 'sshd' && !program.startsWith('sshd:')) return { program, words: words.slice(1) };
  return undefined;
}

/** UTC instant at which a process began, from /proc/PID/stat and the boot time in /proc/stat. Pure. */
export function startOf(stat: string, machine: string): string | undefined {
  const boot = /^btime (\d+)$/m.exec(machine)?.[1];
  // The program's name in brackets may hold spaces and brackets: what follows the last one counts.
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  if (boot === undefined || ticks === undefined || !/^\d+$/.test(ticks)) return undefined;
  const instant = Number(boot) * 1000 + (Number(ticks) / TICKS) * 1000;
  return instant < 8.64e15 ? new Date(instant).toISOString() : undefined;
}

/** Local ports in state LISTEN of /proc/net/tcp or tcp6. Pure. */
export function listeningPorts(table: string): readonly number[] {
  return [...table.matchAll(/^\s*\d+: [\dA-F]+:([\dA-F]{4}) [\dA-F]+:[\dA-F]{4} 0A /gim)].map(
    ([, port = '0']) => Number.parseInt(port, 16),
  );
}

/** How deep in PID namespaces: a container's process has more than one number on this line. Pure. */
const depthOf = (status: string): number => /^NSpid:\s*(.*)$/m.exec(status)?.[1]?.split(/\s+/).length ?? 1;

export const sshdDaemons = defineFact<SshdDaemons>({
  id: 'sshd-daemons',
  collect: async (host) => {
    const entries = await host.list('/proc');
    if (entries.state !== 'known') return entries;
    const own = await host.readText('/proc/self/status');
    const depth = own.state === 'known' ? depthOf(own.value.text) : 1;
    const processes = await Promise.all(
      entries.value.filter((name) => /^\d+$/.test(name)).map((name) => look(host, name, depth)),
    );
    const daemons = processes.flatMap((found) => (found && 'pid' in found ? [found] : []));
    const unique = new Map(
      daemons.map((daemon) => [`${daemon.program} ${argumentsKey(daemon.arguments)}`, daemon]),
    );
    return known({
      daemons: [...unique.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, daemon]) => daemon),
      others: [
        ...new Set(processes.flatMap((found) => (found && 'other' in found ? [found.other] : []))),
      ].sort(),
      ports: await openPorts(host),
    });
  },
});

async function look(
  host: Host,
  name: string,
  depth: number,
): Promise<SshdDaemon | { other: string } | undefined> {
  // A process that ended in between, or that may not be looked at, is no listener that we can name.
  const line = await host.readText(`/proc/${name}/cmdline`, { maxBytes: 256 * 1024, encoding: 'latin1' });
  const found = line.state === 'known' ? classify(line.value.text) : undefined;
  if (!found) return undefined;
  const status = await host.readText(`/proc/${name}/status`);
  // What runs in a container is the container's: its own accounts, its own files.
  if (status.state === 'known' && depthOf(status.value.text) > depth) return undefined;
  if ('other' in found) return found;
  const parsed = parseArguments(found.words);
  if (NOT_LISTENING.some((flag) => parsed.flags.has(flag))) return undefined;
  const [stat, machine] = await Promise.all([
    host.readText(`/proc/${name}/stat`, { encoding: 'latin1' }),
    host.readText('/proc/stat', { maxBytes: 4 * 1024 * 1024 }),
  ]);
  const started =
    stat.state === 'known' && machine.state === 'known'
      ? startOf(stat.value.text, machine.value.text)
      : undefined;
  return { program: found.program, arguments: parsed, pid: Number(name), started };
}

async function openPorts(host: Host): Promise<readonly number[]> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((path) => tableOf(host, path)));
  const ports = tables.flatMap((table) => (table.state === 'known' ? listeningPorts(table.value) : []));
  return [...new Set(ports)].sort((a, b) => a - b);
}

async function tableOf(host: Host, path: string): Promise<Fact<string>> {
  const file = await host.readText(path, { maxBytes: 64 * 1024 * 1024 });
  return file.state === 'known' ? known(file.value.text) : file;
}
