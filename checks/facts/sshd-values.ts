/**
 * What sshd accepts as the value of a keyword. A reader returns the effective value (spelled as `sshd -T` prints it,
 * lower case where sshd ignores case) or the words with which sshd refuses it. Facts from sshd_config(5) and the
 * behaviour of OpenSSH 8.0 to 10.0.
 */
import { validAddressList } from './sshd-address.ts';
import {
  ciphers,
  digests,
  keyExchanges,
  logFacilities,
  logLevels,
  macs,
  methods,
  qualities,
  signatures,
} from './sshd-names.ts';
import { matchesPattern } from './sshd-pattern.ts';
import { scaled } from './sshd-rekey.ts';
import { type SshdVersion, since } from './sshd-version.ts';

export type Reading =
  | { readonly value: string; readonly used: number }
  | { readonly problem: string }
  /** sshd may accept it or not: depends on what this reader does not see (name services, the build). */
  | { readonly unsure: string };

/**
 * Reads the arguments of one line; `used` says how many of them belong to the value, the rest is garbage.
 * With `lenient`, names that are not in sshd-names.ts may be those of a newer or a distribution's own build.
 */
export type ValueReader = (
  words: readonly string[],
  keyword: string,
  lenient: boolean,
  version?: SshdVersion,
) => Reading;

const MAX_INT = 2_147_483_647;
const some = (words: readonly string[]) => (words[0] ? words[0] : undefined);
const one = (value: string): Reading => ({ value, used: 1 });

/** One of some words, upper and lower case alike; `as` gives those that sshd prints differently. */
export function choice(names: readonly string[], as: Readonly<Record<string, string>> = {}): ValueReader {
  return (words) => {
    const word = some(words);
    if (word === undefined) return { problem: 'missing argument.' };
    const name = word.toLowerCase();
    if (!names.includes(name)) return { problem: `unsupported option "${word}".` };
    return one(as[name] ?? name);
  };
}

export const flag = choice(['yes', 'no']);

/** `strtonum` with the bounds 0 and INT_MAX; its three complaints. */
function integer(word: string): { value: number } | { problem: string } {
  const match = /^[ \t\n\v\f\r]*([+-]?\d+)$/.exec(word);
  if (!match) return { problem: 'invalid' };
  const value = Number(match[1]);
  if (value < 0) return { problem: 'too small' };
  return value > MAX_INT ? { problem: 'too large' } : { value: value + 0 };
}

export const int: ValueReader = (words, keyword) => {
  const number = words[0] ? integer(words[0]) : { problem: 'missing' };
  return 'value' in number
    ? one(String(number.value))
    : { problem: `${keyword} integer value ${number.problem}.` };
};

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Seconds of a time such as `1h30m`, or undefined: sshd_config(5), TIME FORMATS. */
export function seconds(word: string): number | undefined {
  if (!/^(?:[ \t]*\+?\d+[smhdw]?)+$/i.test(word)) return undefined;
  let total = 0;
  for (const [, digits = '', unit = 's'] of word.matchAll(/(\d+)([smhdw]?)/gi))
    total += Number(digits) * (units[unit.toLowerCase()] ?? 1);
  return total <= MAX_INT ? total : undefined;
}

export const time: ValueReader = (words, _keyword, _lenient, version) => {
  const word = some(words);
  if (word === undefined) return { problem: 'missing time value.' };
  const total = seconds(word);
  // 9.2 took blanks and signs before a number, 10.0 does not; those between were not tried.
  if (/[+\s]/.test(word) && version && since(version, '10.0')) return { problem: 'invalid time value.' };
  if (/[+\s]/.test(word) && version && since(version, '9.3')) return { unsure: `time ${word}` };
  return total === undefined ? { problem: 'invalid time value.' } : one(String(total));
};

export const timeOrNone: ValueReader = (words, ...rest) =>
  words[0]?.toLowerCase() === 'none' ? one('0') : time(words, ...rest);

/** One word, taken as it is. */
export const word: ValueReader = (words, keyword) =>
  some(words) === undefined ? { problem: `${keyword} missing argument.` } : one(words[0] ?? '');

/** A path, or `none` in any letter case. */
export const pathOrNone: ValueReader = (words, keyword, lenient) =>
  words[0]?.toLowerCase() === 'none' ? one('none') : word(words, keyword, lenient);

