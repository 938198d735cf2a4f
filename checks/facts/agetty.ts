/** What a getty's command line means: agetty(8), mingetty(8), login(1). Pure. */
import { shellCommands } from './backup-shell.ts';

export interface Getty {
  readonly program: string;
  /** The account that is logged in without a question. */
  readonly autologin?: string;
  /** The login program in place of login(1). */
  readonly loginProgram?: string;
  /** Options handed to it, as one text. */
  readonly loginOptions?: string;
}

/** agetty's options that take a value: short letters, and long names with their letter. */
const WITH_VALUE = 'aCdfHIloPrt';
const LONG: Readonly<Record<string, string>> = {
  autologin: 'a',
  chdir: 'C',
  delay: 'd',
  'issue-file': 'f',
  host: 'H',
  'init-string': 'I',
  'login-program': 'l',
  'login-options': 'o',
  nice: 'P',
  chroot: 'r',
  timeout: 't',
  // Those without a value, so that abbreviations are told apart as getopt_long(3) does.
  '8bits': '',
  noreset: '',
  erase: '',
  'flow-control': '',
  noissue: '',
  noclear: '',
  nohostname: '',
  nonewline: '',
  nohints: '',
  'keep-baud': '',
  'skip-login': '',
  hangup: '',
  'detect-case': '',
  'wait-cr': '',
  'wait-carrier': '',
  'extract-baud': '',
  'erase-chars': '?',
  'kill-chars': '?',
  remote: '',
  'local-line': '',
  'show-issue': '',
  'list-speeds': '',
  reload: '',
  'long-hostname': '',
  'login-pause': '',
  version: '',
  help: '',
};

const GETTYS = ['agetty', 'getty', 'mingetty', 'mgetty', 'fgetty'];
/** These have other options of the same letters, and none that logs somebody in. */
const OTHERS = ['mgetty', 'fgetty'];
const SHELLS =
  /^-?(?:ba|da|z|k|mk|c|tc|a|fi)?sh$|^(?:rbash|busybox|su|runuser|sudo|screen|tmux|openvt|env|setsid)$/;

const base = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** A command's getty, wherever it stands in it (behind `setsid`, `exec`, a shell's `-c`); undefined: none is run. */
export function parseGetty(words: readonly string[]): Getty | undefined {
  const flat = words.flatMap((word) => (/\s/.test(word) && /getty/.test(word) ? shellWords(word) : [word]));
  const at = flat.findIndex((word) => GETTYS.includes(base(word)));
  if (at < 0) return undefined;
  const program = base(flat[at] ?? '');
  const options = OTHERS.includes(program) ? [] : getopt(flat.slice(at + 1));
  const get = (letter: string) => options.filter(([name]) => name === letter).at(-1)?.[1];
  const autologin = get('a');
  const loginProgram = get('l');
  const loginOptions = get('o');
  return {
    program,
    ...(autologin === undefined ? {} : { autologin }),
    ...(loginProgram === undefined ? {} : { loginProgram }),
    ...(loginOptions === undefined ? {} : { loginOptions }),
  };
}

