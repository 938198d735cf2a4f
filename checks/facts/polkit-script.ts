/**
 * Reads the conditions under which a rule of polkit(8) answers yes. Rules are JavaScript; nothing of them is run. What
 * is understood: if, else, return, comparisons of action.id, subject.user and the like joined by `&&`, `||` and `!`.
 * Anything else leaves the answer unclear. Pure.
 */
import type { ActionPattern } from './polkit-actions.ts';

/** One thing that must hold. `narrow`: it only makes the answer rarer; `unclear`: not understood. */
export type Atom =
  | { readonly is: 'user' | 'group'; readonly name: string }
  | { readonly is: 'action'; readonly action: ActionPattern }
  /** A detail of the action, such as the unit that it is about. */
  | { readonly is: 'detail'; readonly exact: boolean }
  | { readonly is: 'narrow' | 'unclear' };

export interface Literal {
  readonly atom: Atom;
  readonly holds: boolean;
}

export interface ScriptAnswer {
  readonly line: number;
  /** All of one list must hold: any list is enough. Undefined: not understood. */
  readonly when: readonly (readonly Literal[])[] | undefined;
}

export interface ScriptAdmins {
  readonly line: number;
  /** `unix-group:ops`, `unix-user:anna`. */
  readonly identities: readonly string[];
  /** Whether it answers so whatever it is asked. */
  readonly always: boolean;
}

export interface PolkitScript {
  readonly answers: readonly ScriptAnswer[];
  readonly admins: readonly ScriptAdmins[];
}

interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'regex' | 'sign' | 'end';
  readonly text: string;
  readonly line: number;
}

const MAX_TOKENS = 20_000;
const MAX_DEPTH = 60;
const MAX_LISTS = 64;

class NotUnderstood extends Error {}

/** Never throws. */
export function readPolkitScript(text: string): PolkitScript {
  const tokens = tokensOf(text);
  const answers = new Map<number, ScriptAnswer>();
  const admins: ScriptAdmins[] = [];
  for (const [at, token] of tokens.entries()) {
    const called = token.kind === 'name' && tokens[at + 1]?.text === '(';
    if (called && token.text === 'polkit.addRule')
      for (const answer of ruleAt(tokens, at + 2)) answers.set(answer.line, answer);
    if (called && token.text === 'polkit.addAdminRule') admins.push(adminsAt(tokens, at + 2));
  }
  // A yes that stands where the reader did not come by.
  for (const { kind, text: word, line } of tokens) {
    const yes = (kind === 'name' && /\.YES$/.test(word)) || (kind === 'string' && word === 'yes');
    if (yes && !answers.has(line)) answers.set(line, { line, when: undefined });
  }
  return { answers: [...answers.values()], admins };
}

function tokensOf(text: string): Token[] {
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

type Condition =
  | { readonly kind: 'atom'; readonly atom: Atom }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'and' | 'or'; readonly all: readonly Condition[] };

const ALWAYS: Condition = { kind: 'and', all: [] };
const NEVER: Condition = { kind: 'or', all: [] };
const both = (one: Condition, other: Condition): Condition =>
  other === NEVER ? NEVER : { kind: 'and', all: [one, other] };
const any = (one: Condition, other: Condition): Condition =>
  one === NEVER ? other : other === NEVER ? one : { kind: 'or', all: [one, other] };

/** A value inside of a condition. */
type Value =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | { readonly kind: 'call'; readonly on: Value; readonly method: string; readonly args: readonly Value[] }
  | { readonly kind: 'condition'; readonly condition: Condition }
  | { readonly kind: 'other' };

interface Rule {
  readonly action: string;
  readonly subject: string;
}

