/**
 * Who can run what as whom through sudo, and which proof it takes. Rules that later ones undo are left out: the last
 * rule that fits a command counts. Pure. Used by login.sudo-authenticates and by what lists ways to root.
 * Longer than most files because one judge holds what all questions share.
 */
import type { Text } from '../../shared/outcome.ts';
import { CouldNotLook } from '../fact.ts';
import type { GroupFile } from './group.ts';
import type { PasswdFile } from './passwd.ts';
import type { Sudo } from './sudo.ts';
import { type Call, entriesOf, flagOf, inForce, textOf } from './sudo-defaults.ts';
import {
  covers,
  formatLeaf,
  isInGroup,
  type Leaf,
  leavesOf,
  type Match,
  type MatchContext,
  matchHost,
  matchRunas,
  matchRunasGroup,
  matchUser,
  mayMeet,
  type Subject,
} from './sudo-match.ts';
import type { PlacedDefaults } from './sudo-policy.ts';
import { type SudoWorld, sudoWorld } from './sudo-world.ts';
import { type CommandSpec, parseGeneralisedTime } from './sudoers-parse.ts';

/** Whose password sudo asks for; `none` where it asks for nothing. */
export type Proof = 'none' | 'own' | 'root' | 'target' | 'runas-default' | 'unknown';

export interface SudoPrivilege {
  /** Account names, sorted; somebody from a directory service stands as `%group` or the name in the rule. */
  readonly users: readonly string[];
  /** `root`, other account names, `*` for those that no rule names, `:group`, or `ALL` for every account. */
  readonly runas: readonly string[];
  /** `ALL`, or the command as written. */
  readonly command: string;
  readonly proof: Proof;
  readonly needsPassword: boolean | 'unknown';
  /** What made it so: `NOPASSWD`, `!authenticate`, `exempt_group`, `targetpw` ...; empty for the plain case. */
  readonly because: string;
  /** False where it can't be told whether the rule applies to anybody (directory services, netgroups, other names). */
  readonly certain: boolean;
  /** Where the rule stands. */
  readonly source: string;
  readonly line: number;
}

/** One rule for one command, in the order of the files. */
interface Rung {
  readonly source: string;
  readonly spec: CommandSpec;
  readonly leaf: Leaf;
  readonly user: Match;
  readonly host: Match;
  /** Whether NOTBEFORE and NOTAFTER let it count now. */
  readonly active: boolean | undefined;
}

/** Work of a policy beyond all that people write: such a file is not judged rather than judged for minutes. */
const MAX_STEPS = 10_000_000;

/** What decides whether sudo asks, and for whose password. */
const PROOF_SETTINGS = ['authenticate', 'exempt_group', 'rootpw', 'runaspw', 'targetpw'];

const TOO_MUCH: Text = {
  en: 'the sudo rules are too many to judge',
  de: 'die sudo-Regeln sind zu viele, um sie zu beurteilen',
};

/** What sudo's rules say on this host, ready to be asked. */
export class SudoJudge {
  readonly context: MatchContext;
  readonly #now: Date;
  readonly #rungs = new Map<Subject, readonly Rung[]>();
  readonly #runasDefaults = new Map<Subject, string>();
  /** Bound to a target or a command it can't be told in advance. */
  readonly #runasDefaultOpen: boolean;
  /** Commands for which Defaults say what sudo asks. */
  readonly #apart: readonly Leaf[];
  readonly world: SudoWorld;

