/**
 * Clients of backup servers, by their own configuration as documented: Bareos and Bacula (bareos-fd, bacula-fd), Veeam
 * Agent for Linux, IBM Storage Protect. What they copy and when is decided by the server or kept in a database of theirs,
 * so that most of it can't be told on this host.
 */
import type { GetFact } from '../fact.ts';
import { CouldNotLook } from '../fact.ts';
import type { BackupHint, BackupJob } from './backup-job.ts';
import type { JobSearch } from './backup-search.ts';
import { readBacula } from './bacula-config.ts';
import { storageProtectJobs } from './storage-protect.ts';
import { wantedUnits } from './systemd-timer.ts';
import { systemdUnits } from './systemd-unit.ts';

export interface BackupClients {
  readonly jobs: readonly BackupJob[];
  readonly hints: readonly BackupHint[];
}

/** @param found jobs that units and cron run, of which those of dsmc get their server here */
export async function backupClients(
  search: JobSearch,
  get: GetFact,
  found: readonly BackupJob[],
): Promise<BackupClients> {
  const wanted = await enabledUnits(search, get);
  return {
    jobs: await storageProtectJobs(search, wanted, found),
    hints: [...(await baculaHints(search, wanted)), ...(await veeamHints(search, wanted))],
  };
}

async function enabledUnits({ host, gaps }: JobSearch, get: GetFact): Promise<ReadonlySet<string>> {
  const tree = await get(systemdUnits);
  if (tree.state !== 'known') return new Set();
  try {
    return await wantedUnits(host, tree.value);
  } catch (error) {
    if (!(error instanceof CouldNotLook)) throw error;
    gaps.push(error.reason);
    return new Set();
  }
}

const DAEMONS = [
  { tool: 'bareos', unit: /^bareos-(?:fd|filedaemon)\.service$/, at: '/etc/bareos/bareos-fd' },
  { tool: 'bacula', unit: /^bacula-fd\.service$/, at: '/etc/bacula/bacula-fd' },
  { tool: 'bacula', unit: /^bacula-fd\.service$/, at: '/opt/bacula/etc/bacula-fd' },
] as const;

async function baculaHints({ host, gaps }: JobSearch, wanted: ReadonlySet<string>): Promise<BackupHint[]> {
  const hints: BackupHint[] = [];
  for (const { tool, unit, at } of DAEMONS) {
    if (![...wanted].some((name) => unit.test(name))) continue;
    const read = await readBacula(host, at);
    if (read.state === 'unreadable') gaps.push(read.reason);
    if (read.state !== 'known' || read.value.directors.length === 0) continue;
    const names = read.value.directors.join(', ');
    hints.push({
      tool,
      source: read.value.source,
      why: {
        en: `the file daemon of ${tool} serves the director ${names}, which alone knows jobs, schedule and last success; describe the job in /etc/nachweis/backup.d and have Client Run After Job touch its lastSuccess file`,
        de: `der File Daemon von ${tool} gehört zum Director ${names}; nur dieser kennt Aufträge, Zeitplan und letzten Erfolg. Den Auftrag in /etc/nachweis/backup.d beschreiben und Client Run After Job dessen lastSuccess-Datei mit touch erneuern lassen`,
      },
    });
  }
  return hints;
}

async function veeamHints({ host }: JobSearch, wanted: ReadonlySet<string>): Promise<BackupHint[]> {
  if (!wanted.has('veeamservice.service')) return [];
  const settings = await host.stat('/etc/veeam/veeam.ini');
  return [
    {
      tool: 'veeam',
      source: settings.state === 'known' ? '/etc/veeam/veeam.ini' : 'veeamservice.service',
      why: {
        en: 'the service of Veeam Agent is enabled; its jobs are in a database of its own (veeamconfig job list shows them): describe them in /etc/nachweis/backup.d and have the post-job script touch the lastSuccess file',
        de: 'der Dienst von Veeam Agent ist aktiviert; seine Aufträge liegen in einer eigenen Datenbank (veeamconfig job list zeigt sie): in /etc/nachweis/backup.d beschreiben und das Post-Job-Skript die lastSuccess-Datei mit touch erneuern lassen',
      },
    },
  ];
}
