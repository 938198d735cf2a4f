/** Accounts and their groups as sshd sees them: passwd(5), group(5). Only what sshd needs; no NSS. */

export interface SshdAccount {
  readonly name: string;
  readonly uid: number;
  readonly shell: string;
  /** Names of the primary and all further groups. */
  readonly groups: readonly string[];
}

/** Pure. The first line of a name counts; broken lines and NIS entries are left out. */
export function parseAccounts(passwd: string, group: string): readonly SshdAccount[] {
  const byId = new Map<number, string>();
  const memberOf = new Map<string, Set<string>>();
  for (const [name = '', , gid, members = ''] of fields(group)) {
    if (name === '' || !/^\d+$/.test(gid ?? '') || /^[+-]/.test(name)) continue;
    if (!byId.has(Number(gid))) byId.set(Number(gid), name);
    for (const member of members.split(',').filter(Boolean)) {
      const groups = memberOf.get(member) ?? new Set();
      memberOf.set(member, groups.add(byId.get(Number(gid)) ?? name));
    }
  }
  const accounts = new Map<string, SshdAccount>();
  for (const [name = '', , uid = '', gid = '', , , shell = ''] of fields(passwd)) {
    if (name === '' || /^[+-]/.test(name) || !/^\d+$/.test(uid) || !/^\d+$/.test(gid)) continue;
    if (accounts.has(name)) continue;
    const primary = byId.get(Number(gid));
    const groups = new Set([...(primary === undefined ? [] : [primary]), ...(memberOf.get(name) ?? [])]);
    accounts.set(name, { name, uid: Number(uid), shell: shell || '/bin/sh', groups: [...groups] });
  }
  return [...accounts.values()];
}

const fields = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'));
