/**
 * login.defs(5). The two programs that read it do so differently: shadow-utils takes the last line of a key, pam_unix
 * (pam_modutil_search_key) the first one, in any letter case. Both readings are kept.
 */
import { absent, defineFact, type Fact, type GetFact, known } from '../fact.ts';
import type { Host } from '../host.ts';
import { osRelease } from './os-release.ts';

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

/** SUSE reads it with libeconf: these add to the file and win, those of /etc hide others of their name. */
const DROP_INS = ['/usr/etc/login.defs.d', '/etc/login.defs.d'] as const;

export const loginDefs = defineFact<LoginDefs>({
  id: 'login-defs',
  collect: async (host, get) => {
    const main = await mainFile(host);
    if (main.state === 'unreadable') return main;
    const more = await dropIns(host, get);
    if (more.state !== 'known') return more;
    if (more.value.length === 0) return main;
    const files = [...(main.state === 'known' ? [main.value] : []), ...more.value];
    return known({
      source: files[0]?.source ?? FILES[0],
      tools: new Map(files.flatMap(({ tools }) => [...tools])),
      pam: new Map(files.flatMap(({ pam }) => [...pam])),
    });
  },
});

async function mainFile(host: Host): Promise<Fact<LoginDefs>> {
  for (const path of FILES) {
    const file = await host.readText(path, { encoding: 'latin1' });
    if (file.state === 'known') return known(parseLoginDefs(file.value.text, path));
    if (file.state === 'unreadable') return file;
  }
  return absent(FILES[0]);
}

/** Nobody else reads them: a file in the wrong place has no effect. */
async function dropIns(host: Host, get: GetFact): Promise<Fact<readonly LoginDefs[]>> {
  const paths = new Map<string, string>();
  for (const directory of DROP_INS) {
    const names = await host.list(directory);
    if (names.state === 'unreadable') return names;
    for (const name of names.state === 'known' ? names.value : [])
      if (name.endsWith('.defs')) paths.set(name, `${directory}/${name}`);
  }
  if (paths.size === 0) return known([]);
  const os = await get(osRelease);
  if (os.state === 'unreadable') return os;
  const names = os.state === 'known' ? [os.value.id, ...os.value.like] : [];
  if (!names.some((name) => /suse|^sle/.test(name))) return known([]);
  const out: LoginDefs[] = [];
  for (const name of [...paths.keys()].sort()) {
    const file = await host.readText(paths.get(name) ?? '', { encoding: 'latin1' });
    if (file.state === 'unreadable') return file;
    if (file.state === 'known') out.push(parseLoginDefs(file.value.text, file.value.path));
  }
  return known(out);
}

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
