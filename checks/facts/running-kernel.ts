/** The kernel that runs and those that are installed, whichever package manager brought them. */
import { defineFact, type Fact, known, unreadable, valueIn, valueOr } from '../fact.ts';
import { type InstalledKernel, type Kernel, kernel, livePatches } from './kernel.ts';
import { pendingSnapshot } from './pending-snapshot.ts';

/**
 * As `kernel` where there is dpkg; elsewhere the images in /boot and /lib/modules, also of a snapshot that waits for the
 * next boot. Unreadable for an unpacked system.
 */
export const runningKernel = defineFact<Kernel>({
  id: 'running-kernel',
  collect: async (host, get): Promise<Fact<Kernel>> => {
    const debian = await get(kernel);
    if (debian.state !== 'absent') return debian;
    const running = valueIn(await host.readText('/proc/sys/kernel/osrelease')).text.trim();
    const boot = valueOr(await host.list('/boot'), []);
    const installed: InstalledKernel[] = boot.flatMap((name) => {
      // `vmlinuz-0-rescue-...` is a copy for emergencies.
      const release = /^(?:vmlinuz|vmlinux|Image|image)-([1-9]\d*\.[^/]*[^/.])$/.exec(name)?.[1];
      return release && !release.endsWith('.gz') && !/\.hmac$/.test(release)
        ? [{ release, image: `/boot/${name}`, version: release }]
        : [];
    });
    const seen = new Set(installed.map(({ release }) => release));
    const modules = await host.list('/usr/lib/modules');
    if (modules.state === 'unreadable') return unreadable(modules.source, modules.reason);
    for (const release of modules.state === 'known' ? modules.value : []) {
      const image = `/usr/lib/modules/${release}/vmlinuz`;
      if (!seen.has(release) && (await host.stat(image)).state === 'known')
        installed.push({ release, image, version: release });
    }
    const snapshot = await get(pendingSnapshot);
    if (snapshot.state === 'unreadable') return snapshot;
    if (snapshot.state === 'known') {
      const directory = `${snapshot.value.root}/usr/lib/modules`;
      const staged = await host.list(directory);
      if (staged.state === 'unreadable') return staged;
      for (const release of staged.state === 'known' ? staged.value : []) {
        const image = `${directory}/${release}/vmlinuz`;
        if (!installed.some((each) => each.release === release) && (await host.stat(image)).state === 'known')
          installed.push({ release, image, version: release });
      }
    }
    return known({ running, installed, livePatches: await livePatches(host) });
  },
});
