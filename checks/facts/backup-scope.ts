/**
 * What the backup jobs would copy, beside what there is: the configuration below /etc and the like, with links and
 * mounts. Nothing is walked where there is no job.
 */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, known, valueIn, valueOr } from '../fact.ts';
import type { FileStat, Host } from '../host.ts';
import type { BackupJob } from './backup-job.ts';
import { backupJobs } from './backup-jobs.ts';
import { type Selection, selectionOf } from './backup-selection.ts';
import { type Mount, mountAt, mountTable } from './mount-table.ts';
import { cleanPath, stepsTo } from './path-glob.ts';

export interface Entry {
  readonly path: string;
  readonly type: FileStat['type'];
  readonly size: number;
  /** Of a link out of these trees to where people may keep configuration: where it leads. */
  readonly target?: string;
}

export interface JobScope {
  readonly job: BackupJob;
  /** Of a declared job what it says it copies. */
  readonly selection: Selection;
}

export interface BackupScope {
  readonly jobs: readonly JobScope[];
  /** All that lies at or below `SCOPE_TREES`, sorted. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Lists of packages that are there: as named, and where that is. */
  readonly packages: ReadonlyMap<string, string>;
  /** Directories that hold a file of such a name: `directory` + `/` + `name`. */
  readonly tagged: ReadonlySet<string>;
  readonly mounts: readonly Mount[];
  readonly gaps: readonly Text[];
}

/** What is walked; other wanted paths are judged as a whole. */
export const SCOPE_TREES = ['/etc', '/var/spool/cron', '/boot/loader/entries'] as const;
export const PACKAGE_LISTS = [
  '/var/lib/dpkg/status',
  '/var/backups/dpkg.status.0',
  '/usr/lib/sysimage/rpm/rpmdb.sqlite',
  '/usr/lib/sysimage/rpm/Packages.db',
  '/var/lib/rpm/rpmdb.sqlite',
  '/var/lib/rpm/Packages.db',
  '/var/lib/rpm/Packages',
] as const;
/** Hundreds of links that packages make anew: their names are enough, each would cost a look of its own. */
const MADE_ANEW = new Set(['/etc/alternatives', '/etc/ssl/certs']);
const MAX_ENTRIES = 10_000;
const MAX_DEPTH = 12;

export const backupScope = defineFact<BackupScope>({
  id: 'backup-scope',
  collect: async (host, get): Promise<Fact<BackupScope>> => {
    const { jobs, gaps: open } = valueIn(await get(backupJobs));
    const gaps = [...open];
    const working = jobs.filter(({ problem }) => !problem);
    const nothing = {
      jobs: [],
      entries: new Map(),
      packages: new Map(),
      tagged: new Set<string>(),
      mounts: [],
      gaps,
    };
    if (working.length === 0) return known(nothing);
    const scopes: JobScope[] = [];
    for (const job of working.filter((each) => !isShadow(each, working)))
      scopes.push({ job, selection: await selected(host, job) });
    const entries = new Map<string, Entry>();
    for (const tree of SCOPE_TREES) await walk(host, tree, entries, gaps, 0);
    const packages = new Map<string, string>();
    for (const path of PACKAGE_LISTS) {
      const real = await host.realPath(path);
      const stat = real.state === 'known' ? await host.stat(path) : real;
      if (stat.state === 'unreadable') gaps.push(stat.reason);
      if (stat.state !== 'known' || real.state !== 'known' || stat.value.size === 0) continue;
      packages.set(path, real.value);
      entries.set(real.value, { path: real.value, type: 'file', size: stat.value.size });
    }
    const narrow = scopes.some(
      ({ selection }) => selection.oneFileSystem || selection.roots.some((root) => root.oneFileSystem),
    );
    const mounts = narrow ? valueOr(await get(mountTable), []) : [];
    const tagged = await tags(host, scopes, entries);
    for (const { selection } of scopes) gaps.push(...(await marked(host, selection, entries)));
    return known({ jobs: scopes, entries, packages, tagged, mounts, gaps });
  },
});

/** What a declaration says of a job that is there for all to see is not more than what that job does. */
function isShadow({ declared }: BackupJob, all: readonly BackupJob[]): boolean {
  const same = (tool: string): boolean =>
    tool === declared?.tool || [tool, declared?.tool].every((each) => /^borg(?:matic)?$/.test(each ?? ''));
  return declared !== undefined && all.some(({ call }) => call && same(call.tool));
}

async function selected(host: Host, job: BackupJob): Promise<Selection> {
  if (job.call) {
    const selection = await selectionOf(host, job.call);
    const { doubt } = job.view ?? {};
    if (doubt)
      return { ...selection, mayAdd: [...selection.mayAdd, doubt], mayDrop: [...selection.mayDrop, doubt] };
    if (job.user === undefined) return selection;
    const weak = {
      en: `the job runs as ${job.user}, who may not be allowed to read all of it`,
      de: `der Auftrag läuft als ${job.user} und darf womöglich nicht alles lesen`,
    };
    return { ...selection, mayDrop: [...selection.mayDrop, weak] };
  }
  return {
    roots: (job.declared?.what ?? [])
      .map((path) => path.replace(/(?<=.)\/+$/, ''))
      .map((path) => ({ path, real: path })),
    keeps: (path, root) => stepsTo(path, root).length > 0,
    oneFileSystem: false,
    tags: [],
    marks: [],
    maxBytes: undefined,
    mayAdd: [],
    mayDrop: [],
  };
}

