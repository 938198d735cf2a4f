/**
 * Files that root runs or obeys by themselves: cron tables and their scripts, unit files and their drop-ins, start
 * scripts, the programs that these name, and what decides about root (PAM, sshd, accounts, libraries). Whoever can write
 * one of them, or a directory above it, is root. Only those are kept that somebody other than root can write.
 */
import { defineFact, type Fact, known, valueIn } from '../fact.ts';
import type { FileStat, Host } from '../host.ts';
import { rootPrograms } from './root-programs.ts';

export interface RootFile {
  readonly path: string;
  /** `root`: it decides about root itself. */
  readonly kind: 'cron' | 'units' | 'root';
  /** Links followed. */
  readonly stat: FileStat;
  /** Entries of its ACL that may write: `user:1001:rw-`; left out where there are none. */
  readonly acl?: readonly string[];
}

const UNITS = ['/etc/systemd/system', '/run/systemd/system', '/usr/local/lib/systemd/system'] as const;
/** What PID 1, root's own manager and the bus start or are told by: systemd.generator(7), systemd.unit(5). */
const BESIDE_UNITS = [
  '/etc/systemd/user',
  '/etc/systemd/system-generators',
  '/etc/systemd/user-generators',
  '/etc/systemd/system-environment-generators',
  '/etc/systemd/user-environment-generators',
  '/usr/local/lib/systemd/system-generators',
  '/etc/systemd/system.conf.d',
  '/etc/tmpfiles.d',
  '/etc/sysusers.d',
  '/usr/local/share/dbus-1/system-services',
  '/usr/share/dbus-1/system-services',
] as const;
const CRON = [
  '/etc/cron.d',
  '/etc/cron.hourly',
  '/etc/cron.daily',
  '/etc/cron.weekly',
  '/etc/cron.monthly',
] as const;
const START = [
  '/etc/init.d',
  '/etc/profile.d',
  '/etc/update-motd.d',
  '/etc/udev/rules.d',
  '/etc/modprobe.d',
  '/etc/apt/apt.conf.d',
  '/etc/network/if-pre-up.d',
  '/etc/network/if-up.d',
  '/etc/network/if-down.d',
  '/etc/network/if-post-down.d',
  '/etc/NetworkManager/dispatcher.d',
  '/etc/logrotate.d',
  '/etc/sysctl.d',
  '/etc/default',
  '/etc/sysconfig',
  '/etc/rsyslog.d',
  '/etc/kernel/postinst.d',
  '/etc/grub.d',
] as const;
const SINGLE = [
  '/etc/crontab',
  '/etc/anacrontab',
  '/var/spool/cron/crontabs/root',
  '/var/spool/cron/tabs/root',
  '/var/spool/cron/root',
  '/etc/rc.local',
  '/etc/profile',
  '/etc/bash.bashrc',
  '/etc/bashrc',
  '/etc/ld.so.preload',
  '/etc/logrotate.conf',
  '/etc/sysctl.conf',
  '/etc/rsyslog.conf',
  '/etc/inittab',
  '/etc/systemd/system.conf',
  '/root/.profile',
  '/root/.bash_profile',
  '/root/.bash_login',
  '/root/.bashrc',
] as const;
/** What decides who root is and what root runs; directories without what is in them. */
const DECIDING = [
  '/etc/passwd',
  '/etc/shadow',
  '/etc/group',
  '/etc/gshadow',
  '/etc/pam.conf',
  '/etc/nsswitch.conf',
  '/etc/sudo.conf',
  '/etc/doas.conf',
  '/root/.ssh',
  '/root/.ssh/authorized_keys',
  '/etc/environment',
  '/etc/ld.so.conf',
  '/etc/ssh',
  '/etc/ssh/sshd_config',
  '/etc/sudoers.d',
  '/root',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/local/lib',
  '/usr/sbin',
  '/usr/bin',
  '/usr/lib',
  '/sbin',
  '/bin',
  '/lib',
] as const;
const DECIDING_INSIDE = [
  '/etc/pam.d',
  '/etc/security',
  '/etc/ssh/sshd_config.d',
  '/etc/ld.so.conf.d',
] as const;
const SUDOERS = '/etc/sudoers';
const MAX_LIBRARIES = 100;

export const rootFiles = defineFact<readonly RootFile[]>({
  id: 'root-files',
  collect: async (host, get) => {
    const found = new Map<string, RootFile>();
    const look = looker(host, found);
    for (const path of SINGLE) await look.file(path, 'cron');
    for (const directory of [...CRON, ...START]) await look.inside(directory, 'cron', 0);
    // Drop-in directories lie one level below.
    for (const directory of UNITS) await look.inside(directory, 'units', 1);
    for (const directory of BESIDE_UNITS) await look.inside(directory, 'units', 0);
    for (const path of DECIDING) await look.file(path, 'root');
    for (const path of await libraries(host)) await look.file(path, 'root');
    for (const directory of DECIDING_INSIDE) await look.inside(directory, 'root', 0);
    await look.sudoers();
    for (const { path, kind } of valueIn(await get(rootPrograms))) await look.file(path, kind);
    return known([...found.values()]);
  },
});

