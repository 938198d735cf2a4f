/** Whether this system is a container, so that the kernel and its command line are somebody else's: systemd-detect-virt(1). */
import { defineFact, known } from '../fact.ts';

/** False for an unpacked system: there the files decide. systemd and other managers leave these marks. */
export const inContainer = defineFact<boolean>({
  id: 'in-container',
  collect: async (host) => {
    if (!host.live) return known(false);
    for (const path of ['/run/systemd/container', '/run/.containerenv', '/.dockerenv']) {
      const mark = await host.stat(path);
      if (mark.state === 'unreadable') return mark;
      if (mark.state === 'known') return known(true);
    }
    return known(false);
  },
});
