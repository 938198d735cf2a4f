/**
 * Whom sudo's rules can be about on this host: its accounts, those that no rule tells apart taken together, and where a
 * directory service may know more, a stand-in for each name and group that only such a service could have. Pure.
 */
import type { GroupEntry, GroupFile } from './group.ts';
import type { PasswdEntry, PasswdFile } from './passwd.ts';
import { isInGroup, numberAfter, type Subject } from './sudo-match.ts';
import type { SudoPolicy } from './sudo-policy.ts';
import type { Member } from './sudoers-parse.ts';

export interface SudoWorld {
  /** One subject for all accounts of `names`: no rule treats them differently. */
  readonly callers: readonly { readonly subject: Subject; readonly names: readonly string[] }[];
  /** root, every account that a run-as list may single out, and one that stands for all others. */
  readonly targets: readonly Subject[];
  readonly runasGroups: readonly { readonly name: string; readonly gid: number | undefined }[];
  /** Every account of this host. */
  readonly subjects: readonly Subject[];
}

/** Names that rules use, apart from aliases. */
interface Mentioned {
  readonly users: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly runasUsers: ReadonlySet<string>;
  readonly runasGroups: ReadonlySet<string>;
  readonly everybody: boolean;
}

/** Ids without leading zeros, so that they can be looked up. */
function plain(name: string): string {
  const id = numberAfter(name, '#');
  return id === undefined ? name : `#${id}`;
}

function mentionedIn(policy: SudoPolicy): Mentioned {
  const users = new Set<string>();
  const groups = new Set<string>();
  const runasUsers = new Set<string>();
  const runasGroups = new Set<string>();
  let everybody = false;
  const note = (list: readonly Member[] | undefined, names: Set<string>): void => {
    for (const { type, name } of list ?? []) {
      if (type === 'group') groups.add(name.slice(1));
      else if (type === 'word' || type === 'alias') names.add(plain(name));
      else if (type === 'all') everybody = true;
    }
  };
  for (const list of policy.aliases.user.values()) note(list, users);
  for (const list of policy.aliases.runas.values()) {
    note(list, runasUsers);
    note(list, runasGroups);
  }
  for (const { users: list, privileges } of policy.specs) {
    note(list, users);
    for (const { commands } of privileges)
      for (const { runasUsers: as, runasGroups: asGroups } of commands) {
        note(as, runasUsers);
        note(asGroups, runasGroups);
      }
  }
  for (const { scope, binding, name, value } of policy.defaults) {
    if (scope === 'user') note(binding, users);
    if (scope === 'runas') note(binding, runasUsers);
    if (name === 'exempt_group' && value !== undefined) groups.add(value);
    if (name === 'runas_default' && value !== undefined) runasUsers.add(value);
  }
  return { users, groups, runasUsers, runasGroups, everybody };
}

/** A group's members by name, and those that have it as their primary group. */
function subjectsOf(accounts: readonly PasswdEntry[], groups: readonly GroupEntry[]): Subject[] {
  const names = new Map<number, string[]>();
  const memberOf = new Map<string, GroupEntry[]>();
  for (const group of groups) {
    names.set(group.gid, [...(names.get(group.gid) ?? []), group.name.toLowerCase()]);
    for (const member of group.members) {
      const before = memberOf.get(member);
      if (before) before.push(group);
      else memberOf.set(member, [group]);
    }
  }
  return accounts.map(({ name, uid, gid }) => {
    const own = memberOf.get(name) ?? [];
    return {
      name,
      uid,
      groups: new Set([...(names.get(gid) ?? []), ...own.map((group) => group.name.toLowerCase())]),
      gids: new Set([gid, ...own.map((group) => group.gid)]),
      local: true,
    };
  });
}

const lower = (names: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...names].map((name) => name.toLowerCase()));

const standIn = (name: string, groups: readonly string[]): Subject => ({
  name,
  uid: undefined,
  groups: new Set(groups.map((group) => group.toLowerCase())),
  gids: new Set(),
  local: false,
});

/** @param directory whether accounts may come from elsewhere than passwd and group */
export function sudoWorld(
  policy: SudoPolicy,
  accounts: PasswdFile,
  groups: GroupFile,
  directory: boolean,
): SudoWorld {
  const mentioned = mentionedIn(policy);
  const all = subjectsOf(accounts.entries, groups.entries);
  const named = (names: ReadonlySet<string>, subject: Subject): string =>
    names.has(subject.name) ? subject.name : '';
  const singled = lower(new Set([...mentioned.users, ...mentioned.runasUsers]));
  const mentionedGroups = [...lower(mentioned.groups)];
  const classes = new Map<string, { subject: Subject; names: string[] }>();
  for (const subject of all) {
    const single =
      singled.has(subject.name.toLowerCase()) || singled.has(`#${subject.uid}`) || subject.uid === 0;
    const key = single
      ? `=${subject.name}`
      : mentionedGroups.filter((group) => isInGroup(group, subject)).join(' ') +
        named(mentioned.users, subject);
    const entry = classes.get(key);
    if (entry) entry.names.push(subject.name);
    else classes.set(key, { subject, names: [subject.name] });
  }
  const callers = [...classes.values()];
  const network = accounts.network.length + groups.network.length > 0;
  if (directory || network) {
    const local = lower(new Set(all.map(({ name }) => name)));
    for (const name of mentioned.users)
      if (!local.has(name.toLowerCase()) && !policy.aliases.user.has(name))
        callers.push({ subject: standIn(name, []), names: [name] });
    for (const group of mentioned.groups)
      callers.push({ subject: standIn(`%${group}`, [group]), names: [`%${group}`] });
  }
  return {
    callers,
    subjects: all,
    targets: targetsOf(policy, mentioned, all),
    runasGroups: groupsOf(mentioned, groups),
  };
}

function targetsOf(policy: SudoPolicy, mentioned: Mentioned, all: readonly Subject[]): Subject[] {
  const targets = new Map<string, Subject>();
  const root = all.find(({ uid }) => uid === 0) ?? {
    ...standIn('root', ['root']),
    uid: 0,
    local: true,
  };
  targets.set(root.name, root);
  const wanted = new Set([...mentioned.runasUsers].filter((name) => !policy.aliases.runas.has(name)));
  const singled = lower(wanted);
  const found = new Set<string>();
  for (const subject of all) {
    const names = [subject.name.toLowerCase(), `#${subject.uid}`].filter((name) => singled.has(name));
    for (const name of names) found.add(name);
    if (names.length > 0 || [...mentioned.groups].some((group) => isInGroup(group, subject)))
      targets.set(subject.name, subject);
  }
  for (const name of wanted)
    if (!found.has(name.toLowerCase()) && !targets.has(name)) targets.set(name, standIn(name, []));
  targets.set('*', standIn('*', []));
  return [...targets.values()];
}

function groupsOf(
  mentioned: Mentioned,
  groups: GroupFile,
): readonly { readonly name: string; readonly gid: number | undefined }[] {
  const names = mentioned.runasGroups;
  return mentioned.runasGroups.size === 0 && !mentioned.everybody
    ? []
    : groups.entries
        .filter(({ name, gid }) => names.has(name) || names.has(`#${gid}`) || gid === 0)
        .map(({ name, gid }) => ({ name, gid }));
}
