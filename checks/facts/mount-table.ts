/** What is mounted where: /proc/self/mountinfo, proc(5); of an unpacked system what /etc/fstab would mount, fstab(5). */
import { defineFact, type Fact, known, mapFact } from '../fact.ts';

export interface Mount {
  readonly point: string;
  /** Alike for all that lies on one file system; of btrfs with the subvolume. */
  readonly device: string;
  readonly type: string;
  /** `/dev/sda1`, `vault.example.org:/srv`; may hold user names. */
  readonly source: string;
}

export const mountTable = defineFact<readonly Mount[]>({
  id: 'mount-table',
  collect: async (host): Promise<Fact<readonly Mount[]>> => {
    if (host.live) {
      const table = await host.readText('/proc/self/mountinfo', {
        maxBytes: 4 * 1024 * 1024,
        encoding: 'latin1',
      });
      return mapFact(table, ({ text }) => parseMountinfo(text));
    }
    const table = await host.readText('/etc/fstab');
    return table.state === 'absent' ? known([]) : mapFact(table, ({ text }) => parseFstab(text));
  },
});

/** Octal escapes of the kernel: `\040` is a space. */
const plain = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));

/** Pure. In the order of the table: of two at one point the later one is seen. */
export function parseMountinfo(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const [, , numbers, root, point] = left.split(' ');
    const [type, source] = right.split(' ');
    if (!numbers || !root || !point || !type) continue;
    const device = type === 'btrfs' ? `${numbers} ${root}` : numbers;
    mounts.push({ point: plain(point), device, type, source: plain(source ?? '') });
  }
  return mounts;
}

/** Pure. */
export function parseFstab(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const [source, point, type] = line.trim().split(/\s+/);
    if (!source || source.startsWith('#') || !point?.startsWith('/') || !type) continue;
    mounts.push({ point: plain(point), device: source, type, source: plain(source) });
  }
  return mounts;
}

/** The mount on which a path without links lies; undefined where no line tells. */
export function mountAt(mounts: readonly Mount[], path: string): Mount | undefined {
  let best: Mount | undefined;
  for (const mount of mounts) {
    const { point } = mount;
    if (point !== '/' && path !== point && !path.startsWith(`${point}/`)) continue;
    if (!best || point.length >= best.point.length) best = mount;
  }
  return best;
}
