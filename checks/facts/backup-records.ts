/**
 * When jobs last ended well, by records that the tools themselves keep on this system: duplicity's archive directory,
 * rsnapshot's snapshots and log, Storage Protect's schedule log. restic and borg keep none: there only the repository
 * knows (see the probe).
 */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, type GetFact, known, valueIn } from '../fact.ts';
import type { Host } from '../host.ts';
import type { BackupJob } from './backup-job.ts';
import { backupJobs } from './backup-jobs.ts';
import { duplicityRecord } from './duplicity-record.ts';
import { rsnapshotRecord } from './rsnapshot-record.ts';
import { storageProtectRecord } from './storage-protect-record.ts';

export interface BackupRecord {
  readonly source: string;
  /** UTC instant of the newest backup that ended well; undefined where none did. */
  readonly at?: string;
  /** What the record says of the last run, where that did not end well. */
  readonly failed?: Text;
  /** Why nothing can be said. */
  readonly doubt?: Text;
}

type ReadRecord = (host: Host, job: BackupJob, get: GetFact, now: Date) => Promise<BackupRecord | undefined>;

const READERS: Readonly<Record<string, ReadRecord>> = {
  duplicity: duplicityRecord,
  rsnapshot: rsnapshotRecord,
  'storage-protect': storageProtectRecord,
};

/** One entry per working job of a tool that keeps a record, in the order of the jobs. */
export const backupRecords = defineFact<readonly { job: BackupJob; record: BackupRecord }[]>({
  id: 'backup-records',
  collect: async (host, get, now): Promise<Fact<readonly { job: BackupJob; record: BackupRecord }[]>> => {
    const { jobs } = valueIn(await get(backupJobs));
    const found: { job: BackupJob; record: BackupRecord }[] = [];
    for (const job of jobs) {
      const read =
        job.declared || job.problem || !Object.hasOwn(READERS, job.tool) ? undefined : READERS[job.tool];
      const record = await read?.(host, job, get, now);
      if (record) found.push({ job, record });
    }
    return known(found);
  },
});
