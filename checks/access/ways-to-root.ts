/** Every way to root that the account files and sudo's rules show: account, kind of privilege, where. Pure. */
import type { Privilege } from '../../shared/grant.ts';
import type { Text } from '../../shared/outcome.ts';
import { type Fact, valueIn } from '../fact.ts';
import type { GroupFile } from '../facts/group.ts';
import type { LoginDefs } from '../facts/login-defs.ts';
import { byName, hasLoginShell } from '../facts/login-shell.ts';
import { PASSWD, type PasswdFile } from '../facts/passwd.ts';
import type { RootFile } from '../facts/root-files.ts';
import type { Sudo } from '../facts/sudo.ts';
import { type SudoPrivilege, sudoPrivileges } from '../facts/sudo-privileges.ts';
import { uidMin } from './system-accounts.ts';

export interface WayToRoot {
  readonly account: string;
  readonly privilege: Privilege;
  readonly source: string;
  readonly line?: number;
  readonly what: Text;
  /** False where it can't be told whether there is anybody whom it concerns. */
  readonly certain: boolean;
}

/** Groups whose members can make themselves root, or read what only root should, and the grant that it takes. */
const GROUPS: ReadonlyMap<string, Privilege> = new Map([
  ['root', 'root'],
  // Administrators to polkit, whatever sudoers says.
  ['sudo', 'sudo'],
  ['wheel', 'sudo'],
  ['admin', 'sudo'],
  ['docker', 'docker'],
  ['podman', 'docker'],
  ['lxd', 'lxd'],
  ['incus-admin', 'lxd'],
  ['libvirt', 'libvirt'],
  ['disk', 'disk'],
  ['shadow', 'shadow'],
  ['adm', 'adm'],
]);

/** Accounts that RHEL delivers with group root; they end at once. */
const DELIVERED_IN_ROOT = /^(?:sync|shutdown|halt|operator)$/;

function byUid({ entries }: PasswdFile): readonly WayToRoot[] {
  return entries
    .filter(({ uid, name }) => uid === 0 && name !== 'root')
    .map(({ name, line }) => ({
      account: name,
      privilege: 'root',
      source: PASSWD,
      line,
      what: { en: 'UID 0', de: 'UID 0' },
      certain: true,
    }));
}

/** Members by name and by primary group. System accounts without a shell may read logs (`adm`): syslog does. */
function byGroup(passwd: PasswdFile, group: GroupFile, uidMin: number): readonly WayToRoot[] {
  const accounts = byName(passwd.entries);
  return group.entries.flatMap(({ name, gid, line, members }) => {
    const privilege = GROUPS.get(name) ?? (gid === 0 ? 'root' : undefined);
    if (privilege === undefined) return [];
    const primary = accounts.filter((entry) => entry.gid === gid).map((entry) => entry.name);
    const what = { en: `group ${name}`, de: `Gruppe ${name}` };
    return [...new Set([...members, ...primary])].flatMap((account): WayToRoot[] => {
      const entry = accounts.find((one) => one.name === account);
      // A name without an account is nobody, unless a directory knows it: that is asked elsewhere.
      if (!entry || entry.uid === 0) return [];
      const service = entry.uid < uidMin && !hasLoginShell(entry);
      if (service && (privilege === 'adm' || (gid === 0 && DELIVERED_IN_ROOT.test(account)))) return [];
      return [{ account, privilege, source: '/etc/group', line, what, certain: true }];
    });
  });
}

/** Rules that end as root, in another group, or as an account that has a way of its own. */
function bySudo(privileges: readonly SudoPrivilege[], privileged: ReadonlySet<string>): readonly WayToRoot[] {
  return privileges.flatMap(({ users, runas, command, source, line, certain }) => {
    const toRoot = runas.some(
      (target) => target === 'root' || target === 'ALL' || target.startsWith(':') || privileged.has(target),
    );
    if (!toRoot) return [];
    const all = command === 'ALL';
    const short = command.split(' ')[0] ?? command;
    return users.map((account) => ({
      account,
      privilege: all ? ('sudo' as const) : ('sudo-commands' as const),
      source,
      line,
      what: { en: `sudo: ${short}`, de: `sudo: ${short}` },
      certain,
    }));
  });
}

/** Who can write a file that root runs: its owner, the members of its group, or everybody (`*`, whom nobody grants). */
function byFile(files: readonly RootFile[], passwd: PasswdFile, group: GroupFile): readonly WayToRoot[] {
  const accounts = byName(passwd.entries);
  return files.flatMap(({ path, kind, stat }) => {
    const owner = accounts.find(({ uid }) => uid === stat.uid)?.name ?? `UID ${stat.uid}`;
    const members = [
      ...group.entries.filter(({ gid }) => gid === stat.gid).flatMap((entry) => entry.members),
      ...accounts.filter(({ gid }) => gid === stat.gid).map(({ name }) => name),
    ];
    const writers = new Set([
      ...(stat.uid === 0 ? [] : [owner]),
      ...((stat.mode & 0o020) !== 0 && stat.gid !== 0 ? members : []),
      ...((stat.mode & 0o002) !== 0 ? ['*'] : []),
    ]);
    return [...writers]
      .filter((account) => accounts.find(({ name }) => name === account)?.uid !== 0)
      .map((account) => ({
        account,
        privilege: kind,
        source: path,
        what: { en: 'can write it, root runs it', de: 'kann es schreiben, root führt es aus' },
        certain: true,
      }));
  });
}

export interface RootFacts {
  readonly passwd: Fact<PasswdFile>;
  readonly group: Fact<GroupFile>;
  readonly sudo: Fact<Sudo>;
  readonly files: Fact<readonly RootFile[]>;
  readonly defs: Fact<LoginDefs>;
}

/**
 * All ways that can be seen; what could not be read is left out, and the caller's business.
 * @throws CouldNotLook where accounts or groups can not be read
 */
export function waysToRoot(facts: RootFacts, now: Date): readonly WayToRoot[] {
  const accounts = valueIn(facts.passwd);
  const groups = valueIn(facts.group);
  const state = facts.sudo.state === 'known' ? facts.sudo.value : undefined;
  // Files that are not what sudo goes by say nothing about anybody.
  const voided = state?.policy.problems.some(({ voids }) => voids) ?? true;
  const own = [
    ...byUid(accounts),
    ...byGroup(accounts, groups, uidMin(facts.defs)),
    ...(facts.files.state === 'known' ? byFile(facts.files.value, accounts, groups) : []),
  ];
  return [...own, ...sudoChains(state && !voided ? sudoPrivileges(state, accounts, groups, now) : [], own)];
}

/** Who may become somebody who has a way has one too, over however many steps. */
function sudoChains(privileges: readonly SudoPrivilege[], own: readonly WayToRoot[]): readonly WayToRoot[] {
  const privileged = new Set(own.map(({ account }) => account));
  for (;;) {
    const ways = bySudo(privileges, privileged);
    const before = privileged.size;
    for (const { account } of ways) privileged.add(account);
    if (privileged.size === before) return ways;
  }
}
