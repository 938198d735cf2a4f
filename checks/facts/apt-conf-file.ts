/** The syntax of apt's configuration files, for systems whose apt-config is not run: apt.conf(5). Pure. */

export interface AptSetting {
  /** As written: `APT::Periodic::Enable`; a member of a list ends in `::`. Letter case does not count. */
  readonly name: string;
  readonly value: string;
}

interface Token {
  readonly kind: 'word' | '{' | '}' | ';' | '#clear' | '#include';
  readonly text: string;
}

const MAX_DEPTH = 40;

/** Comments: `//`, and `#` unless it begins #clear or #include, to the end of the line; slash and star over lines. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern =
    /\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|#(clear|include)\b|#[^\n]*|"((?:\\.|[^"\\])*)"|([{};])|((?:[^\s{};"#/]|\/(?![/*]))+)/g;
  for (const [, directive, quoted, mark, bare] of text.matchAll(pattern)) {
    if (directive) tokens.push({ kind: `#${directive}` as Token['kind'], text: '' });
    else if (mark) tokens.push({ kind: mark as Token['kind'], text: mark });
    else if (quoted !== undefined) tokens.push({ kind: 'word', text: quoted.replace(/\\(["\\])/g, '$1') });
    else if (bare !== undefined) tokens.push({ kind: 'word', text: bare });
  }
  return tokens;
}

const join = (parent: string, name: string): string => (parent === '' ? name : `${parent}::${name}`);

/**
 * `settings` with those of one more file: a name set again is changed, `Name::` and a bare value in a block add to a
 * list, `#clear` takes a name and all below it away. Never throws; `#include` is left out.
 */
export function addAptConf(settings: readonly AptSetting[], text: string): AptSetting[] {
  let all = [...settings];
  const parents: string[] = [''];
  let words: string[] = [];
  let directive: Token['kind'] | undefined;
  const parent = (): string => parents.at(-1) ?? '';
  const set = (name: string, value: string): void => {
    const lower = name.toLowerCase();
    const at = lower.endsWith('::') ? -1 : all.findIndex((each) => each.name.toLowerCase() === lower);
    if (at < 0) all.push({ name, value });
    else all[at] = { name, value };
  };
  const statement = (): void => {
    const [first, second] = words;
    if (directive === '#clear') {
      for (const name of words) all = all.filter((each) => !isAtOrBelow(each.name, join(parent(), name)));
    } else if (directive === undefined && first !== undefined) {
      if (second !== undefined) set(join(parent(), first), second);
      else if (parent() !== '') set(`${parent()}::`, first);
    }
    words = [];
    directive = undefined;
  };
  for (const { kind, text: word } of tokensOf(text)) {
    if (kind === 'word') words.push(word);
    else if (kind === ';') statement();
    else if (kind === '{') {
      const [name = '', value] = words;
      if (value !== undefined) set(join(parent(), name), value);
      if (parents.length < MAX_DEPTH) parents.push(join(parent(), name));
      words = [];
    } else if (kind === '}') {
      statement();
      if (parents.length > 1) parents.pop();
    } else directive = kind;
  }
  return all;
}

function isAtOrBelow(name: string, top: string): boolean {
  const [a, b] = [name.toLowerCase(), top.toLowerCase().replace(/::$/, '')];
  return a === b || a.startsWith(`${b}::`);
}
