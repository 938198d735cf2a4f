/** Finds what backup programs are called to do in scripts, lines of cron and units, also through wrappers. Pure. */
import type { BackupCall } from './backup-call.ts';
import { assignment, type Environment, expand, type ShellCommand, shellCommands } from './backup-shell.ts';
import { readBackupCall } from './backup-tools.ts';

export interface Reading {
  readonly calls: readonly BackupCall[];
  /** Other programs that are run by absolute path: one of them may be a script that calls a backup program. */
  readonly programs: readonly string[];
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

function readCommands(commands: readonly ShellCommand[], start: Environment, depth: number): Reading {
  const environment: Record<string, string> = { ...start };
  const calls: BackupCall[] = [];
  const programs: string[] = [];
  const sourced: string[] = [];
  const inner = (text: string, line: number, local: Environment): void => {
    if (depth > 2) return;
    const reading = readCommands(shellCommands(text, line), local, depth + 1);
    calls.push(...reading.calls);
    programs.push(...reading.programs);
  };
  for (const { line, words: raw } of commands) {
    const local: Record<string, string> = { ...environment };
    // A word that is a variable alone may hold a command with its options.
    const words = raw.flatMap((word) => {
      const expanded = expand(word, environment);
      return /^\$\{?[A-Za-z_]\w*\}?$/.test(word) && expanded !== word
        ? expanded.split(/\s+/).filter(Boolean)
        : [expanded];
    });
    let at = 0;
    if (['export', 'declare', 'readonly', 'local', 'typeset'].includes(words[0] ?? '')) {
      for (const [name, value] of words.map(assignment).filter((pair) => pair !== undefined))
        environment[name] = value;
      continue;
    }
    for (; at < words.length; at += 1) {
      const word = words[at] ?? '';
      const pair = assignment(word);
      if (pair) local[pair[0]] = pair[1];
      else if (!KEYWORDS.has(word)) break;
    }
    if (at === words.length) {
      Object.assign(environment, local);
      continue;
    }
    if (WRAPPERS.has(base(words[at] ?? ''))) {
      const from = at;
      at = words.findIndex(
        (word, index) =>
          index > from &&
          (readBackupCall(word, words.slice(index + 1), local, line) ||
            SHELLS.has(base(word)) ||
            (word.startsWith('/') && /\.(?:sh|bash)$/.test(word))),
      );
      for (const pair of words.slice(from, at < 0 ? undefined : at).map(assignment))
        if (pair) local[pair[0]] = pair[1];
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
      else programs.push(...rest.filter((word) => word.startsWith('/')).slice(0, 1));
    } else {
      const call = readBackupCall(program, rest, local, line);
      if (call) calls.push(call);
      else if (program.startsWith('/')) programs.push(program);
    }
  }
  return { calls, programs: [...new Set(programs)], sourced, environment };
}
