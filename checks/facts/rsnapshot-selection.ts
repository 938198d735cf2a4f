/** What rsnapshot has rsync take, source by source. */
import type { Text } from '../../shared/outcome.ts';
import { lines, ODD_PATTERN, type Select } from './backup-patterns.ts';
import { rsyncKeeper, rsyncOptions } from './rsync-filter.ts';

const FLAT: Text = {
  en: 'rsync is not told to go into directories (rsync_short_args)',
  de: 'rsync soll nicht in Verzeichnisse hinabsteigen (rsync_short_args)',
};

export const rsnapshotSelection: Select = async (notes, { points = [] }) => {
  const found = await Promise.all(
    points.map(async ({ path, words }) => {
      const read = await rsyncOptions(words, (file) => lines(notes, file, notes.mayDrop));
      if (read.odd) notes.mayDrop.push(ODD_PATTERN);
      if (!read.recursive) notes.mayDrop.push(FLAT);
      const { rules, relative, oneFileSystem } = read;
      return { path, keeps: rsyncKeeper(rules, relative), oneFileSystem };
    }),
  );
  return { paths: [], points: found, keeps: () => false, tags: [] };
};
