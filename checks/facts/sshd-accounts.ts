/** Accounts and their groups as sshd sees them: from passwd(5) and group(5); those of directories are not here. */
import type { GroupFile } from './group.ts';
import type { PasswdFile } from './passwd.ts';

export interface SshdAccount {
  readonly name: string;
  readonly uid: number;
  /** Whether the shell is one for people; sshd lets others in too, but they make poor examples. */
  readonly person: boolean;
  /** Names of the primary and all further groups. */
  readonly groups: readonly string[];
}

/** Pure. The first entry of a name counts, as in getpwnam(3). */
export function accountsOf(passwd: PasswdFile, group: GroupFile): readonly SshdAccount[] {
  const byId = new Map<number, string>();
  const memberOf = new Map<string, Set<string>>();
  for (const { name, gid, members } of group.entries) {
    if (!byId.has(gid)) byId.set(gid, name);
    for (const member of members)
      memberOf.set(member, (memberOf.get(member) ?? new Set()).add(byId.get(gid) ?? name));
  }
  const accounts = new Map<string, SshdAccount>();
  for (const { name, uid, gid, shell } of passwd.entries) {
    if (name === '' || accounts.has(name)) continue;
    const primary = byId.get(gid);
    const groups = new Set([...(primary === undefined ? [] : [primary]), ...(memberOf.get(name) ?? [])]);
    const person = !/\/(?:nologin|false|sync|halt|shutdown)$/.test(shell);
    accounts.set(name, { name, uid, person, groups: [...groups] });
  }
  return [...accounts.values()];
}
