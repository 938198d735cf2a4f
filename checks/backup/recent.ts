/** backup.recent: the last backup that ended well is young enough, as the repository or the tool's own record says. */
import { z } from 'zod';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { type Fact, valueIn } from '../fact.ts';
import { type Declaration, declaredBackups } from '../facts/backup-declared.ts';
import type { BackupJob } from '../facts/backup-job.ts';
import { backupJobs } from '../facts/backup-jobs.ts';
import { backupRecords } from '../facts/backup-records.ts';
import { backupResults, type ProbeFile } from '../facts/backup-result.ts';
import { backupStamps } from '../facts/backup-stamp.ts';
import { hostName } from '../facts/host-name.ts';
import { type JobRecord, type Judged, judgeFile, judgeRecord, judgeStamp } from './last-success.ts';

const bare = (location: string | undefined): string | undefined => location?.replace(/\/+$/, '');

/** Whether a declaration of the same tool and place says how its last success is seen. */
const hasStamp = ({ tool, repository }: BackupJob, declared: readonly Declaration[]): boolean =>
  declared.some(
    ({ job }) =>
      job !== undefined &&
      'file' in job.lastSuccess &&
      job.tool === tool &&
      repository !== undefined &&
      bare(job.to) === bare(repository),
  );

/** A job of which neither a probe, nor its tool, nor a declared file tells anything, by name. */
function unseen(
  jobs: Fact<{ jobs: readonly BackupJob[] }>,
  declared: readonly Declaration[],
  files: readonly ProbeFile[],
  records: readonly JobRecord[],
): string | undefined {
  const waiting = declared.find(
    ({ job }) => job && 'probe' in job.lastSuccess && !files.some(({ result }) => result?.job === job.name),
  );
  if (waiting?.job) return waiting.job.name;
  if (jobs.state !== 'known') return undefined;
  const seen = new Set(files.map(({ result }) => bare(result?.repository.location)));
  return jobs.value.jobs.find(
    (job) =>
      !job.declared &&
      !job.problem &&
      !records.some((each) => each.job === job) &&
      !(job.repository !== undefined && seen.has(bare(job.repository))) &&
      !hasStamp(job, declared),
  )?.name;
}

export const recent = defineCheck({
  id: 'backup.recent',
  title: { en: 'The last backup is recent', de: 'Die letzte Sicherung ist aktuell' },
  why: {
    en: 'What was written since the last successful backup is lost when the system is. Jobs fail silently; only the repository knows.',
    de: 'Was seit der letzten erfolgreichen Sicherung entstand, geht mit dem System verloren. Aufträge scheitern lautlos; nur das Repository weiß es.',
  },
  remedy: {
    en: 'Look into the journal of the job and run it by hand. If nothing is known: let nachweis probe backup run hourly, with lastSuccess: { probe: { environmentFile: ... } } in /etc/nachweis/backup.d/NAME.yaml; files that hold secrets belong to root with mode 0600.',
    de: 'Das Journal des Auftrags ansehen und ihn von Hand starten. Ist nichts bekannt: nachweis probe backup stündlich laufen lassen, mit lastSuccess: { probe: { environmentFile: ... } } in /etc/nachweis/backup.d/NAME.yaml; Dateien mit Geheimnissen gehören root und haben Modus 0600.',
  },
  severity: 'high',
  params: z.strictObject({ rpoHours: z.number().positive().max(8784).default(26) }),
  needs: {
    results: backupResults,
    stamps: backupStamps,
    declared: declaredBackups,
    name: hostName,
    jobs: backupJobs,
    records: backupRecords,
  },
  appliesTo: always,
  evaluate: ({ results, stamps, declared, name, jobs, records }, { rpoHours }, now) => {
    const files = valueIn(results);
    const marks = valueIn(stamps);
    const own = valueIn(records);
    if (files.length === 0 && marks.length === 0 && own.length === 0) {
      return unknown({
        en: 'no probe has looked into a repository; nachweis probe backup does, once a job is described in /etc/nachweis/backup.d',
        de: 'keine Sonde hat in ein Repository gesehen; das tut nachweis probe backup, sobald ein Auftrag in /etc/nachweis/backup.d beschrieben ist',
      });
    }
    const what = (name_: string): readonly string[] =>
      valueIn(declared).find(({ job }) => job?.name === name_)?.job?.what ?? [];
    const terms = { what, host: files.length > 0 ? valueIn(name) : '', rpoHours, now: now.getTime() };
    const judged = [
      ...files.map((file) => judgeFile(file, terms)),
      ...marks.map((mark) => judgeStamp(mark, terms)),
      ...own.map((each) => judgeRecord(each, terms)),
    ];
    const show = (outcome: Judged['outcome']) =>
      judged.filter((each) => each.outcome === outcome).map((each) => each.evidence);
    if (show('fail').length > 0) return fail(show('fail'));
    const unclear = judged.find(({ outcome }) => outcome === 'unknown');
    if (unclear?.reason) return unknown(unclear.reason, show('unknown'));
    const missed = unseen(jobs, valueIn(declared), files, own);
    if (missed) {
      return unknown(
        {
          en: `nothing tells when ${missed} last ended well: no probe has looked into its repository`,
          de: `nichts verrät, wann ${missed} zuletzt erfolgreich war: Keine Sonde hat in das Repository gesehen`,
        },
        show('pass'),
      );
    }
    return pass(show('pass'));
  },
  references: [
    'BSI IT-Grundschutz: CON.3.A5, CON.3.A12',
    'ISO/IEC 27001:2022 A.8.13',
    'GDPR Art. 32 (1) (b), (c)',
    'restic(1) snapshots, borg-list(1), duplicity(1), rsnapshot(1)',
    'IBM Storage Protect, client options reference: schedlogname, schedlogmax, dateformat',
  ],
  examples: async () => [
    ...(await import('./recent-examples.ts')).recentExamples,
    ...(await import('./tool-examples.ts')).toolExamples('backup.recent'),
  ],
});