/** Only for `sh -c 'exec agetty ...'`: words and quotes, nothing is expanded. */
const shellWords = (text: string): string[] =>
  [...text.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replace(/['"]/g, ''));

function getopt(args: readonly string[]): (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--') break;
    if (arg.startsWith('--')) {
      const [name = '', ...value] = arg.slice(2).split('=');
      const letter = LONG[Object.keys(LONG).find((long) => long === name) ?? longName(name) ?? ''] ?? '';
      if (letter === '') continue;
      if (value.length > 0) found.push([letter, value.join('=')]);
      else {
        at += 1;
        found.push([letter, args[at] ?? '']);
      }
    } else if (arg.startsWith('-') && arg.length > 1) {
      for (let index = 1; index < arg.length; index += 1) {
        const letter = arg.charAt(index);
        if (letter === 'L') break;
        if (!WITH_VALUE.includes(letter)) continue;
        const rest = arg.slice(index + 1);
        if (rest === '') at += 1;
        found.push([letter, rest === '' ? (args[at] ?? '') : rest]);
        break;
      }
    }
  }
  return found;
}

/** getopt_long(3) takes an abbreviation that fits one name only. */
function longName(short: string): string | undefined {
  const fits = Object.keys(LONG).filter((name) => name.startsWith(short));
  return fits.length === 1 ? fits[0] : undefined;
}

/** They start what follows their options; the letters are options of theirs that take a value. */
const WRAPPERS: ReadonlyMap<string, string> = new Map([
  ['env', 'uCS'],
  ['setsid', ''],
  ['nohup', ''],
  ['nice', 'n'],
  ['stdbuf', 'ioe'],
  ['exec', 'a'],
  ['openvt', 'c'],
  ['open', 'c'],
  ['chrt', ''],
  ['dbus-run-session', ''],
]);
const PLAIN_SHELLS = /^-?(?:ba|da|z|k|mk|c|tc|a|fi)?sh$|^-?rbash$/;

/** The words behind a program's options. */
function operands(words: readonly string[], valued: string): readonly string[] {
  let at = 1;
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') return words.slice(at + 1);
    if (/^\w+=/.test(word)) continue;
    if (!word.startsWith('-') || word === '-') break;
    if (/^-\w$/.test(word) && valued.includes(word.charAt(1))) at += 1;
  }
  return words.slice(at);
}

/**
 * An interactive shell in place of a getty, or behind a connection: no script, no command. Programs that start another
 * are looked through, and so is `sh -c`. su and its like ask root for nothing.
 */
export function isShell(words: readonly string[], depth = 0): boolean {
  const name = base(words[0] ?? '');
  if (depth > 4) return false;
  if (SHELLS.test(name) && words.slice(1).every((word) => /^-{1,2}(?:login|[il]+)$/.test(word))) return true;
  const valued = WRAPPERS.get(name);
  if (valued !== undefined) return isShell(operands(words, valued), depth + 1);
  if (name === 'busybox') return isShell(words.slice(1), depth + 1);
  if (name === 'su' || name === 'runuser') {
    if (words.some((word) => /^-[a-z]*c$|^--(?:session-)?command/.test(word))) return false;
    const rest = operands(words, 'ugGsw').filter((word) => word !== '-');
    return words.includes('-u') && name === 'runuser' ? isShell(rest, depth + 1) : rest.length <= 1;
  }
  if (name === 'sudo') {
    const rest = operands(words, 'ugCDhprtTU');
    return rest.length === 0 ? words.some((word) => /^-[a-zA-Z]*[is]/.test(word)) : isShell(rest, depth + 1);
  }
  if (!PLAIN_SHELLS.test(name)) return false;
  const command = words.findIndex((word) => /^-[a-z]*c$/.test(word));
  if (command > 0)
    return shellCommands(words[command + 1] ?? '').some((one) => isShell(one.words, depth + 1));
  const rest = words
    .slice(1)
    .filter((_word, at, all) => !/^(?:--(?:rcfile|init-file)|[-+][oO])$/.test(all[at - 1] ?? ''));
  return rest.every((word) => /^[-+]/.test(word));
}

/** Why this getty lets somebody in unasked, in evidence's words; `unclear` where its login program is not known. */
export function gettyVerdict(getty: Getty): { opens: string } | { unclear: string } | undefined {
  if (getty.autologin !== undefined && getty.autologin !== '')
    return { opens: `--autologin ${getty.autologin}` };
  if (hasForce(getty.loginOptions ?? '')) return { opens: '--login-options: login -f' };
  const program = getty.loginProgram;
  if (program === undefined || ['login', 'sulogin'].includes(base(program))) return undefined;
  return SHELLS.test(base(program))
    ? { opens: `--login-program ${program}` }
    : { unclear: `--login-program ${program}` };
}

/** Whether login(1) is told that somebody is already authenticated: `-f root`, `-froot`, `-pf`; not behind `--`. */
export function hasForce(options: string): boolean {
  const words = shellWords(options);
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') return false;
    if (!word.startsWith('-') || word.startsWith('--')) continue;
    // `-h` takes the rest of its word, or the next one, as the name of a host.
    const [letters = '', host] = word.slice(1).split(/h(.*)/s);
    if (letters.includes('f')) return true;
    if (host === '') at += 1;
  }
  return false;
}

/** `login -f NAME` run directly. */
export function isForcedLogin(words: readonly string[]): boolean {
  const flat = words.flatMap((word) => (/\s/.test(word) ? shellWords(word) : [word]));
  const at = flat.findIndex((word) => base(word) === 'login');
  return at >= 0 && hasForce(flat.slice(at + 1).join(' '));
}
