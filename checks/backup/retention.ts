/** backup.retention: backups are not removed before they are old enough. */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import type { CallOption } from '../facts/backup-call.ts';
import { type BackupJob, backupJobs } from '../facts/backup-jobs.ts';
import { workingJobs } from './no-job.ts';
import { retentionExamples } from './policy-examples.ts';

const HOUR = 1 / 24;
/** Days for which one unit of an option keeps something: restic-forget(1), borg-prune(1). */
const UNITS: Readonly<Record<string, number>> = {
  '--keep-secondly': HOUR / 3600,
  '--keep-minutely': HOUR / 60,
  '--keep-hourly': HOUR,
  '-H': HOUR,
  '--keep-daily': 1,
  '-d': 1,
  '--keep-weekly': 7,
  '-w': 7,
  '--keep-monthly': 30,
  '-m': 30,
  '--keep-yearly': 365,
  '-y': 365,
};
const LENGTHS: Readonly<Record<string, number>> = { h: HOUR, H: HOUR, d: 1, w: 7, m: 30, y: 365 };
const POLICY = /^--keep-(?!tag$)|^-[lHdwmy]$/;

/** How far back the policy reaches; undefined where that depends on how often the job runs or on a variable. */
export function keptDays(options: readonly CallOption[]): number | undefined {
  let days = 0;
  let isUnclear = false;
  for (const { name, value = '' } of options) {
    if (!POLICY.test(name)) continue;
    const unit = Object.hasOwn(UNITS, name) ? UNITS[name] : undefined;
    if (value === 'unlimited' || value === '-1') return Number.POSITIVE_INFINITY;
    if (unit !== undefined && /^\d+$/.test(value)) days = Math.max(days, Number(value) * unit);
    else if (name.startsWith('--keep-within') && /^(?:\d+[hHdwmy])+$/.test(value)) {
      let length = 0;
      for (const [, count, letter] of value.matchAll(/(\d+)([hHdwmy])/g))
        length += Number(count) * (LENGTHS[letter ?? ''] ?? 0);
      days = Math.max(days, length);
    } else isUnclear = true;
  }
  return isUnclear ? undefined : days;
}

/** Whether what removes backups is about this job's repository. */
const concerns = (prune: BackupJob, job: BackupJob): boolean =>
  prune.repository === undefined ||
  job.repository === undefined ||
  prune.repository.replace(/\/+$/, '') === job.repository.replace(/\/+$/, '');

export const retention = defineCheck({
  id: 'backup.retention',
  title: { en: 'Backups are kept long enough', de: 'Sicherungen werden lange genug aufbewahrt' },
  why: {
    en: 'Damage is often noticed after days or weeks. By then a backup from before must still be there.',
    de: 'Ein Schaden fällt oft erst nach Tagen oder Wochen auf. Dann muss es noch eine Sicherung von davor geben.',
  },
  remedy: {
    en: 'Raise the policy of restic forget, borg prune or borgmatic, such as --keep-daily 14 --keep-weekly 8.',
    de: 'Die Vorgabe von restic forget, borg prune oder borgmatic anheben, etwa --keep-daily 14 --keep-weekly 8.',
  },
  severity: 'medium',
  params: z.strictObject({ days: z.number().positive().max(3660).default(14) }),
  needs: { jobs: backupJobs },
  appliesTo: always,
  evaluate: ({ jobs: fact }, { days }) => {
    const working = workingJobs(fact);
    if ('verdict' in working) return working.verdict;
    const { upkeep, gaps } = valueIn(fact);
    const wanted: Text = { en: `kept for at least ${days} days`, de: `mindestens ${days} Tage aufbewahrt` };
    const prunes = upkeep.filter(
      ({ call, problem }) =>
        !problem && call?.actions.includes('prune') && call.options.some(({ name }) => POLICY.test(name)),
    );
    const short: Evidence[] = [];
    const unclear: Evidence[] = [];
    const kept: Evidence[] = [];
    for (const job of working.jobs) {
      const own = prunes.filter((prune) => concerns(prune, job));
      for (const { source, line, call, repository } of own) {
        const span = keptDays(call?.options ?? []);
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
    'restic-forget(1), borg-prune(1)',
  ],
  examples: retentionExamples,
});
