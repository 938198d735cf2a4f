/**
 * What proxmox-backup-client takes, by its manual: whole directories without what is mounted below them. Its patterns are
 * not read: with one, less than that may be copied.
 */
import { hasOption } from './backup-call.ts';
import { ODD_PATTERN, type Select } from './backup-patterns.ts';
import { isOn } from './proxmox-call.ts';

export const proxmoxSelection: Select = async (notes, { options, paths }) => {
  if (hasOption(options, '--exclude')) notes.mayDrop.push(ODD_PATTERN);
  if (hasOption(options, '--include-dev')) {
    notes.mayAdd.push({
      en: '--include-dev names further file systems',
      de: '--include-dev nennt weitere Dateisysteme',
    });
  }
  return {
    paths,
    keeps: () => true,
    tags: [],
    oneFileSystem: !isOn(options, '--all-file-systems'),
    // A file of that name holds patterns for what lies beside and below it.
    marks: ['.pxarexclude'],
  };
};
