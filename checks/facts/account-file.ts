/** What the colon-separated account files have in common: passwd(5), shadow(5), group(5), gshadow(5). */

export interface AccountLine {
  /** Counts from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** A line that the C library skips. Its text is not kept: it may be a hash that slipped. */
export interface MalformedLine {
  readonly line: number;
  /** The first field, where it looks like an account name. */
  readonly name?: string;
  /** Whether the password field is there and not empty: then the line can't be an open door. */
  readonly passwordSet: boolean;
}

/**
 * Pure. Lines as glibc's nss_files sees them: white space before a line is skipped, so are blank lines and those
 * that begin with `#`; a NUL ends the line.
 */
export function accountLines(text: string): AccountLine[] {
  return text.split('\n').flatMap((raw, index) => {
    const content = (raw.split('\0')[0] ?? '').replace(/^[ \t\r\v\f]+/, '');
    return content === '' || content.startsWith('#') ? [] : [{ line: index + 1, fields: content.split(':') }];
  });
}

/** `+`, `+name`, `-name`, `+@netgroup`: entries of nss_compat that stand for accounts of a directory. */
export const isNetworkName = (name: string): boolean => name.startsWith('+') || name.startsWith('-');

export function malformed({ line, fields }: AccountLine): MalformedLine {
  const [name = '', password = ''] = fields;
  const plausible = fields.length > 1 && /^[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?$/.test(name);
  return { line, ...(plausible ? { name } : {}), passwordSet: password.trim() !== '' };
}

const ULONG = 2n ** 64n;

/**
 * A UID or GID as glibc reads it: strtoul(3) to base 10, so that `00`, `+0`, ` 0` and `-0` are 0 and `0x0` is none;
 * what is above 4294967295 is refused.
 */
export function parseId(text: string): number | undefined {
  const match = /^[ \t\v\f\r]*([+-]?)(\d+)$/.exec(text);
  if (!match?.[2]) return undefined;
  const magnitude = BigInt(match[2].slice(-4096));
  if (match[2].length > 4096 || magnitude >= ULONG) return undefined;
  const value = match[1] === '-' ? (ULONG - magnitude) % ULONG : magnitude;
  return value > 0xffff_ffffn ? undefined : Number(value);
}