/** Everything to the end of the line, as it stands (commands, texts). */
export const line: ValueReader = (words) => ({ value: words.join(' '), used: words.length });

export const absoluteCommand: ValueReader = (words, keyword) =>
  words[0]?.startsWith('/') || words.join(' ').toLowerCase() === 'none'
    ? { value: words.join(' '), used: words.length }
    : { problem: `${keyword} must be an absolute path` };

/** Any number of words, each of which must fit. */
export function list(fits: (word: string) => boolean, problem: (keyword: string) => string): ValueReader {
  return (words, keyword) =>
    words.every(fits) ? { value: words.join(' '), used: words.length } : { problem: problem(keyword) };
}

export const words = list(
  (text) => text !== '',
  (keyword) => `keyword ${keyword} empty argument`,
);
export const groups = list(
  (text) => text !== '',
  (keyword) => `empty ${keyword} pattern`,
);
export const users = list(
  (text) => text !== '' && (!text.includes('@') || validAddressList(text.slice(text.indexOf('@') + 1))),
  (keyword) => `invalid ${keyword} pattern`,
);
export const accepted = list(
  (text) => text !== '' && !text.includes('='),
  () => 'Invalid environment name.',
);
export const environment = list(
  (text) => text.includes('='),
  () => 'Invalid environment.',
);

/** A comma-separated list of algorithm names with an optional `+`, `-` or `^` before it; wildcards where allowed. */
function algorithms(known: ReadonlySet<string>, wildcards: boolean, problem: (word: string) => string) {
  const fits = (name: string) =>
    known.has(name) ||
    (wildcards &&
      /[*?!]/.test(name) &&
      [...known].some((one) => matchesPattern(one, name.replace(/^!/, ''))));
  const reader: ValueReader = (args, _keyword, lenient) => {
    const text = some(args);
    if (text === undefined) return { problem: 'Missing argument.' };
    if (lenient || text.startsWith('-')) return one(text);
    const names = text.replace(/^[+^]/, '').split(',');
    return names.every(fits) ? one(text) : { problem: problem(text) };
  };
  return reader;
}

export const cipherList = algorithms(ciphers, false, (text) => `Bad SSH2 cipher spec '${text}'.`);
export const macList = algorithms(macs, false, (text) => `Bad SSH2 mac spec '${text}'.`);
export const kexList = algorithms(keyExchanges, false, (text) => `Bad SSH2 KexAlgorithms '${text}'.`);
export const keyList = algorithms(signatures, true, (text) => `Bad key types '${text}'.`);

/** A TCP port from 1 to 65535. */
export const port: ValueReader = (args) => {
  const text = some(args);
  if (text === undefined) return { problem: 'missing port number.' };
  const number = integer(text);
  if ('problem' in number && number.problem === 'invalid' && /^[a-z]/i.test(text))
    return { unsure: `port ${text}` };
  const fits = 'value' in number && number.value > 0 && number.value <= 65_535;
  return fits ? one(String(number.value)) : { problem: 'Badly formatted port number.' };
};

export const listenAddress: ValueReader = (args) => {
  const text = some(args);
  if (text === undefined) return { problem: 'missing address' };
  if (args.length === 2 || (args.length > 1 && args[1] !== 'rdomain'))
    return { problem: 'bad ListenAddress syntax' };
  return { value: args.slice(0, 3).join(' '), used: args[1] === 'rdomain' ? 3 : 1 };
};

export const subsystem: ValueReader = (args, keyword) => {
  if (some(args) === undefined) return { problem: `${keyword} missing argument.` };
  return args[1] ? { value: args.join(' '), used: args.length } : { problem: 'Missing subsystem command.' };
};

export const startups: ValueReader = (args, keyword) => {
  const text = some(args);
  if (text === undefined) return { problem: `${keyword} missing argument.` };
  const invalid = { problem: `Invalid ${keyword} spec.` };
  const match = /^(-?\d+)(?::(-?\d+):(-?\d+))?/.exec(text);
  if (!match) return invalid;
  const begin = Number(match[1]);
  const rate = match[2] === undefined ? 30 : Number(match[2]);
  const full = match[3] === undefined ? begin : Number(match[3]);
  // `10:30` alone: two numbers are neither one nor three.
  if (match[3] === undefined && /^-?\d+:-?\d/.test(text)) return invalid;
  if (begin > full || rate > 100 || rate < 1 || full <= 0 || begin <= 0) return invalid;
  return one(`${begin}:${rate}:${full}`);
};

