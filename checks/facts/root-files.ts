/**
 * Files that root runs or obeys by themselves: cron tables and their scripts, unit files and their drop-ins, start
 * scripts. Whoever can write one of them is root. Only those are kept that somebody other than root can write.
 */
import { defineFact, type Fact, known } from '../fact.ts';
import type { FileStat, Host } from '../host.ts';

export interface RootFile {
  readonly path: string;
  readonly kind: 'cron' | 'units';
  /** Links followed. */
  readonly stat: FileStat;
}

const UNITS = ['/etc/systemd/system', '/run/systemd/system', '/usr/local/lib/systemd/system'] as const;
const CRON = [
  '/etc/cron.d',
  '/etc/cron.hourly',
  '/etc/cron.daily',
  '/etc/cron.weekly',
  '/etc/cron.monthly',
] as const;
const START = ['/etc/init.d', '/etc/profile.d'] as const;
const SINGLE = [
  '/etc/crontab',
  '/etc/anacrontab',
  '/var/spool/cron/crontabs/root',
  '/var/spool/cron/tabs/root',
  '/var/spool/cron/root',
  '/etc/rc.local',
  '/etc/profile',
  '/etc/ld.so.preload',
  '/root/.profile',
  '/root/.bashrc',
] as const;

export const rootFiles = defineFact<readonly RootFile[]>({
  id: 'root-files',
  collect: async (host) => {
    const found: RootFile[] = [];
    for (const path of SINGLE) {
      const problem = await look(host, path, 'cron', found);
      if (problem) return problem;
    }
    for (const directory of [...CRON, ...START]) {
      const problem = await lookInside(host, directory, 'cron', found, 0);
      if (problem) return problem;
    }
    for (const directory of UNITS) {
      // Drop-in directories lie one level below.
      const problem = await lookInside(host, directory, 'units', found, 1);
      if (problem) return problem;
    }
    return known(found);
  },
});

const othersWrite = ({ uid, gid, mode }: FileStat): boolean =>
  uid !== 0 || (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== 0);

/** Adds `path` where it matters. @returns why it could not be looked at */
async function look(
  host: Host,
  path: string,
  kind: RootFile['kind'],
  found: RootFile[],
): Promise<Fact<never> | undefined> {
  const stat = await host.stat(path);
  if (stat.state === 'unreadable') return stat;
  // /dev/null, to which masked units lead, is for everybody.
  if (stat.state === 'known' && stat.value.type !== 'other' && othersWrite(stat.value))
    found.push({ path, kind, stat: stat.value });
  return undefined;
}

async function lookInside(
  host: Host,
  directory: string,
  kind: RootFile['kind'],
  found: RootFile[],
  deeper: number,
): Promise<Fact<never> | undefined> {
  const names = await host.list(directory);
  if (names.state === 'unreadable') return names;
  if (names.state === 'absent') return undefined;
  for (const path of [directory, ...names.value.map((name) => `${directory}/${name}`)]) {
    const problem = await look(host, path, kind, found);
    if (problem) return problem;
    if (deeper === 0 || path === directory || !path.endsWith('.d')) continue;
    const inside = await lookInside(host, path, kind, found, deeper - 1);
    if (inside) return inside;
  }
  return undefined;
}
