/**
 * Backup jobs: what would really run a backup. An installed program is none; a service, a line of cron or a script called
 * by one of them that runs `restic ... backup`, `borg create`, `rsnapshot alpha` and the like is.
 */
import type { Text } from '../../shared/outcome.ts';
import type { GetFact } from '../fact.ts';
import { defineFact, type Fact, known, valueIn } from '../fact.ts';
import { repositoryName } from './backup-call.ts';
import { backupClients } from './backup-clients.ts';
import { cronJobs } from './backup-cron.ts';
import { declaredBackups } from './backup-declared.ts';
import type { BackupHint, BackupJob, BackupJobs } from './backup-job.ts';
import type { JobSearch } from './backup-search.ts';
import { serviceJobs } from './backup-services.ts';
import { localSnapshots } from './backup-snapshots.ts';
import { declaredTriggers } from './backup-trigger.ts';
import { cron } from './cron.ts';
import { systemdTimers, type Timer } from './systemd-timer.ts';

/** Never absent: a system without jobs has an empty list. */
export const backupJobs = defineFact<BackupJobs>({
  id: 'backup-jobs',
  collect: async (host, get): Promise<Fact<BackupJobs>> => {
    const gaps: Text[] = [];
    const search: JobSearch = { host, gaps, scripts: new Map() };
    const timers = await get(systemdTimers);
    if (timers.state === 'unreadable') gaps.push(timers.reason);
    const known_ = timers.state === 'known' ? timers.value : [];
    const table = await get(cron);
    const found = [
      ...(await serviceJobs(search, get, known_)),
      ...(table.state === 'known' ? await cronJobs(search, table.value.jobs, table.value.problem) : []),
    ];
    if (table.state === 'known') gaps.push(...table.value.gaps);
    if (table.state === 'unreadable') gaps.push(table.reason);
    const clients = await backupClients(search, get, found);
    const judged = [
      ...found.filter(({ call, tool }) => !call?.unjudged && tool !== 'storage-protect'),
      ...clients.jobs,
    ];
    const does = ({ call }: BackupJob, copies: boolean): boolean =>
      call?.actions.some((action) => (action === 'copy') === copies) ?? false;
    return known({
      jobs: [...judged.filter((job) => does(job, true)), ...(await declaredJobs(get, known_, gaps))],
      upkeep: judged.filter((job) => does(job, false)),
      gaps,
      hints: [...found.filter(({ call }) => call?.unjudged).map(unjudged), ...clients.hints],
      snapshots: await localSnapshots(search, get),
    });
  },
});

const unjudged = ({ tool, source, line }: BackupJob): BackupHint => ({
  tool,
  source,
  ...(line === undefined ? {} : { line }),
  why: {
    en: `${source} runs ${tool}, which is not judged by itself; describe the job in /etc/nachweis/backup.d`,
    de: `${source} führt ${tool} aus, das nicht von selbst beurteilt wird; den Auftrag in /etc/nachweis/backup.d beschreiben`,
  },
});

async function declaredJobs(get: GetFact, timers: readonly Timer[], gaps: Text[]): Promise<BackupJob[]> {
  const declarations = await get(declaredBackups);
  if (declarations.state !== 'known') {
    if (declarations.state === 'unreadable') gaps.push(declarations.reason);
    return [];
  }
  const table = await get(cron);
  return declarations.value.map(({ source, job, problem }): BackupJob => {
    if (!job) return { tool: '?', name: source, source, triggers: [], ...(problem ? { problem } : {}) };
    const repository = repositoryName(job.to);
    return {
      tool: job.tool,
      name: job.name,
      source,
      ...(repository ? { repository } : {}),
      location: job.to,
      declared: job,
      triggers: declaredTriggers(job.when, timers, table.state === 'known' ? valueIn(table) : undefined),
    };
  });
}
