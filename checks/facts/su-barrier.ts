/** Who may use su(1): the lines of its stacks that refuse whoever is not in a group. pam_wheel(8), pam_succeed_if(8). Pure. */
import type { GroupFile } from './group.ts';
import { type PamConfiguration, pamModules, pamStack } from './pam.ts';
import type { PamModuleLine, PamReturn } from './pam-line.ts';
import type { PasswdFile } from './passwd.ts';
import { runStack } from './stack-run.ts';

export const isWheel = ({ module }: PamModuleLine): boolean => /^pam_wheel(?:\.so)?$/.test(module);

/** What modules return to somebody who knows the root password and is in no special group. */
function answer(line: PamModuleLine): PamReturn {
  const name = line.module.replace(/\.so$/, '');
  if (isWheel(line)) {
    if (line.args.includes('deny')) return line.args.includes('trust') ? 'ignore' : 'success';
    return line.args.includes('trust') ? 'ignore' : 'perm_denied';
  }
  if (name === 'pam_succeed_if' && line.args.includes('ingroup')) return 'auth_err';
  if (name === 'pam_rootok' || name === 'pam_deny') return 'auth_err';
  return 'success';
}

/** The groups that a line lets through: named, or wheel, or what has the number 0 where there is no wheel. */
export function suGroupOf(line: PamModuleLine, groups: GroupFile): string {
  const named = line.args.findLast((arg) => arg.startsWith('group='))?.slice('group='.length);
  if (named) return named;
  if (!isWheel(line)) return line.args[line.args.indexOf('ingroup') + 1] ?? '';
  const wheel = groups.entries.some(({ name }) => name === 'wheel');
  return wheel ? 'wheel' : (groups.entries.find(({ gid }) => gid === 0)?.name ?? 'wheel');
}

/** Accounts in a group, root left out; several groups of pam_succeed_if stand with colons between them. */
export function suGroupMembers(name: string, groups: GroupFile, accounts: PasswdFile): string[] {
  const found = groups.entries.filter((entry) => name.split(':').includes(entry.name));
  const named = found.flatMap(({ members }) => members);
  const primary = accounts.entries.filter(({ gid }) => found.some((entry) => entry.gid === gid));
  const roots = new Set(accounts.entries.filter(({ uid }) => uid === 0).map((entry) => entry.name));
  return [...new Set([...named, ...primary.map((entry) => entry.name)])]
    .filter((one) => !roots.has(one))
    .sort();
}

/** The lines without which somebody outside would get in; undefined where they do get in. */
export function suBarriers(configuration: PamConfiguration, service: string): PamModuleLine[] | undefined {
  const phases = (['auth', 'account'] as const).map((type) => pamStack(configuration, service, type));
  const runs = phases.map((entries) => runStack(entries, answer));
  if (runs.every(({ success }) => success)) return undefined;
  return runs
    .flatMap(({ called }) => called)
    .filter((line) => isWheel(line) || line.args.includes('ingroup'))
    .filter((line) => answer(line) !== 'success' && answer(line) !== 'ignore');
}

/**
 * Accounts that the stack lets try the password: run once for each, since of several barriers one may be enough. What a
 * module returns to a member of its group depends on its arguments; let in by any answer is let in.
 */
export function suCallers(
  configuration: PamConfiguration,
  service: string,
  groups: GroupFile,
  accounts: PasswdFile,
): string[] {
  const phases = (['auth', 'account'] as const).map((type) => pamStack(configuration, service, type));
  const barriers = phases
    .flatMap((entries) => pamModules(entries))
    .filter((line) => isWheel(line) || line.args.includes('ingroup'))
    .map((line) => ({ line, members: suGroupMembers(suGroupOf(line, groups), groups, accounts) }));
  const admits = (account: string, inside: PamReturn): boolean =>
    phases.every(
      (entries) =>
        runStack(entries, (line) => {
          const member = barriers.find((one) => one.line === line)?.members.includes(account);
          if (!member) return answer(line);
          return isWheel(line) && line.args.includes('deny') ? 'perm_denied' : inside;
        }).success,
    );
  const named = new Set(barriers.flatMap(({ members }) => members));
  return accounts.entries
    .map(({ name }) => name)
    .filter((name) => named.has(name) && (admits(name, 'ignore') || admits(name, 'success')));
}

/**
 * Accounts that pam_wheel with `trust` lets become root without any proof. With `deny` it trusts everybody else: `*`.
 * `certain`: nothing else in the stack that is not known to let them pass stands in the way.
 */
export function suTrusted(
  configuration: PamConfiguration,
  service: string,
  groups: GroupFile,
  accounts: PasswdFile,
): { readonly account: string; readonly line: PamModuleLine; readonly certain: boolean }[] {
  const entries = pamStack(configuration, service, 'auth');
  return pamModules(entries)
    .filter((line) => isWheel(line) && line.args.includes('trust'))
    .flatMap((line) => {
      const trusted = (others: PamReturn) => (one: PamModuleLine) =>
        one === line ? 'success' : unproven(one, others);
      if (!runStack(entries, trusted('success')).success) return [];
      const certain = runStack(entries, trusted('auth_err')).success;
      const inside = suGroupMembers(suGroupOf(line, groups), groups, accounts);
      return (line.args.includes('deny') ? ['*'] : inside).map((account) => ({ account, line, certain }));
    });
}

/** What a module returns to somebody who is in the group and proves nothing; `others` where it is not known. */
function unproven(line: PamModuleLine, others: PamReturn): PamReturn {
  const name = line.module.replace(/\.so$/, '');
  if (isWheel(line)) return 'ignore';
  if (/^pam_(?:permit|env|nologin|faildelay|warn|echo|keyinit|umask|limits|group)$/.test(name))
    return 'success';
  if (name === 'pam_succeed_if' || name === 'pam_listfile' || name === 'pam_time') return others;
  return 'auth_err';
}
