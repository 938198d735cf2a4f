/** When the backups that a server of IBM Storage Protect starts here last ended well, by the client's schedule log. */
import { latin1Text } from '../../shared/bytes-node.ts';
import type { Text } from '../../shared/outcome.ts';
import { CouldNotLook, type GetFact } from '../fact.ts';
import type { Host } from '../host.ts';
import { optionValue } from './backup-call.ts';
import type { BackupJob } from './backup-job.ts';
import type { BackupRecord } from './backup-records.ts';
import { notOnlyRoots } from './only-roots.ts';
import { stanzaValue, storageProtectClient } from './storage-protect-config.ts';
import { type ScheduledBackup, scheduledBackups, scheduleLines } from './storage-protect-log.ts';
import { zoneOf } from './time-zone.ts';

const MAX_LOG = 1024 * 1024 * 1024;
/** Where the client writes it if `schedlogname` does not say: the directory in which it was started. */
const USUAL = ['/opt/tivoli/tsm/client/ba/bin/dsmsched.log', '/dsmsched.log'];

/** Undefined for a call of dsmc that cron or a unit makes: it leaves no record of its end. */
export async function storageProtectRecord(
  host: Host,
  job: BackupJob,
  _get: GetFact,
  _now: Date,
): Promise<BackupRecord | undefined> {
  if (optionValue(job.call?.options ?? [], 'command') !== 'schedule') return undefined;
  const client = await storageProtectClient(host, []);
  const stanza = client?.stanzaOf(job.call);
  const named = stanza && stanzaValue(stanza, 'schedlogname', 'schedlogn');
  const log = await present(host, named ? [named] : USUAL);
  if (log === undefined) {
    return {
      source: named ?? client?.source ?? job.source,
      doubt: {
        en: 'there is no schedule log; SCHEDLOGName in dsm.sys says where the client writes it',
        de: 'es gibt kein Protokoll der Zeitpläne; SCHEDLOGName in dsm.sys sagt, wohin der Client es schreibt',
      },
    };
  }
  const open = await notOnlyRoots(host, log);
  if (open) return { source: log, doubt: open };
  const lines = scheduleLines();
  const read = await host.scan(log, MAX_LOG, (bytes) => {
    lines.push(latin1Text(bytes));
    return undefined;
  });
  if (read.state === 'unreadable') return { source: log, doubt: read.reason };
  try {
    const format = stanza && stanzaValue(stanza, 'dateformat', 'datef');
    return recordOf(scheduledBackups(lines.end(), format, await zoneOf(host)), log);
  } catch (error) {
    if (!(error instanceof CouldNotLook)) throw error;
    return { source: log, doubt: error.reason };
  }
}

async function present(host: Host, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if ((await host.stat(path)).state !== 'absent') return path;
  return undefined;
}

function recordOf(backups: readonly ScheduledBackup[] | undefined, source: string): BackupRecord {
  if (!backups) return { source, doubt: UNCLEAR };
  const last = backups.at(-1);
  if (!last) return { source, doubt: NONE };
  const good = backups.findLast(({ end }) => end === 'well');
  const failed = last.end === 'well' ? undefined : last.end === 'some' ? SOME : FAILED;
  if (good) return { source, at: new Date(good.at).toISOString(), ...(failed ? { failed } : {}) };
  return last.end === 'failed' ? { source, failed: FAILED } : { source, doubt: SOME };
}

const UNCLEAR: Text = {
  en: 'day and month of the schedule log can not be told apart; set DATEFORMAT in dsm.opt',
  de: 'Tag und Monat des Protokolls sind nicht zu unterscheiden; DATEFORMAT in dsm.opt setzen',
};
const NONE: Text = {
  en: 'the schedule log names no backup that ended, in English',
  de: 'das Protokoll der Zeitpläne nennt keine beendete Sicherung, auf Englisch',
};
const SOME: Text = {
  en: 'the last run ended with objects that were not copied',
  de: 'der letzte Lauf endete mit Objekten, die nicht kopiert wurden',
};
const FAILED: Text = { en: 'the last run failed', de: 'der letzte Lauf ist fehlgeschlagen' };
