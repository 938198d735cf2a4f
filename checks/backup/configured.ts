/** backup.configured: there is a job, not just a program. */
import { z } from 'zod';
import type { Evidence } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import type { BackupHint } from '../facts/backup-job.ts';
import { backupJobs } from '../facts/backup-jobs.ts';
import { jobEvidence } from './job-evidence.ts';

const WANTED = { en: 'a backup job', de: 'ein Sicherungsauftrag' };

export const configured = defineCheck({
  id: 'backup.configured',
  title: { en: 'A backup job is set up', de: 'Ein Sicherungsauftrag ist eingerichtet' },
  why: {
    en: 'An installed backup program saves nothing. Only a job that names what goes where can bring a lost system back.',
    de: 'Ein installiertes Sicherungsprogramm sichert nichts. Erst ein Auftrag, der festlegt, was wohin gesichert wird, bringt ein verlorenes System zurück.',
  },
  remedy: {
    en: 'Set up a systemd service or a cron job that runs restic backup, borg create, borgmatic, duplicity or rsnapshot. For other tools describe the job in /etc/nachweis/backup.d/NAME.yaml (name, tool, what, to, when, lastSuccess).',
    de: 'Einen systemd-Dienst oder Cron-Auftrag einrichten, der restic backup, borg create, borgmatic, duplicity oder rsnapshot ausführt. Für andere Werkzeuge den Auftrag in /etc/nachweis/backup.d/NAME.yaml beschreiben (name, tool, what, to, when, lastSuccess).',
  },
  severity: 'high',
  params: z.strictObject({}),
  needs: { jobs: backupJobs },
  appliesTo: always,
  evaluate: ({ jobs: fact }) => {
    const { jobs, gaps, hints, snapshots } = valueIn(fact);
    const working = jobs.filter(({ problem }) => !problem);
    if (working.length > 0) return pass(working.map((job) => jobEvidence(job, WANTED)));
    const broken = jobs.map((job) => jobEvidence(job, WANTED));
    const [gap] = gaps;
    if (gap) return unknown(gap, broken);
    const show = ({ source, line, why }: BackupHint): Evidence =>
      evidence({ source, line, found: why, wanted: WANTED });
    const [hint] = hints;
    if (hint) return unknown(hint.why, [...broken, ...hints.map(show)]);
    if (broken.length + snapshots.length > 0) return fail([...broken, ...snapshots.map(show)]);
    return fail([
      evidence({
        source: '/etc/systemd/system, /etc/cron*, /var/spool/cron, /etc/nachweis/backup.d',
        found: { en: 'no backup job', de: 'kein Sicherungsauftrag' },
        wanted: WANTED,
      }),
    ]);
  },
  references: [
    'BSI IT-Grundschutz: CON.3.A5, CON.3.A9',
    'ISO/IEC 27001:2022 A.8.13',
    'restic(1), borg-create(1), duplicity(1), rsnapshot(1), systemd.service(5), crontab(5)',
  ],
  examples: async () => [
    ...(await import('./configured-examples.ts')).configuredExamples,
    ...(await import('./tool-examples.ts')).toolExamples('backup.configured'),
  ],
});
