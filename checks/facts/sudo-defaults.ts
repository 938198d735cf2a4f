/** Defaults in force for one call of sudo: which entries apply, in the order of the files; commands' own come last. */
import {
  type Match,
  type MatchContext,
  matchHost,
  matchRunas,
  matchUser,
  type Subject,
} from './sudo-match.ts';
import type { PlacedDefaults, SudoPolicy } from './sudo-policy.ts';

/** A value and the entry that set it; `certain` is false where another entry may apply instead. */
export interface InForce<T> {
  readonly value: T;
  readonly by: PlacedDefaults | undefined;
  readonly certain: boolean;
}

/** Who calls sudo and as whom the command is to run. */
export interface Call {
  readonly caller: Subject;
  readonly target: Subject;
}

/** Whether an entry's binding holds for this call; those of commands are judged apart. */
export function bindingHolds(context: MatchContext, entry: PlacedDefaults, call: Call): Match {
  switch (entry.scope) {
    case 'all':
      return 'allow';
    case 'user':
      return matchUser(context, entry.binding, call.caller);
    case 'host':
      return matchHost(context, entry.binding);
    case 'runas':
      return matchRunas(context, entry.binding, call.target, call.caller, 'root');
    case 'command':
      return 'none';
  }
}

/** A flag as sudo takes it: one with a value is wrong and without effect. */
export const flagOf = ({ operator, value }: PlacedDefaults): boolean | undefined =>
  operator === 'unset' ? false : operator === 'set' && value === undefined ? true : undefined;

/** A text: `name=value`, or unset. A name without a value is wrong and without effect. */
export const textOf = ({ operator, value }: PlacedDefaults): string | null | undefined =>
  operator === 'unset' ? null : operator === 'set' ? value : undefined;

/** What `entries` make of the setting `name`, for one call. */
export function inForce<T>(
  context: MatchContext,
  name: string,
  built: T,
  read: (entry: PlacedDefaults) => T | undefined,
  call: Call,
): InForce<T> {
  let found: InForce<T> = { value: built, by: undefined, certain: true };
  for (const entry of entriesOf(context.policy, name)) {
    context.spend();
    const value = read(entry);
    if (value === undefined) continue;
    const match = bindingHolds(context, entry, call);
    if (match === 'allow') found = { value, by: entry, certain: true };
    else if (match === 'maybe' && value !== found.value) found = { ...found, certain: false };
  }
  return found;
}

const byName = new WeakMap<SudoPolicy, ReadonlyMap<string, readonly PlacedDefaults[]>>();

/** All entries for `name`, of whatever scope, in order. */
export function entriesOf(policy: SudoPolicy, name: string): readonly PlacedDefaults[] {
  let table = byName.get(policy);
  if (!table) {
    table = Map.groupBy(policy.defaults, (entry) => entry.name);
    byName.set(policy, table);
  }
  return table.get(name) ?? [];
}
