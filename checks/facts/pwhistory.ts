/**
 * Options of pam_pwhistory as each line of a stack has them: pam_pwhistory(8), pwhistory.conf(5). Linux-PAM reads the file
 * since 1.5.3 (Debian 13, Ubuntu 24.04; Red Hat has it in some of its 1.5.1): before, what stands there has no effect.
 */
import type { Text } from '../../shared/outcome.ts';
import { absent, CouldNotLook, defineFact, type Fact, known } from '../fact.ts';
import { type ConfLine, parseFaillockConf } from './faillock.ts';
import type { OsRelease } from './os-release.ts';
import type { PamModuleLine } from './pam-line.ts';
import type { Setting } from './pwquality.ts';

export interface HistoryOptions {
  /** How many former passwords are refused; 0: none. */
  readonly remember: Setting<number>;
  /** Whether root too is refused, and not only told. */
  readonly root: boolean;
  /** How often it asks before it gives up: with more than 1 and without use_authtok it asks by itself. */
  readonly retry: number;
}

/** The administrator's file hides the vendor's. */
const FILES = [
  '/etc/security/pwhistory.conf',
  '/usr/etc/security/pwhistory.conf',
  '/usr/lib/pam/security/pwhistory.conf',
];

/** Absent where there is none. */
export const pwhistoryConf = defineFact<readonly ConfLine[]>({
  id: 'pwhistory-conf',
  collect: async (host): Promise<Fact<readonly ConfLine[]>> => {
    for (const path of FILES) {
      const file = await host.readText(path, { encoding: 'latin1' });
      if (file.state === 'unreadable') return file;
      if (file.state === 'known') return known(parseFaillockConf(file.value.text, path));
    }
    return absent(FILES[0] ?? '');
  },
});

/** ID -> the first release whose pam_pwhistory reads the file and the last one whose does not. */
const READS: Readonly<Record<string, readonly [from: number, notUpTo: number]>> = {
  debian: [13, 12],
  raspbian: [13, 12],
  ubuntu: [24.04, 22.04],
};

/** Whether this system's pam_pwhistory reads pwhistory.conf; undefined: not known here. */
export function readsPwhistoryConf(os: Pick<OsRelease, 'id' | 'version'> | undefined): boolean | undefined {
  const [from, notUpTo] = (os && READS[os.id]) ?? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const version = Number.parseFloat(os?.version ?? '');
  return version >= from ? true : version <= notUpTo ? false : undefined;
}

/** strtol(3): what is no number counts as 0. The module takes 400 at most. */
const ofArgument = (text: string): number =>
  Math.min(400, Math.max(0, Number(/^\s*([+-]?\d{1,9})/.exec(text)?.[1] ?? 0)));
/** sscanf(3): what is no number is skipped. */
const ofFile = (text: string | undefined): number | undefined => {
  const digits = /^\s*\+?(\d{1,9})/.exec(text ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
};

/**
 * Pure. Of the file the first line of a name counts, of the arguments the last one, and these win.
 * @param conf lines of pwhistory.conf; none where this module does not read it
 * @throws CouldNotLook where the line names another file
 */
export function historyOptions(line: PamModuleLine, conf: readonly ConfLine[]): HistoryOptions {
  if (line.args.some((arg) => /^conf=/i.test(arg))) throw new CouldNotLook(line.file, elsewhere(line));
  const first = (name: string) => conf.find((one) => one.name.toLowerCase() === name);
  const set = first('remember');
  const inFile = ofFile(set?.value);
  let remember: Setting<number> =
    set && inFile !== undefined ? { value: inFile, source: set.source, line: set.line } : { value: 10 };
  let retry = ofFile(first('retry')?.value) ?? 1;
  let root = first('enforce_for_root') !== undefined;
  for (const arg of line.args) {
    if (/^remember=/i.test(arg))
      remember = { value: ofArgument(arg.slice('remember='.length)), source: line.file, line: line.line };
    else if (/^retry=/i.test(arg)) retry = ofArgument(arg.slice('retry='.length));
    else if (/^enforce_for_root$/i.test(arg)) root = true;
  }
  return { remember, root, retry };
}

const elsewhere = ({ file, line }: PamModuleLine): Text => ({
  en: `${file}, line ${line}: pam_pwhistory reads its settings from another file, which is not looked at here`,
  de: `${file}, Zeile ${line}: pam_pwhistory liest seine Einstellungen aus einer anderen Datei, die hier nicht angesehen wird`,
});
