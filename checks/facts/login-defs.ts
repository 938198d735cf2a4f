/**
 * login.defs(5). The two programs that read it do so differently: shadow-utils takes the last line of a key, pam_unix
 * (pam_modutil_search_key) the first one, in any letter case. Both readings are kept.
 */
import { absent, defineFact, known } from '../fact.ts';

export interface LoginDefsValue {
  readonly source: string;
  readonly line: number;
  readonly value: string;
}

export interface LoginDefs {
  readonly source: string;
  /** As useradd, chpasswd and other tools of shadow-utils take it. */
  readonly tools: ReadonlyMap<string, LoginDefsValue>;
  /** As pam_unix takes it; keys in upper case. */
  readonly pam: ReadonlyMap<string, LoginDefsValue>;
}

/** Pure, never throws. */
export function parseLoginDefs(text: string, source: string): LoginDefs {
  const tools = new Map<string, LoginDefsValue>();
  const pam = new Map<string, LoginDefsValue>();
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    // shadow-utils: getdef.c. The key ends at a blank, the value is what stands behind it without quotes.
    const forTools = /^[ \t]*([^# \t"][^ \t]*)[ \t"]+([^"]*)/.exec(raw.trimEnd());
    if (forTools?.[1] !== undefined && forTools[2] !== undefined)
      tools.set(forTools[1], { source, line, value: forTools[2].trimEnd() });
    // libpam: a comment may follow, `=` also ends the key.
    const forPam = /^[ \t]*([^ \t=]+)[ \t=]*(.*)$/.exec((raw.split('#')[0] ?? '').trimEnd());
    const key = forPam?.[1]?.toUpperCase();
    if (key !== undefined && forPam?.[2] !== undefined && !pam.has(key))
      pam.set(key, { source, line, value: forPam[2] });
  }
  return { source, tools, pam };
}

/** Where it is looked for: the administrator's file hides the vendor's as a whole (SUSE, newer distributions). */
const FILES = ['/etc/login.defs', '/usr/etc/login.defs', '/usr/share/shadow/login.defs'] as const;

export const loginDefs = defineFact<LoginDefs>({
  id: 'login-defs',
  collect: async (host) => {
    for (const path of FILES) {
      const file = await host.readText(path, { encoding: 'latin1' });
      if (file.state === 'known') return known(parseLoginDefs(file.value.text, path));
      if (file.state === 'unreadable') return file;
    }
    return absent(FILES[0]);
  },
});

/** A number as shadow-utils reads it: strtol(3) to base 0, so that `0x10` and `010` are numbers too. */
export function loginDefsNumber(text: string): number | undefined {
  const match = /^\s*([+-]?)(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)$/i.exec(text);
  if (!match?.[2]) return undefined;
  const digits = match[2].toLowerCase();
  const magnitude = digits.startsWith('0x')
    ? Number.parseInt(digits, 16)
    : Number.parseInt(digits, digits.startsWith('0') ? 8 : 10);
  return match[1] === '-' ? 0 - magnitude : magnitude;
}
