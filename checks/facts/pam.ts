/** All PAM services of a host with their stacks: pam.d(5). Collected once; `pamStack` answers for one service. */
import type { Text } from '../../shared/outcome.ts';
import { absent, CouldNotLook, defineFact, type Fact, known } from '../fact.ts';
import type { Host, TextFile } from '../host.ts';
import {
  BAD,
  type PamBrokenLine,
  type PamLine,
  type PamModuleLine,
  type PamType,
  parsePam,
} from './pam-line.ts';

/** In libpam's order: the first one that has a service's file wins, as a whole. */
export const PAM_DIRECTORIES = ['/etc/pam.d', '/usr/lib/pam.d', '/usr/etc/pam.d'] as const;
export const PAM_CONF = '/etc/pam.conf';
/** libpam refuses deeper includes. */
const MAX_DEPTH = 16;
const MAX_LINES = 2_000;

export interface PamConfiguration {
  /** False: no directory exists, and /etc/pam.conf alone counts. */
  readonly directories: boolean;
  /** Service name, lower case as pam_start(3) asks for it, or an absolute path -> the file's lines. */
  readonly files: ReadonlyMap<string, readonly PamLine[]>;
}

export type PamStackEntry =
  | PamModuleLine
  | (PamBrokenLine & {
      /**
       * What libpam does here can't be said: the include leads back to a file that is being included, or an `@include`
       * behind a typed include can't be opened (Debian's libpam then acts on memory that it never set).
       */
      readonly unclear?: 'loop' | 'include';
      /** libpam gives up the whole service: a top-level `@include` that can't be opened. */
      readonly aborts?: true;
    })
  /** Its own frame: `done` and `die` inside end only the substack. */
  | { readonly kind: 'substack'; readonly entries: readonly PamStackEntry[] };

/** Left over by package managers and editors: no program asks for a service of such a name, but it may be included. */
const LEFTOVER =
  /(?:~|\.(?:bak|old|orig|save|swp|rpmsave|rpmnew|rpmorig|dpkg-[a-z]+|ucf-[a-z]+|pacnew|pacsave))$/i;

export const pam = defineFact<PamConfiguration>({
  id: 'pam',
  collect: async (host) => {
    const files = new Map<string, readonly PamLine[]>();
    let directories = false;
    for (const directory of PAM_DIRECTORIES) {
      const names = await host.list(directory);
      if (names.state === 'unreadable') return names;
      if (names.state === 'absent') continue;
      directories = true;
      for (const name of names.value) {
        if (files.has(name)) continue;
        const stat = await host.stat(`${directory}/${name}`);
        if (stat.state === 'unreadable') return stat;
        if (stat.state === 'absent' || stat.value.type === 'directory') continue;
        const file = await read(host, `${directory}/${name}`);
        if (file.state === 'unreadable') return file;
        if (file.state === 'known') files.set(name, parsePam(file.value.text, file.value.path));
      }
    }
    if (!directories) return fromPamConf(host);
    const problem = await addAbsoluteTargets(host, files);
    return problem ?? known({ directories, files });
  },
});

const read = (host: Host, path: string): Promise<Fact<TextFile>> =>
  host.readText(path, { encoding: 'latin1' });

/** A target with a slash is a path, a relative one below /etc/pam.d; any other is a service's name. */
const pathOf = (target: string): string =>
  target.includes('/') && !target.startsWith('/') ? `${PAM_DIRECTORIES[0]}/${target}` : target;

async function fromPamConf(host: Host): Promise<Fact<PamConfiguration>> {
  const conf = await read(host, PAM_CONF);
  if (conf.state !== 'known') return conf.state === 'absent' ? absent(PAM_DIRECTORIES[0]) : conf;
  const files = new Map<string, PamLine[]>();
  for (const line of parsePam(conf.value.text, PAM_CONF, 'pam.conf')) {
    const name = line.service ?? '';
    files.set(name, [...(files.get(name) ?? []), line]);
  }
  const problem = await addAbsoluteTargets(host, files);
  return problem ?? known({ directories: false, files });
}

