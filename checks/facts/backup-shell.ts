/**
 * A bounded reader of shell scripts: which commands a script runs, with which words. Not a shell: every branch counts
 * as taken and nothing is expanded but plain variables. Comments, here-documents and quoted text are no commands.
 */

export interface ShellCommand {
  /** Counted from 1. */
  readonly line: number;
  /** Quotes and backslashes resolved, `NAME=value` in front included, redirections left out. */
  readonly words: readonly string[];
}

const MAX_DEPTH = 4;

/** Characters that mean nothing to a shell inside a word, taken at once. */
const PLAIN = /[\w./:=,+@%~*?{}[\]!^-]*/y;

/** Pure. Never throws; an open quote runs to the end. Commands within `$(...)` and backticks come out as well. */
export function shellCommands(text: string, firstLine = 1, depth = 0): ShellCommand[] {
  const commands: ShellCommand[] = [];
  const pending: { word: string; stripTabs: boolean }[] = [];
  let words: string[] = [];
  let word: string | undefined;
  let line = firstLine;
  let started = line;
  /** The next word belongs to a redirection: a file name, or the end mark of a here-document. */
  let redirect: '' | 'file' | 'here' | 'here-' = '';

  const endWord = (): void => {
    if (word === undefined) return;
    if (redirect === 'here' || redirect === 'here-') pending.push({ word, stripTabs: redirect === 'here-' });
    else if (redirect === '') {
      if (words.length === 0) started = line;
      words.push(word);
    }
    word = undefined;
    redirect = '';
  };
  const endCommand = (): void => {
    endWord();
    if (words.length > 0) commands.push({ line: started, words });
    words = [];
  };
  const nested = (inner: string): void => {
    if (depth < MAX_DEPTH) commands.push(...shellCommands(inner, line, depth + 1));
  };
  const lines = (from: number, to: number): void => {
    line += text.slice(from, to).split('\n').length - 1;
  };

  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if (char === '\\') {
      if (next === '\n') line += 1;
      else word = (word ?? '') + next;
      at += 1;
    } else if (char === "'") {
      const end = closing(text, at + 1, "'");
      word = (word ?? '') + text.slice(at + 1, end);
      lines(at, end);
      at = end;
    } else if (char === '"') {
      const end = closingQuote(text, at + 1);
      const inner = text.slice(at + 1, end);
      for (const [, substituted] of inner.matchAll(/\$\(([^()]*(?:\([^()]*\)[^()]*)*)\)/g))
        nested(substituted ?? '');
      word = (word ?? '') + inner.replace(/\\(["$`\\])/g, '$1').replaceAll('\\\n', '');
      lines(at, end);
      at = end;
    } else if (char === '`' || (char === '$' && next === '(')) {
      const open = char === '`' ? at + 1 : at + 2;
      const end = char === '`' ? closing(text, open, '`') : closingParenthesis(text, open);
      nested(text.slice(open, end));
      word = `${word ?? ''}$(...)`;
      lines(at, end);
      at = end;
    } else if (char === '#' && word === undefined) {
      const end = text.indexOf('\n', at);
      at = (end < 0 ? text.length : end) - 1;
    } else if (char === '<' || char === '>') {
      if (word !== undefined && /^\d+$/.test(word)) word = undefined;
      endWord();
      if (text.startsWith('<<<', at)) {
        redirect = 'file';
        at += 2;
      } else if (text.startsWith('<<', at)) {
        redirect = text.charAt(at + 2) === '-' ? 'here-' : 'here';
        at += redirect === 'here-' ? 2 : 1;
      } else {
        redirect = 'file';
        if (next === '>' || next === '|') at += 1;
        if (text.charAt(at + 1) === '&') {
          at += 1;
        }
      }
    } else if (char === '\n') {
      endCommand();
      line += 1;
      for (const { word: mark, stripTabs } of pending.splice(0)) {
        const end = hereEnd(text, at + 1, mark, stripTabs);
        lines(at + 1, end);
        at = end - 1;
      }
    } else if (';|&()'.includes(char)) {
      endCommand();
    } else if (/\s/.test(char)) {
      endWord();
    } else {
      PLAIN.lastIndex = at + 1;
      const more = PLAIN.exec(text)?.[0] ?? '';
      word = (word ?? '') + char + more;
      at += more.length;
    }
  }
  endCommand();
  return commands;
}

function closing(text: string, from: number, mark: string): number {
  const end = text.indexOf(mark, from);
  return end < 0 ? text.length : end;
}

function closingQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

function closingParenthesis(text: string, from: number): number {
  let open = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '(') open += 1;
    if (text[at] === ')') open -= 1;
    if (open === 0) return at;
  }
  return text.length;
}

/** Where the text behind a here-document goes on. */
function hereEnd(text: string, from: number, mark: string, stripTabs: boolean): number {
  let at = from;
  while (at < text.length) {
    const end = text.indexOf('\n', at);
    const row = text.slice(at, end < 0 ? text.length : end);
    at = end < 0 ? text.length : end + 1;
    if ((stripTabs ? row.replace(/^\t+/, '') : row) === mark) break;
  }
  return at;
}

export type Environment = Readonly<Record<string, string>>;

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/;

/** `NAME=value`, split; undefined for any other word. */
export function assignment(word: string): readonly [string, string] | undefined {
  const match = ASSIGNMENT.exec(word);
  return match?.[1] === undefined ? undefined : [match[1], match[2] ?? ''];
}

/** `$NAME` and `${NAME}` replaced where the value is known, `${NAME:-word}` by its default where not; the rest stays. */
export function expand(word: string, environment: Environment): string {
  return word.replace(
    /\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?::?[-=]([^}]*))?\})/g,
    (whole, plain: string | undefined, braced: string | undefined, otherwise: string | undefined) =>
      environment[plain ?? braced ?? ''] ?? otherwise ?? whole,
  );
}

/**
 * An environment file, as EnvironmentFile= of systemd and `.` of a shell both read it: `NAME=value` or
 * `export NAME=value` a line, quotes taken off. systemd.exec(5)
 */
export function environmentLines(text: string): Environment {
  const found: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line);
    if (!match?.[1]) continue;
    const value = (match[2] ?? '').trim();
    const quoted = /^'([^']*)'|^"((?:[^"\\]|\\.)*)"/.exec(value);
    found[match[1]] = quoted ? (quoted[1] ?? (quoted[2] ?? '').replace(/\\(["$`\\])/g, '$1')) : value;
  }
  return found;
}
