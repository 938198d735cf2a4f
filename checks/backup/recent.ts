/** backup.recent: the last backup that ended well is young enough, as the repository or the tool's own record says. */
import { z } from 'zod';
import type { Evidence, Text } from '../../shared/outcome.ts';
import { always, defineCheck, fail, pass, unknown } from '../check.ts';
import { evidence } from '../evidence.ts';
import { type Fact, valueIn } from '../fact.ts';
import { type Declaration, declaredBackups } from '../facts/backup-declared.ts';
import type { BackupJob } from '../facts/backup-job.ts';
import { backupJobs } from '../facts/backup-jobs.ts';
import { type BackupRecord, backupRecords } from '../facts/backup-records.ts';
import {
  backupResults,
  type ProbeFile,
  type ProbeResult,
  type SnapshotSeen,
} from '../facts/backup-result.ts';
import { backupStamps, type Stamp } from '../facts/backup-stamp.ts';
import { hostName } from '../facts/host-name.ts';
import { cleanPath, stepsTo } from '../facts/path-glob.ts';
import { probeProblemTexts } from './probe-problem.ts';

const HOUR_MS = 3_600_000;
const CLOCK_MS = 5 * 60_000;

interface JobRecord {
  readonly job: BackupJob;
  readonly record: BackupRecord;
}

interface Judged {
  readonly outcome: 'pass' | 'fail' | 'unknown';
  readonly reason?: Text;
  readonly evidence: Evidence;
}

interface Terms {
  /** What is declared of a job, by its name. */
  readonly what: (job: string) => readonly string[];
  readonly host: string;
  readonly rpoHours: number;
  readonly now: number;
}

const wanted = ({ rpoHours }: Terms): Text => ({
  en: `a successful backup at most ${rpoHours} h old`,
  de: `eine erfolgreiche Sicherung, höchstens ${rpoHours} h alt`,
});

/**
 * The snapshot on which it depends how old the backup is: of what is declared, that which was copied longest ago. Snapshots
 * of other paths in the same repository prove nothing. Undefined, with its name, where a path is in none of them.
 */
function decisive(
  newest: readonly SnapshotSeen[],
  what: readonly string[],
): SnapshotSeen | string | undefined {
  const [first] = newest;
  // borg does not tell the paths.
  if (!first || newest.every(({ paths }) => paths.length === 0)) return first;
  let oldest: SnapshotSeen | undefined;
  for (const wanted of what.map(cleanPath)) {
    const holder = newest.find(({ paths }) =>
      paths.some((path) => stepsTo(wanted, cleanPath(path)).length > 0),
    );
    if (!holder) return wanted;
    if (!oldest || holder.at < oldest.at) oldest = holder;
  }
  return oldest ?? first;
}

function judgeFile({ source, result, problem }: ProbeFile, terms: Terms): Judged {
  const say = (found: Text, outcome: Judged['outcome'], reason?: Text): Judged => ({
    outcome,
    ...(reason ? { reason } : {}),
    evidence: evidence({ source, found, wanted: wanted(terms) }),
  });
  const doubt = (reason: Text): Judged => say(reason, 'unknown', reason);
  if (!result) {
    const why = problem ?? { en: 'not readable', de: 'nicht lesbar' };
    return doubt({
      en: `the probe's result does not count: ${why.en}`,
      de: `das Ergebnis der Sonde zählt nicht: ${why.de}`,
    });
  }
  return judgeResult(result, terms, say, doubt);
}

