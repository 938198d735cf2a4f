/** Rules of pam_passwdqc as each line of a stack has them, and what they ask of a password: passwdqc.conf(5), passwdqc_check.c. */
import type { Text } from '../../shared/outcome.ts';
import { CouldNotLook, defineFact, type Fact, known } from '../fact.ts';
import type { TextFile } from '../host.ts';
import { pam } from './pam.ts';
import type { PamModuleLine } from './pam-line.ts';
import type { Setting } from './pwquality.ts';

export interface PasswdqcRules {
  /** Least lengths of one class, two classes, a passphrase, three classes, four classes; Infinity: disabled. */
  readonly min: Setting<readonly number[]>;
  readonly max: number;
  /** Words of a passphrase; 0: none are taken. */
  readonly passphrase: number;
  readonly enforce: Setting<'none' | 'users' | 'everyone'>;
  readonly retry: number;
}

/** Files that `config=` names, by path. */
export type PasswdqcConf = ReadonlyMap<string, Fact<TextFile>>;

const MAX_FILES = 20;
const CONFIG = 'config=';

export const passwdqcConf = defineFact<PasswdqcConf>({
  id: 'passwdqc-conf',
  collect: async (host, get) => {
    const configuration = await get(pam);
    if (configuration.state !== 'known') return known(new Map());
    const paths = [...configuration.value.files.values()]
      .flat()
      .flatMap((line) =>
        line.kind === 'module' && line.module.startsWith('pam_passwdqc')
          ? line.args.filter((arg) => arg.startsWith(CONFIG)).map((arg) => arg.slice(CONFIG.length))
          : [],
      );
    const files = [...new Set(paths)].slice(0, MAX_FILES);
    return known(
      new Map(
        await Promise.all(
          files.map(async (path) => [path, await host.readText(path, { encoding: 'latin1' })] as const),
        ),
      ),
    );
  },
});

interface Option {
  readonly source: string;
  readonly line: number;
  readonly text: string;
}

/** The options in their order, those of a file in the place of its `config=`. */
function optionsOf({ args, file, line }: PamModuleLine, conf: PasswdqcConf): Option[] {
  return args.flatMap((text): Option[] => {
    if (!text.startsWith(CONFIG)) return [{ source: file, line, text }];
    const path = text.slice(CONFIG.length);
    const found = conf.get(path);
    if (found?.state !== 'known')
      throw new CouldNotLook(path, found?.state === 'unreadable' ? found.reason : unclear(path, undefined));
    return found.value.text.split('\n').flatMap((raw, index) => {
      const option = raw.trim();
      return option === '' || option.startsWith('#') ? [] : [{ source: path, line: index + 1, text: option }];
    });
  });
}

/** They ask nothing more of a password that is neither a word nor near one. */
const ELSE =
  /^((match|retry|passphrase)=\d{1,9}|similar=(permit|deny)|random=\d{1,3}|(wordlist|denylist|filter)=.*|ask_oldauthtok(=update)?|check_oldauthtok|use_first_pass|use_authtok|noaudit|non-unix)$/;

/** Pure. @throws CouldNotLook at an option that is not known here: the module then gives up */
export function passwdqcRules(line: PamModuleLine, conf: PasswdqcConf): PasswdqcRules {
  let min: Setting<readonly number[]> = { value: [Number.POSITIVE_INFINITY, 24, 11, 8, 7] };
  let [max, passphrase, retry] = [72, 3, 3];
  let enforce: PasswdqcRules['enforce'] = { value: 'everyone' };
  for (const { source, line: at, text } of optionsOf(line, conf)) {
    const value = text.slice(text.indexOf('=') + 1);
    if (/^min=((disabled|\d{1,9}),){4}(disabled|\d{1,9})$/.test(text)) {
      const lengths = value
        .split(',')
        .map((one) => (one === 'disabled' ? Number.POSITIVE_INFINITY : Number(one)));
      if (lengths.some((length, index) => index > 0 && length > (lengths[index - 1] ?? 0)))
        throw new CouldNotLook(source, unclear(source, at));
      min = { value: lengths, source, line: at };
    } else if (/^max=\d{1,5}$/.test(text) && Number(value) >= 8) max = Number(value);
    else if (text === 'enforce=none' || text === 'enforce=users' || text === 'enforce=everyone')
      enforce = {
        value: text === 'enforce=none' ? 'none' : text === 'enforce=users' ? 'users' : 'everyone',
        source,
        line: at,
      };
    else if (!ELSE.test(text)) throw new CouldNotLook(source, unclear(source, at));
    else if (text.startsWith('passphrase=')) passphrase = Number(value);
    else if (text.startsWith('retry=')) retry = Number(value);
  }
  return { min, max, passphrase, enforce, retry };
}

/** How many different characters a random string of this length has; in 15 bits behind the point, as the library counts. */
function expectedDifferent(charset: number, length: number): number {
  const one = 32_768;
  const x = Math.floor(((charset - 1) * one) / charset);
  let y = x;
  for (let left = length - 1; left > 0; left -= 1) y = Math.floor((y * x) / one);
  return Math.floor((charset * (one - y)) / one);
}

/** Pure. What the rules ask of the length, the kinds of characters and their variety. */
export function passwdqcAccepts({ min, max, passphrase }: PasswdqcRules, typed: string): boolean {
  const [one = 0, two = 0, phrase = 0, three = 0, four = 0] = min.value;
  if (typed === '' || typed.length < four || (typed.length > max && max !== 8)) return false;
  const password = max === 8 ? typed.slice(0, 8) : typed;
  const different = new Set(password).size;
  const enough = (least: number, charset: number) =>
    Number.isFinite(least) && password.length >= least && different >= expectedDifferent(charset, least) - 1;
  // A capital in front and a digit at the end are no kinds of their own.
  const inner = password.replace(/^[A-Z]/, '').replace(/\d$/, '');
  const kinds = [
    /[0-9]/.test(inner),
    /[A-Z]/.test(inner),
    /[a-z]/.test(password),
    /[^a-zA-Z0-9]/.test(password),
  ];
  const classes = kinds.filter(Boolean).length;
  const words = password.match(/(?<![a-zA-Z])[a-zA-Z]/g)?.length ?? 0;
  if (classes >= 4 && enough(four, 95)) return true;
  if (classes >= 3 && enough(three, 62)) return true;
  if (classes >= 2 && (enough(two, 36) || (passphrase > 0 && words >= passphrase && enough(phrase, 27))))
    return true;
  return classes >= 1 && enough(one, 10);
}

const unclear = (source: string, line: number | undefined): Text => ({
  en: `${source}${line === undefined ? '' : `, line ${line}`}: not an option that pam_passwdqc is known to take here`,
  de: `${source}${line === undefined ? '' : `, Zeile ${line}`}: keine Option, die von pam_passwdqc hier bekannt ist`,
});
