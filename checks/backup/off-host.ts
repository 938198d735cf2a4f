/** backup.off-host: what is backed up is not lost together with the system. */
import { z } from 'zod';
import type { Phrase } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { backupJobs } from '../facts/backup-jobs.ts';
import { backupPlaces, type JobPlace } from '../facts/backup-place.ts';
import { workingJobs } from './no-job.ts';

const WANTED: Phrase = { en: 'on another system', de: 'auf einem anderen System' };

/** Jobs that copy the same are copies of one backup: one of them elsewhere is enough. */
function groups(places: readonly JobPlace[]): JobPlace[][] {
  const found = new Map<string, JobPlace[]>();
  for (const place of places) {
    const { call, configuration, declared, source } = place.job;
    const what = declared?.what ?? (call && call.paths.length > 0 ? call.paths : [configuration ?? source]);
    const key = JSON.stringify([...what].sort());
    found.set(key, [...(found.get(key) ?? []), place]);
  }
  return [...found.values()];
}

const show = (places: readonly JobPlace[]) =>
  places.map(({ job, why }) =>
    evidence({
      source: job.source,
      line: job.line,
      found: {
        en: `${job.repository ?? job.name}: ${why.en}`,
        de: `${job.repository ?? job.name}: ${why.de}`,
      },
      wanted: WANTED,
    }),
  );

export const offHost = defineCheck({
  id: 'backup.off-host',
  title: {
    en: 'The backup is not on the system itself',
    de: 'Die Sicherung liegt nicht auf dem System selbst',
  },
  why: {
    en: 'A backup on the same disk or host is lost with it: by fire, theft, a broken controller or whoever deletes the rest.',
    de: 'Eine Sicherung auf demselben Datenträger oder System geht mit ihm verloren: durch Feuer, Diebstahl, einen defekten Controller oder den, der auch alles andere löscht.',
  },
  remedy: {
    en: 'Have the job write to another system (sftp, ssh, rest-server, object storage, or a network file system), or add a second job that does.',
    de: 'Den Auftrag auf ein anderes System schreiben lassen (sftp, ssh, rest-server, Objektspeicher oder ein Netzdateisystem) oder einen zweiten Auftrag dafür einrichten.',
  },
  severity: 'high',
  params: z.strictObject({}),
  needs: { jobs: backupJobs, places: backupPlaces },
  appliesTo: always,
  evaluate: ({ jobs, places: fact }) => {
    const working = workingJobs(jobs);
    if ('verdict' in working) return working.verdict;
    const places = valueIn(fact);
    const without = groups(places).filter((group) => !group.some(({ where }) => where === 'elsewhere'));
    const here = without.filter((group) => group.every(({ where }) => where === 'here')).flat();
    if (here.length > 0) return fail(show(here));
    const [unclear] = without.flat().filter(({ where }) => where === 'unclear');
    if (unclear) {
      const name = unclear.job.repository ?? unclear.job.name;
      return unknown(
        { en: `${name}: ${unclear.why.en}`, de: `${name}: ${unclear.why.de}` },
        show(without.flat()),
      );
    }
    return pass(show(places.filter(({ where }) => where === 'elsewhere')));
  },
  references: [
    'BSI IT-Grundschutz: CON.3.A5, CON.3.A13, CON.3.A14',
    'ISO/IEC 27001:2022 A.8.13',
    'proc(5) mountinfo, restic(1), borg(1)',
  ],
  examples: async () => [
    ...(await import('./place-examples.ts')).offHostExamples,
    ...(await import('./tool-examples.ts')).toolExamples('backup.off-host'),
  ],
});
