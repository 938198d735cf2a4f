/** Facts: what was read off a host. Collecting may touch the host; everything after is pure. */
import type { Text } from '../shared/outcome.ts';
import type { Host } from './host.ts';

/**
 * `absent` means "looked, and it is not there"; `unreadable` means "could not look". The two are never mixed:
 * an unreadable file must not turn into a verdict.
 */
export type Fact<T> =
  | { readonly state: 'known'; readonly value: T }
  | { readonly state: 'absent'; readonly source: string }
  | { readonly state: 'unreadable'; readonly source: string; readonly reason: Text };

export const known = <T>(value: T): Fact<T> => ({ state: 'known', value });
export const absent = (source: string): Fact<never> => ({ state: 'absent', source });
export const unreadable = (source: string, reason: Text): Fact<never> => ({
  state: 'unreadable',
  source,
  reason,
});

/** Gets another fact of the same round; each is collected once. */
export type GetFact = <T>(definition: FactDefinition<T>) => Promise<Fact<T>>;

export interface FactDefinition<T> {
  readonly id: string;
  readonly collect: (host: Host, get: GetFact, now: Date) => Promise<Fact<T>>;
}

export function defineFact<T>(definition: FactDefinition<T>): FactDefinition<T> {
  return definition;
}

/** Thrown by `valueIn` and friends; `evaluate` turns it into the outcome `unknown` with this reason. */
export class CouldNotLook extends Error {
  readonly reason: Text;
  readonly source: string;

  constructor(source: string, reason: Text) {
    super(reason.en);
    this.source = source;
    this.reason = reason;
  }
}

/** The value of a known fact. @throws CouldNotLook when it is absent or unreadable */
export function valueIn<T>(fact: Fact<T>): T {
  if (fact.state === 'known') return fact.value;
  throw new CouldNotLook(fact.source, fact.state === 'unreadable' ? fact.reason : missing(fact.source));
}

/** The value of a known fact, `otherwise` where it is absent. @throws CouldNotLook when it is unreadable */
export function valueOr<T, U>(fact: Fact<T>, otherwise: U): T | U {
  return fact.state === 'absent' ? otherwise : valueIn(fact);
}

/** `fact` with its value mapped by a pure function. */
export function mapFact<T, U>(fact: Fact<T>, map: (value: T) => U): Fact<U> {
  return fact.state === 'known' ? known(map(fact.value)) : fact;
}

export function missing(source: string): Text {
  return { en: `${source} is missing`, de: `${source} fehlt` };
}
