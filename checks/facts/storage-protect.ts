/**
 * Jobs of the client of IBM Storage Protect (before: Spectrum Protect, TSM). One that only waits for the server's schedule
 * has a job once the scheduler or dsmcad is enabled.
 */
import type { Text } from '../../shared/outcome.ts';
import { optionValue, repositoryName } from './backup-call.ts';
import type { BackupJob } from './backup-job.ts';
import type { JobSearch } from './backup-search.ts';
import { type Stanza, stanzaValue, storageProtectClient } from './storage-protect-config.ts';

/** Jobs of dsmc that units and cron run, completed, and the one of dsmcad. */
export async function storageProtectJobs(
  search: JobSearch,
  wanted: ReadonlySet<string>,
  found: readonly BackupJob[],
): Promise<BackupJob[]> {
  const calls = found.filter(({ tool }) => tool === 'storage-protect');
  const hasDaemon = wanted.has('dsmcad.service') || wanted.has('dsmcad-service.service');
  if (calls.length === 0 && !hasDaemon) return [];
  const client = await storageProtectClient(search.host, search.gaps);
  if (!client) return calls.map((job) => ({ ...job, problem: job.problem ?? NO_CONFIGURATION }));
  const { source, stanzaOf } = client;
  const jobs = calls.map((job) => completed(job, source, stanzaOf(job.call), wanted));
  const managed = stanzaOf();
  if (hasDaemon && managed && /schedule/i.test(stanzaValue(managed, 'managedservices', 'manageds') ?? ''))
    jobs.push({ ...completed(DAEMON, source, managed, wanted), source, line: managed.line });
  return jobs;
}

const NO_CONFIGURATION: Text = { en: 'there is no dsm.sys', de: 'es gibt keine dsm.sys' };
const DAEMON: BackupJob = {
  tool: 'storage-protect',
  name: 'dsmcad.service',
  source: '',
  triggers: [],
  call: {
    tool: 'storage-protect',
    line: 1,
    program: 'dsmcad',
    actions: ['copy'],
    environment: {},
    options: [{ name: 'command', value: 'schedule' }],
    paths: [],
    opaque: true,
  },
};

function completed(
  job: BackupJob,
  configuration: string,
  stanza: Stanza | undefined,
  wanted: ReadonlySet<string>,
): BackupJob {
  const address = stanza && stanzaValue(stanza, 'tcpserveraddress', 'tcps');
  const repository = repositoryName(address);
  const waits = optionValue(job.call?.options ?? [], 'command') === 'schedule';
  const isOff = waits && job !== DAEMON && !wanted.has(job.name);
  return {
    ...job,
    configuration,
    ...(repository === undefined ? {} : { repository, location: repository }),
    ...(stanza
      ? {}
      : { problem: { en: `${configuration} names no server`, de: `${configuration} nennt keinen Server` } }),
    ...(waits && job.triggers.length === 0
      ? {
          triggers: [
            {
              source: job.source || configuration,
              schedule: `Storage Protect, ${stanza?.name ?? '-'}`,
              ...(isOff
                ? { problem: { en: `${job.name} is not enabled`, de: `${job.name} ist nicht aktiviert` } }
                : { outside: true as const }),
            },
          ],
        }
      : {}),
  };
}
