/** Backup jobs that cron runs. */
import type { Text } from '../../shared/outcome.ts';
import { followed } from './backup-follow.ts';
import type { BackupJob } from './backup-job.ts';
import { readScript } from './backup-script.ts';
import type { JobSearch } from './backup-search.ts';
import type { Trigger } from './backup-trigger.ts';
import type { CronJob } from './cron.ts';

const CRON_PATH = '/usr/bin:/bin';

export async function cronJobs(
  search: JobSearch,
  all: readonly CronJob[],
  daemon: Text | undefined,
): Promise<BackupJob[]> {
  const jobs: BackupJob[] = [];
  for (const { source, line, schedule, command, environment, problem, user } of all) {
    const reading = readScript(command, environment, line ?? 1);
    const found = await followed(search, reading, { source, path: environment.PATH ?? CRON_PATH });
    const why = problem ?? daemon;
    const trigger: Trigger = {
      source,
      ...(line ? { line } : {}),
      schedule,
      ...(why ? { problem: why } : {}),
    };
    for (const call of found) {
      // Of a script of cron.daily that is not executable, run-parts says so already.
      const { problem: own, ...rest } = call;
      const isSaid = problem !== undefined && command === source;
      jobs.push({
        ...rest,
        ...(own && !isSaid ? { problem: own } : {}),
        name: source,
        triggers: [trigger],
        ...asUser(user),
      });
    }
  }
  return jobs;
}

export const asUser = (user: string): { user?: string } => (user === 'root' || user === '0' ? {} : { user });