  constructor(sudo: Sudo, accounts: PasswdFile, groups: GroupFile, now: Date) {
    let left = MAX_STEPS;
    const { policy, hostNames } = sudo;
    this.context = {
      policy,
      hostNames,
      groupPlugin: entriesOf(policy, 'group_plugin').length > 0,
      spend: (steps = 1) => {
        left -= steps;
        if (left < 0) throw new CouldNotLook(policy.source, TOO_MUCH);
      },
    };
    this.#now = now;
    this.#runasDefaultOpen = entriesOf(policy, 'runas_default').some(
      ({ scope }) => scope === 'runas' || scope === 'command',
    );
    this.#apart = PROOF_SETTINGS.flatMap((name) => entriesOf(policy, name))
      .filter(({ scope }) => scope === 'command')
      .flatMap(({ binding }) => binding.flatMap((member) => leavesOf(this.context, member)))
      .filter(({ allow }) => allow);
    this.world = sudoWorld(policy, accounts, groups, sudo.directory);
  }

  /** Whom a rule without a run-as list means, for this caller. */
  #runasDefault(caller: Subject): string {
    const before = this.#runasDefaults.get(caller);
    if (before !== undefined) return before;
    const read = (entry: PlacedDefaults) => textOf(entry) ?? undefined;
    const { value } = inForce(this.context, 'runas_default', 'root', read, { caller, target: caller });
    this.#runasDefaults.set(caller, value);
    return value;
  }

  /** Rules that concern `caller` on this host, aliases resolved. */
  #rungsOf(caller: Subject): readonly Rung[] {
    const before = this.#rungs.get(caller);
    if (before) return before;
    const { context } = this;
    const rungs: Rung[] = [];
    for (const { users, privileges, source } of context.policy.specs) {
      const user = matchUser(context, users, caller);
      if (user !== 'allow' && user !== 'maybe') continue;
      for (const { hosts, commands } of privileges) {
        const host = matchHost(context, hosts);
        if (host !== 'allow' && host !== 'maybe') continue;
        for (const spec of commands) {
          const active = activeAt(spec, this.#now);
          if (active === false) continue;
          for (const leaf of leavesOf(context, spec.command))
            rungs.push({ source, spec, leaf, user, host, active });
        }
      }
    }
    this.#rungs.set(caller, rungs);
    return rungs;
  }

  #runasMatch(rung: Rung, { caller, target }: Call, group: RunasGroup | undefined): Match {
    const { runasUsers, runasGroups } = rung.spec;
    if (group) return matchRunasGroup(this.context, runasGroups, group);
    if (runasUsers === undefined && runasGroups !== undefined) return 'none';
    if (runasUsers === undefined && this.#runasDefaultOpen) return 'maybe';
    return matchRunas(this.context, runasUsers, target, caller, this.#runasDefault(caller));
  }

  /** Whether a later rule surely decides about all of `rungs[index]` for this target. */
  #undone(rungs: readonly Rung[], index: number, call: Call, group: RunasGroup | undefined): boolean {
    const { leaf } = rungs[index] as Rung;
    for (let later = index + 1; later < rungs.length; later += 1) {
      this.context.spend();
      const rung = rungs[later] as Rung;
      const sure = rung.user === 'allow' && rung.host === 'allow' && rung.active === true;
      if (sure && covers(rung.leaf, leaf) && this.#runasMatch(rung, call, group) === 'allow') return true;
    }
    return false;
  }

  /**
   * What sudo says to one command, written without wildcards.
   * @returns undefined where no rule allows it
   */
  decide(caller: Subject, target: Subject, path: string, args = ''): { proof: Proof } | undefined {
    const leaf: Leaf = { all: false, path, args, hasDigest: false, allow: true };
    const rungs = this.#rungsOf(caller);
    const call = { caller, target };
    for (let index = rungs.length - 1; index >= 0; index -= 1) {
      const rung = rungs[index] as Rung;
      if (!covers(rung.leaf, leaf) || this.#runasMatch(rung, call, undefined) !== 'allow') continue;
      return rung.leaf.allow ? { proof: this.#proof(rung, call, leaf).proof } : undefined;
    }
    return undefined;
  }

  /** Every privilege of `caller`: whom it reaches, with which proof. */
  privilegesOf(caller: Subject): SudoPrivilege[] {
    if (caller.uid === 0) return [];
    const rungs = this.#rungsOf(caller);
    return rungs.flatMap((rung, index) => {
      // `list` lets somebody see rules, not run anything.
      if (!rung.leaf.allow || rung.leaf.path === 'list') return [];
      const found = new Map<string, { runas: string[]; answer: Answer; command: string; sure: boolean }>();
      const add = (label: string, call: Call, group: RunasGroup | undefined): void => {
        const match = this.#runasMatch(rung, call, group);
        if ((match !== 'allow' && match !== 'maybe') || this.#undone(rungs, index, call, group)) return;
        const sure =
          match === 'allow' && rung.user === 'allow' && rung.host === 'allow' && rung.active === true;
        for (const { answer, command } of this.#answers(rung, call)) {
          const key = `${command}\0${answer.proof}\0${answer.because}\0${sure}`;
          const entry = found.get(key) ?? { runas: [], answer, command, sure };
          entry.runas.push(label);
          found.set(key, entry);
        }
      };
      for (const target of this.world.targets)
        if (target.name !== caller.name && !(target.uid !== undefined && target.uid === caller.uid))
          add(target.name, { caller, target }, undefined);
      if (rung.spec.runasGroups)
        for (const group of this.world.runasGroups)
          if (!isInGroup(group.name, caller)) add(`:${group.name}`, { caller, target: caller }, group);
      return [...found.values()].map(({ runas, answer, command, sure }) => ({
        users: [caller.name],
        runas: this.#shortened(runas, caller),
        command,
        ...answer,
        needsPassword: answer.proof === 'unknown' ? 'unknown' : answer.proof !== 'none',
        certain: sure && caller.local,
        source: rung.source,
        line: rung.spec.line,
      }));
    });
  }

  /** `ALL` where every target that is not the caller is reached. */
  #shortened(runas: readonly string[], caller: Subject): readonly string[] {
    const others = this.world.targets.filter(({ name }) => name !== caller.name);
    const reached = new Set(runas);
    if (!others.every(({ name }) => reached.has(name))) return [...reached];
    return ['ALL'];
  }

  /** The rule's own answer, and others for commands that `Defaults!command` sets apart. */
  #answers(rung: Rung, call: Call): { answer: Answer; command: string }[] {
    const base = { answer: this.#proof(rung, call, rung.leaf), command: formatLeaf(rung.leaf) };
    if (base.answer.proof === 'none') return [base];
    const apart = this.#apart
      .filter((leaf) => mayMeet(leaf, rung.leaf) && !covers(leaf, rung.leaf))
      .map((leaf) => ({ leaf, answer: this.#proof(rung, call, leaf) }))
      .filter(({ answer }) => answer.proof !== base.answer.proof)
      .map(({ leaf, answer }) => ({
        answer: covers(rung.leaf, leaf) ? answer : { ...answer, proof: 'unknown' as const },
        command: formatLeaf(leaf),
      }));
    return [base, ...apart];
  }

  /** check.c: no password where authenticate is off, then where the caller is exempt; else whose it asks for. */
  #proof(rung: Rung, call: Call, leaf: Leaf): Answer {
    const { context } = this;
    const flag = (name: string) => inForce(context, name, false, flagOf, call);
    const group = inForce<string | null>(context, 'exempt_group', null, textOf, call);
    const ownGroup = this.#forCommand('exempt_group', leaf, textOf);
    const exemptGroup = ownGroup === undefined ? group.value : ownGroup;
    const exempt = exemptGroup !== null && isInGroup(exemptGroup, call.caller);
    if (rung.spec.tags.PASSWD === false) return { proof: 'none', because: 'NOPASSWD' };
    if (exempt) return { proof: 'none', because: 'exempt_group' };
    if (rung.spec.tags.PASSWD === undefined) {
      const general = inForce(context, 'authenticate', true, flagOf, call);
      const own = this.#forCommand('authenticate', leaf, flagOf);
      const asks = own === undefined ? general.value : own;
      if (!asks) return { proof: 'none', because: '!authenticate' };
      if (own === undefined && !general.certain) return { proof: 'unknown', because: '!authenticate' };
    }
    if (ownGroup === undefined && !group.certain) return { proof: 'unknown', because: 'exempt_group' };
    for (const [name, proof] of [
      ['rootpw', 'root'],
      ['runaspw', 'runas-default'],
      ['targetpw', 'target'],
    ] as const) {
      const { value } = flag(name);
      const own = this.#forCommand(name, leaf, flagOf);
      if (own ?? value) return { proof, because: name };
    }
    return { proof: 'own', because: '' };
  }

  /** What entries bound to commands say about all of `leaf`; the last one that surely fits counts. */
  #forCommand<T>(name: string, leaf: Leaf, read: (entry: PlacedDefaults) => T | undefined): T | undefined {
    let found: T | undefined;
    for (const entry of entriesOf(this.context.policy, name)) {
      if (entry.scope !== 'command') continue;
      const last = entry.binding
        .flatMap((member) => leavesOf(this.context, member))
        .findLast((one) => covers(one, leaf));
      if (last?.allow) found = read(entry) ?? found;
    }
    return found;
  }
}

interface Answer {
  readonly proof: Proof;
  readonly because: string;
}

interface RunasGroup {
  readonly name: string;
  readonly gid: number | undefined;
}

/** A time without a zone is local, and the zone is not known here: within 14 hours of it nothing is certain. */
function activeAt({ options }: CommandSpec, now: Date): boolean | undefined {
  const slack = 14 * 3_600_000;
  let sure = true;
  for (const [name, sign] of [
    ['NOTBEFORE', 1],
    ['NOTAFTER', -1],
  ] as const) {
    const text = options[name];
    const at = text === undefined ? undefined : parseGeneralisedTime(text);
    if (text === undefined || at === undefined) continue;
    const inside = (now.getTime() - at) * sign;
    const zoned = /[Z+-]/.test(text);
    if (inside < (zoned ? 0 : -slack)) return false;
    if (!zoned && inside < slack) sure = false;
  }
  return sure ? true : undefined;
}

/** All privileges on this host, accounts with the same ones together, in the order of the files. */
export function sudoPrivileges(
  sudo: Sudo,
  accounts: PasswdFile,
  groups: GroupFile,
  now: Date,
): readonly SudoPrivilege[] {
  const judge = new SudoJudge(sudo, accounts, groups, now);
  const merged = new Map<string, SudoPrivilege>();
  for (const { subject, names } of judge.world.callers)
    for (const privilege of judge.privilegesOf(subject)) {
      const { runas, ...rest } = privilege;
      const key = JSON.stringify([runas, { ...rest, users: [] }]);
      const before = merged.get(key)?.users ?? [];
      merged.set(key, { ...privilege, users: [...new Set([...before, ...names])].sort() });
    }
  return [...merged.values()];
}
