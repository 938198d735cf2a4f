/**
 * When borgmatic last ended a check of a repository: the times of the files below ~/.borgmatic/checks (before 2.0) or
 * ~/.local/state/borgmatic/checks, which it touches after each. borgmatic/actions/check.py
 */
import { defineFact, type Fact, known, valueIn } from '../fact.ts';
import { backupJobs } from './backup-jobs.ts';

export interface CheckTime {
  /** Id of the repository. */
  readonly repository: string;
  /** `repository`, `archives`, `data`, `extract`. */
  readonly check: string;
  readonly source: string;
  /** UTC instant. */
  readonly at: string;
}

const PLACES = ['/root/.borgmatic/checks', '/root/.local/state/borgmatic/checks'];

/** Empty without a job of borgmatic. Files that others than root can write do not count. */
export const borgmaticChecks = defineFact<readonly CheckTime[]>({
  id: 'borgmatic-checks',
  collect: async (host, get): Promise<Fact<readonly CheckTime[]>> => {
    const { jobs } = valueIn(await get(backupJobs));
    if (!jobs.some(({ tool }) => tool === 'borgmatic')) return known([]);
    const found: CheckTime[] = [];
    for (const place of PLACES) {
      const repositories = await host.list(place);
      if (repositories.state === 'unreadable') return repositories;
      if (repositories.state !== 'known') continue;
      for (const repository of repositories.value.slice(0, 50)) {
        const checks = await host.list(`${place}/${repository}`);
        if (checks.state !== 'known') continue;
        for (const check of checks.value) {
          const path = `${place}/${repository}/${check}`;
          const inner = await host.list(path);
          // Of archives one file per set of archives that was checked.
          const files = inner.state === 'known' ? inner.value.map((name) => `${path}/${name}`) : [path];
          for (const source of files.slice(0, 20)) {
            const stat = await host.lstat(source);
            if (stat.state !== 'known' || stat.value.type !== 'file') continue;
            if (stat.value.uid !== 0 || (stat.value.mode & 0o022) !== 0) continue;
            found.push({ repository, check, source, at: stat.value.modified });
          }
        }
      }
    }
    return known(found);
  },
});
