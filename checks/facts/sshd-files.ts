/** The files that make up an sshd configuration: the main file and whatever its Include lines name. */
import { type Fact, known } from '../fact.ts';
import type { FileStat, Host } from '../host.ts';
import { configurationLines, nextWord, splitArguments } from './sshd-lexer.ts';

export interface SshdFile {
  readonly text: string;
  /** UTC instant of the last change, of its text or its name. */
  readonly changed: string;
}

/** All files that a configuration may read, taken at one moment; the pure reader works on this. */
export interface SshdFiles {
  readonly main: string;
  readonly files: ReadonlyMap<string, Fact<SshdFile>>;
  /** Selector of an Include (absolute) -> the paths it stands for, sorted; unreadable where a directory is. */
  readonly includes: ReadonlyMap<string, Fact<readonly string[]>>;
  /** Directories in which wildcards were looked up -> UTC instant at which a name came or went. */
  readonly directories: ReadonlyMap<string, string>;
  /** More files than this reader follows. */
  readonly tooMany: boolean;
}

/** sshd follows 16 levels; the number of files is our own limit. */
export const MAX_FILES = 256;
const MAX_BYTES = 4 * 1024 * 1024;

/** Where relative Include paths start. */
const SSH_DIRECTORY = '/etc/ssh';

/** An Include argument as an absolute selector; `~` is no home directory here, sshd looks for that very name. */
export const selectorOf = (argument: string): string =>
  argument.startsWith('/') || argument.startsWith('~') ? argument : `${SSH_DIRECTORY}/${argument}`;

/** Reads `main` and everything it may include, in whatever block: which of them count is the reader's business. */
export async function collectFiles(host: Host, main: string): Promise<SshdFiles> {
  const files = new Map<string, Fact<SshdFile>>();
  const includes = new Map<string, Fact<readonly string[]>>();
  const directories = new Map<string, string>();
  const waiting = [main];
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (files.has(path)) continue;
    if (files.size >= MAX_FILES) return { main, files, includes, directories, tooMany: true };
    const file = await readFile(host, path);
    files.set(path, file);
    if (file.state !== 'known') continue;
    for (const selector of includedBy(file.value.text)) {
      if (includes.has(selector)) continue;
      const paths = await expand(host, selector, directories);
      includes.set(selector, paths);
      if (paths.state === 'known') waiting.push(...paths.value);
    }
  }
  return { main, files, includes, directories, tooMany: false };
}

/** As bytes: sshd knows no character sets. A directory reads as an empty file, as it does for sshd. */
async function readFile(host: Host, path: string): Promise<Fact<SshdFile>> {
  const stat = await host.stat(path);
  if (stat.state === 'known' && stat.value.type === 'directory')
    return known({ text: '', changed: stat.value.modified });
  const file = await host.readText(path, { maxBytes: MAX_BYTES, encoding: 'latin1' });
  return file.state === 'known' ? known({ text: file.value.text, changed: latest(file.value.stat) }) : file;
}

/** A file that was moved into place keeps its old modification time: then the inode's tells. */
const latest = ({ modified, changed }: FileStat) => (changed > modified ? changed : modified);

/** Pure. Every selector that an Include line of `text` may name. */
export function includedBy(text: string): readonly string[] {
  return configurationLines(text).flatMap((line) => {
    const { word, rest } = nextWord(line);
    const keyword = word === '' ? nextWord(rest) : { word, rest };
    if (keyword.word?.toLowerCase() !== 'include') return [];
    return (splitArguments(keyword.rest ?? '') ?? []).filter(Boolean).map(selectorOf);
  });
}

/** glob(3) with flags 0 in the C locale: sorted by byte, hidden names only when asked for, links not followed. */
async function expand(
  host: Host,
  selector: string,
  directories: Map<string, string>,
): Promise<Fact<readonly string[]>> {
  if (!selector.startsWith('/')) return known([]);
  let found: string[] = [''];
  for (const part of selector.split('/').filter(Boolean)) {
    const next: string[] = [];
    for (const base of found) {
      if (!/[*?[]/.test(part)) {
        const path = `${base}/${part.replace(/\\(.)/g, '$1')}`;
        const there = await host.lstat(path);
        if (there.state === 'unreadable') return there;
        if (there.state === 'known') next.push(path);
        continue;
      }
      const names = await host.list(base || '/');
      const directory = await host.stat(base || '/');
      if (directory.state === 'known') directories.set(base || '/', directory.value.modified);
      // What is no directory, or is missing, matches nothing; what can not be listed may hide a file.
      if (names.state === 'unreadable') {
        if (directory.state === 'known' && directory.value.type !== 'directory') continue;
        return names;
      }
      const pattern = globPattern(part);
      if (names.state === 'known')
        next.push(...names.value.filter((name) => pattern.test(name)).map((name) => `${base}/${name}`));
    }
    if (next.length > MAX_FILES * 4) return known(next.slice(0, MAX_FILES * 4));
    found = next;
  }
  return known(found.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** One path component of glob(7) as a regular expression. Bounded: components are file names. */
export function globPattern(part: string): RegExp {
  let source = part.startsWith('.') ? '^' : '^(?!\\.)';
  for (let at = 0; at < part.length; at += 1) {
    const char = part[at] ?? '';
    if (char === '*') source += source.endsWith('[^]*') ? '' : '[^]*';
    else if (char === '?') source += '[^]';
    else if (char === '\\' && at + 1 < part.length) {
      at += 1;
      source += literal(part[at] ?? '');
    } else if (char === '[') {
      const close = part.indexOf(']', part[at + 1] === '!' || part[at + 1] === '^' ? at + 3 : at + 2);
      if (close < 0) source += '\\[';
      else {
        const inner = part.slice(at + 1, close);
        const negated = /^[!^]/.test(inner);
        source += `[${negated ? '^' : ''}${(negated ? inner.slice(1) : inner).replace(/[\]\\^[]/g, '\\$&')}]`;
        at = close;
      }
    } else source += literal(char);
  }
  try {
    return new RegExp(`${source}$`);
  } catch {
    return /^(?!)/; // a reversed range, as in [z-a]: matches nothing, as in glob(3)
  }
}

const literal = (char: string) => char.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
