/**
 * What the start files of root's shells make of PATH. The files are read, not run: what stands behind a condition, or
 * comes from another program, can not be told and is said so. sh(1), bash(1) INVOCATION, login.defs(5), pam_env(8).
 */
import { type StartLine, startLines } from './shell-timeout.ts';

export interface PathStatement {
  readonly source: string;
  readonly line: number;
  /** Parts that are written out; the value that PATH had before is left out. Undefined: not told. */
  readonly parts: readonly string[] | undefined;
  /** Nothing of an earlier value is left. */
  readonly replaces: boolean;
  /** Whether it is carried out whenever the file is read. */
  readonly always: boolean;
}

export interface StartFile {
  readonly statements: readonly PathStatement[];
  /** Files that it reads in turn, by absolute path. */
  readonly reads: readonly string[];
}

const HOME = '/root';
/** Stands for the earlier value; no file name can hold it. */
const EARLIER = '\0';
const ASSIGNS =
  /^((?:export|readonly|typeset|declare)\s+(?:-\w+\s+)*)?(\w+)(\+?=)((?:"(?:\\.|[^"\\])*"|'[^']*'|\$\{[^}]*\}|\$\([^)]*\)|`[^`]*`|\\.|[^\s"'`;&|<>()])*)/;
/** Programs whose output sets colours and the like. */
const HARMLESS = /\b(?:dircolors|lesspipe(?:\.sh)?|tput|resize|tset)\b/;

/** Joins lines that end in a backslash; the numbers of those that follow stay the same. */
function joined(text: string): string {
  const out: string[] = [];
  let held = '';
  let padding = 0;
  for (const raw of text.split(/\r?\n/)) {
    if (/(?:^|[^\\])\\$/.test(raw) && !/^\s*#/.test(held + raw)) {
      held += raw.slice(0, -1);
      padding += 1;
      continue;
    }
    out.push(held + raw, ...Array<string>(padding).fill(''));
    held = '';
    padding = 0;
  }
  return [...out, held].join('\n');
}

/** The value of a word, `EARLIER` where PATH stands; undefined where it depends on what is not known here. Pure. */
export function expandWord(word: string, known: ReadonlyMap<string, string>): string | undefined {
  let value = '';
  let quote: '"' | undefined;
  for (let at = 0; at < word.length; ) {
    const rest = word.slice(at);
    const literal = quote ? undefined : /^'([^']*)'/.exec(rest);
    const escaped = quote ? /^\\([$`"\\])/.exec(rest) : /^\\(.)/.exec(rest);
    // The idiom that adds a colon only where there is an earlier value.
    const idiom = /^\$\{PATH:?\+(?::\$(?:PATH|\{PATH\})|\$(?:PATH|\{PATH\}):)\}/.exec(rest);
    const variable = /^\$(?:(\w+)|\{(\w+)\}|\{PATH:?-\})/.exec(rest);
    if (rest.startsWith('"')) {
      quote = quote ? undefined : '"';
      at += 1;
    } else if (literal) {
      value += literal[1] ?? '';
      at += literal[0].length;
    } else if (escaped) {
      value += escaped[1] ?? '';
      at += escaped[0].length;
    } else if (idiom) {
      value += idiom[0].includes('+:') ? `:${EARLIER}` : `${EARLIER}:`;
      at += idiom[0].length;
    } else if (variable) {
      const name = variable[1] ?? variable[2] ?? 'PATH';
      const found = name === 'PATH' ? EARLIER : name === 'HOME' ? HOME : known.get(name);
      if (found === undefined) return undefined;
      value += found;
      at += variable[0].length;
    } else if (/^(?:\$|`)/.test(rest)) return undefined;
    else if (!quote && /^~(?=[/:]|$)/.test(rest) && (at === 0 || word[at - 1] === ':')) {
      value += HOME;
      at += 1;
    } else if (!quote && rest.startsWith('~') && (at === 0 || word[at - 1] === ':')) return undefined;
    else {
      value += rest[0];
      at += 1;
    }
  }
  return value;
}

