/** Installed packages that no index has any more, under any version: `apt list ?obsolete`, apt-patterns(7). */
import { defineFact, type Fact, known, unreadable } from '../fact.ts';
import { aptIndexes } from './apt-index.ts';
import { damaged, nameReader, readList } from './apt-lists.ts';
import { aptOffers, placeIn } from './apt-offers.ts';
import { dpkgStatus } from './dpkg-status.ts';
import type { ObsoletePackage } from './pending-updates.ts';

/** Sorted by name. Absent without apt or dpkg; unreadable where a list is missing or damaged. */
export const aptObsolete = defineFact<readonly ObsoletePackage[]>({
  id: 'apt-obsolete',
  collect: async (host, get): Promise<Fact<readonly ObsoletePackage[]>> => {
    const [dpkg, indexes] = [await get(dpkgStatus), await get(aptIndexes)];
    if (dpkg.state !== 'known') return dpkg;
    if (indexes.state !== 'known') return indexes;
    const offers = await get(aptOffers);
    if (offers.state !== 'known') return offers;
    const { read, named } = offers.value;
    const offered = new Set(named);
    const lists = new Set(indexes.value.flatMap(({ packages }) => packages));
    const empty = indexes.value.find(({ packages }) => packages.length === 0);
    if (lists.size === 0 || empty) {
      const { uri = '', suite = '' } = empty?.source ?? {};
      const place = `${uri} ${suite}`.trim() || 'apt';
      return unreadable(place, {
        en: `no package list of ${place} is there (apt-get update fetches it)`,
        de: `von ${place} gibt es keine Paketliste (apt-get update holt sie)`,
      });
    }
    const installed = dpkg.value.packages.filter(
      ({ state }) => state !== 'config-files' && state !== 'not-installed',
    );
    const wanted = new Set(installed.map(({ name }) => name));
    for (const path of lists) {
      if (read.has(path)) continue;
      const index = indexes.value.find(({ packages }) => packages.includes(path));
      const said = index?.sizes.get(placeIn(index, path));
      const names = nameReader(wanted, (name) => offered.add(name));
      const length = await readList(host, path, names.push);
      if (typeof length !== 'number') return unreadable(path, length);
      names.end();
      if (said !== undefined && said !== length) return unreadable(path, damaged(path));
    }
    const obsolete = installed.filter(({ name }) => !offered.has(name));
    return known(
      obsolete
        .map(({ name, version }) => ({ name, version }))
        .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
    );
  },
});
