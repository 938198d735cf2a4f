/** The sign that another system (Ansible, Landscape, Satellite ...) leaves behind when it has installed all updates. */
import { absent, defineFact, type Fact, known, unreadable } from '../fact.ts';

/** One fixed place: nothing from outside may name a path. */
export const MANAGED_UPDATES = '/var/lib/nachweis/managed-updates';

/** When it was last renewed, UTC. Unreadable where not only root can have done it. */
export const managedUpdates = defineFact<{ readonly source: string; readonly at: string }>({
  id: 'managed-updates',
  collect: async (host): Promise<Fact<{ source: string; at: string }>> => {
    const stat = await host.lstat(MANAGED_UPDATES);
    if (stat.state === 'absent') return absent(MANAGED_UPDATES);
    if (stat.state === 'unreadable') return stat;
    const { uid, mode, type, modified } = stat.value;
    if (uid !== 0 || (mode & 0o022) !== 0 || type !== 'file') {
      return unreadable(MANAGED_UPDATES, {
        en: `not only root could have written ${MANAGED_UPDATES}`,
        de: `${MANAGED_UPDATES} könnte nicht nur root geschrieben haben`,
      });
    }
    return known({ source: MANAGED_UPDATES, at: modified });
  },
});
