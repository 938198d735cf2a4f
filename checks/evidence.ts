/**
 * The one constructor of evidence. Whatever leaves a host in evidence, reasons or errors goes through `redact`:
 * `found` is meant to be a parsed value already, this is the net below it.
 */
import type { Evidence, Phrase, Text } from '../shared/outcome.ts';

const HIDDEN = '***';
const MAX_TEXT = 500;

/** crypt(5) strings: `$id$...`, also yescrypt's and bcrypt's own alphabets; `_` and 13-character DES only in full. */
const CRYPT = /\$(?:[0-9a-z]{1,4}|sha1|md5)(?:,[^$\s]*)?\$[./A-Za-z0-9$=,+-]{4,}/g;
/** `scheme://user:password@host`: the user part goes as a whole, it may itself be a token. */
const URL_USER = /([a-z][a-z0-9+.-]*:\/\/)[^/\s@]+@/gi;
/** A value after a word that announces a secret: `password=x`, `bindpw x`, `"token": "x"`, `--key-secret x`. */
const ANNOUNCED =
  /((?:pass(?:word|wd|phrase)?|bindpw|secret|token|api[-_]?key|access[-_]?key(?:[-_]?id)?|secret[-_]?key|private[-_]?key)(?:["']?\s*[=:]\s*|\s+))(?:"[^"]*"|'[^']*'|[^\s"',;]+)/gi;

/** `text` without anything that looks like a secret, on one line, at most 500 characters. */
export function redact(text: string): string {
  const clean = text
    .slice(0, MAX_TEXT * 4)
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ')
    .replace(URL_USER, `$1${HIDDEN}@`)
    .replace(ANNOUNCED, `$1${HIDDEN}`)
    .replace(CRYPT, HIDDEN);
  return clean.length > MAX_TEXT ? `${clean.slice(0, MAX_TEXT - 1)}…` : clean;
}

export function redactText(text: Text): Text {
  return { en: redact(text.en), de: redact(text.de) };
}

const redactPhrase = (phrase: Phrase): Phrase =>
  typeof phrase === 'string' ? redact(phrase) : redactText(phrase);

/**
 * One piece of evidence. `source` is the file (as on the host) or the command asked, `line` counts from 1,
 * `found` and `wanted` are values or words in both languages, never raw lines.
 */
export function evidence(piece: {
  source: string;
  line?: number | undefined;
  found: Phrase | number | boolean;
  wanted: Phrase | number | boolean;
}): Evidence {
  const phrase = (value: Phrase | number | boolean): Phrase =>
    redactPhrase(typeof value === 'object' ? value : String(value));
  return {
    source: redact(piece.source),
    ...(piece.line === undefined ? {} : { line: piece.line }),
    found: phrase(piece.found),
    wanted: phrase(piece.wanted),
  };
}
