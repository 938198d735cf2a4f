/** One policy out of all files: rules, aliases and Defaults in the order in which sudo reads them. Pure. */
import type { Text } from '../../shared/outcome.ts';
import { type SudoVersion, sudoSince } from './sudo-version.ts';
import {
  type AliasKind,
  type DefaultsEntry,
  type Entry,
  type Member,
  type Privilege,
  parseSudoers,
} from './sudoers-parse.ts';

export interface PlacedDefaults extends DefaultsEntry {
  readonly source: string;
}

export interface PlacedSpec {
  readonly source: string;
  readonly line: number;
  readonly users: readonly Member[];
  readonly privileges: readonly Privilege[];
}

/** Something that makes the policy less than certain: a line sudo can't parse, a file it refuses or we can't read. */
export interface SudoProblem {
  readonly source: string;
  readonly line?: number;
  readonly found: Text;
  /** What the files say has no effect at all: sudo refuses to start, or asks something else. */
  readonly voids?: true;
}

export type Aliases = Readonly<Record<AliasKind, ReadonlyMap<string, readonly Member[]>>>;

export interface SudoPolicy {
  readonly version: SudoVersion;
  /** The main file. */
  readonly source: string;
  readonly specs: readonly PlacedSpec[];
  readonly aliases: Aliases;
  readonly defaults: readonly PlacedDefaults[];
  readonly problems: readonly SudoProblem[];
}

/** What reading a file, or the names in a directory, gave. */
export type SudoersFile =
  | { readonly state: 'text'; readonly text: string }
  | { readonly state: 'absent' }
  | { readonly state: 'refused'; readonly why: Text };

export interface Collected {
  readonly files: ReadonlyMap<string, SudoersFile>;
  /** Paths of the files in a directory that sudo reads, in order; `SudoersFile` where it has none. */
  readonly directories: ReadonlyMap<string, readonly string[] | Exclude<SudoersFile, { state: 'text' }>>;
  readonly shortHost: string | undefined;
  /** What was parsed while looking for includes, so that it is done once. */
  readonly parsed?: ReadonlyMap<string, readonly Entry[]>;
}

/** sudo itself stops at 128. */
const MAX_DEPTH = 128;

/** The path that an include names, seen from the file it stands in; undefined where `%h` can't be filled in. */
export function includePath(path: string, from: string, shortHost: string | undefined): string | undefined {
  const plain = /^"(.*)"$/.exec(path)?.[1] ?? path;
  if (plain.includes('%h') && shortHost === undefined) return undefined;
  const named = plain.replaceAll('%h', shortHost ?? '');
  return named.startsWith('/') ? named : `${from.slice(0, from.lastIndexOf('/') + 1)}${named}`;
}

class Assembly {
  readonly specs: PlacedSpec[] = [];
  readonly defaults: PlacedDefaults[] = [];
  readonly problems: SudoProblem[] = [];
  readonly aliases: Record<AliasKind, Map<string, readonly Member[]>> = {
    user: new Map(),
    runas: new Map(),
    host: new Map(),
    command: new Map(),
  };
  readonly #collected: Collected;
  readonly #version: SudoVersion;
  readonly #parsed: Map<string, readonly Entry[]>;

  constructor(collected: Collected, version: SudoVersion) {
    this.#collected = collected;
    this.#version = version;
    this.#parsed = new Map(collected.parsed);
  }

