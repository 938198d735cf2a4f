/** The lines of an authorized_keys file, sshd(8), as sshd reads them. Pure. */
import { type PublicKey, parsePublicKey } from './ssh-public-key.ts';

export interface KeyOptions {
  /** The names of all options, lower case, without their values. */
  readonly names: readonly string[];
  /** Every certificate of this authority opens the account (for these principals, else for the account's name). */
  readonly authority: boolean;
  readonly principals?: string;
  /** `expiry-time` as written. */
  readonly expires?: string;
}

export interface AuthorizedKey {
  readonly line: number;
  readonly key: PublicKey;
  readonly options: KeyOptions;
}

export interface AuthorizedKeys {
  readonly keys: readonly AuthorizedKey[];
  /** Lines in which there is no key; sshd passes them over. Their text is not kept. */
  readonly ignored: readonly number[];
}

export function parseAuthorizedKeys(text: string): AuthorizedKeys {
  const keys: AuthorizedKey[] = [];
  const ignored: number[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const content = (raw.split('\0')[0] ?? '').replace(/^[ \t]+/, '').replace(/\r$/, '');
    if (content === '' || content.startsWith('#')) continue;
    const line = index + 1;
    const plain = keyAt(content);
    if (plain) {
      keys.push({ line, key: plain, options: { names: [], authority: false } });
      continue;
    }
    const end = endOfOptions(content);
    const key = keyAt(content.slice(end).replace(/^[ \t]+/, ''));
    if (key) keys.push({ line, key, options: parseOptions(content.slice(0, end)) });
    else ignored.push(line);
  }
  return { keys, ignored };
}

function keyAt(text: string): PublicKey | undefined {
  const match = /^([^ \t]+)[ \t]+([^ \t]+)/.exec(text);
  return match?.[1] !== undefined && match[2] !== undefined ? parsePublicKey(match[1], match[2]) : undefined;
}

/** Where the first white space outside of double quotes stands (`sshkey_advance_past_options`). */
function endOfOptions(text: string): number {
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\' && text[at + 1] === '"') at += 1;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && (char === ' ' || char === '\t')) return at;
  }
  return text.length;
}

function parseOptions(text: string): KeyOptions {
  const options = splitOptions(text);
  const value = (name: string) => options.find((option) => option.name === name)?.value;
  const principals = value('principals');
  const expires = value('expiry-time');
  return {
    names: options.map(({ name }) => name),
    authority: options.some(({ name }) => name === 'cert-authority'),
    ...(principals === undefined ? {} : { principals }),
    ...(expires === undefined ? {} : { expires }),
  };
}

function splitOptions(text: string): { name: string; value?: string }[] {
  return [...text.matchAll(/([^,="]+)(?:="((?:\\"|[^"])*)")?/g)].map(([, name = '', value]) => ({
    name: name.toLowerCase(),
    ...(value === undefined ? {} : { value: value.replaceAll('\\"', '"') }),
  }));
}

/**
 * Whether an `expiry-time` (YYYYMMDD[HHMM[SS]][Z]) lies behind `now` in every time zone. Without a Z it is the host's
 * local time, which is not known here: within 14 hours of it the key still counts.
 */
export function hasExpired({ expires }: KeyOptions, now: Date): boolean {
  const match = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z|UTC)?$/i.exec(expires ?? '');
  if (!match) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const instant = Date.UTC(year, month - 1, day, hour, minute, second);
  return now.getTime() > instant + (match[7] === undefined ? 14 * 3_600_000 : 0);
}
