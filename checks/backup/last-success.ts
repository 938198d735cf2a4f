/** How old the last backup that ended well is: as a probe, a job's own file or the tool's record says. Pure. */
import type { Evidence, Text } from '../../shared/outcome.ts';
import { evidence } from '../evidence.ts';
import type { BackupJob } from '../facts/backup-job.ts';
import type { BackupRecord } from '../facts/backup-records.ts';
import type { ProbeFile, ProbeResult, SnapshotSeen } from '../facts/backup-result.ts';
import type { Stamp } from '../facts/backup-stamp.ts';
import { cleanPath, stepsTo } from '../facts/path-glob.ts';
import { probeProblemTexts } from './probe-problem.ts';

const HOUR_MS = 3_600_000;
const CLOCK_MS = 5 * 60_000;

export interface JobRecord {
  readonly job: BackupJob;
  readonly record: BackupRecord;
}

export interface Judged {
  readonly outcome: 'pass' | 'fail' | 'unknown';
  readonly reason?: Text;
  readonly evidence: Evidence;
}

export interface Terms {
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

export function judgeFile({ source, result, problem }: ProbeFile, terms: Terms): Judged {
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

export function judgeStamp({ job, file, at, problem }: Stamp, terms: Terms): Judged {
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

export function judgeRecord({ job, record }: JobRecord, terms: Terms): Judged {
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
