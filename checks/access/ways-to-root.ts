/**
 * Every way to root that accounts, groups, rules, files and sockets show: account, kind of privilege, where. Pure. Longer
 * than most files because each kind of way is a short function over the same accounts and groups.
 */
import type { Privilege } from '../../shared/grant.ts';
import type { Text } from '../../shared/outcome.ts';
import { type Fact, valueIn } from '../fact.ts';
import type { ContainerSocket } from '../facts/container-sockets.ts';
import { type Doas, doasPrivileges } from '../facts/doas.ts';
import type { GroupFile, GshadowEntry } from '../facts/group.ts';
import type { LoginDefs } from '../facts/login-defs.ts';
import { byName, hasLoginShell } from '../facts/login-shell.ts';
import type { PamConfiguration } from '../facts/pam.ts';
import { GROUP_CONF, type LentGroups } from '../facts/pam-group.ts';
import { PASSWD, type PasswdEntry, type PasswdFile } from '../facts/passwd.ts';
import type { PolkitRules } from '../facts/polkit-rules.ts';
import type { PowerfulShell } from '../facts/powerful-shells.ts';
import type { RootFile } from '../facts/root-files.ts';
import type { ShadowFile } from '../facts/shadow.ts';
import type { Sudo } from '../facts/sudo.ts';
import { type SudoPrivilege, sudoPrivileges } from '../facts/sudo-privileges.ts';
import { uidMin } from './system-accounts.ts';
import { bySu } from './ways-by-su.ts';

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
  ['microk8s', 'docker'],
  ['incus-admin', 'lxd'],
  ['libvirt', 'libvirt'],
  ['disk', 'disk'],
  ['shadow', 'shadow'],
  ['adm', 'adm'],
  // The whole journal, as adm reads all logs. Not here, since they give nobody root: kvm, incus, netdev, plugdev.
  ['systemd-journal', 'adm'],
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

/**
 * Whom gshadow names for a powerful group and /etc/group does not: its administrators add whom they like with
 * gpasswd(1). Its members newgrp(1) lets in without a question up to shadow 4.13 (Debian 12); that of 4.17 (Debian 13)
 * goes by /etc/group.
 */
function byGshadow(
  entries: readonly GshadowEntry[],
  passwd: PasswdFile,
  group: GroupFile,
): readonly WayToRoot[] {
  const accounts = byName(passwd.entries);
  return entries.flatMap(({ name, line, administrators, members }) => {
    const own = group.entries.find((one) => one.name === name);
    const privilege = GROUPS.get(name) ?? (own?.gid === 0 ? 'root' : undefined);
    if (!own || privilege === undefined) return [];
    const inside = membersOf(own.gid, accounts, group);
    return [...new Set([...members, ...administrators])]
      .filter((account) => !inside.includes(account))
      .filter((account) => accounts.some((one) => one.name === account && one.uid !== 0))
      .map((account) => ({
        account,
        privilege,
        source: GSHADOW,
        line,
        what: !administrators.includes(account)
          ? { en: `may change to group ${name}`, de: `kann in Gruppe ${name} wechseln` }
          : { en: `administrator of group ${name}`, de: `verwaltet Gruppe ${name}` },
        certain: administrators.includes(account),
      }));
  });
}
const GSHADOW = '/etc/gshadow';

/** Whom pam_group puts into a powerful group when they log in; times and terminals are not looked at. */
function byLoan(rules: readonly LentGroups[], passwd: PasswdFile): readonly WayToRoot[] {
  const accounts = byName(passwd.entries);
  return rules.flatMap(({ line, users, groups }) =>
    groups.flatMap((name): WayToRoot[] => {
      const privilege = GROUPS.get(name);
      if (privilege === undefined) return [];
      const plain = users.split('|').map((one) => one.trim());
      const certain = plain.every((one) => one === '*' || /^[\w.-]+$/.test(one));
      // Whom other patterns mean is not worked out here.
      const named = certain
        ? plain.filter((one) => one === '*' || accounts.some((a) => a.name === one))
        : ['*'];
      const what = { en: `group ${name} from pam_group`, de: `Gruppe ${name} durch pam_group` };
      return named
        .filter((account) => accounts.find((one) => one.name === account)?.uid !== 0)
        .map((account) => ({ account, privilege, source: GROUP_CONF, line, what, certain }));
    }),
  );
}

