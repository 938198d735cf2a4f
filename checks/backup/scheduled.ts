/** backup.scheduled: something will start the job, and when. */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import type { BackupJob } from '../facts/backup-job.ts';
import { backupJobs } from '../facts/backup-jobs.ts';
import type { Trigger } from '../facts/backup-trigger.ts';
import { nextRun } from '../facts/cron-table.ts';
import { triggerEvidence } from './job-evidence.ts';

const WANTED = { en: 'enabled, next time known', de: 'aktiviert, nächster Lauf bekannt' };

/** Why a trigger starts nothing: its own reason, or a cron expression that never comes. */
function dead(trigger: Trigger, now: Date): Text | undefined {
  if (trigger.problem) return trigger.problem;
  const isTable = /^(?:@\w+|\S+ \S+ \S+ \S+ \S+)$/.test(trigger.schedule);
  if (!isTable || trigger.schedule.includes('=') || nextRun(trigger.schedule, now)) return undefined;
  return { en: 'this time never comes', de: 'dieser Zeitpunkt tritt nie ein' };
}

export const scheduled = defineCheck({
  id: 'backup.scheduled',
  title: { en: 'The backup job is started regularly', de: 'Der Sicherungsauftrag wird regelmäßig gestartet' },
  why: {
    en: 'A job that nothing starts works on the day it is set up and never again.',
    de: 'Ein Auftrag, den nichts startet, läuft am Tag der Einrichtung und danach nie wieder.',
  },
  remedy: {
    en: 'Enable the timer (systemctl enable --now NAME.timer), or correct the crontab: owner root, not writable by others, a user field in /etc/cron.d, a file name without a dot, a line end at the end.',
    de: 'Den Timer aktivieren (systemctl enable --now NAME.timer) oder die Crontab berichtigen: Eigentümer root, für andere nicht schreibbar, Benutzerfeld in /etc/cron.d, Dateiname ohne Punkt, Zeilenende am Schluss.',
  },
  severity: 'high',
  params: z.strictObject({}),
  needs: { jobs: backupJobs },
  appliesTo: always,
  evaluate: ({ jobs: fact }, _params, now) => {
    const { jobs, gaps, hints } = valueIn(fact);
    const working = jobs.filter(({ problem }) => !problem);
    const all = working.flatMap((job) =>
      job.triggers.map((trigger) => ({ job, trigger, why: dead(trigger, now) })),
    );
    const show = (list: readonly { job: BackupJob; trigger: Trigger; why: Text | undefined }[]) =>
      list.map(({ job, trigger, why }) =>
        triggerEvidence(job, why ? { ...trigger, problem: why } : trigger, WANTED),
      );
    const isStarted = (job: BackupJob): boolean =>
      all.some((each) => each.job === job && !each.why && !each.trigger.outside && !each.trigger.doubt);
    const started = all.filter(({ why, trigger }) => !why && !trigger.outside && !trigger.doubt);
    // A timer or a line that starts nothing is a broken job also beside one that works, unless that one took over.
    const tookOver = (job: BackupJob): boolean =>
      job.repository !== undefined && started.some((each) => each.job.repository === job.repository);
    const isDoubted = (job: BackupJob): boolean =>
      all.some((each) => each.job === job && !each.why && each.trigger.doubt !== undefined);
    const stopped = all.filter(({ job, why }) => why && !isStarted(job) && !isDoubted(job) && !tookOver(job));
    if (stopped.length > 0) return gaps[0] ? unknown(gaps[0], show(stopped)) : fail(show(stopped));
    const unsure = all.filter(
      ({ job, trigger, why }) => trigger.doubt && !why && !isStarted(job) && !tookOver(job),
    );
    if (unsure[0]?.trigger.doubt) return unknown(unsure[0].trigger.doubt, show(unsure));
    if (started.length > 0) return pass(show(started));
    const outside = all.find(({ trigger }) => trigger.outside);
    if (outside) {
      const when = outside.trigger.schedule;
      return unknown({
        en: `the job is started from elsewhere (${when}); that can not be seen on this system`,
        de: `der Auftrag wird von außen gestartet (${when}); das ist auf diesem System nicht zu sehen`,
      });
    }
    if (gaps[0]) return unknown(gaps[0]);
    if (working.length === 0 && hints[0]) return unknown(hints[0].why);
    return fail(
      working.length === 0
        ? [
            evidence({
              source: '/etc/systemd/system, /etc/cron*',
              found: { en: 'no backup job', de: 'kein Sicherungsauftrag' },
              wanted: WANTED,
            }),
          ]
        : working.map((job) =>
            evidence({
              source: job.source,
              line: job.line,
              found: { en: `nothing starts ${job.name}`, de: `nichts startet ${job.name}` },
              wanted: WANTED,
            }),
          ),
    );
  },
  references: [
    'BSI IT-Grundschutz: CON.3.A5',
    'ISO/IEC 27001:2022 A.8.13',
    'systemd.timer(5), crontab(5), cron(8), run-parts(8)',
  ],
  examples: async () => [
    ...(await import('./scheduled-examples.ts')).scheduledExamples,
    ...(await import('./tool-examples.ts')).toolExamples('backup.scheduled'),
  ],
});