/** Commands with what opens a group or a branch of `case` before them taken off. */
function bare({ text, conditional }: StartLine): { text: string; conditional: boolean } {
  const inFunction = /^(?:function\s+)?[\w-]+\s*\(\)\s*[{(]?\s*/.exec(text);
  if (inFunction) return { text: text.slice(inFunction[0].length), conditional: true };
  const branch = /^[^\s()'"$=]+\)\s*/.exec(text);
  const rest = branch && conditional ? text.slice(branch[0].length) : text;
  const group = /^[{(!]\s*/.exec(rest);
  // Whatever stands in brackets is over with them; that it is said not to be sure errs on the safe side.
  return group ? { text: rest.slice(group[0].length), conditional: true } : { text: rest, conditional };
}

/** Everything that a start file of sh or bash does to PATH. Pure, never throws. */
export function pathStatements(content: string, source: string): StartFile {
  const text = joined(content);
  const statements: PathStatement[] = [];
  const reads: string[] = [];
  const known = new Map<string, string>();
  const munges = /^\s*(?:function\s+)?pathmunge\s*\(\)/m.test(text);
  const unsure = firstUnsure(text);
  for (const one of startLines(text, source)) {
    const { text: command, conditional } = bare(one);
    const always = !conditional && one.line < unsure;
    const place = { source, line: one.line };
    const unclear = () => statements.push({ ...place, parts: undefined, replaces: false, always });
    const munged = /^pathmunge\s+(\S+)/.exec(command)?.[1];
    const file = /^(?:\.|source)\s+(\S+)/.exec(command)?.[1];
    const match = ASSIGNS.exec(command);
    if (munged !== undefined) {
      const value = expandWord(munged, known);
      statements.push({ ...place, parts: value?.split(':'), replaces: false, always });
    } else if (file !== undefined) {
      const path = expandWord(file, known);
      if (path?.startsWith('/')) reads.push(path);
      // The loops of the distributions over profile.d and the like: their files are read one by one.
      else if (!/^"?\$\{?\w+\}?"?$/.test(file)) unclear();
    } else if (match) {
      const [whole, exported, name = '', sign, word = ''] = match;
      const after = command.slice(whole.length).trim();
      // `PATH=... program` holds for that program alone.
      if (exported === undefined && after !== '' && !/^(?:export\b|\w+=|[)}&<>]|$)/.test(after)) continue;
      if (name !== 'PATH') {
        const value = expandWord(word, known);
        if (value !== undefined && always && sign === '=' && !value.includes(EARLIER)) known.set(name, value);
        else known.delete(name);
        const also = /(?:^|\s)PATH\+?=/.test(after);
        if (also) unclear();
        continue;
      }
      const value = expandWord(word, known);
      // The function of the Red Hat family, which is judged where it is called.
      if (munges && conditional && /\$\{?1\b/.test(word)) continue;
      if (value === undefined) unclear();
      // What is appended goes on from the last part of the earlier value.
      else if (sign === '+=' && !value.startsWith(':')) unclear();
      else statements.push({ ...place, ...partsOf(sign === '+=' ? EARLIER + value : value), always });
    } else if (
      /^(?:eval|source|\.)\s/.test(command) &&
      /\bPATH\b|\$\(|`/.test(command) &&
      !HARMLESS.test(command)
    )
      unclear();
    else if (/^(?:read|printf|getopts|mapfile|export|declare|typeset)\b.*\bPATH(?:\+?=|$)/.test(command)) {
      if (!/^(?:export|declare|typeset)\s+(?:-\w+\s+)*(?:\w+\s+)*PATH$/.test(command)) unclear();
    }
  }
  return { statements, reads };
}

/** The line from which on nothing is sure to be run: behind an early end, in a here-document or in open quotes. */
function firstUnsure(text: string): number {
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/(^|\s)#.*$/, '$1');
    const odd = (line.split("'").length + line.split('"').length) % 2 === 1;
    if (odd || /<<|\b(?:return|exit|exec)\b|(?:&&|\|\||\|)\s*$/.test(line)) return index + 1;
  }
  return Number.POSITIVE_INFINITY;
}

/** PATH's value split as execvp(3) does it. Pure. */
export function partsOf(value: string): Pick<PathStatement, 'parts' | 'replaces'> {
  const all = value.split(':');
  const glued = all.some((part) => part.includes(EARLIER) && part !== EARLIER);
  return {
    parts: glued ? undefined : all.filter((part) => part !== EARLIER),
    replaces: !value.includes(EARLIER),
  };
}

/**
 * The PATH of /etc/environment. pam_env takes it as it stands: a dollar sign means nothing there. Pure.
 */
export function environmentPath(text: string, source: string): PathStatement | undefined {
  let found: PathStatement | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = (raw.split('#')[0] ?? '').trim().replace(/^export\s+/, '');
    if (!line.startsWith('PATH=')) continue;
    const value = line.slice('PATH='.length).replace(/^["']/, '').replace(/["']$/, '');
    // Without a value the variable is taken away.
    found =
      value === ''
        ? undefined
        : { source, line: index + 1, parts: value.split(':'), replaces: true, always: true };
  }
  return found;
}

/** The statements of one file that count in the end: one that is sure and replaces all puts an end to those before. */
export function lasting(statements: readonly PathStatement[]): readonly PathStatement[] {
  const last = statements.findLastIndex(({ always, replaces }) => always && replaces);
  return statements.slice(Math.max(0, last));
}