/** Rules that end as root, in another group, or as an account that has a way of its own. */
function byRule(
  tool: 'sudo' | 'doas',
  privileges: readonly SudoPrivilege[],
  privileged: ReadonlyMap<string, boolean>,
): readonly WayToRoot[] {
  return privileges.flatMap(({ users, runas, command, source, line, certain: applies }) => {
    // Whether the target's own way is a certain one, too.
    const ends = runas.map((target) =>
      target === 'root' || target === 'ALL' || target.startsWith(':') ? true : privileged.get(target),
    );
    if (ends.every((end) => end === undefined)) return [];
    const certain = applies && ends.includes(true);
    const all = command === 'ALL';
    const short = command.split(' ')[0] ?? command;
    return users.map((account) => ({
      account,
      privilege: all ? ('sudo' as const) : ('sudo-commands' as const),
      source,
      line,
      what: { en: `${tool}: ${short}`, de: `${tool}: ${short}` },
      certain,
    }));
  });
}

const WRITES: Readonly<Record<RootFile['kind'], Text>> = {
  cron: { en: 'can write it, root runs it', de: 'kann es schreiben, root führt es aus' },
  units: { en: 'can write it, root runs it', de: 'kann es schreiben, root führt es aus' },
  root: { en: 'can write it, root goes by it', de: 'kann es schreiben, root richtet sich danach' },
};

/** Who can write a file that root runs: its owner, the members of its group, or everybody (`*`, whom nobody grants). */
function byFile(files: readonly RootFile[], passwd: PasswdFile, group: GroupFile): readonly WayToRoot[] {
  const accounts = byName(passwd.entries);
  const owner = (id: number) => accounts.find(({ uid }) => uid === id)?.name ?? `UID ${id}`;
  const members = (id: number) => membersOf(id, accounts, group);
  return files.flatMap(({ path, kind, stat, acl = [] }) => {
    const byAcl = acl.flatMap((entry) => {
      const [of, id] = entry.split(':');
      return of === 'user' ? [owner(Number(id))] : members(Number(id));
    });
    const certain = new Set([
      ...(stat.uid === 0 ? [] : [owner(stat.uid)]),
      ...byAcl,
      ...((stat.mode & 0o020) !== 0 && stat.gid !== 0 && acl.length === 0 ? members(stat.gid) : []),
      ...((stat.mode & 0o002) !== 0 ? ['*'] : []),
    ]);
    // Beside an ACL the group's digit is the mask: what the group itself may do is not seen.
    const perhaps = acl.length > 0 && stat.gid !== 0 ? members(stat.gid) : [];
    return [...new Set([...certain, ...perhaps])]
      .filter((account) => accounts.find(({ name }) => name === account)?.uid !== 0)
      .map((account) => ({
        account,
        privilege: kind,
        source: path,
        what: WRITES[kind],
        certain: certain.has(account),
      }));
  });
}

/** A shell that runs as root, or with a right that amounts to it: everybody who may start it. */
function byShell(
  shells: readonly PowerfulShell[],
  passwd: PasswdFile,
  group: GroupFile,
): readonly WayToRoot[] {
  const accounts = byName(passwd.entries);
  return shells.flatMap(({ path, power, gid, everybody }) =>
    (everybody ? ['*'] : membersOf(gid, accounts, group))
      .filter((account) => accounts.find(({ name }) => name === account)?.uid !== 0)
      .map((account) => ({
        account,
        privilege: 'capabilities' as const,
        source: path,
        what: { en: `may start it with ${power}`, de: `kann es mit ${power} starten` },
        certain: true,
      })),
  );
}

/** Who may talk to a container engine; groups that count by their name are left out. */
function bySocket(
  sockets: readonly ContainerSocket[],
  passwd: PasswdFile,
  group: GroupFile,
): readonly WayToRoot[] {
  const accounts = byName(passwd.entries);
  return sockets.flatMap(({ source, line, engine, group: own, users, groups, everybody }) => {
    const of = group.entries.find(({ name, gid }) => (typeof own === 'number' ? gid === own : name === own));
    const gids = [...(of && !GROUPS.has(of.name) ? [of.gid] : []), ...groups];
    const named = users.map((id) => accounts.find(({ uid }) => uid === id)?.name ?? `UID ${id}`);
    const who = [
      ...(everybody ? ['*'] : []),
      ...named,
      ...gids.flatMap((id) => membersOf(id, accounts, group)),
    ];
    return [...new Set(who)]
      .filter((account) => accounts.find(({ name }) => name === account)?.uid !== 0)
      .map((account) => ({
        account,
        privilege: engine,
        source,
        ...(line === undefined ? {} : { line }),
        what: { en: 'may start containers', de: 'kann Container starten' },
        certain: true,
      }));
  });
}

