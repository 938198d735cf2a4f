/**
 * Whether rsnapshot's newest snapshot ended well. It renews the time of the snapshot's directory at the end of each run,
 * also of one that failed; its log says how a run ended, but a line's date proves nothing. So both must agree: the
 * directory's time lies within a run that the log calls successful.
 */
import { latin1Text } from '../../shared/bytes-node.ts';
import type { Text } from '../../shared/outcome.ts';
import { CouldNotLook, type GetFact } from '../fact.ts';
import type { Host } from '../host.ts';
import { optionValue } from './backup-call.ts';
import type { BackupJob } from './backup-job.ts';
import type { BackupRecord } from './backup-records.ts';
import { notOnlyRoots } from './only-roots.ts';
import { type RsnapshotConfig, readRsnapshot } from './rsnapshot-config.ts';
import { LEVEL } from './rsnapshot-jobs.ts';
import { type RsnapshotRun, rsnapshotRuns } from './rsnapshot-log.ts';
import { zoneOf } from './time-zone.ts';

const MAX_LOG = 1024 * 1024 * 1024;
/** The runs of some days, also with what rsync prints. */
const TAIL = 1024 * 1024;
const CLOCK_MS = 2000;

export async function rsnapshotRecord(
  host: Host,
  job: BackupJob,
  _get: GetFact,
  _now: Date,
): Promise<BackupRecord> {
  const source = job.configuration ?? job.source;
  const read = await readRsnapshot(host, source);
  if ('problem' in read) return { source, doubt: read.problem };
  const lock = await staleLock(host, read);
  const newest = await newestSnapshots(host, read);
  if ('doubt' in newest) return { source, doubt: newest.doubt };
  if (newest.found.length === 0)
    return { source, failed: lock ?? { en: 'there is no snapshot', de: 'es gibt keinen Schnappschuss' } };
  if (read.logFile === undefined) {
    return {
      source,
      doubt: lock ?? {
        en: `the last run ended at ${newest.found[0]?.at}, how is not written down; set logfile in ${source}`,
        de: `der letzte Lauf endete um ${newest.found[0]?.at}, wie, ist nicht festgehalten; logfile in ${source} setzen`,
      },
    };
  }
  const runs = await runsOf(host, read.logFile, optionValue(job.call?.options ?? [], LEVEL) ?? '', source);
  if ('doubt' in runs) return { source: read.logFile, doubt: runs.doubt };
  return judged(newest.found, runs.found, read.logFile, lock);
}

interface Snapshot {
  readonly path: string;
  readonly at: string;
}

function judged(
  snapshots: readonly Snapshot[],
  runs: readonly RsnapshotRun[],
  log: string,
  lock: Text | undefined,
): BackupRecord {
  const isWithin = ({ at }: Snapshot, { from, to }: RsnapshotRun): boolean =>
    to !== undefined && Date.parse(at) >= from - CLOCK_MS && Date.parse(at) <= to + CLOCK_MS;
  const good = snapshots.find((each) => runs.some((run) => run.end === 'well' && isWithin(each, run)));
  const last = runs.at(-1);
  const failed = lock ?? (last && last.end !== 'well' ? endOf(last) : undefined);
  if (good) return { source: good.path, at: good.at, ...(failed ? { failed } : {}) };
  if (last?.end === 'errors' || (last === undefined && lock))
    return { source: log, ...(failed ? { failed } : {}) };
  return {
    source: log,
    doubt: failed ?? {
      en: `the log has no successful run that ended when the newest snapshot did (${snapshots[0]?.at})`,
      de: `das Protokoll hat keinen erfolgreichen Lauf, der mit dem neuesten Schnappschuss endete (${snapshots[0]?.at})`,
    },
  };
}

function endOf({ end }: RsnapshotRun): Text {
  if (end === 'errors')
    return { en: 'the last run ended with errors', de: 'der letzte Lauf endete mit Fehlern' };
  if (end === 'warnings')
    return {
      en: 'the last run ended with warnings: some files were not copied',
      de: 'der letzte Lauf endete mit Warnungen: Einige Dateien wurden nicht kopiert',
    };
  return { en: 'the last run did not end', de: 'der letzte Lauf wurde nicht beendet' };
}

/** The first two snapshots of the copying level, newest first. */
async function newestSnapshots(
  host: Host,
  { root = '', retains, syncFirst }: RsnapshotConfig,
): Promise<{ found: Snapshot[] } | { doubt: Text }> {
  const level = retains[0]?.name ?? '';
  const found: Snapshot[] = [];
  for (const name of [...(syncFirst ? ['.sync'] : []), `${level}.0`, `${level}.1`]) {
    const path = `${root}/${name}`;
    const stat = await host.lstat(path);
    if (stat.state === 'unreadable') return { doubt: stat.reason };
    if (stat.state === 'absent' || stat.value.type !== 'directory') continue;
    const open = await notOnlyRoots(host, path);
    if (open) return { doubt: open };
    found.push({ path, at: stat.value.modified });
  }
  return { found: found.sort((a, b) => (a.at < b.at ? 1 : -1)) };
}

/** The log and the one before it: it is turned over now and then. */
async function runsOf(
  host: Host,
  log: string,
  level: string,
  configuration: string,
): Promise<{ found: RsnapshotRun[] } | { doubt: Text }> {
  let text = '';
  for (const path of [`${log}.1`, log]) {
    const stat = await host.stat(path);
    if (stat.state === 'unreadable') return { doubt: stat.reason };
    if (stat.state === 'absent') continue;
    const open = await notOnlyRoots(host, path);
    if (open) return { doubt: open };
    let tail = '';
    const read = await host.scan(path, MAX_LOG, (bytes) => {
      tail = (tail + latin1Text(bytes)).slice(-TAIL);
      return undefined;
    });
    if (read.state === 'unreadable') return { doubt: read.reason };
    text += tail;
  }
  try {
    return { found: rsnapshotRuns(text, level, configuration, await zoneOf(host)) };
  } catch (error) {
    if (!(error instanceof CouldNotLook)) throw error;
    return { doubt: error.reason };
  }
}

/** With `stop_on_stale_lockfile` a process that died stops every later run. */
async function staleLock(
  host: Host,
  { lockFile, stopsAtStaleLock }: RsnapshotConfig,
): Promise<Text | undefined> {
  if (lockFile === undefined || !stopsAtStaleLock || !host.live) return undefined;
  const file = await host.readText(lockFile, { maxBytes: 100 });
  const id = file.state === 'known' ? /^\d+$/.exec(file.value.text.trim())?.[0] : undefined;
  if (id === undefined || (await host.stat(`/proc/${id}`)).state !== 'absent') return undefined;
  return {
    en: `the lock ${lockFile} of a process that has ended stops every run; remove it`,
    de: `die Sperre ${lockFile} eines beendeten Prozesses verhindert jeden Lauf; sie entfernen`,
  };
}
