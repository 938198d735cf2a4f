/** The matrix, second half: what an account that is in can make of itself. Pure. */
import type { Proof, WayIn } from '../../shared/access-matrix.ts';
import { hasLoginShell } from '../facts/login-shell.ts';
import type { PasswdEntry } from '../facts/passwd.ts';
import { suBarriers, suGroupMembers, suGroupOf } from '../facts/su-barrier.ts';
import { type Proof as SudoProof, sudoPrivileges } from '../facts/sudo-privileges.ts';
import type { MatrixFacts, Way } from './matrix.ts';
import type { Entrance } from './ways-in.ts';
import { type WayToRoot, waysToRoot } from './ways-to-root.ts';

/** @throws CouldNotLook where accounts, groups or rules can not be judged */
export function powerEntries(facts: MatrixFacts, entrances: readonly Entrance[], now: Date): readonly Way[] {
  return [...bySudo(facts, now), ...bySu(facts, entrances), ...byOtherMeans(facts, now)];
}

const PROOF: Readonly<Record<SudoProof, Proof>> = {
  none: 'none',
  own: 'password',
  root: 'other-password',
  target: 'other-password',
  'runas-default': 'other-password',
  unknown: 'unknown',
};

function bySudo({ sudo, passwd, group }: MatrixFacts, now: Date): Way[] {
  if (sudo.state !== 'known' || passwd.state !== 'known' || group.state !== 'known') return [];
  // Files that are not what sudo goes by say nothing about anybody.
  if (sudo.value.policy.problems.some(({ voids }) => voids)) return [];
  return sudoPrivileges(sudo.value, passwd.value, group.value, now).flatMap(
    ({ users, runas, command, proof, certain, source, line }) =>
      users.flatMap((account) =>
        runas.map(
          (reaches): Way => ({
            account,
            way: 'sudo',
            proof: PROOF[proof],
            reaches,
            privilege: command === 'ALL' && reachesRoot(reaches) ? 'sudo' : 'sudo-commands',
            // Arguments may hold what is nobody's business.
            ...(command === 'ALL' ? {} : { detail: command.split(' ')[0] ?? command }),
            source,
            line,
            ...(certain ? {} : { unsure: true }),
          }),
        ),
      ),
  );
}

const reachesRoot = (reaches: string): boolean => reaches === 'root' || reaches === 'ALL';

/** Root's password is needed: where none is set, su leads nobody to root. */
function bySu({ pam, group, passwd }: MatrixFacts, entrances: readonly Entrance[]): Way[] {
  if (pam.state !== 'known' || group.state !== 'known' || passwd.state !== 'known') return [];
  const root = entrances.find(({ entry }) => entry.name === 'root' && entry.uid === 0);
  if (!root || root.password === false || root.expired || !pam.value.files.has('su')) return [];
  const barriers = suBarriers(pam.value, 'su');
  const file = `/etc/pam.d/su`;
  return entrances.flatMap(({ entry, expired }): Way[] => {
    if (expired || entry.uid === 0 || !hasLoginShell(entry) || !canEnter(entrances, entry)) return [];
    const members = barriers?.map((line) =>
      suGroupMembers(suGroupOf(line, group.value), group.value, passwd.value),
    );
    if (members && !members.some((names) => names.includes(entry.name))) return [];
    return [
      {
        account: entry.name,
        way: 'su',
        proof: 'other-password',
        reaches: 'root',
        privilege: 'su',
        source: barriers?.[0]?.file ?? file,
        ...(barriers?.[0] ? { line: barriers[0].line } : {}),
        ...(root.password === undefined ? { unsure: true } : {}),
      },
    ];
  });
}

/** Whoever can't get in has nothing to start su from. */
const canEnter = (entrances: readonly Entrance[], { name }: PasswdEntry): boolean =>
  entrances.some(
    ({ entry, password, keys }) => entry.name === name && (password !== false || keys.length > 0),
  );

const WAY: Readonly<Partial<Record<WayToRoot['privilege'], WayIn>>> = {
  docker: 'container-group',
  lxd: 'container-group',
  cron: 'cron',
  units: 'unit',
  polkit: 'polkit',
  capabilities: 'capability',
  su: 'su',
};

/** Groups and files; rules of sudo and accounts with UID 0 have entries of their own. */
function byOtherMeans(facts: MatrixFacts, now: Date): Way[] {
  if (facts.passwd.state !== 'known' || facts.group.state !== 'known') return [];
  // Of su more is said above than that it leads to root.
  const { pam: _su, ...rest } = facts;
  return waysToRoot(rest, now).flatMap(({ account, privilege, source, line, what, certain }): Way[] => {
    if (what.en.startsWith('sudo: ') || what.en === 'UID 0') return [];
    const group = /^group (.+)$/.exec(what.en)?.[1];
    return [
      {
        account,
        way:
          group === undefined
            ? (WAY[privilege] ?? 'group')
            : privilege === 'docker' || privilege === 'lxd'
              ? 'container-group'
              : 'group',
        proof: 'none',
        reaches: 'root',
        privilege,
        detail: group ?? (source.startsWith('/') ? source : what.en),
        source,
        ...(line === undefined ? {} : { line }),
        ...(certain ? {} : { unsure: true }),
      },
    ];
  });
}
