/** Conditions in a rule of polkit(8): what comparisons and calls mean, and the cases in which they hold. Pure. */
import type { ActionPattern } from './polkit-actions.ts';

const MAX_LISTS = 64;

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

export type Condition =
  | { readonly kind: 'atom'; readonly atom: Atom }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'and' | 'or'; readonly all: readonly Condition[] };

export const ALWAYS: Condition = { kind: 'and', all: [] };
export const NEVER: Condition = { kind: 'or', all: [] };
export const both = (one: Condition, other: Condition): Condition =>
  other === NEVER ? NEVER : { kind: 'and', all: [one, other] };
export const any = (one: Condition, other: Condition): Condition =>
  one === NEVER ? other : other === NEVER ? one : { kind: 'or', all: [one, other] };

/** A value inside of a condition. */
export type Value =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | { readonly kind: 'call'; readonly on: Value; readonly method: string; readonly args: readonly Value[] }
  | { readonly kind: 'condition'; readonly condition: Condition }
  | { readonly kind: 'other' };

export interface Rule {
  readonly action: string;
  readonly subject: string;
}

const UNCLEAR: Atom = { is: 'unclear' };
const atom = (one: Atom): Condition => ({ kind: 'atom', atom: one });

/** A value that stands for itself: `subject.active`, `subject.isInGroup("x")`. */
export function atomOf(value: Value, { action, subject }: Rule): Atom {
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

export function compared(left: Value, sign: string, right: Value, rule: Rule): Condition {
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
export function lists(condition: Condition, holds = true): readonly (readonly Literal[])[] | undefined {
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
