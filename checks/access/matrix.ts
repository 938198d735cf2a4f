/**
 * The access matrix: what the facts that `access.*` and `login.*` judge say about every account, in one table. It is
 * wide on purpose: where it can't be told whether a way is open it is listed as unsure, and what could not be read is
 * named as a gap. Pure.
 */
import { type AccessEntry, type AccessMatrix, arrangedMatrix } from '../../shared/access-matrix.ts';
import { coversAccount, coversKey, coversPrivilege, type Grant, liveGrants } from '../../shared/grant.ts';
import type { Phrase, Text } from '../../shared/outcome.ts';
import type { FactsOf } from '../check.ts';
import { redact, redactText } from '../evidence.ts';
import { CouldNotLook, type Fact, type GetFact } from '../fact.ts';
import { containerSockets } from '../facts/container-sockets.ts';
import { cron } from '../facts/cron.ts';
import { displayManagers } from '../facts/display-manager.ts';
import { doas } from '../facts/doas.ts';
import { foreignAccounts } from '../facts/foreign-accounts.ts';
import { gettys } from '../facts/getty.ts';
import { group, gshadow } from '../facts/group.ts';
import { loginDefs } from '../facts/login-defs.ts';
import { ownJobs } from '../facts/own-jobs.ts';
import { pam } from '../facts/pam.ts';
import { lentGroups } from '../facts/pam-group.ts';
import { passwd } from '../facts/passwd.ts';
import { grants } from '../facts/policy.ts';
import { polkitRules } from '../facts/polkit-rules.ts';
import { powerfulShells } from '../facts/powerful-shells.ts';
import { rootFiles } from '../facts/root-files.ts';
import { shadow } from '../facts/shadow.ts';
import { sshKeys } from '../facts/ssh-keys.ts';
import { sshd } from '../facts/sshd.ts';
import { sudo } from '../facts/sudo.ts';
import { policyProblems } from '../login/sudo-problems.ts';
import { doorEntries } from './matrix-doors.ts';
import { powerEntries } from './matrix-power.ts';
import { otherProofs } from './other-proofs.ts';
import { entrancesOf } from './ways-in.ts';

export const matrixNeeds = {
  grants,
  passwd,
  group,
  shadow,
  keys: sshKeys,
  sshd,
  pam,
  sudo,
  doas,
  files: rootFiles,
  shells: powerfulShells,
  polkit: polkitRules,
  sockets: containerSockets,
  gshadow,
  lent: lentGroups,
  defs: loginDefs,
  foreign: foreignAccounts,
  gettys,
  displayManagers,
  cron,
  ownJobs,
};
export type MatrixFacts = FactsOf<typeof matrixNeeds>;

/** An entry before it is known who granted it. */
export type Way = Omit<AccessEntry, 'grant'> & {
  /** The fingerprint where it is about a key. */
  readonly key?: string;
  /** The account that is entered by it, where that is not the one that the entry is about. */
  readonly enters?: string;
};

/** The matrix of a round. Never throws for what a host holds. */
export async function collectMatrix(get: GetFact, now: Date): Promise<AccessMatrix> {
  const facts = Object.fromEntries(
    await Promise.all(
      Object.entries(matrixNeeds).map(async ([name, fact]) => [name, await get<unknown>(fact)] as const),
    ),
  ) as MatrixFacts;
  return accessMatrix(facts, now);
}

export function accessMatrix(facts: MatrixFacts, now: Date): AccessMatrix {
  const gaps: AccessMatrix['gaps'] = [];
  const gap = (source: string, reason: Text) =>
    gaps.push({ source: redact(source), reason: redactText(reason) });
  // A part that can't be looked at must not take the others with it.
  const attempt = <T>(part: () => readonly T[]): readonly T[] => {
    try {
      return part();
    } catch (error) {
      if (!(error instanceof CouldNotLook)) throw error;
      gap(error.source, error.reason);
      return [];
    }
  };
  const { grants: register, ...read } = facts;
  for (const fact of Object.values(read) as Fact<unknown>[])
    if (fact.state === 'unreadable') gap(fact.source, fact.reason);
  const entrances = attempt(() => entrancesOf(facts, now));
  const ways = [
    ...attempt(() => doorEntries(facts, entrances)),
    ...attempt(() => powerEntries(facts, entrances, now)),
  ];
  for (const { entry, unclear } of entrances)
    for (const { source, reason } of unclear)
      gap(source, { en: `${entry.name}: ${reason.en}`, de: `${entry.name}: ${reason.de}` });
  attempt(() => {
    const other = otherProofs(facts.pam, facts.sshd, { en: '', de: '' });
    for (const { source, found } of other?.evidence ?? []) gap(source, withReason(found, other?.reason));
    return [];
  });
  if (facts.foreign.state === 'known')
    for (const { source, found } of facts.foreign.value.ids) gap(source, withReason(found, elsewhere));
  const problem = facts.sudo.state === 'known' ? policyProblems(facts.sudo.value.policy.problems) : undefined;
  if (problem?.reason) gap(problem.evidence[0]?.source ?? '/etc/sudoers', problem.reason);
  const live = register.state === 'known' ? liveGrants(register.value, now) : [];
  return arrangedMatrix({
    register: register.state === 'known',
    entries: ways.map((way) => granted(way, live)),
    gaps,
  });
}

const elsewhere: Text = {
  en: 'accounts also come from a source that can not be read here',
  de: 'Konten kommen auch aus einer Quelle, die hier nicht lesbar ist',
};

const words = (phrase: Phrase): Text => (typeof phrase === 'string' ? { en: phrase, de: phrase } : phrase);

function withReason(found: Phrase, reason: Text = { en: '', de: '' }): Text {
  const { en, de } = words(found);
  return { en: `${en}: ${reason.en}`, de: `${de}: ${reason.de}` };
}

function granted({ key, enters, ...way }: Way, live: readonly Grant[]): AccessEntry {
  const { account, privilege } = way;
  const by = live.find((grant) =>
    privilege !== undefined
      ? coversPrivilege(grant, account, privilege)
      : key !== undefined
        ? coversKey(grant, account, key)
        : coversAccount(grant, enters ?? account),
  );
  const detail = way.detail === undefined ? {} : { detail: redact(way.detail) };
  return { ...way, ...detail, source: redact(way.source), ...(by ? { grant: by.id } : {}) };
}
