/**
 * Words of an sshd_config(5) line, split the way sshd splits them. Two splitters are at work in OpenSSH: the keyword
 * (and, before 8.7, everything after it) goes by white space, double quotes and one `=`; since 8.7 the arguments go
 * by shell-like words with both quotes, backslashes and comments at the end.
 */

/** Lines as sshd keeps them: leading white space and `\r` gone; a NUL ends its line and swallows the line feed. */
export function configurationLines(text: string): readonly string[] {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return lines
    .map((line) => {
      const stripped = line.replace(/^[ \t\r]+/, '');
      const nul = stripped.indexOf('\0');
      return nul < 0 ? stripped : stripped.slice(0, nul);
    })
    .join('')
    .split('\n')
    .map((line) => line.slice(0, 1) + line.slice(1).replace(/[ \t\r\n\f]+$/, ''));
}

export interface Word {
  /** Undefined at the end, or where a quote is never closed. */
  readonly word: string | undefined;
  /** What follows; undefined at the end. */
  readonly rest: string | undefined;
}

const skipSpace = (text: string) => text.replace(/^[ \t\r\n]+/, '');

/** The next word by white space, double quotes or a single `=` (`strdelim` of OpenSSH). */
export function nextWord(text: string | undefined): Word {
  if (text === undefined) return { word: undefined, rest: undefined };
  const at = text.search(/[ \t\r\n"=]/);
  if (at < 0) return { word: text, rest: undefined };
  if (text[at] === '"') {
    const close = text.indexOf('"', at + 1);
    if (close < 0) return { word: undefined, rest: undefined };
    return { word: text.slice(0, at) + text.slice(at + 1, close), rest: skipSpace(text.slice(close + 1)) };
  }
  let rest = skipSpace(text.slice(at + 1));
  if (text[at] !== '=' && rest.startsWith('=')) rest = skipSpace(rest.slice(1));
  return { word: text.slice(0, at), rest };
}

/** Shell-like words up to a comment (`argv_split`, since 8.7); undefined where a quote is never closed. */
export function splitArguments(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === ' ' || text[at] === '\t') {
      at += 1;
      continue;
    }
    if (text[at] === '#') break;
    let word = '';
    let quote = '';
    for (; at < text.length; at += 1) {
      const char = text[at] ?? '';
      const next = text[at + 1] ?? '';
      if (char === '\\') {
        const escapes = next === "'" || next === '"' || next === '\\' || (quote === '' && next === ' ');
        if (escapes) at += 1;
        word += escapes ? next : char;
      } else if (quote === '' && (char === ' ' || char === '\t')) break;
      else if (quote === '' && (char === '"' || char === "'")) quote = char;
      else if (quote !== '' && char === quote) quote = '';
      else word += char;
    }
    if (quote !== '') return undefined;
    words.push(word);
  }
  return words;
}

/** All words by `nextWord`, for versions before 8.7. An empty word ends the line; it stays where something follows it. */
export function splitWords(text: string | undefined): readonly string[] {
  const words: string[] = [];
  let next = nextWord(text);
  for (; next.word !== undefined && next.word !== ''; next = nextWord(next.rest)) words.push(next.word);
  return next.word === '' && next.rest ? [...words, ''] : words;
}

/** A line with something on it, cut once for all passes. */
export interface Line {
  /** Counts from 1. */
  readonly number: number;
  readonly keyword: string;
  readonly rest: string;
  /** Nothing follows the keyword. */
  readonly bare: boolean;
}

/** The lines that say something. One without a keyword that sshd recognises as one (an open quote) says nothing. */
export function linesOf(text: string): readonly Line[] {
  return configurationLines(text).flatMap((line, index) => {
    let { word, rest } = nextWord(line);
    if (line !== '' && word === '') ({ word, rest } = nextWord(rest));
    if (!word || word.startsWith('#')) return [];
    return [{ number: index + 1, keyword: word, rest: rest ?? '', bare: rest === undefined || rest === '' }];
  });
}