  read(path: string, stack: readonly string[]): void {
    const file = this.#collected.files.get(path);
    if (file?.state !== 'text') return;
    let entries = this.#parsed.get(path);
    if (!entries) {
      entries = parseSudoers(file.text, this.#version);
      this.#parsed.set(path, entries);
    }
    let brokenStatement = -1;
    for (const entry of entries) {
      if (entry.kind === 'spec') this.specs.push({ source: path, ...entry });
      else if (entry.kind === 'defaults')
        for (const one of entry.entries) this.defaults.push({ source: path, ...one });
      else if (entry.kind === 'error')
        this.#unparsed(path, entry.line, {
          en: `sudo can not parse this line (${entry.reason})`,
          de: `sudo kann diese Zeile nicht lesen (${entry.reason})`,
        });
      else if (entry.kind === 'include') this.#include(entry, path, [...stack, path]);
      else if (entry.statement !== brokenStatement && !this.#alias(entry)) {
        brokenStatement = entry.statement;
        this.#unparsed(path, entry.line, {
          en: `alias ${entry.name} is already defined`,
          de: `Alias ${entry.name} ist bereits definiert`,
        });
      }
    }
  }

  #alias({ of, name, members }: Extract<Entry, { kind: 'alias' }>): boolean {
    if (this.aliases[of].has(name)) return false;
    this.aliases[of].set(name, members);
    return true;
  }

  /** Since 1.9.3 sudo skips the line; before, it does not start at all. */
  #unparsed(source: string, line: number, found: Text): void {
    const voids = sudoSince(this.#version, '1.9.3') ? {} : { voids: true as const };
    this.problems.push({ source, line, found, ...voids });
  }

  #problem(source: string, line: number | undefined, found: Text): void {
    this.problems.push({ source, found, ...(line === undefined ? {} : { line }) });
  }

  #include(entry: Extract<Entry, { kind: 'include' }>, from: string, stack: readonly string[]): void {
    const { line, directory } = entry;
    const path = includePath(entry.path, from, this.#collected.shortHost);
    if (path === undefined) {
      this.#problem(from, line, {
        en: 'the name of this host, wanted by %h, is not known',
        de: 'der Name dieses Systems, den %h verlangt, ist nicht bekannt',
      });
      return;
    }
    if (directory) {
      const names = this.#collected.directories.get(path);
      if (names === undefined || 'state' in names) {
        if (names?.state === 'refused') this.#problem(path, undefined, names.why);
        return;
      }
      for (const name of names) this.#enter(name, stack, from, line, true);
    } else this.#enter(path, stack, from, line, false);
  }

  #enter(path: string, stack: readonly string[], from: string, line: number, fromDirectory: boolean): void {
    const file = this.#collected.files.get(path);
    if (stack.includes(path) || stack.length > MAX_DEPTH) {
      this.#problem(from, line, {
        en: `${path} includes itself`,
        de: `${path} bindet sich selbst ein`,
      });
      return;
    }
    if (file === undefined) {
      this.#problem(from, line, {
        en: `${path} was not read: too many or too large files`,
        de: `${path} wurde nicht gelesen: zu viele oder zu große Dateien`,
      });
      return;
    }
    if (file.state === 'refused') {
      this.#problem(path, undefined, file.why);
      return;
    }
    if (file.state === 'absent') {
      if (!fromDirectory) this.#problem(from, line, { en: `${path} is missing`, de: `${path} fehlt` });
      return;
    }
    this.read(path, stack);
  }
}

/** The policy that begins at `main`, which `collected` holds; `more` is what else makes it uncertain. */
export function assemblePolicy(
  collected: Collected,
  main: string,
  version: SudoVersion,
  more: readonly SudoProblem[] = [],
): SudoPolicy {
  const assembly = new Assembly(collected, version);
  const { specs, aliases, defaults, problems } = assembly;
  problems.push(...more);
  assembly.read(main, []);
  return { version, source: main, specs, aliases, defaults, problems };
}

/** The files and directories that a file with these entries includes. */
export function includesOf(
  entries: readonly Entry[],
  path: string,
  shortHost: string | undefined,
): readonly { readonly path: string; readonly directory: boolean }[] {
  return entries.flatMap((entry) => {
    if (entry.kind !== 'include') return [];
    const named = includePath(entry.path, path, shortHost);
    return named === undefined ? [] : [{ path: named, directory: entry.directory }];
  });
}