/** Where every program, root's included, gets code from: libraries loaded first, and directories of more. ld.so(8) */
async function libraries(host: Host): Promise<readonly string[]> {
  const words = async (path: string): Promise<readonly string[]> => {
    const file = told(await host.readText(path, { encoding: 'latin1' }));
    const lines = (file?.text ?? '').split('\n').map((line) => line.replace(/#.*/, ''));
    return lines.flatMap((line) => line.split(/[\s:,]+/)).filter((word) => word !== '');
  };
  const preloaded = (await words('/etc/ld.so.preload')).filter((path) => path.startsWith('/'));
  const names = told(await host.list('/etc/ld.so.conf.d')) ?? [];
  const files = [
    '/etc/ld.so.conf',
    ...names.filter((name) => name.endsWith('.conf')).map((name) => `/etc/ld.so.conf.d/${name}`),
  ];
  const directories = (await Promise.all(files.map(words))).flat().filter((path) => /^\/[^*?]*$/.test(path));
  return [...new Set([...preloaded, ...directories])].slice(0, MAX_LIBRARIES);
}
const othersWrite = ({ uid, gid, mode }: FileStat): boolean =>
  uid !== 0 || (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== 0);

/** An answer that is needed. @throws CouldNotLook where it can't be had */
function told<T>(fact: Fact<T>): T | undefined {
  return fact.state === 'absent' ? undefined : valueIn(fact);
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

/** Adds what matters to `found`. Every function throws CouldNotLook where it could not look. */
function looker(host: Host, found: Map<string, RootFile>) {
  const seen = new Set<string>();

  async function writersByAcl(path: string, { mode }: FileStat): Promise<readonly string[]> {
    // Without write for the group's digit, which is the mask, no entry can give it.
    if ((mode & 0o022) !== 0o020) return [];
    return (told(await host.acl(path)) ?? []).filter((entry) => /^(?:user|group):\d+:.w/.test(entry));
  }

  async function judge(path: string, kind: RootFile['kind'], stat: FileStat): Promise<void> {
    // /dev/null, to which masked units lead, is for everybody.
    if (stat.type === 'other' || found.has(path)) return;
    const acl = await writersByAcl(path, stat);
    if (othersWrite(stat) || acl.length > 0)
      found.set(path, { path, kind, stat, ...(acl.length > 0 ? { acl } : {}) });
  }

  /** Whoever can write a directory puts another file in the place of this one, unless the sticky bit forbids it. */
  async function above(path: string, kind: RootFile['kind']): Promise<void> {
    for (let at = parentOf(path); !seen.has(at); at = parentOf(at)) {
      seen.add(at);
      const stat = told(await host.stat(at));
      if (stat && (stat.uid !== 0 || (stat.mode & 0o1000) === 0)) await judge(at, kind, stat);
      // A link may lead away from the directories that its name goes through.
      if (stat && told(await host.lstat(at))?.type === 'symlink') await above(await realPath(at), kind);
    }
  }

  const realPath = async (path: string): Promise<string> => told(await host.realPath(path)) ?? path;

  async function file(path: string, kind: RootFile['kind']): Promise<void> {
    const entry = told(await host.lstat(path));
    await above(path, kind);
    if (!entry) return;
    const link = entry.type === 'symlink';
    const stat = link ? told(await host.stat(path)) : entry;
    if (!stat) return;
    await judge(path, kind, stat);
    if (link && stat.type !== 'other') await above(await realPath(path), kind);
  }

  async function inside(directory: string, kind: RootFile['kind'], deeper: number): Promise<void> {
    const names = told(await host.list(directory));
    await file(directory, kind);
    for (const name of names ?? []) {
      const path = `${directory}/${name}`;
      await file(path, kind);
      if (deeper > 0 && path.endsWith('.d')) await inside(path, kind, deeper - 1);
    }
  }

  /** sudo ignores its files where another owns them or may write them by mode; an ACL it does not see. */
  async function sudoers(): Promise<void> {
    const names = told(await host.list(`${SUDOERS}.d`)) ?? [];
    for (const path of [SUDOERS, ...names.map((name) => `${SUDOERS}.d/${name}`)]) {
      const stat = told(await host.stat(path));
      if (stat?.type === 'file' && stat.uid === 0 && stat.gid === 0) await judge(path, 'root', stat);
    }
  }

  return { file, inside, sudoers };
}