/** The answers of one `polkit.addRule(function(action, subject) {...})`. */
function ruleAt(tokens: readonly Token[], from: number): ScriptAnswer[] {
  const answers: ScriptAnswer[] = [];
  let at = from;
  let rule: Rule = { action: 'action', subject: 'subject' };

  const peek = (ahead = 0): Token => tokens[at + ahead] ?? { kind: 'end', text: '', line: 0 };
  const is = (text: string): boolean => peek().kind !== 'string' && peek().text === text;
  const next = (): Token => {
    const token = peek();
    if (token.kind === 'end') throw new NotUnderstood();
    at += 1;
    return token;
  };
  const expect = (text: string): void => {
    if (!is(text)) throw new NotUnderstood();
    at += 1;
  };

  function header(): void {
    if (is('function')) next();
    if (peek().kind === 'name') next();
    expect('(');
    const names: string[] = [];
    while (!is(')')) {
      if (peek().kind === 'name') names.push(next().text);
      else expect(',');
    }
    expect(')');
    if (is('=>')) next();
    const [action = 'action', subject = 'subject'] = names;
    rule = { action, subject };
  }

  /** @returns when it leaves the function */
  function statement(path: readonly Condition[], depth: number): Condition {
    if (depth > MAX_DEPTH) throw new NotUnderstood();
    if (is('{')) return block(path, depth + 1);
    if (is('if')) {
      next();
      expect('(');
      const condition = conditionOf(either(depth + 1));
      const not: Condition = { kind: 'not', of: condition };
      expect(')');
      const left = both(condition, statement([...path, condition], depth + 1));
      if (!is('else')) return left;
      next();
      return any(left, both(not, statement([...path, not], depth + 1)));
    }
    if (is('return')) {
      next();
      const first = peek();
      const yes = /\.YES$/.test(first.text) || (first.kind === 'string' && first.text === 'yes');
      const plain = first.kind !== 'sign' && (/^[;}]$/.test(peek(1).text) || peek(1).line > first.line);
      if (yes && plain) {
        next();
        answers.push({ line: first.line, when: lists({ kind: 'and', all: path }) });
      } else if (!/^[;}]$/.test(first.text)) skip();
      if (is(';')) next();
      return ALWAYS;
    }
    if (/^(?:for|while|do|switch|try|function|with)$/.test(peek().text)) throw new NotUnderstood();
    skip();
    if (is(';')) next();
    return NEVER;
  }

  /** Over what is no condition: a call, an assignment. */
  function skip(): void {
    let open = 0;
    for (
      let token = peek();
      open > 0 || !/^[;}]$/.test(token.text) || token.kind === 'string';
      token = peek()
    ) {
      if (token.kind === 'sign' && /^[([{]$/.test(token.text)) open += 1;
      if (token.kind === 'sign' && /^[)\]}]$/.test(token.text)) open -= 1;
      if (open < 0) throw new NotUnderstood();
      const { line } = next();
      // A line end may stand for the semicolon.
      if (open === 0 && peek().line > line && (peek().kind === 'name' || is('}'))) return;
    }
  }

  function block(path: readonly Condition[], depth: number): Condition {
    expect('{');
    const stays: Condition[] = [];
    let left = NEVER;
    while (!is('}')) {
      const leaves = statement([...path, ...stays], depth);
      left = any(left, leaves);
      if (leaves !== NEVER) stays.push({ kind: 'not', of: leaves });
    }
    expect('}');
    return left;
  }

  function either(depth: number): Value {
    if (depth > MAX_DEPTH) throw new NotUnderstood();
    return joined('||', 'or', () => joined('&&', 'and', () => comparison(depth + 1)));
  }

  function joined(sign: string, kind: 'and' | 'or', part: () => Value): Value {
    const first = part();
    if (!is(sign)) return first;
    const all = [conditionOf(first)];
    while (is(sign)) {
      next();
      all.push(conditionOf(part()));
    }
    return { kind: 'condition', condition: { kind, all } };
  }

  function comparison(depth: number): Value {
    const left = unary(depth);
    const sign = peek();
    if (sign.kind !== 'sign' || !/^(?:===?|!==?|[<>]=?)$/.test(sign.text)) return left;
    next();
    return { kind: 'condition', condition: compared(left, sign.text, unary(depth), rule) };
  }

  function unary(depth: number): Value {
    if (depth > MAX_DEPTH) throw new NotUnderstood();
    if (is('!')) {
      next();
      return { kind: 'condition', condition: { kind: 'not', of: conditionOf(unary(depth + 1)) } };
    }
    if (is('-')) {
      next();
      return { kind: 'number', text: `-${next().text}` };
    }
    return called(primary(depth), depth);
  }

  function primary(depth: number): Value {
    const token = next();
    if (token.kind === 'string') return { kind: 'text', text: token.text };
    if (token.kind === 'number') return { kind: 'number', text: token.text };
    if (token.kind === 'regex') return { kind: 'other' };
    if (token.kind === 'name') return { kind: 'path', path: token.text };
    if (token.text === '(') {
      const inner = either(depth + 1);
      expect(')');
      return inner;
    }
    if (token.text === '[') return { kind: 'list', items: valuesTo(']', depth) };
    throw new NotUnderstood();
  }

  function valuesTo(end: string, depth: number): Value[] {
    const items: Value[] = [];
    while (!is(end)) {
      items.push(either(depth + 1));
      if (!is(end)) expect(',');
    }
    expect(end);
    return items;
  }

  function called(value: Value, depth: number): Value {
    let on = value;
    for (;;) {
      if (is('(') && on.kind === 'path') {
        const dot = on.path.lastIndexOf('.');
        next();
        const args = valuesTo(')', depth);
        on = {
          kind: 'call',
          on: { kind: 'path', path: on.path.slice(0, Math.max(dot, 0)) },
          method: on.path.slice(dot + 1),
          args,
        };
      } else if (is('.') && peek(1).kind === 'name') {
        next();
        const method = next().text;
        if (!is('(')) on = { kind: 'other' };
        else {
          next();
          on = { kind: 'call', on, method, args: valuesTo(')', depth) };
        }
      } else if (is('[')) {
        next();
        valuesTo(']', depth);
        on = { kind: 'other' };
      } else return on;
    }
  }

  const conditionOf = (value: Value): Condition =>
    value.kind === 'condition' ? value.condition : { kind: 'atom', atom: atomOf(value, rule) };

  try {
    header();
    block([], 0);
    return answers;
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    // What was understood up to there may be overruled by what was not.
    return answers.map(({ line }) => ({ line, when: undefined }));
  }
}

