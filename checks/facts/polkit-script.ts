/**
 * Reads the conditions under which a rule of polkit(8) answers yes. Rules are JavaScript; nothing of them is run. What
 * is understood: if, else, return, comparisons of action.id, subject.user and the like joined by `&&`, `||` and `!`.
 * Anything else leaves the answer unclear. Pure.
 */
import {
  ALWAYS,
  any,
  atomOf,
  both,
  type Condition,
  compared,
  type Literal,
  lists,
  NEVER,
  type Rule,
  type Value,
} from './polkit-condition.ts';
import { type Token, tokensOf } from './polkit-token.ts';

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

const MAX_DEPTH = 60;

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
