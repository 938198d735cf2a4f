/** What duplicity takes: duplicity(1) "File selection". */
import { hasOption } from './backup-call.ts';
import { lines, ODD_PATTERN, type Select } from './backup-patterns.ts';
import { duplicityKeeper, duplicityRules } from './duplicity-select.ts';

export const duplicitySelection: Select = async (notes, { options, paths }) => {
  const separator = hasOption(options, '--null-separator') ? '\0' : '\n';
  const read = await duplicityRules(options, paths[0] ?? '/', (path) =>
    lines(notes, path, notes.mayDrop, separator),
  );
  if (read.odd) notes.mayDrop.push(ODD_PATTERN);
  if (read.mayAdd) {
    notes.mayAdd.push({
      en: 'an inclusion before --exclude-other-filesystems may reach other file systems',
      de: 'ein Einschluss vor --exclude-other-filesystems kann andere Dateisysteme erreichen',
    });
  }
  return {
    paths,
    keeps: duplicityKeeper(read.rules),
    tags: read.tags,
    oneFileSystem: read.oneFileSystem,
  };
};
