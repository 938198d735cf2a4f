/** Which files hold the RPM database, by their own state: sqlite (RHEL 9, SUSE), ndb (SUSE), Berkeley DB (RHEL 8). */
import { defineFact, type Fact, known } from '../fact.ts';

export interface RpmDatabase {
  readonly files: readonly string[];
  /** Size and time of sqlite's journal: readers renew its other times, so its identity says nothing. */
  readonly state: readonly string[];
}

const DIRECTORIES = ['/usr/lib/sysimage/rpm', '/var/lib/rpm'] as const;
const FILES = ['rpmdb.sqlite', 'Packages.db', 'Packages'] as const;

/** Absent where there is none. */
export const rpmDatabase = defineFact<RpmDatabase>({
  id: 'rpm-database',
  collect: async (host): Promise<Fact<RpmDatabase>> => {
    const files: string[] = [];
    const state: string[] = [];
    for (const path of DIRECTORIES.flatMap((directory) => FILES.map((name) => `${directory}/${name}`))) {
      const file = await host.stat(path);
      if (file.state === 'unreadable') return file;
      if (file.state === 'absent') continue;
      files.push(path);
      const journal = await host.stat(`${path}-wal`);
      if (journal.state === 'known')
        state.push(`${path}-wal ${journal.value.size} ${journal.value.modified}`);
    }
    return files.length > 0 ? known({ files, state }) : { state: 'absent', source: '/var/lib/rpm' };
  },
});
