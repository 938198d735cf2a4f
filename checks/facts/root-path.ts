/** PATH as root's sessions get it from every start file, and what stands in the way of trusting its directories. */
import { defineFact, type Fact, type GetFact, known, valueOr } from '../fact.ts';
import type { Host } from '../host.ts';
import { group } from './group.ts';
import { loginDefs } from './login-defs.ts';
import { passwd } from './passwd.ts';
import { environmentPath, lasting, type PathStatement, pathStatements } from './start-path.ts';

export type PartProblem = 'empty' | 'relative' | 'writable' | 'group' | 'owner';

export interface RootPath {
  /** What counts of each file. */
  readonly statements: readonly PathStatement[];
  /** Parts that must not stand in root's PATH. */
  readonly problems: ReadonlyMap<string, PartProblem>;
}

const FILES = [
  '/etc/profile',
  '/usr/etc/profile',
  '/etc/bash.bashrc',
  '/etc/bashrc',
  '/root/.profile',
  '/root/.bash_profile',
  '/root/.bash_login',
  '/root/.bashrc',
] as const;
const DIRECTORIES = ['/etc/profile.d', '/usr/etc/profile.d'] as const;
/** Files that these read count where they belong to the configuration; parts of packages do not. */
const FOLLOWED = /^\/(?:etc|usr\/etc|usr\/local|opt|root)\//;
const MAX_FILES = 500;

export const rootPath = defineFact<RootPath>({
  id: 'root-path',
  collect: async (host, get) => {
    const files: string[] = [...FILES];
    for (const directory of DIRECTORIES) {
      const names = await host.list(directory);
      if (names.state === 'unreadable') return names;
      if (names.state === 'known')
        files.push(
          ...names.value.filter((name) => name.endsWith('.sh')).map((name) => `${directory}/${name}`),
        );
    }
    const statements: PathStatement[] = [];
    // `for of` goes on to what is added on the way.
    const seen = new Set(files);
    for (const path of seen) {
      const file = await host.readText(path, { encoding: 'latin1' });
      if (file.state === 'unreadable') return file;
      if (file.state === 'absent') continue;
      const told = pathStatements(file.value.text, path);
      statements.push(...lasting(told.statements));
      for (const next of told.reads) if (FOLLOWED.test(next) && seen.size < MAX_FILES) seen.add(next);
    }
    const environment = await host.readText('/etc/environment', { encoding: 'latin1' });
    if (environment.state === 'unreadable') return environment;
    if (environment.state === 'known') {
      const set = environmentPath(environment.value.text, '/etc/environment');
      if (set) statements.push(set);
    }
    const defs = valueOr(await get(loginDefs), undefined);
    for (const key of ['ENV_SUPATH', 'ENV_ROOTPATH']) {
      const set = defs?.tools.get(key);
      if (!set) continue;
      const { source, line, value } = set;
      statements.push({
        source,
        line,
        parts: value.replace(/^PATH=/, '').split(':'),
        replaces: true,
        always: true,
      });
    }
    const problems = new Map<string, PartProblem>();
    const peopled = await groupsWithMembers(get);
    for (const part of new Set(statements.flatMap(({ parts }) => parts ?? []))) {
      const problem = await problemOf(host, part, peopled);
      if (problem.state === 'unreadable') return problem;
      if (problem.state === 'known') problems.set(part, problem.value);
    }
    return known({ statements, problems });
  },
});

/**
 * Which groups have a member besides root; where the groups can not be read, all but root's own.
 */
async function groupsWithMembers(get: GetFact): Promise<(gid: number) => boolean> {
  const [groups, accounts] = [await get(group), await get(passwd)];
  if (groups.state !== 'known' || accounts.state !== 'known') return (gid) => gid !== 0;
  const roots = new Set(accounts.value.entries.filter(({ uid }) => uid === 0).map(({ name }) => name));
  const primary = accounts.value.entries.filter(({ uid, gid }) => uid !== 0 && gid !== 0);
  const gids = new Set(primary.map(({ gid }) => gid));
  for (const { gid, members } of groups.value.entries)
    if (members.some((name) => !roots.has(name))) gids.add(gid);
  return (gid) => gids.has(gid);
}

/** Absent: none. */
async function problemOf(
  host: Host,
  part: string,
  peopled: (gid: number) => boolean,
): Promise<Fact<PartProblem>> {
  if (part === '') return known('empty');
  if (!part.startsWith('/')) return known('relative');
  let path = part.replace(/(.)\/+$/, '$1');
  // The nearest directory that is there: whoever can write it can make the ones that are missing.
  let missing = false;
  let inside = false;
  for (;;) {
    const stat = await host.stat(path);
    if (stat.state === 'unreadable') return stat;
    if (stat.state === 'known') {
      const { mode, uid, gid } = stat.value;
      // In a sticky directory nobody can put another's directory aside, but everybody can make a new one.
      const sticky = inside && !missing && (mode & 0o1000) !== 0;
      if ((mode & 0o002) !== 0 && !sticky) return known('writable');
      if ((mode & 0o020) !== 0 && !sticky && peopled(gid)) return known('group');
      if (uid !== 0) return known('owner');
      missing = false;
      inside = true;
    } else missing = true;
    if (path === '/') return { state: 'absent', source: part };
    path = path.slice(0, path.lastIndexOf('/')) || '/';
  }
}
