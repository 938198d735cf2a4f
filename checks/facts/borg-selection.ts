/** What borg and borgmatic take: borg-create(1), borg-patterns(1). */
import { hasOption } from './backup-call.ts';
import { lines, ODD_PATTERN, type Select, uncommented } from './backup-patterns.ts';
import {
  type BorgLine,
  type BorgRule,
  type BorgStyle,
  borgExclude,
  borgKeeper,
  borgLine,
} from './borg-pattern.ts';
import { EXCLUDE_LINES, PATTERN_LINES } from './borgmatic-config.ts';

export const borgSelection: Select = async (notes, { options, paths }) => {
  const roots: string[] = [...paths];
  const rules: BorgRule[] = [];
  const tags: string[] = [];
  const add = (rule: BorgRule | undefined): void => {
    if (rule) rules.push(rule);
    else notes.mayDrop.push(ODD_PATTERN);
  };
  const addLines = (all: readonly string[]): void => {
    let style: BorgStyle = 'sh';
    for (const text of all) {
      const line: BorgLine | undefined = /[$`]\{?\w/.test(text) ? undefined : borgLine(text, style);
      if (line?.kind === 'root') roots.push(line.root);
      else if (line?.kind === 'style') style = line.style;
      else add(line?.rule);
    }
  };
  for (const { name, value = '' } of options) {
    if (name === '-e' || name === '--exclude') add(/[$`]\{?\w/.test(value) ? undefined : borgExclude(value));
    else if (name === '--pattern') addLines([value]);
    else if (name === PATTERN_LINES) addLines(uncommented(value.split('\n')));
    else if (name === '--patterns-from') addLines(uncommented(await lines(notes, value, notes.mayDrop)));
    else if (name === EXCLUDE_LINES)
      for (const text of uncommented(value.split('\n')))
        add(borgExclude(text.replace(/^~(?=\/|$)/, '/root')));
    else if (name === '--exclude-from')
      for (const text of uncommented(await lines(notes, value, notes.mayDrop))) add(borgExclude(text));
    else if (name === '--exclude-if-present') tags.push(value);
    else if (name === '--paths-from-stdin' || name === '--paths-from-command')
      notes.mayAdd.push({
        en: 'a command tells which paths are copied',
        de: 'ein Befehl bestimmt, welche Pfade gesichert werden',
      });
  }
  if (hasOption(options, '--content-from-command', '--paths-from-command')) roots.splice(0);
  return { paths: roots, keeps: borgKeeper(rules), tags };
};
