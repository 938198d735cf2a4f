/**
 * Canonical JSON (RFC 8785): the one byte string for a value, so that hashes and signatures mean something.
 *
 * ECMAScript's own number and string serialisation is what RFC 8785 (3.2.2) prescribes; what is left is the
 * order of members (by UTF-16 code units) and refusing what JSON has no words for.
 */
import { CodedError } from './errors.ts';

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/**
 * `value` as canonical JSON text. Members whose value is undefined are left out, as JSON.stringify does.
 * @throws CodedError `NOT_CANONICAL` for NaN, infinities, lone surrogates, functions, symbols and bigints.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new CodedError('NOT_CANONICAL', { found: String(value) });
    return JSON.stringify(value);
  }
  if (typeof value === 'string') return canonicalString(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      // Code-unit order, not the locale's: RFC 8785, 3.2.3.
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, member]) => `${canonicalString(key)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  throw new CodedError('NOT_CANONICAL', { found: typeof value });
}

function canonicalString(value: string): string {
  if (!value.isWellFormed()) throw new CodedError('NOT_CANONICAL', { found: 'a lone surrogate' });
  return JSON.stringify(value);
}