/** Includes may name a file anywhere: read those too, until there are no new ones. */
async function addAbsoluteTargets(
  host: Host,
  files: Map<string, readonly PamLine[]>,
): Promise<Fact<never> | undefined> {
  const looked = new Set<string>();
  for (;;) {
    const targets = [...files.values()]
      .flat()
      .flatMap((line) => (line.kind === 'include' || line.kind === 'substack' ? [line.target] : []))
      .map(pathOf)
      .filter((target) => target.includes('/') && !looked.has(target));
    const next = targets[0];
    if (next === undefined || looked.size > 200) return undefined;
    looked.add(next);
    const file = await read(host, next);
    if (file.state === 'unreadable') return file;
    if (file.state === 'known') files.set(next, parsePam(file.value.text, next));
  }
}

/** The services that have a file (or lines in pam.conf), sorted; files reached by path only are none. */
export function pamServices(configuration: PamConfiguration): string[] {
  return [...configuration.files.keys()]
    .filter((name) => name !== '' && !name.includes('/') && !LEFTOVER.test(name))
    .sort();
}

/**
 * Pure. What libpam runs for `type` of `service`: included lines in place, substacks nested. An include that does not
 * exist or goes too deep is a broken entry (libpam fails there). Without lines of its own a service gets `other`'s.
 */
export function pamStack(configuration: PamConfiguration, service: string, type: PamType): PamStackEntry[] {
  const walk = { configuration, type, budget: { left: MAX_LINES } };
  const own = expand(walk, service, undefined, []);
  return own.length > 0 || service === 'other' ? own : expand(walk, 'other', undefined, []);
}

interface Walk {
  readonly configuration: PamConfiguration;
  readonly type: PamType;
  readonly budget: { left: number };
}

/** @param requested the type of the include that led here; none at the top and behind `@include` only */
function expand(
  walk: Walk,
  name: string,
  requested: PamType | undefined,
  above: readonly string[],
): PamStackEntry[] {
  const { configuration, type, budget } = walk;
  return (configuration.files.get(name) ?? []).flatMap((line): PamStackEntry[] => {
    const its = 'anyType' in line && line.anyType ? (requested ?? 'auth') : line.type;
    if (its !== undefined && its !== type) return [];
    budget.left -= 1;
    if (budget.left < 0) throw new CouldNotLook(line.file, tooMany(line.file));
    if (line.kind === 'module' || line.kind === 'broken') return [line];
    const target = pathOf(line.target);
    const chain = [...above, name];
    const loop = chain.includes(target);
    const opener: PamStackEntry[] = line.kind === 'substack' ? [{ kind: 'substack', entries: [] }] : [];
    if (loop || chain.length >= MAX_DEPTH || !configuration.files.has(target)) {
      const lost = line.type === undefined && !loop;
      const unclear = loop ? 'loop' : lost && requested !== undefined ? 'include' : undefined;
      return [
        // libpam has opened the substack by then, and jumps count it.
        ...opener,
        {
          kind: 'broken',
          file: line.file,
          line: line.line,
          type,
          problem: 'module',
          actions: BAD,
          ...(unclear ? { unclear } : lost ? { aborts: true as const } : {}),
        },
      ];
    }
    const entries = expand(walk, target, line.type === undefined ? requested : type, chain);
    return line.kind === 'substack' ? [{ kind: 'substack', entries }] : entries;
  });
}

const tooMany = (file: string): Text => ({
  en: `the PAM files included from ${file} unfold to more than ${MAX_LINES} lines`,
  de: `die von ${file} eingebundenen PAM-Dateien ergeben mehr als ${MAX_LINES} Zeilen`,
});

/** Every module line of a stack, substacks opened. */
export function pamModules(entries: readonly PamStackEntry[]): PamModuleLine[] {
  return entries.flatMap((entry) =>
    entry.kind === 'substack' ? pamModules(entry.entries) : entry.kind === 'module' ? [entry] : [],
  );
}

/** pam_unix under all its names; the later three are links to it on some distributions. */
export const isPamUnix = ({ module }: PamModuleLine): boolean =>
  /^pam_unix(?:_auth|_acct|_passwd|_session)?(?:\.so)?$/.test(module);

/** Whether pam_unix sees an option: it compares only as many letters as the option's name has. */
export const hasUnixOption = ({ args }: PamModuleLine, option: string): boolean =>
  args.some((arg) => arg.startsWith(option));