const UNCLEAR: Atom = { is: 'unclear' };
const atom = (one: Atom): Condition => ({ kind: 'atom', atom: one });

/** A value that stands for itself: `subject.active`, `subject.isInGroup("x")`. */
function atomOf(value: Value, { action, subject }: Rule): Atom {
  if (value.kind === 'path' && [`${subject}.active`, `${subject}.local`].includes(value.path))
    return { is: 'narrow' };
  if (value.kind !== 'call' || value.on.kind !== 'path') return UNCLEAR;
  const [first] = value.args;
  const text = first?.kind === 'text' ? first.text : undefined;
  if (text === undefined) return UNCLEAR;
  if (value.on.path === subject && value.method === 'isInGroup') return { is: 'group', name: text };
  if (value.on.path === `${subject}.groups` && value.method === 'includes')
    return { is: 'group', name: text };
  if (value.on.path === `${action}.id` && value.method === 'startsWith')
    return { is: 'action', action: { id: text, prefix: true } };
  return UNCLEAR;
}

function compared(left: Value, sign: string, right: Value, rule: Rule): Condition {
  const { action, subject } = rule;
  const [value, other] = left.kind === 'text' || left.kind === 'number' ? [right, left] : [left, right];
  const negated = sign.startsWith('!');
  const told = (one: Condition): Condition => (negated ? { kind: 'not', of: one } : one);
  const equal = /^[!=]==?$/.test(sign);
  if (equal && other.kind === 'text') {
    const { text } = other;
    if (value.kind === 'path' && value.path === `${action}.id`)
      return told(atom({ is: 'action', action: { id: text, prefix: false } }));
    if (value.kind === 'path' && value.path === `${subject}.user`)
      return told(atom({ is: 'user', name: text }));
    if (
      value.kind === 'call' &&
      value.on.kind === 'path' &&
      value.on.path === action &&
      value.method === 'lookup'
    )
      return told(atom({ is: 'detail', exact: !negated }));
  }
  if (equal && other.kind === 'path' && /^(?:true|false)$/.test(other.path)) {
    const one = value.kind === 'condition' ? value.condition : atom(atomOf(value, rule));
    return (other.path === 'false') !== negated ? { kind: 'not', of: one } : one;
  }
  if (value.kind === 'call' && value.method === 'indexOf' && other.kind === 'number' && left === value)
    return found(value, `${sign} ${other.text}`, rule);
  return atom(UNCLEAR);
}

