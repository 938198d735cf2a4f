/** Where the C library looks accounts up: nsswitch.conf(5). */
import { absent, defineFact, known } from '../fact.ts';

export interface NsswitchDatabase {
  readonly line: number;
  /** Lower-case service names in order; actions such as `[NOTFOUND=return]` are left out. */
  readonly services: readonly string[];
}

export interface Nsswitch {
  readonly source: string;
  readonly databases: ReadonlyMap<string, NsswitchDatabase>;
}

/** Pure, never throws. Of two lines for one database the last one counts, as in glibc. */
export function parseNsswitch(text: string, source: string): Nsswitch {
  const databases = new Map<string, NsswitchDatabase>();
  for (const [index, raw] of text.split('\n').entries()) {
    const match = /^\s*([a-z_]+)\s*:(.*)$/i.exec(raw.split('#')[0] ?? '');
    if (!match?.[1]) continue;
    const services = (match[2] ?? '')
      .replace(/\[[^\]]*\]?/g, ' ')
      .toLowerCase()
      .split(/\s+/)
      .filter(Boolean);
    databases.set(match[1].toLowerCase(), { line: index + 1, services });
  }
  return { source, databases };
}

const FILES = ['/etc/nsswitch.conf', '/usr/etc/nsswitch.conf'] as const;

export const nsswitch = defineFact<Nsswitch>({
  id: 'nsswitch',
  collect: async (host) => {
    for (const path of FILES) {
      const file = await host.readText(path, { encoding: 'latin1' });
      if (file.state === 'known') return known(parseNsswitch(file.value.text, path));
      if (file.state === 'unreadable') return file;
    }
    return absent(FILES[0]);
  },
});
