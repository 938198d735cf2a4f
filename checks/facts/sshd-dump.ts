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

/** A value of the dump in the spelling of our reader: lower case, one word for each meaning. */
export function normalised(keyword: string, value: string): string {
  const text = value.toLowerCase();
  // Debian calls the quiet level silent; some versions print the new name of this value, some the old one.
  if (keyword === 'loglevel' && text === 'silent') return 'quiet';
  if (keyword === 'permitrootlogin' && text === 'without-password') return 'prohibit-password';
  return text;
}
