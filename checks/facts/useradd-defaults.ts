/** What useradd(8) gives new accounts: /etc/default/useradd, the vendor's below /usr/etc where there is none. */
import { absent, defineFact, known } from '../fact.ts';

export interface UseraddDefaults {
  readonly source: string;
  /** Days from the end of a password to the end of the account; undefined: not set, negative or no number. */
  readonly inactive?: { readonly line: number; readonly days: number };
}

/** Pure, never throws. As useradd.c reads it: at the start of a line, the last one counts, no number is -1. */
export function parseUseraddDefaults(text: string, source: string): UseraddDefaults {
  let inactive: { line: number; days: number } | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const value = /^INACTIVE=(.*)$/.exec(raw)?.[1];
    if (value === undefined) continue;
    const days = /^[+]?\d{1,9}$/.test(value) ? Number(value) : -1;
    inactive = days < 0 ? undefined : { line: index + 1, days };
  }
  return inactive ? { source, inactive } : { source };
}

const FILES = ['/etc/default/useradd', '/usr/etc/default/useradd'] as const;

export const useraddDefaults = defineFact<UseraddDefaults>({
  id: 'useradd-defaults',
  collect: async (host) => {
    for (const path of FILES) {
      const file = await host.readText(path, { encoding: 'latin1' });
      if (file.state === 'known') return known(parseUseraddDefaults(file.value.text, path));
      if (file.state === 'unreadable') return file;
    }
    return absent(FILES[0]);
  },
});
