/** The kernel that runs and those that are installed: proc_version(5), linux-image packages and their images in /boot. */
import { defineFact, type Fact, known, unreadable, valueIn, valueOr } from '../fact.ts';
import type { Host } from '../host.ts';
import { dpkgStatus } from './dpkg-status.ts';
import { builtFrom } from './kernel-release.ts';

export interface InstalledKernel {
  readonly release: string;
  readonly image: string;
  /** Version of its package. */
  readonly version: string;
}

export interface Kernel {
  readonly running: string;
  /** Version of the package that the running kernel was built from, where it says so. */
  readonly built?: string;
  readonly installed: readonly InstalledKernel[];
  /** Live patches that are applied, by module name: kernel.org/doc/Documentation/livepatch. */
  readonly livePatches: readonly string[];
}

const IMAGE = /^linux-image-(?:unsigned-)?(\d.+?)(?:-unsigned|-dbg|-dbgsym)?$/;

/** Absent without dpkg, unreadable for an unpacked system: none of its kernels runs. */
export const kernel = defineFact<Kernel>({
  id: 'kernel',
  collect: async (host, get): Promise<Fact<Kernel>> => {
    if (!host.live) {
      return unreadable('/proc/sys/kernel/osrelease', {
        en: 'an unpacked system runs no kernel',
        de: 'in einem entpackten System läuft kein Kernel',
      });
    }
    const dpkg = await get(dpkgStatus);
    if (dpkg.state !== 'known') return dpkg;
    const running = valueIn(await host.readText('/proc/sys/kernel/osrelease')).text.trim();
    const version = valueOr(await host.readText('/proc/version'), { text: '' }).text;
    const signature = valueOr(await host.readText('/proc/version_signature'), { text: '' }).text;
    const boot = valueOr(await host.list('/boot'), []);
    const installed = dpkg.value.packages.flatMap((each): InstalledKernel[] => {
      const release = each.state === 'installed' ? IMAGE.exec(each.name)?.[1] : undefined;
      const image = boot.find((name) => name === `vmlinuz-${release}` || name === `vmlinux-${release}`);
      return release && image ? [{ release, image: `/boot/${image}`, version: each.version }] : [];
    });
    const built = builtFrom(version, signature);
    return known({ running, ...(built ? { built } : {}), installed, livePatches: await livePatches(host) });
  },
});

export async function livePatches(host: Host): Promise<readonly string[]> {
  const names = valueOr(await host.list('/sys/kernel/livepatch'), []);
  const applied = await Promise.all(
    names.map(async (name) => {
      const read = async (file: string): Promise<string> =>
        valueOr(await host.readText(`/sys/kernel/livepatch/${name}/${file}`), { text: '' }).text.trim();
      return (await read('enabled')) === '1' && (await read('transition')) === '0';
    }),
  );
  return names.filter((_, index) => applied[index]);
}
