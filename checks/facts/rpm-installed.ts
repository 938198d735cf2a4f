/** Packages that rpm has installed, and when: rpm(8). */
import type { Text } from '../../shared/outcome.ts';
import { rpmInstalled } from '../commands.ts';
import { absent, defineFact, type Fact, known, unreadable } from '../fact.ts';
import { rpmDatabase } from './rpm-database.ts';
import { type InstalledPackage, parseInstalled } from './zypper-answer.ts';

/** Absent where there is no database of rpm; unreadable where rpm gives no answer that makes sense, also an empty one. */
export const rpmPackages = defineFact<readonly InstalledPackage[]>({
  id: 'rpm-packages',
  collect: async (host, get): Promise<Fact<readonly InstalledPackage[]>> => {
    const database = await get(rpmDatabase);
    if (database.state !== 'known')
      return database.state === 'absent' ? absent(database.source) : unreadable('rpm -qa', database.reason);
    const said = await host.run(rpmInstalled, []);
    if (said.state === 'absent') return unreadable('rpm -qa', NO_ANSWER);
    if (said.state === 'unreadable') return said;
    const packages = said.value.status === 0 ? parseInstalled(said.value.stdout) : undefined;
    return packages && packages.length > 0 ? known(packages) : unreadable('rpm -qa', NO_ANSWER);
  },
});

const NO_ANSWER: Text = {
  en: 'rpm could not tell which packages are installed',
  de: 'rpm konnte nicht sagen, welche Pakete installiert sind',
};