function judgeResult(
  result: ProbeResult,
  terms: Terms,
  say: (found: Text, outcome: Judged['outcome'], reason?: Text) => Judged,
  doubt: (reason: Text) => Judged,
): Judged {
  const { now, rpoHours, host } = terms;
  const rpo = rpoHours * HOUR_MS;
  const at = Date.parse(result.at);
  if (result.host !== host) {
    return doubt({
      en: `the result was made on another system (${result.host})`,
      de: `das Ergebnis stammt von einem anderen System (${result.host})`,
    });
  }
  if (at > now + CLOCK_MS) {
    return doubt({
      en: `the result is from the future (${result.at}); one of the clocks was wrong`,
      de: `das Ergebnis stammt aus der Zukunft (${result.at}); eine Uhr ging falsch`,
    });
  }
  if (at < now - rpo) {
    return doubt({
      en: `the probe last ran at ${result.at}; nothing is known of the time since`,
      de: `die Sonde lief zuletzt um ${result.at}; über die Zeit danach ist nichts bekannt`,
    });
  }
  if (!result.outcome.opened) return doubt(probeProblemTexts[result.outcome.problem]);
  const newest = decisive(result.outcome.newest, terms.what(result.job));
  if (typeof newest === 'string') {
    return say(
      {
        en: `no snapshot of ${result.snapshotHost} contains ${newest}, seen at ${result.at}`,
        de: `kein Schnappschuss von ${result.snapshotHost} enthält ${newest}, gesehen um ${result.at}`,
      },
      'fail',
    );
  }
  if (!newest) {
    const { others } = result.outcome;
    return say(
      {
        en: `no snapshot of ${result.snapshotHost} in the repository (${others} of other systems), seen at ${result.at}`,
        de: `kein Schnappschuss von ${result.snapshotHost} im Repository (${others} von anderen Systemen), gesehen um ${result.at}`,
      },
      'fail',
    );
  }
  const made = Date.parse(newest.at);
  const place = result.repository.location ? ` in ${result.repository.location}` : '';
  const paths = newest.paths.length > 0 ? ` (${newest.paths.slice(0, 5).join(', ')})` : '';
  const found = {
    en: `newest snapshot ${newest.at}${place}${paths}, seen at ${result.at}`,
    de: `neuester Schnappschuss ${newest.at}${place}${paths}, gesehen um ${result.at}`,
  };
  if (made > at + CLOCK_MS) {
    return say(found, 'unknown', {
      en: `the newest snapshot is from the future (${newest.at})`,
      de: `der neueste Schnappschuss stammt aus der Zukunft (${newest.at})`,
    });
  }
  if (made >= now - rpo) return say(found, 'pass');
  if (made < at - rpo) return say(found, 'fail');
  return say(found, 'unknown', {
    en: `the probe ran at ${result.at}, when the newest snapshot was still young enough; it must run more often`,
    de: `die Sonde lief um ${result.at}, als der neueste Schnappschuss noch jung genug war; sie muss öfter laufen`,
  });
}

function judgeStamp({ job, file, at, problem }: Stamp, terms: Terms): Judged {
  const say = (found: Text, outcome: Judged['outcome'], reason?: Text): Judged => ({
    outcome,
    ...(reason ? { reason } : {}),
    evidence: evidence({ source: file, found, wanted: wanted(terms) }),
  });
  if (problem) return say(problem, 'unknown', { en: `${file}: ${problem.en}`, de: `${file}: ${problem.de}` });
  if (at === undefined) return say({ en: `${job}: no success yet`, de: `${job}: noch kein Erfolg` }, 'fail');
  const found = { en: `${job}: last success ${at}`, de: `${job}: letzter Erfolg ${at}` };
  const time = Date.parse(at);
  if (time > terms.now + CLOCK_MS) {
    return say(found, 'unknown', { en: `${file} is from the future`, de: `${file} stammt aus der Zukunft` });
  }
  return say(found, time >= terms.now - terms.rpoHours * HOUR_MS ? 'pass' : 'fail');
}

function judgeRecord({ job, record }: JobRecord, terms: Terms): Judged {
  const { source, at, failed, doubt } = record;
  const say = (found: Text, outcome: Judged['outcome'], reason?: Text): Judged => ({
    outcome,
    ...(reason ? { reason } : {}),
    evidence: evidence({ source, found, wanted: wanted(terms) }),
  });
  const place = job.repository ?? job.name;
  if (doubt) return say(doubt, 'unknown', { en: `${place}: ${doubt.en}`, de: `${place}: ${doubt.de}` });
  const more = { en: failed ? `; ${failed.en}` : '', de: failed ? `; ${failed.de}` : '' };
  if (at === undefined)
    return say({ en: `${place}: no success${more.en}`, de: `${place}: kein Erfolg${more.de}` }, 'fail');
  const found = {
    en: `${place}: last success ${at}, by the record of ${job.tool}${more.en}`,
    de: `${place}: letzter Erfolg ${at}, laut Aufzeichnung von ${job.tool}${more.de}`,
  };
  const time = Date.parse(at);
  if (time > terms.now + CLOCK_MS) {
    const future = {
      en: `${source} is from the future (${at})`,
      de: `${source} stammt aus der Zukunft (${at})`,
    };
    return say(found, 'unknown', future);
  }
  return say(found, time >= terms.now - terms.rpoHours * HOUR_MS ? 'pass' : 'fail');
}

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
  ],
  examples: async () => [
    ...(await import('./recent-examples.ts')).recentExamples,
    ...(await import('./tool-examples.ts')).toolExamples('backup.recent'),
  ],
});
