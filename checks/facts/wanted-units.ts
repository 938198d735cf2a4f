/** Which units start by themselves, whoever pulls them in: links below `.wants` and its like, and settings of targets. */
import { defineFact, type Fact, known } from '../fact.ts';
import { readUnit, systemdUnits, unitList, unitNames } from './systemd-unit.ts';

export interface PulledIn {
  /** The link, or the unit file whose setting it is. */
  readonly source: string;
  readonly line?: number;
}

/** Unit name -> where it is pulled in, the first place found. Absent without systemd. */
export const pulledInUnits = defineFact<ReadonlyMap<string, PulledIn>>({
  id: 'pulled-in-units',
  collect: async (host, get): Promise<Fact<ReadonlyMap<string, PulledIn>>> => {
    const tree = await get(systemdUnits);
    if (tree.state !== 'known') return tree;
    const found = new Map<string, PulledIn>();
    const add = (name: string, place: PulledIn) => {
      if (!found.has(name)) found.set(name, place);
    };
    for (const { path, names } of tree.value.directories)
      for (const name of names) {
        if (!/\.(?:wants|requires|upholds)$/.test(name)) continue;
        const links = await host.list(`${path}/${name}`);
        if (links.state === 'unreadable') return links;
        if (links.state === 'known')
          for (const link of links.value) add(link, { source: `${path}/${name}/${link}` });
      }
    for (const name of unitNames(tree.value, 'target')) {
      const unit = await readUnit(host, tree.value, name);
      if (unit.state === 'unreadable') return unit;
      if (unit.state !== 'known') continue;
      for (const key of ['Wants', 'Requires', 'BindsTo', 'Upholds', 'Requisite'])
        for (const { value, source, line } of unitList(unit.value, 'Unit', key))
          for (const other of value.split(/\s+/)) if (other !== '') add(other, { source, line });
    }
    return known(found);
  },
});
