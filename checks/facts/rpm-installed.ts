/** Packages that rpm has installed, and when: rpm(8). */
import type { Text } from '../../shared/outcome.ts';
import { rpmInstalled } from '../commands.ts';
import { absent, defineFact, type Fact, known, unreadable } from '../fact.ts';
import { distributionManager, osRelease } from './os-release.ts';
import { rpmDatabase } from './rpm-database.ts';
import { rpmSound } from './rpm-sound.ts';
import { RPM_DAMAGED, skipsEntries } from './rpm-verify.ts';
import { compareEvr } from './rpm-version.ts';
import { type InstalledPackage, parseInstalled } from './zypper-answer.ts';

/**
 * Absent where another package manager keeps the system, or without a database of rpm; unreadable where rpm gives no
 * answer that makes sense, also an empty one.
 */
export const rpmPackages = defineFact<readonly InstalledPackage[]>({
  id: 'rpm-packages',
  collect: async (host, get): Promise<Fact<readonly InstalledPackage[]>> => {
    const os = await get(osRelease);
    // A database that tools of rpm leave behind on a system of apt says nothing of it.
    if (os.state === 'known' && distributionManager(os.value) === 'apt') return absent('rpm -qa');
    const database = await get(rpmDatabase);
    if (database.state !== 'known')
      return database.state === 'absent' ? absent(database.source) : unreadable('rpm -qa', database.reason);
    const said = await host.run(rpmInstalled, []);
    if (said.state === 'absent') return unreadable('rpm -qa', NO_ANSWER);
    if (said.state === 'unreadable') return said;
    if (said.value.status !== 0) return unreadable('rpm -qa', NO_ANSWER);
    if (skipsEntries(said.value)) return unreadable('rpm -qa', RPM_DAMAGED);
    const packages = parseInstalled(said.value.stdout);
    const sound = await get(rpmSound);
    if (sound.state === 'unreadable') return unreadable('rpm -qa', sound.reason);
    return packages && packages.length > 0 ? known(packages) : unreadable('rpm -qa', NO_ANSWER);
  },
});

/** Kernels, their modules and keys are meant to stand beside each other: installonlypkgs of dnf, multiversion of zypp. */
const SIDE_BY_SIDE = /^(?:gpg-pubkey$|kernel(?:-|$)|kmod-|akmod-)|-kmp(?:-|$)/;

/**
 * Packages of which an older version is still registered beside a newer one: what an interrupted update leaves behind,
 * as `dnf repoquery --duplicates` lists them. The newest of each comes last.
 */
export function leftOver(packages: readonly InstalledPackage[]): readonly (readonly InstalledPackage[])[] {
  const groups = new Map<string, InstalledPackage[]>();
  for (const each of packages) {
    if (SIDE_BY_SIDE.test(each.name)) continue;
    const key = `${each.name}.${each.arch}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.entries()]
    .filter(([, group]) => new Set(group.map(({ evr }) => evr)).size > 1)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, group]) => group.toSorted((a, b) => compareEvr(a.evr, b.evr)));
}

const NO_ANSWER: Text = {
  en: 'rpm could not tell which packages are installed',
  de: 'rpm konnte nicht sagen, welche Pakete installiert sind',
};
