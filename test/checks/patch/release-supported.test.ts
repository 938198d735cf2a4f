/** The built-in table of releases against the distributions' own. */
import { readFileSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseDistroInfo, TABLE_DATE, tablePhases } from '../../../checks/facts/release-support.ts';
import { describeWith, programs } from '../../support/programs.ts';

const versions = {
  debian: ['9', '10', '11', '12', '13'],
  ubuntu: ['18.04', '20.04', '22.04', '24.04', '25.10', '26.04'],
} as const;

describeWith(['distro-info-data'], 'support of releases', () => {
  const all = Object.entries(versions).flatMap(([id, list]) => list.map((version) => [id, version] as const));
  it.each(all)('%s %s ends as distro-info-data says', (id, version) => {
    const path = programs['distro-info-data'].path.replace('debian', id);
    const table = tablePhases(id, version) ?? [];
    expect(table.length).toBeGreaterThan(0);
    // A newer one may say something new: it is preferred where it is installed.
    if (statSync(path).mtime.toISOString().slice(0, 10) > TABLE_DATE) return;
    for (const theirs of parseDistroInfo(readFileSync(path, 'utf8'), version) ?? []) {
      const ours = table.find(({ name }) => name === theirs.name);
      expect([theirs.name, ours?.until]).toEqual([theirs.name, theirs.until]);
    }
  });
});

it('knows no version by a name that objects have anyway', () => {
  expect(tablePhases('constructor', 'name')).toBeUndefined();
  expect(tablePhases('debian', 'constructor')).toBeUndefined();
});
