/**
 * backup.tamper-resistant: who has taken over the system can't delete its backups. What the storage allows is mostly not
 * seen from here: it is declared, or seen to be wrong.
 */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { declaredBackups } from '../facts/backup-declared.ts';
import type { BackupJob } from '../facts/backup-job.ts';
import { backupJobs } from '../facts/backup-jobs.ts';
import { backupPlaces } from '../facts/backup-place.ts';
import { workingJobs } from './no-job.ts';

const WANTED: Text = {
  en: 'append-only, object lock or pull',
  de: 'nur anfügend, Objektsperre oder Abholung',
};
const bare = (location: string | undefined): string | undefined => location?.replace(/\/+$/, '');

export const tamperResistant = defineCheck({
  id: 'backup.tamper-resistant',
  title: {
    en: 'Backups can not be deleted from the system',
    de: 'Sicherungen lassen sich vom System aus nicht löschen',
  },
  why: {
    en: 'Whoever takes over a system to extort money deletes its backups first, with the access that the system has.',
    de: 'Wer ein System übernimmt, um zu erpressen, löscht zuerst dessen Sicherungen, mit dem Zugang, den das System hat.',
  },
  remedy: {
    en: 'Let the storage only append (rest-server --append-only, borg serve --append-only), lock its objects, or have the backup pulled; remove old ones there. Then say so with protection: append-only, object-lock or pull in /etc/nachweis/backup.d/NAME.yaml.',
    de: 'Den Speicher nur anfügen lassen (rest-server --append-only, borg serve --append-only), seine Objekte sperren oder die Sicherung abholen lassen; alte dort entfernen. Dann mit protection: append-only, object-lock oder pull in /etc/nachweis/backup.d/NAME.yaml angeben.',
  },
  severity: 'medium',
  params: z.strictObject({}),
  needs: { jobs: backupJobs, places: backupPlaces, declared: declaredBackups },
  appliesTo: always,
  evaluate: ({ jobs, places, declared }) => {
    const working = workingJobs(jobs);
    if ('verdict' in working) return working.verdict;
    const { upkeep } = valueIn(jobs);
    const here = new Set(
      valueIn(places)
        .filter(({ where }) => where === 'here')
        .map(({ job }) => job),
    );
    const protections = valueIn(declared).flatMap(({ source, job }) =>
      job?.protection ? [{ source, name: job.name, protection: job.protection, to: job.to }] : [],
    );
    const judged = working.jobs.map((job) => {
      const said = protections.find(
        ({ source, to }) =>
          source === job.source || (job.repository !== undefined && bare(to) === bare(job.repository)),
      );
      return { job, said, against: weakness(job, upkeep, here.has(job)) };
    });
    const weak = judged.filter(({ against }) => against);
    if (weak.length > 0) {
      return fail(
        weak.map(({ job, against }) =>
          evidence({
            source: against?.source ?? job.source,
            line: against?.line,
            found: against?.found ?? '',
            wanted: WANTED,
          }),
        ),
      );
    }
    const untold = judged.find(({ said }) => !said);
    if (untold) {
      const name = untold.job.repository ?? untold.job.name;
      return unknown({
        en: `${name}: whether the storage lets this system delete can not be seen from here (protection in /etc/nachweis/backup.d)`,
        de: `${name}: ob der Speicher diesem System das Löschen erlaubt, ist von hier aus nicht zu sehen (protection in /etc/nachweis/backup.d)`,
      });
    }
    return pass(
      judged.map(({ job, said }) =>
        evidence({
          source: said?.source ?? job.source,
          found: {
            en: `${job.name}: declared, ${said?.protection}`,
            de: `${job.name}: angegeben, ${said?.protection}`,
          },
          wanted: WANTED,
        }),
      ),
    );
  },
  references: [
    'BSI IT-Grundschutz: CON.3.A13',
    'ISO/IEC 27001:2022 A.8.13',
    'rest-server --append-only, borg-serve(1)',
  ],
  examples: async () => [
    ...(await import('./upkeep-examples.ts')).tamperExamples,
    ...(await import('./tool-examples.ts')).toolExamples('backup.tamper-resistant'),
  ],
});

/** Tools whose removal of old backups shows that the storage lets this system delete. */
const DELETES = /^(?:restic|duplicity|proxmox-backup-client)$/;

interface Weakness {
  readonly source: string;
  readonly line?: number | undefined;
  readonly found: Text;
}

/** What shows that this system can delete: the repository is its own, or it removes old backups itself. */
function weakness(job: BackupJob, upkeep: readonly BackupJob[], isHere: boolean): Weakness | undefined {
  const name = job.repository ?? job.name;
  if (isHere) {
    return {
      source: job.source,
      line: job.line,
      found: { en: `${name} is on this system itself`, de: `${name} liegt auf diesem System selbst` },
    };
  }
  if (job.tool === 'rsnapshot') {
    return {
      source: job.configuration ?? job.source,
      found: {
        en: `${name}: rsnapshot removes its oldest snapshots itself, so this system can delete all`,
        de: `${name}: rsnapshot entfernt die ältesten Schnappschüsse selbst, also kann dieses System alle löschen`,
      },
    };
  }
  // borg's prune works on an append-only repository too and can be taken back there.
  const prune = upkeep.find(
    ({ call, repository, problem }) =>
      !problem &&
      call !== undefined &&
      call.tool === job.tool &&
      DELETES.test(job.tool) &&
      call.actions.includes('prune') &&
      repository !== undefined &&
      bare(repository) === bare(job.repository),
  );
  return (
    prune && {
      source: prune.source,
      line: prune.line,
      found: {
        en: `this system removes backups from ${name} itself`,
        de: `dieses System entfernt selbst Sicherungen aus ${name}`,
      },
    }
  );
}
