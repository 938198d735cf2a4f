/** The command line of an sshd: sshd(8). Pure. */

export interface SshdArguments {
  /** `-f`; undefined for the built-in path. */
  readonly file: string | undefined;
  /** `-o`, and the options that stand for one (`-g`, `-p`), in their order: they come before every file. */
  readonly options: readonly string[];
  /** `-h`: further host keys, without which `sshd -T` may refuse to answer. */
  readonly hostKeys: readonly string[];
  /** Letters of the options without a value. */
  readonly flags: ReadonlySet<string>;
}

const WITH_VALUE = 'CEbcfghkopu';

/** getopt(3) as sshd calls it, on the words after the program's name. */
export function parseArguments(words: readonly string[]): SshdArguments {
  let file: string | undefined;
  const options: string[] = [];
  const hostKeys: string[] = [];
  const flags = new Set<string>();
  for (let at = 0; at < words.length; at += 1) {
    const text = words[at] ?? '';
    if (!text.startsWith('-') || text === '-' || text === '--') continue;
    for (let letter = 1; letter < text.length; letter += 1) {
      const name = text[letter] ?? '';
      if (!WITH_VALUE.includes(name)) {
        flags.add(name);
        continue;
      }
      const joined = text.slice(letter + 1);
      if (joined === '') at += 1;
      const value = joined === '' ? (words[at] ?? '') : joined;
      if (name === 'f') file = value;
      else if (name === 'o') options.push(value);
      else if (name === 'g') options.push(`LoginGraceTime=${value}`);
      else if (name === 'h') hostKeys.push(value);
      break;
    }
  }
  return { file, options, hostKeys, flags };
}

/**
 * Words of the title that a listening sshd gives itself: `sshd: /usr/sbin/sshd -D -o X=y [listener] 0 of 10-100
 * startups`. The title has joined them with spaces; as sshd takes no other words, one that is no option belongs to
 * the value before it. Undefined where the title is not that of a listener.
 */
export function listenerWords(title: string): readonly string[] | undefined {
  const match = /^sshd: (.*) \[listener\]/s.exec(title);
  if (!match) return undefined;
  const words: string[] = [];
  for (const word of (match[1] ?? '').split(' ').slice(1)) {
    const before = words.at(-1);
    const open = before !== undefined && /^-[A-Za-z0-9]*[CEbcfghkopu]$/.test(before);
    if (word.startsWith('-') || open || before === undefined) words.push(word);
    else words.push(`${words.pop() ?? ''} ${word}`);
  }
  return words;
}

/** Splits a line of a unit or an environment file into words: quotes taken off, nothing expanded. */
export function shellWords(text: string): readonly string[] {
  return [...text.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_all, double?: string, single?: string) => double ?? single ?? ''),
  );
}

/** What identifies the arguments: two servers with the same are judged once. */
export const argumentsKey = ({ file, options, hostKeys }: SshdArguments): string =>
  JSON.stringify([file ?? '', options, hostKeys]);