/** `x.indexOf(y) == 0` begins so; `>= 0`, `> -1` and `!= -1` are in it. */
function found(
  { on, args }: { readonly on: Value; readonly args: readonly Value[] },
  test: string,
  { action, subject }: Rule,
): Condition {
  const [first] = args;
  const inside = /^(?:>= 0|> -1|!==? -1)$/.test(test);
  if (on.kind === 'path' && on.path === `${action}.id` && first?.kind === 'text' && /^===? 0$/.test(test))
    return atom({ is: 'action', action: { id: first.text, prefix: true } });
  if (on.kind === 'path' && on.path === `${subject}.groups` && first?.kind === 'text' && inside)
    return atom({ is: 'group', name: first.text });
  const names =
    on.kind === 'list' ? on.items.flatMap((item) => (item.kind === 'text' ? [item.text] : [])) : [];
  if (on.kind !== 'list' || names.length !== on.items.length || first?.kind !== 'path' || !inside)
    return atom(UNCLEAR);
  if (first.path === `${action}.id`)
    return {
      kind: 'or',
      all: names.map((id) => atom({ is: 'action', action: { id, prefix: false } })),
    };
  if (first.path === `${subject}.user`)
    return { kind: 'or', all: names.map((name) => atom({ is: 'user', name })) };
  return atom(UNCLEAR);
}

/** Lists of what must hold together, any of which is enough; undefined where there are too many. */
function lists(condition: Condition, holds = true): readonly (readonly Literal[])[] | undefined {
  if (condition.kind === 'atom') return [[{ atom: condition.atom, holds }]];
  if (condition.kind === 'not') return lists(condition.of, !holds);
  const parts = condition.all.map((one) => lists(one, holds));
  if ((condition.kind === 'or') === holds) {
    const all = parts.flatMap((one) => one ?? []);
    return parts.includes(undefined) || all.length > MAX_LISTS ? undefined : all;
  }
  let product: readonly (readonly Literal[])[] | undefined = [[]];
  for (const part of parts) {
    product = part && product?.flatMap((left) => part.flatMap((right) => together(left, right)));
    if (!product || product.length > MAX_LISTS) return undefined;
  }
  return product;
}

/** Both lists in one, each literal once; nothing where they contradict each other. */
function together(left: readonly Literal[], right: readonly Literal[]): (readonly Literal[])[] {
  const all = new Map<string, Literal>();
  for (const literal of [...left, ...right]) {
    // These may be two things of the same look.
    const alike = ['unclear', 'narrow', 'detail'].includes(literal.atom.is);
    const key = JSON.stringify(alike ? literal : literal.atom);
    const before = all.get(key);
    if (before && before.holds !== literal.holds) return [];
    if (!before) all.set(key, literal);
  }
  return [[...all.values()]];
}

/** Every identity that stands in the function; plain where it does nothing but return one list. */
function adminsAt(tokens: readonly Token[], from: number): ScriptAdmins {
  const identities: string[] = [];
  const words: string[] = [];
  let open = 1;
  for (const { kind, text } of tokens.slice(from)) {
    if (kind === 'sign' && text === '(') open += 1;
    if (kind === 'sign' && text === ')') open -= 1;
    if (open === 0) break;
    if (kind === 'string' && /^unix-(?:user|group):/.test(text)) identities.push(text);
    words.push(kind === 'string' ? '""' : text);
  }
  const body = words.join(' ');
  const always = /^(?:function )?\( ?[\w$ ,]*\) (?:=> )?\{ return \[ (?:"" ?,? ?)*\] ;? ?\}$/.test(body);
  return { line: tokens[from]?.line ?? 1, identities, always };
}
