/** What the checks say that look at jobs where there is none, or none that they can look at. */
import { notApplicable, unknown, type Verdict } from '../check.ts';
import type { Fact } from '../fact.ts';
import { valueIn } from '../fact.ts';
import type { BackupJob, BackupJobs } from '../facts/backup-job.ts';

/** The jobs that can work, or the verdict of a check that has none to judge: `backup.configured` is where that fails. */
export function workingJobs(fact: Fact<BackupJobs>): { jobs: readonly BackupJob[] } | { verdict: Verdict } {
  const { jobs, gaps, hints } = valueIn(fact);
  const working = jobs.filter(({ problem }) => !problem);
  if (working.length > 0) return { jobs: working };
  if (gaps[0]) return { verdict: unknown(gaps[0]) };
  if (hints[0]) return { verdict: unknown(hints[0].why) };
  return {
    verdict: notApplicable({
      en: 'no job: there is no backup to judge (backup.configured)',
      de: 'kein Auftrag: Es gibt keine Sicherung zu beurteilen (backup.configured)',
    }),
  };
}
