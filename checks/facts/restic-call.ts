/** Finds calls of `restic backup`, also through wrappers, resticprofile and autorestic: restic(1). Pure. */
import { assignment, type Environment, expand, type ShellCommand, shellCommands } from './backup-shell.ts';

export interface ResticCall {
  readonly line: number;
  /** The program as it is called: a name or a path. */
  readonly program: string;
  /** `--repo`, `--repository-file` and the environment as far as the text tells it. */
  readonly repository?: string;
  readonly repositoryFile?: string;
  readonly environment: Environment;
}

export interface Reading {
  readonly calls: readonly ResticCall[];
  /** Other programs that are run by absolute path: one of them may be a script that calls restic. */
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
const TOOLS = new Set(['restic', 'resticprofile', 'autorestic']);
/** Flags of restic that take the next word as their value. */
const VALUES = new Set(
  `-r --repo --repository-file -p --password-file --password-command --cache-dir --cacert --tls-client-cert --limit-download
   --limit-upload -o --option --key-hint --compression --pack-size --retry-lock --http-user-agent -e --exclude --iexclude
   --exclude-file --iexclude-file --exclude-larger-than --exclude-if-present --files-from --files-from-raw
   --files-from-verbatim -H --host --tag --parent --stdin-filename --read-concurrency -g --group-by -c --config -n --name
   -l --location --ci`.split(/\s+/),
);

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
  const calls: ResticCall[] = [];
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
          (TOOLS.has(base(word)) ||
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
    } else if (TOOLS.has(base(program))) {
      const call = backupCall(program, rest, local, line);
      if (call) calls.push(call);
    } else if (program.startsWith('/')) programs.push(program);
  }
  return { calls, programs: [...new Set(programs)], sourced, environment };
}

/** Undefined where this is not a backup: another subcommand, a dry run, a request for help. */
function backupCall(
  program: string,
  words: readonly string[],
  environment: Environment,
  line: number,
): ResticCall | undefined {
  const plain: string[] = [];
  let repository: string | undefined;
  let repositoryFile: string | undefined;
  const isRestic = base(program) === 'restic';
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const [flag, joined] = word.startsWith('--') ? splitFlag(word) : [word, undefined];
    if (['-h', '--help', '--dry-run'].includes(word) || (isRestic && word === '-n')) return undefined;
    if (word === '--') {
      plain.push(...words.slice(at + 1));
      break;
    }
    const short = /^-r(.+)$/.exec(word);
    const takes = VALUES.has(flag) && joined === undefined;
    const value = joined ?? (takes ? words[at + 1] : undefined);
    if (flag === '-r' || flag === '--repo') repository = value;
    else if (flag === '--repository-file') repositoryFile = value;
    else if (short) repository = short[1];
    if (takes) at += 1;
    else if (!word.startsWith('-')) plain.push(word);
  }
  const does = isRestic
    ? plain[0] === 'backup'
    : plain.some((word) => /^(?:backup(?:@.*)?|[\w-]+\.backup)$/.test(word)) ||
      (base(program) === 'autorestic' && plain[0] === 'cron');
  if (!does) return undefined;
  const where = repository ?? (repositoryFile === undefined ? environment.RESTIC_REPOSITORY : undefined);
  const file = repositoryFile ?? (where === undefined ? environment.RESTIC_REPOSITORY_FILE : undefined);
  return {
    line,
    program,
    ...(where === undefined ? {} : { repository: where }),
    ...(file === undefined ? {} : { repositoryFile: file }),
    environment,
  };
}

function splitFlag(word: string): [string, string | undefined] {
  const at = word.indexOf('=');
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

/**
 * A repository as people may read it: without user names, passwords and tokens.
 * `sftp:user@host:/path` -> `sftp:host:/path`; what still holds a variable is undefined.
 */
export function repositoryName(value: string | undefined): string | undefined {
  const text = value?.trim().split('\n')[0]?.trim() ?? '';
  if (text === '' || /[$`]/.test(text)) return undefined;
  return text
    .replace(/\?.*$/, '')
    .replace(/^((?:[a-z0-9]+:)?(?:[a-z][a-z0-9+.-]*):\/\/).*@/i, '$1')
    .replace(/^(sftp:)[^/]*@/i, '$1')
    .replace(/^[^\s/]+@(?=[\w.-]+:)/, '')
    .slice(0, 300);
}
