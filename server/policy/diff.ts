/** What applying policy files would change: pure, so that what is shown is what is done. */
import { canonicalJson } from '../../shared/canonical.ts';
import type { GrantEntry, ParamsBlock, Settings } from '../../shared/policy-file.ts';
import type { Scope } from '../../shared/record.ts';
import { grantText, type HeldGrant } from './current.ts';
import type { Wanted } from './wanted.ts';

export interface Diff {
  readonly tenant: string;
  readonly added: readonly GrantEntry[];
  /** The new one ends the old one. */
  readonly changed: readonly { readonly before: HeldGrant; readonly after: GrantEntry }[];
  readonly ended: readonly HeldGrant[];
  readonly unchanged: number;
  /** Undefined: groups, parameters and the register stay as they are. */
  readonly settings: { readonly before: Settings; readonly after: Settings } | undefined;
}

export const isEmpty = ({ added, changed, ended, settings }: Diff): boolean =>
  added.length + changed.length + ended.length === 0 && settings === undefined;

/** @param now grants that are over by themselves need nobody to end them */
export function diffPolicy(wanted: Wanted, held: readonly HeldGrant[], settings: Settings, now: Date): Diff {
  const open = held.filter(({ endedAt }) => endedAt === null);
  const have = new Map(open.map((grant) => [grantText(grant.entry), grant]));
  const want = new Set(wanted.grants.map(grantText));
  const fresh = wanted.grants.filter((entry) => !have.has(grantText(entry)));
  const gone = open.filter(
    ({ entry }) => !want.has(grantText(entry)) && now.getTime() < Date.parse(entry.until),
  );
  const changed: { before: HeldGrant; after: GrantEntry }[] = [];
  const added: GrantEntry[] = [];
  const left = [...gone];
  for (const after of fresh) {
    const at = left.findIndex(({ entry }) => sameMatter(entry, after));
    const [before] = at < 0 ? [] : left.splice(at, 1);
    if (before) changed.push({ before, after });
    else added.push(after);
  }
  const same = canonicalJson(settings) === canonicalJson(wanted.settings);
  return {
    tenant: wanted.tenant,
    added,
    changed,
    ended: left,
    unchanged: wanted.grants.length - fresh.length,
    settings: same ? undefined : { before: settings, after: wanted.settings },
  };
}

/** One person's entry to one scope: what else differs is a change, not another grant. */
const sameMatter = (a: GrantEntry, b: GrantEntry) =>
  a.subject === b.subject && canonicalJson(a.scope) === canonicalJson(b.scope);

/** The diff for people, a line a change: `+` begins, `-` ends, `~` changes. */
export function diffLines(diff: Diff): string[] {
  const { added, changed, ended, settings, unchanged } = diff;
  return [
    ...(settings ? settingsLines(settings.before, settings.after) : []),
    ...added.map((entry) => `+ grant ${grantLine(entry)}`),
    ...changed.map(({ before, after }) => `~ grant ${grantLine(after)}\n    was ${grantLine(before.entry)}`),
    ...ended.map(({ entry }) => `- grant ${grantLine(entry)}`),
    ...(unchanged > 0 ? [`  ${unchanged} ${unchanged === 1 ? 'grant stays' : 'grants stay'}`] : []),
  ];
}

export function grantLine(entry: GrantEntry): string {
  const { subject, party, accounts, privileges, keys, scope, from, until, approvedBy, reason } = entry;
  const parts = [
    `${subject} (${party}): ${accounts.join(', ')}`,
    privileges.length > 0 ? privileges.join(', ') : 'no privileges',
    keys.length > 0 ? keys.join(', ') : 'no keys',
    scopeText(scope),
    `${from} to ${until}`,
    `${reason}, approved by ${approvedBy}`,
  ];
  return parts.join('; ');
}

export const scopeText = (scope: Scope): string =>
  scope === 'tenant' ? 'all hosts' : 'group' in scope ? `group ${scope.group}` : `host ${scope.host}`;

function settingsLines(before: Settings, after: Settings): string[] {
  const register =
    before.register === after.register
      ? []
      : [after.register ? '+ a register of grants' : '- the register of grants: checks will say unknown'];
  return [
    ...register,
    ...changes('group', before.groups, after.groups, (hosts) => hosts.join(', ')),
    ...changes('params', flat(before.params), flat(after.params), (value) => canonicalJson(value)),
  ];
}

/** Parameters by scope, check and name. */
const flat = (blocks: readonly ParamsBlock[]): Record<string, unknown> =>
  Object.fromEntries(
    blocks.flatMap(({ scope, checks }) =>
      Object.entries(checks).flatMap(([check, values]) =>
        Object.entries(values).map(([name, value]) => [`${check} ${name} (${scopeText(scope)})`, value]),
      ),
    ),
  );

function changes<T>(
  what: string,
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
  text: (value: T) => string,
): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort().flatMap((name) => {
    const [old, now] = [before[name], after[name]];
    if (old === undefined && now !== undefined) return [`+ ${what} ${name}: ${text(now)}`];
    if (now === undefined && old !== undefined) return [`- ${what} ${name}: ${text(old)}`];
    if (old === undefined || now === undefined || text(old) === text(now)) return [];
    return [`~ ${what} ${name}: ${text(old)} -> ${text(now)}`];
  });
}
