/** A call of a backup program, as the text of a script, a unit or a crontab tells it. Pure. */
import type { Environment } from './backup-shell.ts';

/**
 * What a call does: `copy` makes a backup, `prune` removes old ones by a policy, `rotate` hands them on to a longer
 * interval (rsnapshot), `verify` checks the repository.
 */
export type BackupAction = 'copy' | 'prune' | 'rotate' | 'verify' | 'create-repository';

export interface CallOption {
  /** As it is written: `--exclude`, `-e`. */
  readonly name: string;
  readonly value?: string;
}

export interface BackupCall {
  readonly tool: string;
  readonly line: number;
  /** The program as it is called: a name or a path. */
  readonly program: string;
  readonly actions: readonly BackupAction[];
  /** May hold a user name and a password: shown through `repositoryName` only. */
  readonly repository?: string;
  /** A file whose first line is the repository. */
  readonly repositoryFile?: string;
  readonly environment: Environment;
  readonly options: readonly CallOption[];
  /** What it copies, as written. */
  readonly paths: readonly string[];
  /** Sources that each have options of their own, in place of `paths` (rsnapshot). */
  readonly points?: readonly BackupPoint[];
  /** Its options are in a configuration of its own that is not read: nothing more can be told of it. */
  readonly opaque?: true;
  /** A program of which nothing more is understood than that it may copy files somewhere. */
  readonly unjudged?: true;
}

export interface BackupPoint {
  readonly path: string;
  /** The words that the copying program gets for it. */
  readonly words: readonly string[];
}

/** The last component of a path. */
export const baseName = (word: string): string => word.slice(word.lastIndexOf('/') + 1);

/**
 * Splits words into options and the rest, as argparse and pflag do: `--name=value`, `--name value`, `-xvalue`, `-xv`.
 * @param takes the options that have a value
 */
export function splitOptions(
  words: readonly string[],
  takes: ReadonlySet<string>,
): { options: CallOption[]; plain: string[] } {
  const options: CallOption[] = [];
  const plain: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') {
      plain.push(...words.slice(at + 1));
      break;
    }
    const next = (): { value?: string } => {
      at += 1;
      const value = words[at];
      return value === undefined ? {} : { value };
    };
    if (word.startsWith('--')) {
      const equals = word.indexOf('=');
      const name = equals < 0 ? word : word.slice(0, equals);
      if (equals >= 0) options.push({ name, value: word.slice(equals + 1) });
      else options.push({ name, ...(takes.has(name) ? next() : {}) });
    } else if (/^-./.test(word)) {
      for (let letter = 1; letter < word.length; letter += 1) {
        const name = `-${word.charAt(letter)}`;
        if (!takes.has(name)) options.push({ name });
        else {
          const rest = word.slice(letter + 1);
          options.push({ name, ...(rest === '' ? next() : { value: rest.replace(/^=/, '') }) });
          break;
        }
      }
    } else plain.push(word);
  }
  return { options, plain };
}

/** The value given last under one of these names. */
export const optionValue = (
  options: readonly CallOption[],
  ...names: readonly string[]
): string | undefined => options.findLast(({ name }) => names.includes(name))?.value;

export const hasOption = (options: readonly CallOption[], ...names: readonly string[]): boolean =>
  options.some(({ name }) => names.includes(name));

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
