/** Terminals on which pam_securetty(8) lets root log in: securetty(5). Absent where there is no such file. */
import { absent, defineFact, known } from '../fact.ts';

export const SECURETTY = '/etc/securetty';
/** The vendor's file counts where the administrator has none. */
const FILES = [SECURETTY, '/usr/etc/securetty'] as const;

export interface Terminal {
  readonly source: string;
  readonly line: number;
  readonly name: string;
}

export const securetty = defineFact<readonly Terminal[]>({
  id: 'securetty',
  collect: async (host) => {
    for (const source of FILES) {
      const file = await host.readText(source, { encoding: 'latin1' });
      if (file.state === 'unreadable') return file;
      if (file.state === 'absent') continue;
      // The module compares whole lines: a comment is the name of no terminal.
      return known(
        file.value.text
          .split('\n')
          .map((name, index) => ({ source, line: index + 1, name: name.trimEnd() }))
          .filter(({ name }) => name !== '' && !/^\s*#/.test(name)),
      );
    }
    return absent(SECURETTY);
  },
});
