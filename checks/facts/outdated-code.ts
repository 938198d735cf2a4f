/**
 * Processes that still run code which was replaced on disk: executable mappings of deleted files, proc_pid_maps(5).
 * Only what packages bring counts (/usr, /lib, /opt ...): what programs map and delete themselves lies elsewhere.
 */
import type { Text } from '../../shared/outcome.ts';
import { absent, defineFact, type Fact, known, unreadable } from '../fact.ts';
import type { Host } from '../host.ts';
import { processes } from './processes.ts';

export interface OutdatedProcess {
  /** The systemd unit, `ssh.service`; undefined where it has none of its own. */
  readonly unit?: string;
  /** As the kernel names it, 15 characters at most. */
  readonly program: string;
  readonly pid: number;
  /** Paths of the replaced files, sorted. */
  readonly files: readonly string[];
}

export interface OutdatedCode {
  /** In the order of process numbers. */
  readonly processes: readonly OutdatedProcess[];
  /** Why some could not be looked at: the first reason. */
  readonly unread?: Text;
}

const MAX_PROCESSES = 20_000;
const MAPS_BYTES = 16 * 1024 * 1024;
const AT_ONCE = 8;

/** Pure. Replaced files of packages, sorted, each once; the names that dpkg and rpm move old files to are theirs. */
export function parseMaps(text: string): readonly string[] {
  // Of nearly every process: a search for the word is a tenth of what reading its lines takes.
  if (!text.includes(' (deleted)')) return [];
  const files = new Set<string>();
  const line =
    /^[0-9a-f]+-[0-9a-f]+ [r-][w-]x[ps] [0-9a-f]+ [0-9a-f]+:[0-9a-f]+ [1-9]\d* +(\/.*) \(deleted\)$/gm;
  for (const [, path = ''] of text.matchAll(line)) {
    const own = path.replace(/(?:\.dpkg-(?:new|tmp|old)|;[0-9a-f]{8})$/, '');
    if (/^\/(?:usr|lib\d*|libx32|bin|sbin|opt)\//.test(own)) files.add(own);
  }
  return [...files].sort();
}

/** Pure. The innermost unit of a process by its control group, proc(5); sessions of users have scopes. */
export function parseUnit(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => /^(?:0::|\d+:name=systemd:)/.test(line));
  const path = (lines.find((line) => line.startsWith('0::')) ?? lines[0] ?? '').replace(/^[^/]*/, '');
  const units = path.split('/').filter((part) => /^[^/]+\.(?:service|scope)$/.test(part));
  // A user's own manager is user@1000.service; what it runs is named by that.
  return units.find((unit) => unit.startsWith('user@')) ?? units.at(-1);
}

async function look(
  host: Host,
  pid: number,
): Promise<OutdatedProcess | { readonly unread: Text } | undefined> {
  const maps = await host.readText(`/proc/${pid}/maps`, { maxBytes: MAPS_BYTES, encoding: 'latin1' });
  // Ended meanwhile.
  if (maps.state === 'absent') return undefined;
  if (maps.state === 'unreadable') return { unread: maps.reason };
  const files = parseMaps(maps.value.text);
  if (files.length === 0) return undefined;
  const read = async (file: string): Promise<string> => {
    const text = await host.readText(`/proc/${pid}/${file}`, { maxBytes: 64 * 1024, encoding: 'latin1' });
    return text.state === 'known' ? text.value.text : '';
  };
  const unit = parseUnit(await read('cgroup'));
  const program = (await read('comm')).trim() || '?';
  return { ...(unit ? { unit } : {}), program, pid, files };
}

/** Absent on an unpacked system. */
export const outdatedCode = defineFact<OutdatedCode>({
  id: 'outdated-code',
  collect: async (host, get): Promise<Fact<OutdatedCode>> => {
    if (!host.live) return absent('/proc');
    const running = await get(processes);
    if (running.state !== 'known') return running;
    const pids = running.value.map(({ pid }) => pid);
    if (pids.length > MAX_PROCESSES) {
      return unreadable('/proc', {
        en: `more than ${MAX_PROCESSES} processes`,
        de: `mehr als ${MAX_PROCESSES} Prozesse`,
      });
    }
    const found: OutdatedProcess[] = [];
    let unread: Text | undefined;
    for (let at = 0; at < pids.length; at += AT_ONCE) {
      const looked = await Promise.all(pids.slice(at, at + AT_ONCE).map((pid) => look(host, pid)));
      for (const one of looked) {
        if (one && 'unread' in one) unread ??= one.unread;
        else if (one) found.push(one);
      }
    }
    return known({ processes: found, ...(unread ? { unread } : {}) });
  },
});
