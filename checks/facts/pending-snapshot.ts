/**
 * What transactional-update has installed and nobody sees yet (SLE Micro, MicroOS, the transactional server): it updates a
 * snapshot beside the running system, which takes effect with the next boot. Until then rpm, zypper and /boot show the old
 * state, and nothing else asks for a reboot. transactional-update(8), tukit(8): the snapshot is named `Snapshot Update of
 * #5`, and marked while it is being made. snapper(8): each has its number, UTC time and description in info.xml.
 */
import { absent, defineFact, type Fact, known, valueIn } from '../fact.ts';
import type { Host } from '../host.ts';
import { mountTable } from './mount-table.ts';

const SNAPSHOTS = '/.snapshots';
const PROGRAMS = ['/usr/sbin/transactional-update', '/usr/sbin/tukit', '/sbin/transactional-update'] as const;
const MAX_SNAPSHOTS = 1000;

export interface PendingSnapshot {
  readonly number: number;
  /** Its root directory, and the file that describes it. */
  readonly root: string;
  readonly file: string;
  /** UTC instant at which it was made. */
  readonly made: string;
  /** Number of the one that runs. */
  readonly running: number;
}

/** Pure. Undefined when it is none of transactional-update's, or not finished. */
export function parseSnapshotInfo(xml: string): { readonly made: string } | undefined {
  const field = (name: string): string =>
    new RegExp(`<${name}>\\s*([^<]{1,300}?)\\s*</${name}>`).exec(xml)?.[1] ?? '';
  const isUnfinished = /<key>\s*(?:transactional-)?update-in-progress\s*<\/key>\s*<value>\s*yes/.test(xml);
  const made = Date.parse(`${field('date').replace(' ', 'T')}Z`);
  if (isUnfinished || !/^Snapshot Update\b/.test(field('description')) || Number.isNaN(made))
    return undefined;
  return { made: new Date(made).toISOString() };
}

async function isTransactional(host: Host): Promise<boolean> {
  for (const path of PROGRAMS) if ((await host.stat(path)).state !== 'absent') return true;
  return false;
}

/** The newest one after that which runs. Absent where there is none, and on systems that are updated in place. */
export const pendingSnapshot = defineFact<PendingSnapshot>({
  id: 'pending-snapshot',
  collect: async (host, get): Promise<Fact<PendingSnapshot>> => {
    if (!host.live || !(await isTransactional(host))) return absent(PROGRAMS[0]);
    const root = valueIn(await get(mountTable)).findLast(({ point }) => point === '/');
    const running = Number(/\/\.snapshots\/(\d{1,9})\/snapshot$/.exec(root?.device ?? '')?.[1] ?? Number.NaN);
    // Not from a snapshot: then transactional-update does not work here either.
    if (Number.isNaN(running)) return absent('/proc/self/mountinfo');
    const names = valueIn(await host.list(SNAPSHOTS));
    const newer = names
      .filter((name) => /^\d{1,9}$/.test(name) && Number(name) > running)
      .map(Number)
      .sort((a, b) => b - a)
      .slice(0, MAX_SNAPSHOTS);
    for (const number of newer) {
      const file = `${SNAPSHOTS}/${number}/info.xml`;
      const text = await host.readText(file, { maxBytes: 64 * 1024 });
      if (text.state === 'unreadable') return text;
      const info = text.state === 'known' ? parseSnapshotInfo(text.value.text) : undefined;
      if (info) return known({ number, root: `${SNAPSHOTS}/${number}/snapshot`, file, ...info, running });
    }
    return absent(SNAPSHOTS);
  },
});
