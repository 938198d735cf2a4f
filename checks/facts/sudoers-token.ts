/**
 * Splits a sudoers file into tokens, as sudo's own scanner does: start states, longest match, and of two equally long
 * matches the earlier rule. sudoers(5), sudo 1.8.31 to 1.9.16. Pure, never throws for what a file holds.
 * Longer than most files because the table of rules is one piece.
 */
import { type SudoVersion, sudoSince } from './sudo-version.ts';

export type TokenKind =
  | 'newline'
  | 'word'
  | 'alias'
  | 'all'
  | 'netgroup'
  | 'group'
  | 'address'
  | 'command'
  | 'digest'
  | 'variable'
  | 'include'
  | 'includedir'
  | 'defaults'
  | 'alias-kind'
  | 'tag'
  | 'option'
  | 'sha'
  | 'punctuation'
  | 'error';

export interface Token {
  readonly kind: TokenKind;
  /** What was meant: name, tag, punctuation, command path, unescaped word; for errors the reason. */
  readonly text: string;
  /** Of a command: its arguments, where some are given. */
  readonly args?: string;
  /** Line on which the token begins, from 1. */
  readonly line: number;
}

type State =
  | 'initial'
  | 'got-defaults'
  | 'command'
  | 'regex'
  | 'start-defaults'
  | 'in-defaults'
  | 'string'
  | 'want-digest'
  | 'include'
  | 'path';

const WORD = String.raw`(?:[^#>!=:,() \t\r\n\\"]+|\\[^\t\n])+`;
const ID = '#-?[0-9]+';
const PATH = String.raw`/(?:[^,:=\\ \t\r\n#]+|\\[,:= \t#])+`;
const REGEX = String.raw`\^(?:\\[#$]|[^#\r\n$])*\$`;
const VARIABLE_VALUE = String.raw`(?:[^#!=, \t\r\n\\"]|\\[^\r\n])(?:[^#=, \t\r\n\\"]+|\\[^\r\n])*`;
const OCTET = '(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})';
const V4 = `${OCTET}(?:\\.${OCTET}){3}`;
const HEX = '[0-9A-Fa-f]{1,4}';
const V6 = `(?:(?:(?:${HEX})?:){2,6}:${V4}|(?:(?:${HEX})?:){2,7}(?:${HEX})?)`;

const pattern = (source: string): RegExp => new RegExp(source, 'y');

interface Rule {
  readonly states: readonly State[] | 'all' | 'inclusive';
  readonly match: RegExp;
  readonly atLineStart?: true;
  readonly act: (scanner: Scanner, text: string) => void;
}

const INCLUSIVE: readonly State[] = ['initial', 'got-defaults', 'want-digest', 'path'];
const DIGEST_BYTES: Readonly<Record<string, number>> = { sha224: 28, sha256: 32, sha384: 48, sha512: 64 };

const tags = 'NOPASSWD PASSWD NOEXEC EXEC SETENV NOSETENV LOG_OUTPUT NOLOG_OUTPUT LOG_INPUT NOLOG_INPUT';
const laterTags = 'MAIL NOMAIL FOLLOW NOFOLLOW';
const INTERCEPT = ['INTERCEPT', 'NOINTERCEPT'];

