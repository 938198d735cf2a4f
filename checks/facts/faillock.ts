/** Options of pam_faillock and pam_tally2 as each line of a stack has them: faillock.conf(5), pam_faillock(8), pam_tally2(8). */
import { absent, defineFact, type Fact, known } from '../fact.ts';
import type { PamModuleLine } from './pam-line.ts';

export interface LockOptions {
  /** 0: never locks. */
  readonly deny: number;
  /** Seconds; 0: until an administrator unlocks. */
  readonly unlock: number;
  /** Seconds in which failures are counted together. */
  readonly interval: number;
  readonly root: boolean;
  readonly rootUnlock: number;
  readonly directory: string;
  /** Where deny comes from, if not the default. */
  readonly source: string;
  readonly line?: number;
}

export interface ConfLine {
  readonly source: string;
  readonly line: number;
  readonly name: string;
  readonly value: string;
}

/** The administrator's file hides the vendor's (SUSE, newer Linux-PAM). */
const FILES = [
  '/etc/security/faillock.conf',
  '/usr/etc/security/faillock.conf',
  '/usr/lib/security/faillock.conf',
  '/usr/share/pam/security/faillock.conf',
];

/** Pure. `name = value`, `name value` or a bare name; a comment may follow. */
export function parseFaillockConf(text: string, source: string): ConfLine[] {
  return text.split('\n').flatMap((raw, index) => {
    const content = (raw.split('#')[0] ?? '').trim();
    const match = /^([^\s=]+)\s*=?\s*(.*)$/.exec(content);
    return match?.[1] === undefined
      ? []
      : [{ source, line: index + 1, name: match[1], value: match[2] ?? '' }];
  });
}

/** Absent where there is none: the built-in values count. */
export const faillockConf = defineFact<readonly ConfLine[]>({
  id: 'faillock-conf',
  collect: async (host): Promise<Fact<readonly ConfLine[]>> => {
    for (const path of FILES) {
      const file = await host.readText(path, { encoding: 'latin1' });
      if (file.state === 'unreadable') return file;
      if (file.state === 'known') return known(parseFaillockConf(file.value.text, path));
    }
    return absent(FILES[0] ?? '');
  },
});

export const isFaillock = ({ module }: PamModuleLine): boolean => /^pam_faillock(?:\.so)?$/.test(module);
export const isTally = ({ module }: PamModuleLine): boolean => /^pam_tally2?(?:\.so)?$/.test(module);

/** What a line of pam_faillock does; without a word for it, libpam's module refuses to work. */
export function faillockAction({ args }: PamModuleLine): 'preauth' | 'authfail' | 'authsucc' | undefined {
  return (['preauth', 'authfail', 'authsucc'] as const).findLast((name) => args.includes(name));
}

const number = (value: string): number | undefined => {
  const digits = /^\s*\+?(\d+)/.exec(value)?.[1];
  return digits === undefined ? undefined : Number(digits);
};
/** "never" is 0 too. */
const seconds = (value: string): number | undefined => (value.trim() === 'never' ? 0 : number(value));

/** Pure. @param conf lines of faillock.conf; the module's own arguments come later and win */
export function lockOptions(line: PamModuleLine, conf: readonly ConfLine[]): LockOptions {
  const tally = isTally(line);
  const args = line.args.map((arg): ConfLine => {
    const at = arg.indexOf('=');
    const place = { source: line.file, line: line.line };
    return at < 0
      ? { ...place, name: arg, value: '' }
      : { ...place, name: arg.slice(0, at), value: arg.slice(at + 1) };
  });
  let [deny, unlock, interval] = tally ? [0, 0, Number.MAX_SAFE_INTEGER] : [3, 600, 900];
  let root = false;
  let rootUnlock: number | undefined;
  let directory = '/var/run/faillock';
  let place: { source: string; line?: number } = { source: line.file, line: line.line };
  for (const { name, value, source, line: at } of [...(tally ? [] : conf), ...args]) {
    if (name === 'deny') {
      deny = number(value) ?? deny;
      place = { source, line: at };
    } else if (name === 'unlock_time') unlock = seconds(value) ?? unlock;
    else if (name === 'fail_interval') interval = number(value) ?? interval;
    else if (name === 'even_deny_root') root = true;
    else if (name === 'root_unlock_time') {
      rootUnlock = seconds(value) ?? rootUnlock;
      // The man page says that it implies even_deny_root; pam_faillock itself does not see it so (tested with 1.5.2).
      if (tally) root = true;
    } else if (name === 'dir') directory = value;
  }
  return { deny, unlock, interval, root, rootUnlock: rootUnlock ?? unlock, directory, ...place };
}
