/** What starts a backup job, and for a declared one whether what it names is there. Pure. */
import type { Text } from '../../shared/outcome.ts';
import type { CronJob } from './cron.ts';
import type { Timer } from './systemd-timer.ts';

/** What starts a job, and why it would not. */
export interface Trigger {
  readonly source: string;
  readonly line?: number;
  /** `OnCalendar=daily`, `0 3 * * *`. */
  readonly schedule: string;
  readonly problem?: Text;
  /** Why it may or may not start it. */
  readonly doubt?: Text;
  /** Started from elsewhere: it can't be seen here whether it ever is. */
  readonly outside?: true;
}

/** The triggers of a declared job, by its `when`. */
export function declaredTriggers(
  when: { timer: string } | { cron: string } | { outside: string },
  timers: readonly Timer[],
  table: { jobs: readonly CronJob[]; problem?: Text } | undefined,
): Trigger[] {
  if ('outside' in when) return [{ source: 'backup.d', schedule: when.outside, outside: true }];
  if ('timer' in when) {
    const timer = timers.find(({ name }) => name === when.timer);
    const problem = timer ? timer.problem : { en: `${when.timer} is missing`, de: `${when.timer} fehlt` };
    const schedule = timer?.when.join(', ') ?? when.timer;
    return [{ source: timer?.source ?? when.timer, schedule, ...(problem ? { problem } : {}) }];
  }
  const jobs = table?.jobs.filter(({ source }) => source === when.cron) ?? [];
  if (jobs.length === 0) {
    const problem = { en: `${when.cron} holds no job`, de: `${when.cron} enthält keinen Auftrag` };
    return [{ source: when.cron, schedule: when.cron, problem }];
  }
  return jobs.map(({ source, line, schedule, problem }) => {
    const why = problem ?? table?.problem;
    return { source, ...(line ? { line } : {}), schedule, ...(why ? { problem: why } : {}) };
  });
}