/** Collapses `\x41` and `\c` to the character meant. */
function unescaped(text: string): string {
  return text.replace(/\\(?:x([0-9A-Fa-f]{2})|([\s\S]))/g, (_, hex: string | undefined, char: string) =>
    hex === undefined ? char : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

const rules: readonly Rule[] = [
  rule(['got-defaults'], '[ \\t]*,[ \\t]*', (s) => s.emit('punctuation', ',')),
  rule(['got-defaults'], '[ \\t]+', (s) => s.begin('start-defaults')),
  rule(['start-defaults'], '[a-z_]+', (s, text) => {
    s.begin('in-defaults');
    s.emit('variable', text);
  }),
  rule(['in-defaults'], ',', (s) => {
    s.begin('start-defaults');
    s.emit('punctuation', ',');
  }),
  rule(['in-defaults'], '=', (s) => s.emit('punctuation', '=')),
  rule(['in-defaults'], '\\+=', (s) => s.emit('punctuation', '+=')),
  rule(['in-defaults'], '-=', (s) => s.emit('punctuation', '-=')),
  rule(['in-defaults'], '"', (s) => s.beginString()),
  rule(['in-defaults'], VARIABLE_VALUE, (s, text) => s.emit('word', unescaped(text))),
  rule(['string'], '\\\\[ \\t]*\\r?\\n[ \\t]*', (s) => s.newLine(true)),
  rule(['string'], '"', (s) => s.endString()),
  rule(['string'], '\\\\', (s, text) => s.append(text)),
  rule(['string'], '(?:[^"\\r\\n\\\\]+|\\\\")+', (s, text) => s.append(unescaped(text))),
  rule(['command'], '\\\\[*?[\\]!^]', (s, text) => s.argument(text)),
  rule(['command'], '\\\\[:\\\\,= \\t#]', (s, text) => s.argument(text.slice(1))),
  rule(['command'], '[#:,=\\r\\n]', (s) => {
    s.begin('initial');
    s.pushBack();
    s.endCommand();
  }),
  rule(['command'], '[^#\\\\:, \\t\\r\\n]+', (s, text) => {
    if (!s.hasArguments() && text.startsWith('^') && s.since('1.9.10')) {
      s.begin('regex');
      s.pushBack();
    } else s.argument(text);
  }),
  rule(['regex'], '\\\\[^\\r\\n]', (s, text) => s.argument(text, false)),
  rule(['regex'], '[#\\r\\n]', (s) => {
    s.pushBack();
    s.begin('initial');
    s.error('unterminated regular expression');
  }),
  rule(['regex'], '\\$', (s) => {
    s.argument('$', false);
    s.begin('initial');
    s.continued = false;
    s.endCommand();
  }),
  rule(['regex'], '[^#\\\\\\r\\n$]+', (s, text) => {
    const rest = s.continued ? text.replace(/^[ \t]+/, '') : text;
    s.continued = false;
    if (rest !== '') s.argument(rest, false);
  }),
  rule(['want-digest'], '[0-9A-Fa-f]+', (s, text) => s.digest(text, (bytes) => bytes * 2)),
  rule(['want-digest'], '[A-Za-z0-9+/=]+', (s, text) =>
    s.digest(text, (bytes) =>
      text.endsWith('=') ? 4 * Math.ceil(bytes / 3) : Math.floor((4 * bytes + 2) / 3),
    ),
  ),
  rule(['initial'], '@include', (s) => s.include('include')),
  rule(['initial'], '@includedir', (s) => s.include('includedir')),
  atStart('#include[ \\t]+[^\\n]*\\n?', (s) => s.include('include', '#include'.length)),
  atStart('#includedir[ \\t]+[^\\n]*\\n?', (s) => s.include('includedir', '#includedir'.length)),
  atStart(`[ \\t]*Defaults(?:[:@>!][ \\t]*!*"?(?:${ID}|${WORD}))?`, (s, text) => s.defaults(text)),
  atStart('[ \\t]*(?:Host|Cmnd|Cmd|User|Runas)_Alias', (s, text) => {
    if (s.continued) s.error('invalid line continuation');
    else s.emit('alias-kind', text.trimStart()[0] ?? '');
  }),
  rule('inclusive', `(?:${[tags, laterTags].join(' ').split(' ').join('|')})[ \\t]*:`, (s, text) =>
    s.tag(text),
  ),
  rule('inclusive', `(?:${INTERCEPT.join('|')})[ \\t]*:`, (s, text) => s.tag(text)),
  rule(['initial', 'got-defaults'], '\\+|%:?', (s, text) =>
    s.error(text === '+' ? 'empty netgroup' : 'empty group'),
  ),
  rule('inclusive', `\\+${WORD}`, (s, text) => s.emit('netgroup', unescaped(text))),
  rule('inclusive', `%:?(?:${WORD}|${ID})`, (s, text) => s.emit('group', unescaped(text))),
  rule('inclusive', `${V4}(?:/(?:${V4}|3[0-2]|[12]?[0-9]))?`, (s, text) => s.emit('address', text)),
  rule('inclusive', `${V6}(?:/(?:${V6}|1[01][0-9]|12[0-8]|[1-9][0-9]|[0-9]))?`, (s, text) => s.address(text)),
  rule('inclusive', 'ALL', (s) => s.emit('all', 'ALL')),
  rule(['initial'], 'TIMEOUT|NOTBEFORE|NOTAFTER|ROLE|TYPE|APPARMOR_PROFILE', (s, text) =>
    s.emit('option', text),
  ),
  rule(['initial'], 'CWD|CHROOT', (s, text) => {
    if (!s.since('1.9.3')) {
      s.emit('alias', text);
      return;
    }
    s.begin('path');
    s.emit('option', text);
  }),
  rule('inclusive', '[A-Z][A-Z0-9_]*', (s, text) => s.emit('alias', text)),
  rule(['got-defaults'], `${PATH}|sudoedit`, (s, text) => s.wholeCommand(text)),
  rule(['got-defaults'], REGEX, (s, text) =>
    s.since('1.9.10') ? s.wholeCommand(text) : s.error('regular expressions need sudo 1.9.10'),
  ),
  rule('inclusive', 'sha224|sha256|sha384|sha512', (s, text) => {
    s.begin('want-digest');
    s.emit('sha', text);
  }),
  rule('inclusive', 'sudoedit', (s, text) => s.beginCommand(text)),
  rule(['path'], `${PATH}|${WORD}`, (s, text) => {
    s.begin('initial');
    s.emit('word', unescaped(text));
  }),
  rule('inclusive', PATH, (s, text) => (text.endsWith('/') ? s.wholeCommand(text) : s.beginCommand(text))),
  rule('inclusive', REGEX, (s, text) => s.regexCommand(text)),
  rule(['initial', 'got-defaults'], '"', (s) => s.beginString()),
  rule(['initial', 'got-defaults'], `${ID}|${WORD}`, (s, text) => s.emit('word', unescaped(text))),
  rule(['include'], '[^"\\s](?:[^\\s\\\\]+|\\\\[ \\t]|\\\\)*', (s, text) => {
    s.begin('initial');
    s.emit('word', unescaped(text));
  }),
  rule(['include'], '"', (s) => {
    s.begin('initial');
    s.beginString();
  }),
  rule('inclusive', '[(),=:]', (s, text) => s.emit('punctuation', text)),
  rule('all', '!+', (s, text) => {
    if (text.length % 2 === 1) s.emit('punctuation', '!');
  }),
  rule('all', '\\r?\\n', (s) => s.endLine()),
  rule('all', '[ \\t]+', (s) => s.blank()),
  rule('all', '\\\\[ \\t]*\\r?\\n', (s) => {
    s.blank();
    s.newLine(true);
  }),
  rule(
    ['initial', 'start-defaults', 'in-defaults'],
    '#(?:-[^\\r\\n0-9][^\\n]*|[^\\r\\n0-9-][^\\n]*)?(?:\\r?\\n)?',
    (s, text) => {
      if (!text.endsWith('\n')) {
        s.error('incomplete user id');
        return;
      }
      s.begin('initial');
      s.emit('newline', '');
      s.newLine(false);
    },
  ),
  rule('all', '[\\s\\S]', (s) => s.error('no such word here')),
];

function rule(states: Rule['states'], source: string, act: Rule['act']): Rule {
  return { states, match: pattern(source), act };
}

function atStart(source: string, act: Rule['act']): Rule {
  return { states: ['initial'], match: pattern(source), atLineStart: true, act };
}

const inState = (state: State): readonly Rule[] =>
  rules.filter(
    ({ states }) =>
      states === 'all' || (states === 'inclusive' ? INCLUSIVE.includes(state) : states.includes(state)),
  );

const byState = new Map<State, readonly Rule[]>(
  ([...INCLUSIVE, 'command', 'regex', 'start-defaults', 'in-defaults', 'string', 'include'] as const).map(
    (state) => [state, inState(state)],
  ),
);

class Scanner {
  readonly tokens: Token[] = [];
  continued = false;
  readonly #text: string;
  readonly #version: SudoVersion;
  #at = 0;
  #start = 0;
  #line = 1;
  #tokenLine = 1;
  #state: State = 'initial';
  #beforeString: State = 'initial';
  #string: string | undefined;
  #command: { path: string; args?: string | undefined } | undefined;
  #sawSpace = false;
  #digestOf = 'sha256';
  /** The place where a token was given back: no line begins there, whatever stands before it. */
  #notAtStart = -1;

  constructor(text: string, version: SudoVersion) {
    this.#text = text;
    this.#version = version;
  }

  since(version: string): boolean {
    return sudoSince(this.#version, version);
  }

  run(): readonly Token[] {
    while (this.#at < this.#text.length) {
      const lineStart =
        (this.#at === 0 || this.#text[this.#at - 1] === '\n') && this.#notAtStart !== this.#at;
      let best: Rule | undefined;
      let length = 0;
      for (const candidate of byState.get(this.#state) ?? []) {
        if (candidate.atLineStart && !lineStart) continue;
        candidate.match.lastIndex = this.#at;
        const found = candidate.match.exec(this.#text)?.[0].length ?? 0;
        if (found <= length) continue;
        best = candidate;
        length = found;
      }
      this.#start = this.#at;
      this.#at += length;
      if (this.#command === undefined && this.#string === undefined) this.#tokenLine = this.#line;
      // The last rule of every state takes any one character.
      best?.act(this, this.#text.slice(this.#start, this.#at));
      if (best === undefined) this.#at += 1;
    }
    return this.tokens;
  }

  begin(state: State): void {
    this.#state = state;
  }

  emit(kind: TokenKind, text: string): void {
    if (kind === 'sha') this.#digestOf = text;
    this.tokens.push({ kind, text, line: this.#tokenLine });
  }

  error(reason: string): void {
    this.tokens.push({ kind: 'error', text: reason, line: this.#line });
  }

  pushBack(length = 0): void {
    this.#at = this.#start + length;
    this.#notAtStart = this.#at;
  }

  blank(): void {
    this.#sawSpace = true;
  }

  newLine(continued: boolean): void {
    this.#line += 1;
    this.continued = continued;
  }

  endLine(): void {
    if (this.#state === 'string') {
      this.#string = undefined;
      this.begin('initial');
      this.pushBack();
      this.error('unexpected line break in string');
      return;
    }
    // A carriage return before the line's end swallows the command, in sudo too: the parser complains.
    this.#command = undefined;
    this.begin('initial');
    this.emit('newline', '');
    this.newLine(false);
  }

  include(kind: 'include' | 'includedir', length?: number): void {
    if (this.continued) {
      this.error('invalid line continuation');
      return;
    }
    if (length !== undefined) this.pushBack(length);
    else if (!this.since('1.9.1')) {
      this.error('@include needs sudo 1.9.1');
      return;
    }
    this.begin('include');
    this.emit(kind, kind);
  }

  defaults(text: string): void {
    if (this.continued) {
      this.error('invalid line continuation');
      return;
    }
    const parts = /^[ \t]*Defaults(?:([:@>!])[ \t]*)?/.exec(text);
    if (parts?.[1]) this.pushBack(parts[0].length);
    this.begin('got-defaults');
    this.emit('defaults', parts?.[1] ?? '');
  }

  tag(text: string): void {
    const name = text.slice(0, -1).trimEnd();
    if (INTERCEPT.includes(name) && !this.since('1.9.8')) this.error(`${name} needs sudo 1.9.8`);
    else this.emit('tag', name);
  }

  address(text: string): void {
    const once = (part: string) => part.split('::').length <= 2;
    if (text.split('/').every(once)) this.emit('address', text);
    else this.error('invalid IPv6 address');
  }

  digest(text: string, length: (bytes: number) => number): void {
    this.begin('initial');
    if (text.length === length(DIGEST_BYTES[this.#digestOf] ?? 0)) this.emit('digest', text);
  }

  beginString(): void {
    this.#beforeString = this.#state;
    this.#string = '';
    this.begin('string');
  }

  append(text: string): void {
    this.#string = (this.#string ?? '') + text;
  }

  endString(): void {
    const text = this.#string ?? '';
    const outside = this.#beforeString === 'initial' || this.#beforeString === 'got-defaults';
    this.#string = undefined;
    this.begin(this.#beforeString);
    if (text === '') this.error('empty string');
    else if (outside && (text === '%' || text === '%:' || text === '+')) this.error('empty group');
    else if (outside && text.startsWith('%')) this.emit('group', text);
    else if (outside && text.startsWith('+')) this.emit('netgroup', text);
    else this.emit('word', text);
  }

  beginCommand(text: string): void {
    this.#command = { path: commandPath(text) };
    this.begin('command');
  }

  wholeCommand(text: string): void {
    // A directory, or a command named by Defaults, takes no arguments: the state stays what it was.
    this.emit('command', commandPath(text));
  }

  regexCommand(text: string): void {
    if (this.since('1.9.10')) this.beginCommand(text);
    else this.error('regular expressions need sudo 1.9.10');
  }

  hasArguments(): boolean {
    return this.#command?.args !== undefined;
  }

  argument(text: string, spaced = true): void {
    if (!this.#command) return;
    const before = this.#command.args;
    const space = spaced && before !== undefined && this.#sawSpace ? ' ' : '';
    this.#command.args = (before ?? '') + space + text;
    if (spaced) this.#sawSpace = false;
  }

  endCommand(): void {
    const { path, args } = this.#command ?? { path: '' };
    this.#command = undefined;
    this.tokens.push({
      kind: 'command',
      text: path,
      line: this.#tokenLine,
      ...(args === undefined ? {} : { args }),
    });
  }
}

/** Escapes of sudoers' own special characters go; `/usr/bin/sudoedit` is the built-in sudoedit. */
function commandPath(text: string): string {
  if (text.startsWith('^')) return text;
  const path = text.replace(/\\([,:= \t#])/g, '$1');
  return path.endsWith('/sudoedit') ? 'sudoedit' : path;
}

/** The tokens of one file; a NUL ends its line, as in sudo, and the last line always ends. */
export function sudoersTokens(text: string, version: SudoVersion): readonly Token[] {
  const lines = text.includes('\0') ? text.replace(/\0[^\n]*/g, '') : text;
  return new Scanner(lines === '' || lines.endsWith('\n') ? lines : `${lines}\n`, version).run();
}
