/** Options of pam_pwquality and pam_cracklib as each line of a stack has them: pwquality.conf(5), pam_cracklib(8). */
import type { Text } from '../../shared/outcome.ts';
import { CouldNotLook, defineFact, type Fact, known, unreadable } from '../fact.ts';
import type { Host } from '../host.ts';
import type { PamModuleLine } from './pam-line.ts';

/** An effective value and where it is set; without a source it is the module's own default. */
export interface Setting<T> {
  readonly value: T;
  readonly source?: string;
  readonly line?: number;
}

const DEFAULTS = {
  difok: 1,
  minlen: 8,
  dcredit: 0,
  ucredit: 0,
  lcredit: 0,
  ocredit: 0,
  minclass: 0,
  maxrepeat: 0,
  maxclassrepeat: 0,
  maxsequence: 0,
  gecoscheck: 0,
  dictcheck: 1,
  usercheck: 1,
  usersubstr: 0,
  enforcing: 1,
  retry: 1,
  /** 1: on. Flags without a value. */
  enforce_for_root: 0,
  local_users_only: 0,
} as const;
export type QualityKey = keyof typeof DEFAULTS;
const FLAGS = new Set<string>(['enforce_for_root', 'local_users_only']);
const STRINGS = new Set(['badwords', 'dictpath']);

export interface QualityOptions {
  readonly numbers: Readonly<Record<QualityKey, Setting<number>>>;
  /** Words that may not occur; lower case. */
  readonly badwords: Setting<readonly string[]>;
}

export interface QualityConf {
  readonly source: string;
  readonly line: number;
  /** Lower case. */
  readonly name: string;
  readonly value: string;
}

const MAIN = '/etc/security/pwquality.conf';
const VENDOR = ['/usr/etc/security/pwquality.conf', '/usr/lib/security/pwquality.conf'];

/** libpwquality gives up at a longer line. */
const MAX_LINE = 1022;

/** Pure. `name = value`, `name value` or a bare name; what stands behind # is a comment. */
export function parsePwqualityConf(text: string, source: string): QualityConf[] {
  return text.split('\n').flatMap((raw, index) => {
    if (raw.length > MAX_LINE) return [{ source, line: index + 1, name: '', value: '' }];
    const match = /^\s*([^\s=]+)\s*=?\s*(.*?)\s*$/.exec((raw.split('#')[0] ?? '').trimEnd());
    return match?.[1] === undefined
      ? []
      : [{ source, line: index + 1, name: match[1].toLowerCase(), value: match[2] ?? '' }];
  });
}

/**
 * The lines in the order in which they are read: first pwquality.conf.d/*.conf by name, then the main file, whose
 * values win (tried with libpwquality 1.4.4 and 1.4.5). Empty where there are none. Only libpwquality after 1.4.5 looks
 * for the vendor's file, and only where there is no main file: what is set there is then not known to count.
 */
export const pwqualityConf = defineFact<readonly QualityConf[]>({
  id: 'pwquality-conf',
  collect: async (host): Promise<Fact<readonly QualityConf[]>> => {
    const out: QualityConf[] = [];
    const names = await host.list(`${MAIN}.d`);
    if (names.state === 'unreadable') return names;
    const parts = names.state === 'known' ? names.value.filter((name) => name.endsWith('.conf')) : [];
    const own = await host.readText(MAIN, { encoding: 'latin1' });
    if (own.state === 'absent') {
      const problem = await vendorSettings(host);
      if (problem) return problem;
    }
    for (const name of parts) {
      const file = await host.readText(`${MAIN}.d/${name}`, { encoding: 'latin1' });
      if (file.state === 'unreadable') return file;
      if (file.state === 'known') out.push(...parsePwqualityConf(file.value.text, file.value.path));
    }
    if (own.state === 'unreadable') return own;
    if (own.state === 'known') out.push(...parsePwqualityConf(own.value.text, own.value.path));
    return known(out);
  },
});

