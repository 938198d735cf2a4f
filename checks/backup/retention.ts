/** backup.retention: backups are not removed before they are old enough. */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import type { BackupJob } from '../facts/backup-job.ts';
import { backupJobs } from '../facts/backup-jobs.ts';
import { duplicitySpan, keptDays, POLICY, rsnapshotSpan } from '../facts/kept-span.ts';
import { workingJobs } from './no-job.ts';

/** Days for which a removal of backups leaves those of a job. */
const spanOf = (prune: BackupJob, job: BackupJob): number | undefined =>
  prune.tool === 'duplicity' ? duplicitySpan(prune, job) : keptDays(prune.call?.options ?? []);

/** Whether what removes backups is about this job's repository. */
const concerns = (prune: BackupJob, job: BackupJob): boolean =>
  family(prune.tool) === family(job.tool) &&
  (prune.repository === undefined ||
    job.repository === undefined ||
    prune.repository.replace(/\/+$/, '') === job.repository.replace(/\/+$/, ''));

const family = (tool: string): string => (tool === 'borgmatic' ? 'borg' : tool);

export const retention = defineCheck({
  id: 'backup.retention',
  title: { en: 'Backups are kept long enough', de: 'Sicherungen werden lange genug aufbewahrt' },
  why: {
    en: 'Damage is often noticed after days or weeks. By then a backup from before must still be there.',
    de: 'Ein Schaden fällt oft erst nach Tagen oder Wochen auf. Dann muss es noch eine Sicherung von davor geben.',
  },
  remedy: {
    en: 'Raise the policy of restic forget, borg prune or borgmatic, such as --keep-daily 14 --keep-weekly 8; of duplicity remove-older-than 60D; of rsnapshot retain, with a cron line for each level.',
    de: 'Die Vorgabe von restic forget, borg prune oder borgmatic anheben, etwa --keep-daily 14 --keep-weekly 8; bei duplicity remove-older-than 60D; bei rsnapshot retain, mit einer Cron-Zeile je Stufe.',
  },
  severity: 'medium',
  params: z.strictObject({ days: z.number().positive().max(3660).default(14) }),
  needs: { jobs: backupJobs },
  appliesTo: always,
  evaluate: ({ jobs: fact }, { days }, now) => {
    const working = workingJobs(fact);
    if ('verdict' in working) return working.verdict;
    const { jobs, upkeep, gaps } = valueIn(fact);
    const wanted: Text = { en: `kept for at least ${days} days`, de: `mindestens ${days} Tage aufbewahrt` };
    const prunes = upkeep.filter(
      ({ call, problem }) =>
        !problem && call?.actions.includes('prune') && call.options.some(({ name }) => POLICY.test(name)),
    );
    const short: Evidence[] = [];
    const unclear: Evidence[] = [];
    const kept: Evidence[] = [];
    for (const job of working.jobs) {
      const own = job.tool === 'rsnapshot' ? [job] : prunes.filter((prune) => concerns(prune, job));
      for (const prune of own) {
        const { source, line, repository } = prune;
        const span =
          job.tool === 'rsnapshot' ? rsnapshotSpan(job, [...jobs, ...upkeep], now) : spanOf(prune, job);
        const place = repository ?? job.repository ?? job.name;
        const count = span === undefined ? '' : String(Math.floor(span * 10) / 10);
        const found: Text =
          span === undefined
            ? { en: `${place}: not to be told in days`, de: `${place}: nicht in Tagen anzugeben` }
            : span === Number.POSITIVE_INFINITY
              ? { en: `${place}: all are kept`, de: `${place}: alle werden aufbewahrt` }
              : { en: `${place}: kept for ${count} days`, de: `${place}: ${count} Tage aufbewahrt` };
        const piece = evidence({ source, line, found, wanted });
        (span === undefined ? unclear : span < days ? short : kept).push(piece);
      }
      if (own.length === 0) {
        const { source, line, repository, name } = job;
        const place = repository ?? name;
        const found = {
          en: `${place}: nothing on this system removes backups`,
          de: `${place}: nichts auf diesem System entfernt Sicherungen`,
        };
        kept.push(evidence({ source, line, found, wanted }));
      }
    }
    if (short.length > 0) return fail(short);
    if (unclear.length > 0) {
      return unknown(
        {
          en: 'how long backups are kept depends on how often the job runs, or on a variable',
          de: 'wie lange Sicherungen bleiben, hängt davon ab, wie oft der Auftrag läuft, oder von einer Variablen',
        },
        unclear,
      );
    }
    if (gaps[0]) return unknown(gaps[0]);
    const opaque = working.jobs.find(({ call, declared }) => call?.opaque || declared);
    if (opaque) {
      return unknown({
        en: `${opaque.name}: what removes its backups can not be seen from here`,
        de: `${opaque.name}: was seine Sicherungen entfernt, ist von hier aus nicht zu sehen`,
      });
    }
    return pass(kept);
  },
  references: [
    'BSI IT-Grundschutz: CON.3.A1, CON.3.A2, CON.3.A4',
    'ISO/IEC 27001:2022 A.8.13',
    'restic-forget(1), borg-prune(1), duplicity(1), rsnapshot(1)',
  ],
  examples: async () => [
    ...(await import('./policy-examples.ts')).retentionExamples,
    ...(await import('./tool-examples.ts')).toolExamples('backup.retention'),
  ],
});
