/**
 * Programs that root runs by themselves: the ones that root's cron jobs, services, rc.local and pam_exec name, and the
 * files that services take variables from (LD_PRELOAD among them), each as an absolute path.
 * What only appears when a program runs (a PATH, a variable, what a script calls in turn) is not followed.
 */
import { defineFact, type Fact, known, unreadable } from '../fact.ts';
import { type ShellCommand, shellCommands } from './backup-shell.ts';
import { cron } from './cron.ts';
import { pam } from './pam.ts';
import type { PamLine } from './pam-line.ts';
import { passwd } from './passwd.ts';
import { readUnit, systemdUnits, type Unit, unitList, unitNames, unitValue } from './systemd-unit.ts';
import { execCommands } from './systemd-unit-file.ts';

export interface RootProgram {
  readonly path: string;
  readonly kind: 'cron' | 'units' | 'root';
}

const EXEC = [
  'ExecCondition',
  'ExecStartPre',
  'ExecStart',
  'ExecStartPost',
  'ExecReload',
  'ExecStop',
  'ExecStopPost',
] as const;
const MAX_PROGRAMS = 2_000;

/** Once each, in the order found. Unreadable where a table or a unit can't be read. */
export const rootPrograms = defineFact<readonly RootProgram[]>({
  id: 'root-programs',
  collect: async (host, get): Promise<Fact<readonly RootProgram[]>> => {
    const found = new Map<string, RootProgram>();
    const add = (kind: RootProgram['kind'], paths: readonly string[]) => {
      for (const path of paths) if (!found.has(path)) found.set(path, { path, kind });
    };
    const accounts = await get(passwd);
    const roots = new Set(['root', '0']);
    if (accounts.state === 'known')
      for (const { name, uid } of accounts.value.entries) if (uid === 0) roots.add(name);
    const jobs = await get(cron);
    if (jobs.state !== 'known') return jobs;
    const [gap] = jobs.value.gaps;
    if (gap) return unreadable('cron', gap);
    for (const { user, command, problem } of jobs.value.problem ? [] : jobs.value.jobs)
      if (roots.has(user) && !problem) add('cron', programsOf(shellCommands(command)));
    const tree = await get(systemdUnits);
    if (tree.state === 'unreadable') return tree;
    const names = tree.state === 'known' ? unitNames(tree.value, 'service') : [];
    for (const name of names) {
      if (tree.state !== 'known') break;
      const unit = await readUnit(host, tree.value, name);
      if (unit.state === 'unreadable') return unit;
      if (unit.state === 'known' && unit.value.state === 'loaded')
        add('units', programsOfUnit(unit.value, roots));
    }
    const start = await host.stat('/etc/rc.local');
    if (start.state === 'known' && (start.value.mode & 0o111) !== 0) {
      const script = await host.readText('/etc/rc.local', { encoding: 'latin1' });
      if (script.state === 'unreadable') return script;
      if (script.state === 'known') add('units', programsOf(shellCommands(script.value.text)));
    }
    const stacks = await get(pam);
    if (stacks.state === 'known')
      for (const lines of stacks.value.files.values()) add('root', lines.flatMap(programOfLine));
    return known([...found.values()].slice(0, MAX_PROGRAMS));
  },
});

/** What pam_exec(8) starts, and a module that stands with its path; with `seteuid` or without, root may call it. */
function programOfLine(line: PamLine): string[] {
  if (line.kind !== 'module') return [];
  const module = /^\/[^$]*$/.test(line.path) ? [line.path] : [];
  if (line.module !== 'pam_exec.so') return module;
  const program = line.args.find((word) => word.startsWith('/'));
  return program === undefined ? module : [...module, program];
}

/** With `+` in front of it a command runs as root, whatever `User=` says: systemd.service(5). */
function programsOfUnit(unit: Unit, roots: ReadonlySet<string>): string[] {
  const user = unitValue(unit, 'Service', 'User')?.value ?? 'root';
  const dynamic = /^(?:1|yes|true|on)$/i.test(unitValue(unit, 'Service', 'DynamicUser')?.value ?? '');
  const asRoot = roots.has(user) && !dynamic;
  // systemd reads these as root, and hands root's programs what is in them.
  const variables = unitList(unit, 'Service', 'EnvironmentFile')
    .map(({ value }) => value.replace(/^-/, ''))
    .filter((path) => asRoot && /^\/[^%*?[\]]*$/.test(path));
  const commands = EXEC.flatMap((key) => unitList(unit, 'Service', key))
    .filter(({ value }) => asRoot || /^[-@:|]*\+/.test(value))
    .flatMap(({ value, line }) => programsOf(execCommands(value).map((words) => ({ words, line }))));
  return [...variables, ...commands];
}

const KEYWORDS = /^(?:if|then|elif|else|while|until|do|!|\{|time|exec|command|builtin)$/;
const SHELLS = /^(?:ba|da|k|mk|z|a)?sh$/;
const INTERPRETERS =
  /^(?:(?:ba|da|k|mk|z|a)?sh|python[\d.]*|perl[\d.]*|ruby[\d.]*|php[\d.]*|node|source|\.)$/;
/** They run what follows; `flock` takes a file first, `timeout` and `chrt` a number. */
const WRAPPERS = /^(?:nice|ionice|timeout|chronic|flock|setsid|nohup|env|stdbuf|systemd-cat|chrt|cronic)$/;

/**
 * Pure. The absolute paths of programs and scripts that stand where a command stands. What changes the account on the
 * way (su, sudo, runuser) is left out.
 */
export function programsOf(commands: readonly ShellCommand[], depth = 0): string[] {
  const paths: string[] = [];
  let directory: string | undefined;
  for (const { words } of commands) {
    const rest = words.slice(words.findIndex((word) => !KEYWORDS.test(word) && !/^\w+=/.test(word)));
    if (rest[0] === 'cd') {
      directory = rest[1]?.startsWith('/') ? rest[1] : undefined;
      continue;
    }
    paths.push(...fromWords(rest, directory, depth));
  }
  return [...new Set(paths)];
}

function fromWords(words: readonly string[], directory: string | undefined, depth: number): string[] {
  const [first, ...more] = words;
  if (first === undefined || depth > 5) return [];
  const name = first.slice(first.lastIndexOf('/') + 1);
  const own = absolute(first, directory);
  if (WRAPPERS.test(name)) {
    const options = more.findIndex(
      (word) => !word.startsWith('-') && !/^(?:\w+=.*|[\d.]+[smhd]?)$/.test(word),
    );
    const inner = options < 0 ? [] : more.slice(name === 'flock' ? options + 1 : options);
    return [...own, ...fromWords(inner, directory, depth + 1)];
  }
  if (!INTERPRETERS.test(name)) return own;
  const text = more.findIndex((word) => /^-[a-z]*c$/.test(word));
  if (SHELLS.test(name) && text >= 0)
    return [...own, ...programsOf(shellCommands(more[text + 1] ?? ''), depth + 1)];
  const script = more.find((word) => !word.startsWith('-'));
  return [...own, ...(text < 0 && script !== undefined ? absolute(script, directory) : [])];
}

/** Nothing where a variable, a wildcard or a specifier stands in it, or where it is looked for in PATH. */
function absolute(word: string, directory: string | undefined): string[] {
  if (/[$%*?`[\]]/.test(word) || !word.includes('/')) return [];
  if (word.startsWith('/')) return [word];
  return directory === undefined ? [] : [`${directory}/${word.replace(/^\.\//, '')}`];
}
