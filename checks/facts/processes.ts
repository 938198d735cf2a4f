/** What runs here, and which sockets it listens on: proc(5). Processes of containers are left out: theirs is another system. */
import { absent, defineFact, type Fact, known } from '../fact.ts';
import type { Host } from '../host.ts';

export interface RunningProcess {
  readonly pid: number;
  /** As it was started; processes overwrite it at will. Never put into evidence as a whole. */
  readonly words: readonly string[];
}

export interface ListeningSocket {
  readonly address: string;
  readonly port: number;
  readonly inode: number;
  /** Reachable from this system alone. */
  readonly loopback: boolean;
}

/** Sorted by number; kernel threads left out. Absent on an unpacked system. */
export const processes = defineFact<readonly RunningProcess[]>({
  id: 'processes',
  collect: async (host): Promise<Fact<readonly RunningProcess[]>> => {
    if (!host.live) return absent('/proc');
    const entries = await host.list('/proc');
    if (entries.state !== 'known') return entries;
    const own = await host.readText('/proc/self/status');
    const depth = own.state === 'known' ? depthOf(own.value.text) : 1;
    const pids = entries.value.filter((name) => /^\d+$/.test(name)).map(Number);
    const found = await Promise.all(pids.map((pid) => look(host, pid, depth)));
    return known(found.flatMap((one) => (one ? [one] : [])).sort((a, b) => a.pid - b.pid));
  },
});

/** How deep in PID namespaces: a container's process has more than one number on this line. */
const depthOf = (status: string): number => /^NSpid:\s*(.*)$/m.exec(status)?.[1]?.split(/\s+/).length ?? 1;

async function look(host: Host, pid: number, depth: number): Promise<RunningProcess | undefined> {
  const line = await host.readText(`/proc/${pid}/cmdline`, { maxBytes: 1024 * 1024, encoding: 'latin1' });
  if (line.state !== 'known' || line.value.text === '') return undefined;
  const status = await host.readText(`/proc/${pid}/status`, { encoding: 'latin1' });
  if (status.state === 'known' && depthOf(status.value.text) > depth) return undefined;
  const words = line.value.text.replace(/\0+$/, '').split('\0');
  return { pid, words };
}

/** TCP sockets in state LISTEN of this network namespace. Absent on an unpacked system. */
export const listeningSockets = defineFact<readonly ListeningSocket[]>({
  id: 'listening-sockets',
  collect: async (host): Promise<Fact<readonly ListeningSocket[]>> => {
    if (!host.live) return absent('/proc/net/tcp');
    const sockets: ListeningSocket[] = [];
    for (const path of ['/proc/net/tcp', '/proc/net/tcp6']) {
      const table = await host.readText(path, { maxBytes: 64 * 1024 * 1024, encoding: 'latin1' });
      if (table.state === 'unreadable') return table;
      // Without IPv6 in the kernel there is no second table.
      if (table.state === 'known') sockets.push(...parseSocketTable(table.value.text));
      else if (path === '/proc/net/tcp') return table;
    }
    return known(sockets);
  },
});

/** Pure, never throws. Addresses stand in 32-bit words of the machine's own byte order (little endian). */
export function parseSocketTable(text: string): ListeningSocket[] {
  const row =
    /^\s*\d+: ([\dA-F]{8}|[\dA-F]{32}):([\dA-F]{4}) [\dA-F]+:[\dA-F]{4} 0A [\dA-F:]+ [\dA-F:]+ [\dA-F]+ +\d+ +\d+ (\d+)/gim;
  return [...text.matchAll(row)].map(([, hex = '', port = '0', inode = '0']) => {
    const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
    const address = formatAddress(bytes);
    return {
      address,
      port: Number.parseInt(port, 16),
      inode: Number(inode),
      loopback: /^(?:127\.|::1$)/.test(address),
    };
  });
}

function formatAddress(bytes: readonly string[]): string {
  const numbers = bytes.map((byte) => Number.parseInt(byte, 16));
  if (bytes.length === 4) return numbers.join('.');
  const mapped = bytes.slice(0, 12).join('').toUpperCase() === '00000000000000000000FFFF';
  if (mapped) return numbers.slice(12).join('.');
  const words = (bytes.join('').match(/.{4}/g) ?? []).map((word) => Number.parseInt(word, 16).toString(16));
  const text = words.join(':');
  if (/^0(?::0){7}$/.test(text)) return '::';
  return /^0(?::0){6}:1$/.test(text) ? '::1' : text;
}

/** The numbers of the sockets that a process has open; undefined where that may not be looked at. */
export async function socketsOf(host: Host, pid: number): Promise<ReadonlySet<number> | undefined> {
  const names = await host.list(`/proc/${pid}/fd`);
  if (names.state === 'unreadable') return undefined;
  const inodes = new Set<number>();
  for (const name of names.state === 'known' ? names.value : []) {
    const stat = await host.stat(`/proc/${pid}/fd/${name}`);
    if (stat.state === 'known' && stat.value.inode !== undefined) inodes.add(stat.value.inode);
  }
  return inodes;
}
