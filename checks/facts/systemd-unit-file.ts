/** The syntax of unit files: systemd.syntax(7). Pure. */

export interface UnitSetting {
  readonly source: string;
  /** Where the assignment begins, counted from 1. */
  readonly line: number;
  readonly section: string;
  readonly key: string;
  /** Continued lines joined by a blank, outer white space taken off; empty resets a list. */
  readonly value: string;
}

/** Never throws. Comments (`#`, `;`) are skipped, also between continued lines; text outside a section is ignored. */
export function parseUnitFile(text: string, source: string): UnitSetting[] {
  const settings: UnitSetting[] = [];
  let section = '';
  let joined: { line: number; content: string } | undefined;
  const take = ({ line, content }: { line: number; content: string }) => {
    const header = /^\[(.*)\]$/.exec(content.trim());
    if (header) {
      section = header[1] ?? '';
      return;
    }
    const at = content.indexOf('=');
    if (at < 0 || section === '') return;
    const key = content.slice(0, at).trim();
    if (key !== '') settings.push({ source, line, section, key, value: content.slice(at + 1).trim() });
  };
  for (const [index, raw] of text.split(/\r?\n|\r/).entries()) {
    if (/^\s*[#;]/.test(raw)) continue;
    if (joined === undefined && raw.trim() === '') continue;
    const continues = raw.endsWith('\\');
    const part = continues ? raw.slice(0, -1) : raw;
    joined = joined
      ? { line: joined.line, content: `${joined.content} ${part}` }
      : { line: index + 1, content: part };
    if (continues) continue;
    take(joined);
    joined = undefined;
  }
  if (joined) take(joined);
  return settings;
}

/** The settings of a list such as ExecStart that are in force: an empty assignment drops those before it. */
export function inForce(settings: readonly UnitSetting[], section: string, key: string): UnitSetting[] {
  const all = settings.filter((setting) => setting.section === section && setting.key === key);
  return all.slice(all.findLastIndex(({ value }) => value === '') + 1);
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  s: ' ',
};

/**
 * The commands of one Exec line, each as its words: quotes and escapes resolved, the prefixes `-@:+!` of the program
 * taken off, split at a `;` that stands alone. Never throws; an open quote runs to the end. systemd.service(5)
 */
export function execCommands(value: string): string[][] {
  const commands: string[][] = [];
  let words: string[] = [];
  for (const { text, bare } of execWords(value)) {
    if (bare && text === ';') {
      if (words.length > 0) commands.push(words);
      words = [];
    } else words.push(words.length === 0 ? text.replace(/^[-@:+!|]+/, '') : text);
  }
  if (words.length > 0) commands.push(words);
  return commands;
}

function execWords(value: string): { text: string; bare: boolean }[] {
  const words: { text: string; bare: boolean }[] = [];
  let word: { text: string; bare: boolean } | undefined;
  let quote = '';
  for (let at = 0; at < value.length; at += 1) {
    const char = value.charAt(at);
    if (quote === '' && /\s/.test(char)) {
      if (word) words.push(word);
      word = undefined;
      continue;
    }
    word ??= { text: '', bare: true };
    if (char === '\\') {
      const { text, length } = unescaped(value, at + 1);
      word = { text: word.text + text, bare: false };
      at += length;
    } else if (quote === '' && (char === '"' || char === "'")) {
      quote = char;
      word = { text: word.text, bare: false };
    } else if (char === quote) quote = '';
    else word = { text: word.text + char, bare: word.bare };
  }
  if (word) words.push(word);
  return words;
}

/** What stands behind a backslash at `at`, and how many characters it takes. */
function unescaped(value: string, at: number): { text: string; length: number } {
  const coded = /^(?:x([0-9a-f]{2})|u([0-9a-f]{4})|([0-7]{3}))/i.exec(value.slice(at, at + 5)) ?? undefined;
  const code = coded?.[1] ?? coded?.[2];
  if (coded && code !== undefined)
    return { text: String.fromCharCode(Number.parseInt(code, 16)), length: coded[0].length };
  if (coded?.[3] !== undefined) return { text: String.fromCharCode(Number.parseInt(coded[3], 8)), length: 3 };
  const char = value.charAt(at);
  return { text: ESCAPES[char] ?? char, length: char === '' ? 0 : 1 };
}