/** Bytes and seconds; `-` for seconds that the line does not say: another line may. */
export const rekeyLimit: ValueReader = (args, keyword, ...rest) => {
  const text = some(args);
  if (text === undefined) return { problem: `${keyword} missing argument.` };
  const bytes = text === 'default' ? 0n : scaled(text);
  if (bytes === undefined || bytes >= 2n ** 63n)
    return { problem: `Bad ${keyword} number '${text}': Invalid argument` };
  if (bytes > 0n && bytes < 16n) return { problem: `${keyword} too small` };
  if (args[1] === undefined) return one(`${bytes} -`);
  if (args[1] === 'none') return { value: `${bytes} -`, used: 2 };
  const interval = time(args.slice(1), keyword, ...rest);
  return 'value' in interval ? { value: `${bytes} ${interval.value}`, used: 2 } : interval;
};

export const userEnvironment: ValueReader = word;

const named =
  (known: ReadonlySet<string>, what: string): ValueReader =>
  (args) => {
    const name = args[0]?.toLowerCase() ?? '';
    return known.has(name) ? one(name) : { problem: `unsupported log ${what} '${args[0] ?? '<NONE>'}'` };
  };
export const logFacility = named(logFacilities, 'facility');
export const logLevel: ValueReader = (args, keyword, lenient) => {
  const reading = named(logLevels, 'level')(args, keyword, lenient);
  return 'value' in reading && reading.value === 'debug1' ? one('debug') : reading;
};

export const tunnel: ValueReader = (args, keyword) => {
  const text = some(args);
  if (text === undefined) return { problem: `${keyword} missing argument.` };
  const known = ['no', 'point-to-point', 'ethernet', 'yes'].includes(text);
  return known ? one(text) : { problem: `bad ${keyword} argument ${text}` };
};

/** `AuthenticationMethods`: lists of known methods; `any` only alone. */
export const methodLists: ValueReader = (args, keyword) => {
  if (args.length === 0) return { problem: `no ${keyword} specified` };
  if (args.includes('any') && args.length > 1) return { problem: `"any" must appear alone in ${keyword}` };
  const fits = (text: string) =>
    text === 'any' || text.split(',').every((name) => methods.has(name.split(':')[0] ?? ''));
  return args.every(fits)
    ? { value: args.join(' '), used: args.length }
    : { problem: `invalid ${keyword} method list.` };
};

export const bindMask: ValueReader = (args, keyword) => {
  const text = some(args);
  if (text === undefined) return { problem: `${keyword} missing argument.` };
  const digits = /^[ \t]*\+?([0-7]+)/.exec(text)?.[1];
  return digits !== undefined && Number.parseInt(digits, 8) <= 0o777
    ? one(`0${digits.replace(/^0+/, '')}`)
    : { problem: `Invalid ${keyword}.` };
};

export const fingerprintHash: ValueReader = (args, keyword) => {
  const text = some(args);
  if (text === undefined) return { problem: `${keyword} missing argument.` };
  return digests.has(text.toLowerCase())
    ? one(text.toUpperCase())
    : { problem: `Invalid ${keyword} algorithm "${text}".` };
};

export const quality: ValueReader = (args, keyword) => {
  const read = args.slice(0, 2);
  const bad = read.find((text) => !qualities.has(text.toLowerCase()) && !/^(?:0x[\da-f]+|\d+)$/i.test(text));
  if (some(args) === undefined) return { problem: `${keyword} missing argument.` };
  return bad === undefined
    ? { value: read.join(' '), used: read.length }
    : { problem: `Bad ${keyword} value: ${bad}` };
};

export const keyOptions = list(
  (text) => ['none', 'touch-required', 'verify-required'].includes(text.toLowerCase()),
  (keyword) => `unsupported ${keyword} option`,
);

export const channelTimeouts: ValueReader = (args, keyword) => {
  if (args.length > 1 && args.some((text) => text.toLowerCase() === 'none'))
    return { problem: `keyword ${keyword} "none" argument must appear alone.` };
  const fits = (text: string) =>
    text.toLowerCase() === 'none' ||
    (/^[^=]+=./.test(text) && seconds(text.slice(text.indexOf('=') + 1)) !== undefined);
  const bad = args.find((text) => !fits(text));
  return bad === undefined
    ? { value: args.join(' '), used: args.length }
    : { problem: `invalid channel timeout ${bad}` };
};
