/** Passwords left in .netrc files, netrc(5): who has one, never what it says. */
import { defineFact, type Fact, known } from '../fact.ts';
import { homes } from './homes.ts';
import { patienceWith } from './patience.ts';

export interface Netrc {
  readonly account: string;
  readonly source: string;
  /** Lines with a password; unreadable with the reason. */
  readonly lines: Fact<readonly number[]>;
}

/** Pure. `password` or `account` with a value, on the same line or the next; text behind `#` at a line's start is none. */
export function passwordLines(text: string): number[] {
  const words = text.split('\n').flatMap((raw, index) =>
    raw.trimStart().startsWith('#')
      ? []
      : raw
          .split(/\s+/)
          .filter(Boolean)
          .map((word) => ({ word, line: index + 1 })),
  );
  return words.flatMap(({ word, line }, at) => (word === 'password' && words[at + 1] ? [line] : []));
}

export const netrcFiles = defineFact<readonly Netrc[]>({
  id: 'netrc',
  collect: async (host, get) => {
    const found = await get(homes);
    if (found.state !== 'known') return found;
    const patience = patienceWith(host);
    const files: Netrc[] = [];
    for (const { entry, dotFiles } of found.value) {
      const source = `${entry.home}/.netrc`;
      if (dotFiles.state === 'unreadable') files.push({ account: entry.name, source, lines: dotFiles });
      if (dotFiles.state !== 'known' || !dotFiles.value.some(({ name }) => name === '.netrc')) continue;
      const file = await patience(source, () => host.readText(source, { encoding: 'latin1' }));
      if (file.state !== 'absent')
        files.push({
          account: entry.name,
          source,
          lines: file.state === 'known' ? known(passwordLines(file.value.text)) : file,
        });
    }
    return known(files);
  },
});
