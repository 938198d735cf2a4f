/**
 * Debian 11, 12 and 13 as their installer leaves them: made with debootstrap, up to date, with a password for root
 * and one ordinary account. They lie outside the clone (`NACHWEIS_TEST_CACHE`, `XDG_CACHE_HOME`, /var/cache), named
 * by a digest of all that they are made of, and are made once. Nobody changes them: tests change a copy (root-copy.ts).
 */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { debianMirror } from './debian-mirror.ts';
import { withLock } from './file-lock.ts';
import { mustRun } from './program-run.ts';
import { describeAsRoot, type Program, programs } from './programs.ts';

export const debianReleases = { 11: 'bullseye', 12: 'bookworm', 13: 'trixie' } as const;
export type DebianRelease = keyof typeof debianReleases;

export interface DebianRoot {
  readonly release: DebianRelease;
  /** The root directory. Read-only for tests. */
  readonly path: string;
  /** When it was made: the moment at which it was up to date. */
  readonly made: Date;
}

/** What a small Debian server has, and what the tests' programs need inside it. One set, so that one root serves all. */
export const serverPackages: readonly string[] = [
  'acl',
  'cron',
  'dbus',
  'iproute2',
  'libpam-pwquality',
  'libpam-systemd',
  'login',
  'openssh-server',
  'pamtester',
  'passwd',
  'procps',
  'restic',
  'sudo',
  'systemd-sysv',
];

/** The ordinary account, and the password of both. */
export const ordinaryUser = 'anna';
export const knownPassword = 'lauter gute Vorsaetze';

const needed: readonly Program[] = ['debootstrap', 'debian-archive-keyring', 'systemd-nspawn', 'nsenter'];

/** The first one takes minutes where the cache is empty. */
export const ROOT_TIMEOUT_MS = 20 * 60_000;

/** Tests in Debian roots: skipped, naming what is missing, without root or the programs that make them. */
export function describeInDebian(title: string, define: () => void): void {
  describeAsRoot(needed, title, define);
}

/** Everything after debootstrap. Arguments: root, suite, archive, security archive. */
const RECIPE = `set -eu
root=$1 suite=$2 archive=$3 security=$4
cat >"$root/etc/apt/sources.list" <<END
deb $archive $suite main
deb $archive $suite-updates main
deb $security $suite-security main
END
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \\
  DEBIAN_FRONTEND=noninteractive http_proxy="\${http_proxy-}" https_proxy="\${https_proxy-}" "$@"; }
inside apt-get -q update -o APT::Update::Error-Mode=any
inside apt-get -q -y dist-upgrade
inside apt-get clean
inside useradd --create-home --shell /bin/bash ${ordinaryUser}
printf '%s\\n' 'root:${knownPassword}' '${ordinaryUser}:${knownPassword}' | inside chpasswd
echo debian >"$root/etc/hostname"
printf '127.0.0.1\\tlocalhost\\n127.0.1.1\\tdebian\\n' >"$root/etc/hosts"
rm -f "$root/etc/resolv.conf"
`;

export function cacheDirectory(): string {
  const { NACHWEIS_TEST_CACHE, XDG_CACHE_HOME } = process.env;
  const path = NACHWEIS_TEST_CACHE ?? join(XDG_CACHE_HOME ?? '/var/cache', 'nachweis-test');
  mkdirSync(path, { recursive: true });
  // Programs of old systems with setuid bits lie below.
  chmodSync(path, 0o700);
  return path;
}

/** Makes the root where it is not there yet; others that ask for it meanwhile wait. Needs root and a Debian mirror. */
export async function debianRoot(
  release: DebianRelease,
  packages: readonly string[] = serverPackages,
): Promise<DebianRoot> {
  const cache = cacheDirectory();
  const recipe = JSON.stringify([debianReleases[release], process.arch, [...packages].sort(), RECIPE]);
  const digest = createHash('sha256').update(recipe).digest('hex').slice(0, 16);
  const base = join(cache, `debian-${release}-${digest}`);
  // Of two roots at once each is slower than one after the other: one lock for all.
  if (!existsSync(base)) {
    await withLock(join(cache, 'lock'), async () => {
      if (!existsSync(base)) await make(release, packages, cache, base);
    });
  }
  const made = statSync(join(base, 'made')).mtime;
  // Says when it was last used.
  utimesSync(base, new Date(), new Date());
  return { release, path: join(base, 'root'), made };
}

/** Further packages into a copy of a root. Arguments: root, packages. */
const MORE = `set -eu
root=$1; shift
cp /etc/resolv.conf "$root/etc/resolv.conf"
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \\
  DEBIAN_FRONTEND=noninteractive http_proxy="\${http_proxy-}" https_proxy="\${https_proxy-}" "$@"; }
inside apt-get -q update -o APT::Update::Error-Mode=any
inside apt-get -q -y install --no-install-recommends "$@"
inside apt-get clean
rm -f "$root/etc/resolv.conf"
`;