async function vendorSettings(host: Host): Promise<Fact<never> | undefined> {
  for (const path of VENDOR) {
    const file = await host.readText(path, { encoding: 'latin1' });
    if (file.state === 'unreadable') return file;
    if (file.state === 'known' && parsePwqualityConf(file.value.text, path).length > 0)
      return unreadable(path, {
        en: `whether libpwquality of this version reads ${path} is not known here`,
        de: `ob libpwquality in dieser Version ${path} liest, ist hier nicht bekannt`,
      });
  }
  return undefined;
}

const integer = (text: string): number | undefined =>
  /^\s*[+-]?\d{1,9}$/.test(text) ? Number(text) : undefined;
const isKey = (name: string): name is QualityKey => Object.hasOwn(DEFAULTS, name);

/** Pure. @throws CouldNotLook at a line that libpwquality does not take: what it still reads then differs by version */
export function pwqualityOptions(line: PamModuleLine, conf: readonly QualityConf[]): QualityOptions {
  const numbers = numbersOf(DEFAULTS);
  let badwords: Setting<readonly string[]> = { value: [] };
  const set = ({ source, line: at, name, value }: QualityConf): boolean => {
    const place = { source, line: at };
    if (name === 'badwords') {
      badwords = { value: value.slice(0, MAX_LINE).toLowerCase().split(' ').filter(Boolean), ...place };
      return true;
    }
    if (STRINGS.has(name)) return true;
    if (!isKey(name)) return false;
    const number = FLAGS.has(name) ? 1 : integer(value);
    if (number === undefined) return false;
    numbers[name] = { value: floor(name, number), ...place };
    return true;
  };
  for (const one of conf) if (!set(one)) throw new CouldNotLook(one.source, unclear(one.source, one.line));
  // Of its own arguments the module skips what it does not know.
  for (const one of args(line)) set({ ...one, name: one.name.toLowerCase() });
  return { numbers, badwords };
}

/** libpwquality takes no minimum below 6, no more classes than there are, and looks at no runs of one (tried on Debian 11 to 13). */
function floor(name: QualityKey, value: number): number {
  if (name === 'minlen') return Math.max(6, value);
  if (name === 'minclass') return Math.min(4, value);
  return name === 'maxclassrepeat' && value === 1 ? 0 : value;
}

/** Pure. pam_cracklib has no file, other defaults, and no switch that turns it into advice. */
export function cracklibOptions(line: PamModuleLine): QualityOptions {
  const defaults = {
    ...DEFAULTS,
    difok: 5,
    minlen: 9,
    dcredit: 1,
    ucredit: 1,
    lcredit: 1,
    ocredit: 1,
    usercheck: 0,
  };
  const numbers = numbersOf(defaults);
  for (const { source, line: at, name, value } of args(line)) {
    const place = { source, line: at };
    if (name === 'enforce_for_root' || name === 'gecoscheck') numbers[name] = { value: 1, ...place };
    else if (name === 'reject_username') numbers.usercheck = { value: 1, ...place };
    else if (isKey(name) && !/^(enforcing|dictcheck|usercheck|usersubstr|local_users_only)$/.test(name)) {
      // strtol(3): what is no number counts as 0.
      const number = Number(/^\s*([+-]?\d{1,9})/.exec(value)?.[1] ?? 0);
      const bounded =
        name === 'minlen' ? Math.max(5, number) : name === 'minclass' ? Math.min(4, number) : number;
      numbers[name] = { value: bounded, ...place };
    }
  }
  return { numbers, badwords: { value: [] } };
}

const numbersOf = (defaults: Readonly<Record<QualityKey, number>>): Record<QualityKey, Setting<number>> =>
  Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, { value }])) as Record<
    QualityKey,
    Setting<number>
  >;

/** Arguments as `name` and `value`, with the place of their line. */
function args({ args: words, file, line }: PamModuleLine): QualityConf[] {
  return words.map((arg) => {
    const at = arg.indexOf('=');
    const [name, value] = at < 0 ? [arg, ''] : [arg.slice(0, at), arg.slice(at + 1)];
    return { source: file, line, name, value };
  });
}

const unclear = (source: string, line: number): Text => ({
  en: `${source}, line ${line}: not a setting that libpwquality knows, and it reads no further there`,
  de: `${source}, Zeile ${line}: keine Einstellung, die libpwquality kennt; weiter liest es dort nicht`,
});
