/** What restic takes: restic(1) backup. */
import { type Keeps, lines, ODD_PATTERN, type Select, uncommented } from './backup-patterns.ts';
import { type ResticPattern, resticKeeper, resticPattern } from './restic-filter.ts';

export const resticSelection: Select = async (notes, { options, paths }) => {
  const all: string[] = [...paths];
  const plain: string[] = [];
  const plainFiles: string[] = [];
  const caseless: string[] = [];
  const caselessFiles: string[] = [];
  const tags: string[] = [];
  for (const { name, value } of options) {
    if (name === '-e' || name === '--exclude') plain.push(value ?? '');
    else if (name === '--iexclude') caseless.push(value ?? '');
    else if (name === '--exclude-file')
      plainFiles.push(...uncommented(await lines(notes, value, notes.mayDrop)));
    else if (name === '--iexclude-file')
      caselessFiles.push(...uncommented(await lines(notes, value, notes.mayDrop)));
    else if (name === '--exclude-if-present') tags.push((value ?? '').split(':')[0] ?? '');
    else if (name === '--files-from') all.push(...uncommented(await lines(notes, value, notes.mayAdd)));
    else if (name === '--files-from-verbatim')
      all.push(...(await lines(notes, value, notes.mayAdd)).filter((line) => line !== ''));
    else if (name === '--files-from-raw')
      all.push(...(await lines(notes, value, notes.mayAdd, '\0')).filter((line) => line !== ''));
  }
  const compile = (patterns: readonly string[]): ResticPattern[] =>
    patterns.flatMap((text) => {
      // In files restic puts the environment's variables in; a shell has done so with those of the command line.
      const pattern = /[$`]/.test(text) || text === '' ? undefined : resticPattern(text);
      if (!pattern && text !== '') notes.mayDrop.push(ODD_PATTERN);
      return pattern ?? [];
    });
  const exact = compile([...plain, ...plainFiles]);
  const lower = compile([...caseless, ...caselessFiles].map((text) => text.toLowerCase()));
  const cased = resticKeeper(exact);
  const caselessly = resticKeeper(lower);
  const keeps: Keeps = (path, root) =>
    cased(path, root) && (lower.length === 0 || caselessly(path.toLowerCase(), root.toLowerCase()));
  return { paths: all, keeps, tags };
};
