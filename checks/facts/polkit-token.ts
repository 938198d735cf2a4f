/** The words of a rule of polkit(8), which is JavaScript: comments left out, each with its line. Pure. */

export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'regex' | 'sign' | 'end';
  readonly text: string;
  readonly line: number;
}

const MAX_TOKENS = 20_000;

/** Never throws; what is no word ends them. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern =
    /(\s+|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|("(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*')|([A-Za-z_$][\w$]*(?:\s*\.\s*[A-Za-z_$][\w$]*)*)|(\d[\w.]*)|(===|!==|==|!=|<=|>=|=>|&&|\|\||[\s\S])/y;
  let line = 1;
  while (pattern.lastIndex < text.length && tokens.length < MAX_TOKENS) {
    const at = pattern.lastIndex;
    const before = tokens.at(-1);
    const regex = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
    regex.lastIndex = at;
    const opens = before === undefined || (before.kind === 'sign' && !/^[)\]]$/.test(before.text));
    const literal = opens ? regex.exec(text) : null;
    if (literal) {
      tokens.push({ kind: 'regex', text: literal[0], line });
      pattern.lastIndex = regex.lastIndex;
      continue;
    }
    const match = pattern.exec(text);
    if (!match) break;
    const [all, , string, name, number, sign] = match;
    if (string !== undefined)
      tokens.push({ kind: 'string', text: string.slice(1, -1).replace(/\\(.)/g, '$1'), line });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name.replace(/\s+/g, ''), line });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, line });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, line });
    line += all.split('\n').length - 1;
  }
  return tokens;
}
