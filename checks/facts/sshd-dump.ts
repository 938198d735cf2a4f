import { isAlgorithmList } from './sshd-algorithms.ts';
import { oldNames } from './sshd-keywords.ts';

/** What `sshd -T` and `sshd -G` print: one `keyword value` a line, keywords in lower case. Pure. */
export function parseDump(text: string): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    if (space <= 0) continue;
    const keyword = line.slice(0, space).toLowerCase();
    values.set(keyword, [...(values.get(keyword) ?? []), line.slice(space + 1).trim()]);
  }
  return values;
}

/** Printed once for each of their words, and not at all where there is none. */
const ADD_UP = ['allowusers', 'allowgroups', 'denyusers', 'denygroups'];
/** Words in which letter case matters: names, paths, patterns. */
const AS_WRITTEN = [...ADD_UP, 'banner', 'permituserenvironment'];

/** The value of a keyword (lower case) in a dump, in the spelling of our reader; undefined where it is not printed. */
export function toldValue(dump: ReadonlyMap<string, readonly string[]>, keyword: string): string | undefined {
  const values = dump.get(keyword) ?? dump.get(oldNames[keyword] ?? '');
  if (ADD_UP.includes(keyword)) return (values ?? []).join(' ');
  return values?.[0] === undefined ? undefined : normalised(keyword, values[0]);
}

/** A value of the dump in the spelling of our reader: lower case, one word for each meaning. */
export function normalised(keyword: string, value: string): string {
  if (AS_WRITTEN.includes(keyword)) return value;
  const text = value.toLowerCase();
  // Debian calls the quiet level silent; some versions print the new name of this value, some the old one.
  if (keyword === 'loglevel' && text === 'silent') return 'quiet';
  if (keyword === 'permitrootlogin' && text === 'without-password') return 'prohibit-password';
  return text;
}

/** Whether the reader and sshd mean the same. */
export function sameValue(keyword: string, read: string, told: string): boolean {
  // sshd makes a relative path absolute, from wherever it was started.
  if (keyword === 'banner' && read !== 'none' && !read.startsWith('/')) return told.endsWith(`/${read}`);
  // The order of algorithms is what sshd likes best, not what it takes.
  const plain = (value: string) => (isAlgorithmList(keyword) ? value.split(',').sort().join(',') : value);
  return plain(normalised(keyword, read)) === plain(normalised(keyword, told));
}