/** Links into these are to what packages bring and keep, or what is made at run time. */
const NO_CONFIGURATION =
  /^\/(?:usr|lib(?:32|64|x32)?|s?bin|run|proc|sys|dev|tmp|boot|var\/(?:run|lib|cache|log|mail|spool|tmp))(?:\/|$)/;

async function configurationOf(host: Host, path: string): Promise<string | undefined> {
  const link = await host.readlink(path);
  if (link.state !== 'known') return undefined;
  const first = link.value.startsWith('/')
    ? cleanPath(link.value)
    : cleanPath(`${path.slice(0, path.lastIndexOf('/'))}/${link.value}`);
  const isOther = (target: string): boolean =>
    !NO_CONFIGURATION.test(target) && !SCOPE_TREES.some((tree) => stepsTo(target, tree).length > 0);
  // A link to a link within these trees is judged there.
  if (!isOther(first)) return undefined;
  const real = await host.realPath(path);
  return real.state === 'known' && isOther(real.value) ? real.value : undefined;
}

async function walk(
  host: Host,
  path: string,
  entries: Map<string, Entry>,
  gaps: Text[],
  depth: number,
): Promise<void> {
  const stat = await host.lstat(path);
  if (stat.state === 'unreadable') gaps.push(stat.reason);
  if (stat.state !== 'known') return;
  if (entries.size >= MAX_ENTRIES || depth > MAX_DEPTH) {
    gaps.push({
      en: `more than ${MAX_ENTRIES} files or too many directories within each other below ${SCOPE_TREES[0]}`,
      de: `mehr als ${MAX_ENTRIES} Dateien oder zu tief verschachtelte Verzeichnisse unter ${SCOPE_TREES[0]}`,
    });
    return;
  }
  const { type, size } = stat.value;
  const target = type === 'symlink' ? await configurationOf(host, path) : undefined;
  entries.set(path, { path, type, size, ...(target === undefined ? {} : { target }) });
  if (type !== 'directory') return;
  const names = await host.list(path);
  if (names.state === 'unreadable') gaps.push(names.reason);
  if (names.state !== 'known') return;
  if (MADE_ANEW.has(path)) {
    for (const name of names.value)
      entries.set(`${path}/${name}`, { path: `${path}/${name}`, type: 'symlink', size: 0 });
    return;
  }
  for (const name of names.value) await walk(host, `${path}/${name}`, entries, gaps, depth + 1);
}

/** Only the directories above what is walked have to be asked; below, all names are known. */
async function tags(
  host: Host,
  scopes: readonly JobScope[],
  entries: ReadonlyMap<string, Entry>,
): Promise<Set<string>> {
  const names = new Set(
    scopes.flatMap(({ selection }) => selection.tags).filter((name) => /^[^/]+$/.test(name)),
  );
  const found = new Set<string>();
  const above = new Set(
    [...SCOPE_TREES, ...PACKAGE_LISTS].flatMap((path) => stepsTo(path, '/').slice(0, -1)),
  );
  for (const name of names) {
    for (const directory of above) {
      const path = directory === '/' ? `/${name}` : `${directory}/${name}`;
      if ((await host.lstat(path)).state === 'known') found.add(path);
    }
    for (const path of entries.keys()) if (path.endsWith(`/${name}`)) found.add(path);
  }
  return found;
}

/** Where patterns are kept in files beside what they are for. */
async function marked(
  host: Host,
  { marks, roots }: Selection,
  entries: ReadonlyMap<string, Entry>,
): Promise<Text[]> {
  for (const name of marks) {
    const above = new Set(
      roots.flatMap(({ real }) => stepsTo(real, '/')).map((step) => `${step === '/' ? '' : step}/${name}`),
    );
    for (const path of above) if ((await host.lstat(path)).state === 'absent') above.delete(path);
    const inside = [...entries.keys()].filter((path) => path.endsWith(`/${name}`));
    const [first] = [...above, ...inside];
    if (first !== undefined)
      return [
        { en: `the patterns in ${first} are not read`, de: `die Muster in ${first} werden nicht gelesen` },
      ];
  }
  return [];
}

/** What keeps a path from a job: the setting of its unit. */
export const hiddenBy = ({ job }: JobScope, path: string): string | undefined =>
  job.view?.hidden.find((each) => stepsTo(path, each.path).length > 0)?.by;

/** Whether one job copies what lies at a path without links. */
export function isCopied(scope: BackupScope, each: JobScope, path: string): boolean {
  const { selection } = each;
  const { maxBytes, tags: names } = selection;
  const entry = scope.entries.get(path);
  if (hiddenBy(each, path) !== undefined) return false;
  if (maxBytes !== undefined && entry?.type === 'file' && entry.size > maxBytes) return false;
  return selection.roots.some((root) => {
    const steps = stepsTo(path, root.real);
    if (steps.length === 0) return false;
    const named =
      path === root.real ? root.path : root.path + path.slice(root.real === '/' ? 0 : root.real.length);
    const isDirectory = entry === undefined || entry.type === 'directory';
    const { keeps, oneFileSystem } = { ...selection, ...root };
    if (!keeps(root.path === '/' ? path : named, root.path, isDirectory)) return false;
    const above = steps.slice(0, -1);
    if (above.some((step) => names.some((name) => scope.tagged.has(`${step === '/' ? '' : step}/${name}`))))
      return false;
    return !oneFileSystem || onOneFileSystem(scope.mounts, root.real, path);
  });
}

function onOneFileSystem(mounts: readonly Mount[], root: string, path: string): boolean {
  const start = mountAt(mounts, root)?.device;
  return stepsTo(path, root).every((step) => mountAt(mounts, step)?.device === start);
}
