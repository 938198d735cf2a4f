/** The matrix, second half: what an account that is in can make of itself. Pure. */
import type { Proof, WayIn } from '../../shared/access-matrix.ts';
import { doasPrivileges } from '../facts/doas.ts';
import { suBarriers } from '../facts/su-barrier.ts';
import { type SudoPrivilege, type Proof as SudoProof, sudoPrivileges } from '../facts/sudo-privileges.ts';
import type { MatrixFacts, Way } from './matrix.ts';
import type { Entrance } from './ways-in.ts';
import { type WayToRoot, waysToRoot } from './ways-to-root.ts';

/** @throws CouldNotLook where accounts, groups or rules can not be judged */
export function powerEntries(facts: MatrixFacts, entrances: readonly Entrance[], now: Date): readonly Way[] {
  return [...bySudo(facts, now), ...byDoas(facts), ...bySu(facts, entrances), ...byOtherMeans(facts, now)];
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
  return byRules('sudo', sudoPrivileges(sudo.value, passwd.value, group.value, now));
}

function byDoas({ doas, passwd, group }: MatrixFacts): Way[] {
  if (doas.state !== 'known' || passwd.state !== 'known' || group.state !== 'known') return [];
  return byRules('doas', doasPrivileges(doas.value, passwd.value, group.value));
}

function byRules(way: 'sudo' | 'doas', privileges: readonly SudoPrivilege[]): Way[] {
  return privileges.flatMap(({ users, runas, command, proof, certain, source, line }) =>
    users.flatMap((account) =>
      runas.map(
        (reaches): Way => ({
          account,
          way,
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

/**
 * Where everybody may try, root's password alone decides: one entry for all, covered as entering root is. Where only
 * some may, they have a right of their own, which is among the other means.
 */
function bySu({ pam }: MatrixFacts, entrances: readonly Entrance[]): Way[] {
  const root = entrances.find(({ entry }) => entry.name === 'root' && entry.uid === 0);
  if (pam.state !== 'known' || !root || root.password === false || root.expired) return [];
  const service = ['su', 'su-l'].find((name) => pam.value.files.has(name) && !suBarriers(pam.value, name));
  if (service === undefined) return [];
  return [
    {
      account: '*',
      way: 'su',
      proof: 'other-password',
      reaches: 'root',
      enters: 'root',
      source: pam.value.files.get(service)?.[0]?.file ?? `/etc/pam.d/${service}`,
      ...(root.password === undefined ? { unsure: true } : {}),
    },
  ];
}

const WAY: Readonly<Partial<Record<WayToRoot['privilege'], WayIn>>> = {
  docker: 'container-group',
  lxd: 'container-group',
  cron: 'cron',
  units: 'unit',
  polkit: 'polkit',
  capabilities: 'capability',
  su: 'su',
};

/** Administrators are asked by polkit for their own password; for su, by a group, it takes that of root. */
function proofOf(privilege: WayToRoot['privilege'], what: string): Proof {
  if (privilege === 'sudo') return 'password';
  if (privilege === 'polkit') return what.startsWith('administrator') ? 'password' : 'none';
  return privilege === 'su' && what.includes('by group') ? 'other-password' : 'none';
}

/** Groups and files; rules of sudo and accounts with UID 0 have entries of their own. */
function byOtherMeans(facts: MatrixFacts, now: Date): Way[] {
  if (facts.passwd.state !== 'known' || facts.group.state !== 'known') return [];
  return waysToRoot(facts, now).flatMap(({ account, privilege, source, line, what, certain }): Way[] => {
    if (/^(?:sudo|doas): /.test(what.en) || what.en === 'UID 0') return [];
    const group = /^group (\S+)(?: from pam_group)?$/.exec(what.en)?.[1];
    return [
      {
        account,
        way:
          group === undefined
            ? (WAY[privilege] ?? 'group')
            : privilege === 'docker' || privilege === 'lxd'
              ? 'container-group'
              : 'group',
        proof: proofOf(privilege, what.en),
        reaches: 'root',
        privilege,
        detail: group ?? source,
        source,
        ...(line === undefined ? {} : { line }),
        ...(certain ? {} : { unsure: true }),
      },
    ];
  });
}
