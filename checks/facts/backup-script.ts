/** Finds what backup programs are called to do in scripts, lines of cron and units, also through wrappers. Pure. */
import type { BackupCall } from './backup-call.ts';
import { assignment, type Environment, expand, type ShellCommand, shellCommands } from './backup-shell.ts';
import { readBackupCall } from './backup-tools.ts';

export interface Reading {
  readonly calls: readonly BackupCall[];
  /** Other programs that are run by absolute path: one of them may be a script that calls a backup program. */
  readonly programs: readonly string[];
  /** Those of them that a shell is given to read: they need not be executable. */
  readonly interpreted: ReadonlySet<string>;
  /** Files that are read in with `.` or `source`. */
  readonly sourced: readonly string[];
  /** Variables as they stand at the end. */
  readonly environment: Environment;
}

const KEYWORDS = new Set([
  'if',
  'then',
  'else',
  'elif',
  'do',
  'while',
  'until',
  '!',
  '{',
  'time',
  'exec',
  'command',
  'nohup',
  'chronic',
  'setsid',
  'builtin',
  '-',
]);
const WRAPPERS = new Set([
  'env',
  'nice',
  'ionice',
  'timeout',
  'sudo',
  'doas',
  'runuser',
  'su',
  'flock',
  'systemd-cat',
  'systemd-inhibit',
  'systemd-run',
  'setpriv',
  'chpst',
  'stdbuf',
  'cpulimit',
  'runitor',
  'chrt',
  'taskset',
  'unshare',
  'nsenter',
]);
const SHELLS = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'ash']);
const base = (word: string): string => word.slice(word.lastIndexOf('/') + 1);

/** Reads a script, or the command part of a crontab line. */
export function readScript(text: string, environment: Environment = {}, firstLine = 1): Reading {
  return readCommands(shellCommands(text, firstLine), environment, 0);
}

/** Reads words that no shell has touched, such as those of ExecStart. */
export function readWords(words: readonly string[], environment: Environment, line: number): Reading {
  return readCommands([{ line, words }], environment, 0);
}

const pairsIn = (words: readonly string[]): (readonly [string, string])[] =>
  words.map(assignment).filter((pair) => pair !== undefined);

function readCommands(commands: readonly ShellCommand[], start: Environment, depth: number): Reading {
  const environment: Record<string, string> = { ...start };
  const calls: BackupCall[] = [];
  const programs: string[] = [];
  const interpreted = new Set<string>();
  const sourced: string[] = [];
  const inner = (text: string, line: number, local: Environment): void => {
    if (depth > 2) return;
    const reading = readCommands(shellCommands(text, line), local, depth + 1);
    calls.push(...reading.calls);
    programs.push(...reading.programs);
    for (const path of reading.interpreted) interpreted.add(path);
  };
  for (const { line, words: raw } of commands) {
    // A word that is a variable alone may hold a command with its options.
    const words = raw.flatMap((word) => {
      if (!word.includes('$')) return word;
      const expanded = expand(word, environment);
      return /^\$\{?[A-Za-z_]\w*\}?$/.test(word) && expanded !== word
        ? expanded.split(/\s+/).filter(Boolean)
        : [expanded];
    });
    let at = 0;
    if (['export', 'declare', 'readonly', 'local', 'typeset'].includes(words[0] ?? '')) {
      for (const [name, value] of pairsIn(words)) environment[name] = value;
      continue;
    }
    while (at < words.length && (assignment(words[at] ?? '') || KEYWORDS.has(words[at] ?? ''))) at += 1;
    const pairs = pairsIn(words.slice(0, at));
    if (at === words.length) {
      for (const [name, value] of pairs) environment[name] = value;
      continue;
    }
    // Copied only for a command that brings variables of its own: most have none.
    let local = pairs.length > 0 ? { ...environment, ...Object.fromEntries(pairs) } : environment;
    if (WRAPPERS.has(base(words[at] ?? ''))) {
      const from = at;
      at = words.findIndex(
        (word, index) =>
          index > from &&
          (readBackupCall(word, words.slice(index + 1), local, line) ||
            SHELLS.has(base(word)) ||
            (word.startsWith('/') && /\.(?:sh|bash)$/.test(word))),
      );
      const more = pairsIn(words.slice(from, at < 0 ? undefined : at));
      if (more.length > 0) local = { ...local, ...Object.fromEntries(more) };
      const command = words.indexOf('-c', from);
      if (at < 0 && command > 0) inner(words[command + 1] ?? '', line, local);
      if (at < 0) {
        programs.push(...words.slice(from + 1).filter((word) => word.startsWith('/')));
        continue;
      }
    }
    const program = words[at] ?? '';
    const rest = words.slice(at + 1);
    if (program === '.' || program === 'source') {
      if (rest[0]) sourced.push(rest[0]);
    } else if (SHELLS.has(base(program))) {
      const command = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
      if (command >= 0) inner(rest[command + 1] ?? '', line, local);
      else {
        const [script] = rest.filter((word) => word.startsWith('/'));
        if (script !== undefined) {
          programs.push(script);
          interpreted.add(script);
        }
      }
    } else {
      const call = readBackupCall(program, rest, local, line);
      // As it stands now: the variables change with the lines that follow.
      if (call) calls.push({ ...call, environment: { ...call.environment } });
      else if (program.startsWith('/')) programs.push(program);
    }
  }
  return { calls, programs: [...new Set(programs)], interpreted, sourced, environment };
}
