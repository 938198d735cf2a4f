/** Packages that are held back by name: apt-mark hold, dnf's versionlock and exclude, locks of zypper. */
import { absent, defineFact, type Fact, known } from '../fact.ts';
import { dpkgStatus } from './dpkg-status.ts';
import { parseIni } from './ini-file.ts';

export interface PackageLock {
  readonly name: string;
  readonly source: string;
  readonly line?: number;
}

const DNF_LOCKS = ['/etc/dnf/plugins/versionlock.list', '/etc/yum/pluginconf.d/versionlock.list'];
const DNF5_LOCKS = '/etc/dnf/versionlock.toml';
const DNF_CONFIGURATION = '/etc/dnf/dnf.conf';
const ZYPP_LOCKS = '/etc/zypp/locks';

/** Pure. One per line; `!` in front excludes a version, `#` begins a comment. */
export const parseVersionLocks = (text: string, source: string): PackageLock[] =>
  text.split('\n').flatMap((raw, index) => {
    const name = raw.replace(/#.*$/, '').trim();
    return name === '' ? [] : [{ name: name.slice(0, 200), source, line: index + 1 }];
  });

/** Pure. Paragraphs of `name: value` with `solvable_name`; `case_sensitive` and the like say nothing. */
export const parseZyppLocks = (text: string): PackageLock[] =>
  text.split('\n').flatMap((raw, index) => {
    const name = /^solvable_name:\s*(\S.{0,199})$/.exec(raw)?.[1];
    return name ? [{ name: name.trim(), source: ZYPP_LOCKS, line: index + 1 }] : [];
  });

const parseToml = (text: string): PackageLock[] =>
  text.split('\n').flatMap((raw, index) => {
    const name = /^\s*name\s*=\s*["']([^"']{1,200})["']/.exec(raw)?.[1];
    return name ? [{ name, source: DNF5_LOCKS, line: index + 1 }] : [];
  });

/**
 * Of all sources only: one source is often kept from what another one has to bring. What is not in `includepkgs` is held
 * back too. dnf.conf(5).
 */
export const parseExcludes = (text: string): PackageLock[] => {
  const main = parseIni(text.replace(/\n[ \t]+/g, ' '), DNF_CONFIGURATION).filter(
    ({ section }) => section === 'main',
  );
  const only = main.filter(({ key, value }) => /^includepkgs$/i.test(key) && value !== '');
  const others = only.map(({ value }) => ({
    name: `* (includepkgs=${value.slice(0, 150)})`,
    source: DNF_CONFIGURATION,
  }));
  return main
    .filter(({ key }) => /^(?:exclude|excludepkgs)$/i.test(key))
    .flatMap(({ value }) =>
      value
        .split(/[\s,]+/)
        .filter((name) => /^[A-Za-z0-9._+*?[\]!:~^-]+$/.test(name))
        .map((name): PackageLock => ({ name: name.slice(0, 200), source: DNF_CONFIGURATION })),
    )
    .concat(others);
};

/** Sorted within each file as there. Absent where there is no package manager that is known. */
export const packageLocks = defineFact<readonly PackageLock[]>({
  id: 'package-locks',
  collect: async (host, get): Promise<Fact<readonly PackageLock[]>> => {
    const dpkg = await get(dpkgStatus);
    if (dpkg.state === 'unreadable') return dpkg;
    const locks: PackageLock[] = [];
    if (dpkg.state === 'known') {
      const held = dpkg.value.packages.filter(
        ({ wanted, state }) => wanted === 'hold' && state !== 'config-files',
      );
      locks.push(...held.map(({ name }) => ({ name, source: '/var/lib/dpkg/status' })));
    }
    const readers: readonly (readonly [string, (text: string) => PackageLock[]])[] = [
      ...DNF_LOCKS.map((path) => [path, (text: string) => parseVersionLocks(text, path)] as const),
      [DNF5_LOCKS, parseToml],
      [DNF_CONFIGURATION, parseExcludes],
      [ZYPP_LOCKS, parseZyppLocks],
    ];
    for (const [path, parse] of readers) {
      const file = await host.readText(path, { encoding: 'latin1' });
      if (file.state === 'unreadable') return file;
      if (file.state === 'known') locks.push(...parse(file.value.text));
    }
    if (dpkg.state === 'known') return known(locks);
    for (const path of ['/var/lib/rpm', '/usr/lib/sysimage/rpm']) {
      const database = await host.stat(path);
      if (database.state === 'unreadable') return database;
      if (database.state === 'known') return known(locks);
    }
    return absent('/var/lib/dpkg, /var/lib/rpm');
  },
});
