/** backup.verified: the tool itself has checked that its repository is whole, not long ago. */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { valueIn } from '../fact.ts';
import { type Declaration, declaredBackups } from '../facts/backup-declared.ts';
import type { BackupJob } from '../facts/backup-job.ts';
import { backupJobs } from '../facts/backup-jobs.ts';
import { backupResults, type ProbeFile } from '../facts/backup-result.ts';
import { checkStamps, type Stamp } from '../facts/backup-stamp.ts';
import { borgmaticChecks, type CheckTime } from '../facts/borgmatic-checks.ts';
import { hostName } from '../facts/host-name.ts';
import { workingJobs } from './no-job.ts';

const DAY_MS = 86_400_000;
const CLOCK_MS = 5 * 60_000;
const bare = (location: string | undefined): string | undefined => location?.replace(/\/+$/, '');

interface Seen {
  readonly source: string;
  /** Undefined where no check ever ended. */
  readonly at?: string;
  readonly problem?: Text;
}

/** The record of a job: a declared file, or borgmatic's own times. Undefined where there is none. */
function recordOf(
  job: BackupJob,
  declared: readonly Declaration[],
  stamps: readonly Stamp[],
  times: readonly CheckTime[],
  ids: ReadonlyMap<string, string>,
): Seen | undefined {
  const named = declared.find(
    ({ source, job: each }) =>
      each?.lastCheck !== undefined &&
      (source === job.source || (job.repository !== undefined && bare(each.to) === bare(job.repository))),
  );
  const stamp = stamps.find(({ job: each }) => each === named?.job?.name);
  if (stamp) {
    const { file, at, problem } = stamp;
    return { source: file, ...(at === undefined ? {} : { at }), ...(problem ? { problem } : {}) };
  }
  if (job.tool !== 'borgmatic' || !job.call?.actions.includes('verify')) return undefined;
  const id = ids.get(bare(job.repository) ?? '');
  const repositories = new Set(times.map(({ repository }) => repository));
  const own = times.filter(({ repository }) =>
    id === undefined ? repositories.size === 1 : repository === id,
  );
  // What was checked with the least effort says the least: the repository's own check is wanted, or a fuller one.
  const [newest] = own
    .filter(({ check }) => check === 'repository' || check === 'data')
    .sort((a, b) => (a.at < b.at ? 1 : -1));
  return newest && { source: newest.source, at: newest.at };
}

/** Ids of repositories by their place, from the probe's results. */
function idsOf(files: readonly ProbeFile[], own: string): Map<string, string> {
  const ids = new Map<string, string>();
  for (const { result } of files) {
    const { location, id } = result?.repository ?? {};
    if (result?.host === own && location !== undefined && id !== undefined) ids.set(bare(location) ?? '', id);
  }
  return ids;
}

export const verified = defineCheck({
  id: 'backup.verified',
  title: { en: 'The repository was checked not long ago', de: 'Das Repository wurde vor Kurzem geprüft' },
  why: {
    en: 'Storage rots silently. A repository that nobody checks turns out to be damaged on the day it is needed.',
    de: 'Speicher verfällt lautlos. Ein Repository, das niemand prüft, erweist sich am Tag der Not als beschädigt.',
  },
  remedy: {
    en: 'Run restic check or borg check from a timer, end it with touch of a file of root, and name that file as lastCheck in /etc/nachweis/backup.d/NAME.yaml. borgmatic keeps its own record.',
    de: 'restic check oder borg check über einen Timer ausführen, danach eine Datei von root mit touch erneuern und sie als lastCheck in /etc/nachweis/backup.d/NAME.yaml nennen. borgmatic führt selbst Buch.',
  },
  severity: 'medium',
  params: z.strictObject({ days: z.number().positive().max(3660).default(30) }),
  needs: {
    jobs: backupJobs,
    declared: declaredBackups,
    stamps: checkStamps,
    times: borgmaticChecks,
    results: backupResults,
    name: hostName,
  },
  appliesTo: always,
  evaluate: ({ jobs, declared, stamps, times, results, name }, { days }, now) => {
    const working = workingJobs(jobs);
    if ('verdict' in working) return working.verdict;
    const wanted: Text = { en: `checked within ${days} days`, de: `innerhalb von ${days} Tagen geprüft` };
    const files = valueIn(results);
    const ids = idsOf(files, files.length > 0 ? valueIn(name) : '');
    const old: Evidence[] = [];
    const young: Evidence[] = [];
    let doubt: Text | undefined;
    for (const job of working.jobs) {
      const place = job.repository ?? job.name;
      const seen = recordOf(job, valueIn(declared), valueIn(stamps), valueIn(times), ids);
      if (!seen) {
        doubt ??= {
          en: `${place}: there is no record of a check (lastCheck in /etc/nachweis/backup.d)`,
          de: `${place}: Es gibt keine Aufzeichnung einer Prüfung (lastCheck in /etc/nachweis/backup.d)`,
        };
        continue;
      }
      const { source, at, problem } = seen;
      if (problem) {
        doubt ??= { en: `${source}: ${problem.en}`, de: `${source}: ${problem.de}` };
        continue;
      }
      const found: Text =
        at === undefined
          ? { en: `${place}: no check yet`, de: `${place}: noch keine Prüfung` }
          : { en: `${place}: last check ${at}`, de: `${place}: letzte Prüfung ${at}` };
      const time = at === undefined ? Number.NEGATIVE_INFINITY : Date.parse(at);
      const piece = evidence({ source, found, wanted });
      if (time > now.getTime() + CLOCK_MS)
        doubt ??= { en: `${source} is from the future`, de: `${source} stammt aus der Zukunft` };
      else (time >= now.getTime() - days * DAY_MS ? young : old).push(piece);
    }
    if (old.length > 0) return fail(old);
    if (doubt) return unknown(doubt, young);
    return pass(young);
  },
  references: [
    'BSI IT-Grundschutz: CON.3.A12',
    'ISO/IEC 27001:2022 A.8.13',
    'restic(1) check, borg-check(1)',
  ],
  examples: async () => [
    ...(await import('./upkeep-examples.ts')).verifiedExamples,
    ...(await import('./tool-examples.ts')).toolExamples('backup.verified'),
  ],
});
