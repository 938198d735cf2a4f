/**
 * Owner, group, mode and ACL of the files that decide who gets in: account files, sudo, sshd, cron, PAM. Links are
 * judged where they lead. Which values are right is the check's business.
 */
import { defineFact, type Fact, known } from '../fact.ts';
import type { FileStat, Host } from '../host.ts';

export const fileClasses = [
  'accounts',
  'secrets',
  'old-passwords',
  'sudoers',
  'sudoers-directory',
  'sshd-config',
  'sshd-policy',
  'sshd-directory',
  'host-key',
  'host-key-public',
  'crontab',
  'cron-directory',
  'cron-job',
  'cron-access',
  'cron-spool',
  'pam-file',
  'pam-directory',
] as const;
export type FileClass = (typeof fileClasses)[number];

interface Row {
  /** A path, or a directory whose files `names` chooses. */
  readonly path: string;
  readonly class: FileClass;
  readonly names?: RegExp;
}

const VISIBLE = /^[^.]/;
const cronNames = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'];
const accountFiles = (names: readonly string[], of: FileClass): Row[] =>
  names.flatMap((name) => [
    { path: `/etc/${name}`, class: of },
    { path: `/etc/${name}-`, class: of },
  ]);

export const protectedRows: readonly Row[] = [
  ...accountFiles(['passwd', 'group'], 'accounts'),
  ...accountFiles(['shadow', 'gshadow'], 'secrets'),
  { path: '/etc/security/opasswd', class: 'old-passwords' },
  { path: '/etc/security/opasswd.old', class: 'old-passwords' },
  { path: '/etc/sudoers', class: 'sudoers' },
  { path: '/usr/etc/sudoers', class: 'sudoers' },
  { path: '/etc/sudoers.d', class: 'sudoers-directory' },
  { path: '/etc/sudoers.d', class: 'sudoers', names: VISIBLE },
  { path: '/etc/ssh', class: 'sshd-directory' },
  { path: '/etc/ssh/sshd_config', class: 'sshd-config' },
  { path: '/etc/ssh/sshd_config.d', class: 'sshd-directory' },
  { path: '/etc/ssh/sshd_config.d', class: 'sshd-config', names: /\.conf$/ },
  // RHEL's sshd includes it: the system-wide algorithms.
  { path: '/etc/crypto-policies/back-ends/opensshserver.config', class: 'sshd-policy' },
  // The vendor's, where the administrator has none (SUSE 16).
  { path: '/usr/etc/ssh', class: 'sshd-directory' },
  { path: '/usr/etc/ssh/sshd_config', class: 'sshd-config' },
  { path: '/usr/etc/ssh/sshd_config.d', class: 'sshd-directory' },
  { path: '/usr/etc/ssh/sshd_config.d', class: 'sshd-config', names: /\.conf$/ },
  { path: '/etc/ssh', class: 'host-key', names: /^ssh_host_.*key$/ },
  { path: '/etc/ssh', class: 'host-key-public', names: /^ssh_host_.*key\.pub$/ },
  { path: '/etc/crontab', class: 'crontab' },
  { path: '/etc/anacrontab', class: 'crontab' },
  { path: '/etc/cron.d', class: 'cron-directory' },
  { path: '/etc/cron.d', class: 'cron-job', names: VISIBLE },
  ...cronNames.flatMap((name): Row[] => [
    { path: `/etc/cron.${name}`, class: 'cron-directory' },
    { path: `/etc/cron.${name}`, class: 'cron-job', names: VISIBLE },
  ]),
  ...['cron.allow', 'cron.deny', 'at.allow', 'at.deny'].map(
    (name): Row => ({ path: `/etc/${name}`, class: 'cron-access' }),
  ),
  ...['/var/spool/cron', '/var/spool/cron/crontabs', '/var/spool/cron/tabs'].map(
    (path): Row => ({ path, class: 'cron-spool' }),
  ),
  { path: '/etc/pam.conf', class: 'pam-file' },
  ...['/etc/pam.d', '/usr/lib/pam.d', '/usr/etc/pam.d', '/etc/security'].flatMap((path): Row[] => [
    { path, class: 'pam-directory' },
    { path, class: 'pam-file', names: /^(?!opasswd)[^.]/ },
  ]),
];

export interface ProtectedFile {
  readonly path: string;
  readonly class: FileClass;
  readonly stat: FileStat;
  /** Where a link leads; absent where the path is no link. */
  readonly target?: string;
  /** `user:1001:rw-`; unreadable where it can't be told whether there are any. */
  readonly acl: Fact<readonly string[]>;
}

/** One row's files: a path that does not exist has none. Unreadable where a directory or file can't be looked at. */
export interface ProtectedRow {
  readonly path: string;
  readonly class: FileClass;
  /** True: these are files inside `path`. */
  readonly inside: boolean;
  readonly files: Fact<readonly ProtectedFile[]>;
}

export const protectedFiles = defineFact<readonly ProtectedRow[]>({
  id: 'protected-files',
  collect: async (host) =>
    known(
      await Promise.all(
        protectedRows.map(async (row) => ({
          path: row.path,
          class: row.class,
          inside: row.names !== undefined,
          files: await filesOf(host, row),
        })),
      ),
    ),
});

async function filesOf(host: Host, row: Row): Promise<Fact<readonly ProtectedFile[]>> {
  const paths = row.names ? await chosen(host, row.path, row.names) : known([row.path]);
  if (paths.state !== 'known') return paths.state === 'absent' ? known([]) : paths;
  const files: ProtectedFile[] = [];
  for (const path of paths.value) {
    const file = await look(host, path, row.class);
    if (file.state === 'unreadable') return file;
    // Directories inside are no files of this row (sshd and sudo ignore them; /etc/security has rows of its own).
    if (file.state === 'known' && !(row.names && file.value.stat.type === 'directory'))
      files.push(file.value);
  }
  return known(files);
}

async function chosen(host: Host, directory: string, names: RegExp): Promise<Fact<string[]>> {
  const found = await host.list(directory);
  return found.state === 'known'
    ? known(found.value.filter((name) => names.test(name)).map((name) => `${directory}/${name}`))
    : found;
}

async function look(host: Host, path: string, of: FileClass): Promise<Fact<ProtectedFile>> {
  const link = await host.lstat(path);
  if (link.state !== 'known') return link;
  const stat = await host.stat(path);
  if (stat.state !== 'known') return stat;
  const target = link.value.type === 'symlink' ? await host.realPath(path) : undefined;
  if (target?.state === 'unreadable') return target;
  return known({
    path,
    class: of,
    stat: stat.value,
    ...(target?.state === 'known' ? { target: target.value } : {}),
    acl: await host.acl(path),
  });
}