/** Whom polkit lets do everything, or what amounts to it; groups that count by themselves are left out. */
function byPolkit(
  { grants }: PolkitRules,
  passwd: PasswdFile,
  group: GroupFile,
  uidMin: number,
): readonly WayToRoot[] {
  const accounts = byName(passwd.entries);
  return grants.flatMap(({ source, line, users, groups, everybody, answer, certain, vendor }) => {
    const members = groups
      .filter((name) => !GROUPS.has(name))
      .flatMap((name) => group.entries.filter((one) => one.name === name))
      .flatMap(({ gid }) => membersOf(gid, accounts, group));
    return [...new Set([...(everybody ? ['*'] : []), ...users, ...members])].flatMap(
      (account): WayToRoot[] => {
        const entry = accounts.find(({ name }) => name === account);
        if (account !== '*' && (!entry || entry.uid === 0)) return [];
        // Vendors let their own services do what they are for.
        if (vendor && entry && entry.uid < uidMin && !hasLoginShell(entry)) return [];
        const what =
          answer === 'yes'
            ? { en: 'polkit says yes without asking', de: 'polkit sagt ohne Rückfrage ja' }
            : { en: 'administrator to polkit', de: 'Administrator für polkit' };
        return [{ account, privilege: 'polkit', source, line, what, certain }];
      },
    );
  });
}

/** By name and by primary group. */
const membersOf = (
  id: number,
  accounts: readonly PasswdEntry[],
  { entries }: GroupFile,
): readonly string[] => [
  ...entries.filter(({ gid }) => gid === id).flatMap((entry) => entry.members),
  ...accounts.filter(({ gid }) => gid === id).map(({ name }) => name),
];

/** Facts that are left out are ways that are not asked for. */
export interface RootFacts {
  readonly passwd: Fact<PasswdFile>;
  readonly group: Fact<GroupFile>;
  readonly sudo: Fact<Sudo>;
  readonly doas?: Fact<Doas>;
  readonly files: Fact<readonly RootFile[]>;
  readonly defs: Fact<LoginDefs>;
  /** Shells and interpreters with setuid or capabilities. */
  readonly shells?: Fact<readonly PowerfulShell[]>;
  /** For su(1): the groups that pam_wheel lets through, and whether root has a password. */
  readonly pam?: Fact<PamConfiguration>;
  readonly shadow?: Fact<ShadowFile>;
  readonly polkit?: Fact<PolkitRules>;
  readonly lent?: Fact<readonly LentGroups[]>;
  readonly gshadow?: Fact<readonly GshadowEntry[]>;
  readonly sockets?: Fact<readonly ContainerSocket[]>;
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
  const least = uidMin(facts.defs);
  const byAccount = [...byUid(accounts), ...byGroup(accounts, groups, least)];
  const whole = new Set(
    byAccount
      .filter(({ privilege }) => privilege === 'root' || privilege === 'sudo')
      .map(({ account }) => account),
  );
  const own = [
    ...byAccount,
    ...(facts.files.state === 'known' ? byFile(facts.files.value, accounts, groups) : []),
    ...(facts.shells?.state === 'known' ? byShell(facts.shells.value, accounts, groups) : []),
    ...(facts.lent?.state === 'known' ? byLoan(facts.lent.value, accounts) : []),
    ...(facts.gshadow?.state === 'known' ? byGshadow(facts.gshadow.value, accounts, groups) : []),
    ...(facts.sockets?.state === 'known' ? bySocket(facts.sockets.value, accounts, groups) : []),
    ...(facts.polkit?.state === 'known' ? byPolkit(facts.polkit.value, accounts, groups, least) : []),
    ...(facts.pam?.state === 'known' ? bySu(facts.pam.value, facts.shadow, accounts, groups, whole) : []),
  ];
  const rules = {
    sudo: state && !voided ? sudoPrivileges(state, accounts, groups, now) : [],
    doas: facts.doas?.state === 'known' ? doasPrivileges(facts.doas.value, accounts, groups) : [],
  };
  return [...own, ...chains(rules, own)];
}

/** Who may become somebody who has a way has one too, over however many steps. */
function chains(
  { sudo, doas }: Readonly<Record<'sudo' | 'doas', readonly SudoPrivilege[]>>,
  own: readonly WayToRoot[],
): readonly WayToRoot[] {
  const privileged = new Map<string, boolean>();
  const add = (ways: readonly WayToRoot[]) => {
    for (const { account, certain } of ways)
      privileged.set(account, certain || privileged.get(account) === true);
    return [...privileged].filter(([, certain]) => certain).length + privileged.size;
  };
  for (let before = add(own); ; ) {
    const ways = [...byRule('sudo', sudo, privileged), ...byRule('doas', doas, privileged)];
    const after = add(ways);
    if (after === before) return ways;
    before = after;
  }
}
