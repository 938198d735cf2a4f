/** backup.credentials-safe: nobody else reads the secrets of the backup jobs. */
import { z } from 'zod';
import type { Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { backupJobs } from '../facts/backup-jobs.ts';
import { backupSecrets, type SecretPlace } from '../facts/backup-secrets.ts';
import { jobEvidence } from './job-evidence.ts';
import { workingJobs } from './no-job.ts';

const WANTED: Text = { en: 'for its owner alone', de: 'nur für den Eigentümer' };
const CLOSED: Text = { en: 'not readable by others', de: 'für andere nicht lesbar' };

const show = (places: readonly SecretPlace[]) =>
  places.map(({ source, line, problem }) =>
    evidence({ source, line, found: problem ?? CLOSED, wanted: WANTED }),
  );

export const credentialsSafe = defineCheck({
  id: 'backup.credentials-safe',
  title: {
    en: 'Nobody else can read the secrets of the backup',
    de: 'Die Geheimnisse der Sicherung sind für andere nicht lesbar',
  },
  why: {
    en: 'Whoever has what opens the repository reads every file of the system in it, and can often delete it too.',
    de: 'Wer das Repository öffnen kann, liest darin jede Datei des Systems und kann es oft auch löschen.',
  },
  remedy: {
    en: 'Put secrets into a file of root with mode 0600 and name that by EnvironmentFile=, --password-file or BORG_PASSCOMMAND; take them out of units, arguments and addresses, and change those that were open.',
    de: 'Geheimnisse in eine Datei von root mit Modus 0600 legen und diese mit EnvironmentFile=, --password-file oder BORG_PASSCOMMAND nennen; aus Units, Argumenten und Adressen entfernen und offen gelegene ändern.',
  },
  severity: 'high',
  params: z.strictObject({}),
  needs: { jobs: backupJobs, secrets: backupSecrets },
  appliesTo: always,
  evaluate: ({ jobs, secrets }) => {
    const working = workingJobs(jobs);
    if ('verdict' in working) return working.verdict;
    const { places, gaps } = valueIn(secrets);
    const open = places.filter(({ problem }) => problem);
    if (open.length > 0) return fail(show(open));
    const [gap] = [...gaps, ...valueIn(jobs).gaps];
    if (gap) return unknown(gap);
    if (places.length > 0) return pass(show(places));
    const hidden = working.jobs.find(({ call }) => !call || call.opaque);
    if (hidden) {
      return unknown({
        en: `${hidden.name}: where its secrets are can not be seen from here`,
        de: `${hidden.name}: wo seine Geheimnisse liegen, ist von hier aus nicht zu sehen`,
      });
    }
    return pass(
      working.jobs.map((job) => jobEvidence(job, WANTED)),
      {
        en: 'no secret was found in any file of the jobs',
        de: 'in keiner Datei der Aufträge fand sich ein Geheimnis',
      },
    );
  },
  references: [
    'BSI IT-Grundschutz: CON.3.A13, ORP.4.A8',
    'ISO/IEC 27001:2022 A.5.17, A.8.13',
    'ps(1), systemd.exec(5), restic(1), borg(1)',
  ],
  examples: async () => [
    ...(await import('./credentials-examples.ts')).credentialsExamples,
    ...(await import('./tool-examples.ts')).toolExamples('backup.credentials-safe'),
  ],
});
