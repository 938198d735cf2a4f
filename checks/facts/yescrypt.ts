/**
 * Whether this system's crypt library and PAM know yescrypt. Derived from the release: the library's file name is the
 * same with and without it, and asking the library would mean running a program.
 */
import type { OsRelease } from './os-release.ts';

/** ID -> the first release whose libcrypt and pam_unix both know it. 0: every release that is still in use. */
const SINCE: Readonly<Record<string, number>> = {
  debian: 11,
  raspbian: 11,
  devuan: 4,
  ubuntu: 22.04,
  linuxmint: 21,
  pop: 22.04,
  rhel: 9,
  centos: 9,
  almalinux: 9,
  rocky: 9,
  ol: 9,
  amzn: 2023,
  fedora: 34,
  sles: 16,
  sled: 16,
  'opensuse-leap': 16,
  'opensuse-tumbleweed': 0,
  arch: 0,
  manjaro: 0,
};

/** Pure. Undefined for a distribution that is not in the table, or one that names no number. */
export function yescryptAvailable(os: Pick<OsRelease, 'id' | 'version' | 'codename'>): boolean | undefined {
  const since = SINCE[os.id];
  if (since === undefined) return undefined;
  const version = Number.parseFloat(os.version);
  if (since === 0) return true;
  // Testing and unstable have no VERSION_ID.
  if (Number.isNaN(version)) return os.id === 'debian' ? true : undefined;
  return version >= since;
}