/** What stories of the packages need besides; debootstrap can't configure it. */
const morePackages: readonly string[] = ['borgbackup', 'cloud-init', 'python3-apt'];

/** The root of a release with those packages. Made once like the others. */
export async function extendedRoot(release: DebianRelease): Promise<DebianRoot> {
  const cache = cacheDirectory();
  const plain = await debianRoot(release);
  const recipe = JSON.stringify([plain.path, morePackages, MORE]);
  const digest = createHash('sha256').update(recipe).digest('hex').slice(0, 16);
  const base = join(cache, `debian-${release}-${digest}`);
  if (!existsSync(base)) {
    await withLock(join(cache, 'lock'), async () => {
      if (existsSync(base)) return;
      const building = join(cache, `building-${release}`);
      await removeTree(building);
      mkdirSync(building);
      const root = join(building, 'root');
      await mustRun(['cp', '-a', '--reflink=auto', plain.path, root], OPTIONS);
      await mustRun(['sh', '-c', MORE, 'more', root, ...morePackages], OPTIONS);
      await keep(building, base);
    });
  }
  utimesSync(base, new Date(), new Date());
  return { release, path: join(base, 'root'), made: statSync(join(base, 'made')).mtime };
}

/** What dnf 5 needs: no stable release has it, so this is Debian's testing release, small and without accounts. */
const TESTING = { suite: 'forky', packages: ['dnf5', 'python3-libdnf5', 'rpm'] } as const;

/** A root with dnf 5, made once like the others. Its packages are those of the day on which it was made. */
export async function dnf5Root(): Promise<DebianRoot> {
  const cache = cacheDirectory();
  const recipe = JSON.stringify([TESTING, process.arch]);
  const digest = createHash('sha256').update(recipe).digest('hex').slice(0, 16);
  const base = join(cache, `debian-14-${digest}`);
  if (!existsSync(base)) {
    await withLock(join(cache, 'lock'), async () => {
      if (existsSync(base)) return;
      const building = join(cache, 'building-14');
      await removeTree(building);
      mkdirSync(building);
      // The script for unstable fits testing, whatever this debootstrap knows of its name.
      await bootstrap(TESTING.packages, TESTING.suite, join(building, 'root'), debianMirror().archive, [
        'sid',
      ]);
      await keep(building, base);
    });
  }
  utimesSync(base, new Date(), new Date());
  return { release: 13, path: join(base, 'root'), made: statSync(join(base, 'made')).mtime };
}

const OPTIONS = {
  env: { ...process.env, LC_ALL: 'C.UTF-8', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  timeoutMs: ROOT_TIMEOUT_MS,
};

const bootstrap = (
  packages: readonly string[],
  suite: string,
  root: string,
  archive: string,
  script: readonly string[] = [],
) =>
  mustRun(
    [
      'debootstrap',
      '--variant=minbase',
      `--keyring=${programs['debian-archive-keyring'].path}`,
      `--include=${packages.join(',')}`,
      suite,
      root,
      archive,
      ...script,
    ],
    OPTIONS,
  );

async function keep(building: string, base: string): Promise<void> {
  await mustRun(['touch', join(building, 'made')]);
  await mustRun(['sync', '-f', building]);
  renameSync(building, base);
}

async function make(
  release: DebianRelease,
  packages: readonly string[],
  cache: string,
  base: string,
): Promise<void> {
  await removeOld(cache);
  const { archive, security } = debianMirror();
  const suite = debianReleases[release];
  const building = join(cache, `building-${release}`);
  await removeTree(building);
  mkdirSync(building);
  const root = join(building, 'root');
  await bootstrap(packages, suite, root, archive);
  await mustRun(['sh', '-c', RECIPE, 'recipe', root, suite, archive, security], OPTIONS);
  await keep(building, base);
}

/** Roots of older recipes, a month after their last use. */
async function removeOld(cache: string): Promise<void> {
  const oldest = Date.now() - 30 * 86_400_000;
  for (const name of readdirSync(cache)) {
    if (!/^debian-\d+-[0-9a-f]{16}$/.test(name)) continue;
    if (statSync(join(cache, name)).mtimeMs < oldest) await removeTree(join(cache, name));
  }
}

/** What debootstrap had mounted when it was killed must not be deleted through. */
async function removeTree(path: string): Promise<void> {
  if (!existsSync(path)) return;
  for (const below of ['root/proc', 'root/sys']) {
    await mustRun(['sh', '-c', 'while umount "$1" 2>/dev/null; do :; done', 'sh', join(path, below)]);
  }
  await mustRun(['rm', '-rf', '--one-file-system', path]);
}
