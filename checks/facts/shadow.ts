/** The passwords and their ageing in /etc/shadow, shadow(5). Hashes are classified while parsing and not kept. */
import { defineFact, mapFact } from '../fact.ts';
import { accountLines, isNetworkName, type MalformedLine, malformed, parseId } from './account-file.ts';
import type { NetworkEntry } from './passwd.ts';
import { type PasswordField, parsePasswordField } from './password-field.ts';

export const SHADOW = '/etc/shadow';

export interface ShadowEntry {
  readonly line: number;
  readonly name: string;
  readonly password: PasswordField;
  /** Days since 1970-01-01; undefined: empty or -1, ageing is off. 0: must be changed at the next login. */
  readonly lastChange?: number;
  /** Days; undefined: empty or -1, no such rule. */
  readonly min?: number;
  readonly max?: number;
  readonly warn?: number;
  readonly inactive?: number;
  /** Days since 1970-01-01 after which the account is closed. */
  readonly expires?: number;
}

export interface ShadowFile {
  readonly entries: readonly ShadowEntry[];
  readonly network: readonly NetworkEntry[];
  readonly malformed: readonly MalformedLine[];
}

const NUMBERS = ['lastChange', 'min', 'max', 'warn', 'inactive', 'expires'] as const;

/** Pure, never throws. Lines that glibc skips (too few fields, no numbers where they belong) are `malformed`. */
export function parseShadow(text: string): ShadowFile {
  const entries: ShadowEntry[] = [];
  const network: NetworkEntry[] = [];
  const broken: MalformedLine[] = [];
  for (const found of accountLines(text)) {
    const [name = '', secret = '', ...rest] = found.fields;
    const password = parsePasswordField(secret, 'shadow');
    if (isNetworkName(name)) {
      network.push({ line: found.line, name, password });
      continue;
    }
    const ageing = parseAgeing(rest);
    if (ageing) entries.push({ line: found.line, name, password, ...ageing });
    else broken.push(malformed(found));
  }
  return { entries, network, malformed: broken };
}

type Ageing = Partial<Record<(typeof NUMBERS)[number], number>>;

/**
 * The seven fields behind the password; the last one may be left out, and the last four in the old form. With anything
 * else glibc does not see the account. Taken more kindly than glibc 2.36 does, because older ones and other readers are: `-1`, and the
 * line ends of Windows.
 */
function parseAgeing(raw: readonly string[]): Ageing | undefined {
  const fields = raw.map((text) => text.replace(/\r$/, ''));
  const last = fields.at(-1) ?? '';
  const complete =
    fields.length === 7 ||
    (fields.length === 4 && last.trim() === '') ||
    ((fields.length === 3 || fields.length === 6) && last !== '');
  if (!complete) return undefined;
  if (fields[6] && parseId(fields[6]) === undefined) return undefined;
  const ageing: Ageing = {};
  for (const [index, key] of NUMBERS.entries()) {
    const text = fields[index] ?? '';
    if (text === '' || text === '-1' || (fields.length === 4 && index === 3)) continue;
    const value = parseId(text);
    if (value === undefined) return undefined;
    // glibc casts to int: 4294967295 is -1, "no such rule".
    if (value < 0x8000_0000) ageing[key] = value;
  }
  return ageing;
}

export const shadow = defineFact<ShadowFile>({
  id: 'shadow',
  collect: async (host) =>
    mapFact(await host.readText(SHADOW, { maxBytes: 16 * 1024 * 1024, encoding: 'latin1' }), ({ text }) =>
      parseShadow(text),
    ),
});
