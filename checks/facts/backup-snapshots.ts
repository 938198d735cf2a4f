/**
 * Local snapshots: snapper (/etc/snapper/configs) and Timeshift (/etc/timeshift/timeshift.json), by their documented
 * configuration. They lie on the disk that they protect, so they never make a backup on their own.
 */
import type { GetFact } from '../fact.ts';
import type { BackupHint } from './backup-job.ts';
import type { JobSearch } from './backup-search.ts';
import { systemdTimers } from './systemd-timer.ts';

export async function localSnapshots(search: JobSearch, get: GetFact): Promise<BackupHint[]> {
  return [...(await snapperConfigs(search, get)), ...(await timeshift(search))];
}

async function snapperConfigs({ host, gaps }: JobSearch, get: GetFact): Promise<BackupHint[]> {
  const names = await host.list('/etc/snapper/configs');
  if (names.state === 'unreadable') gaps.push(names.reason);
  if (names.state !== 'known' || names.value.length === 0) return [];
  const timers = await get(systemdTimers);
  const isTimed =
    timers.state === 'known' &&
    timers.value.some(({ name, problem }) => name === 'snapper-timeline.timer' && !problem);
  const found: BackupHint[] = [];
  for (const name of names.value.slice(0, 50)) {
    const source = `/etc/snapper/configs/${name}`;
    const file = await host.readText(source, { maxBytes: 64 * 1024, encoding: 'latin1' });
    if (file.state !== 'known') continue;
    const value = (key: string): string | undefined =>
      new RegExp(`^\\s*${key}=["']?([^"'\\n]*)`, 'm').exec(file.value.text)?.[1];
    const when = isTimed && value('TIMELINE_CREATE') === 'yes';
    found.push({
      tool: 'snapper',
      source,
      why: {
        en: `snapper keeps ${when ? 'regular ' : ''}snapshots of ${value('SUBVOLUME') ?? name} on the same disk: no backup`,
        de: `snapper hält ${when ? 'regelmäßige ' : ''}Schnappschüsse von ${value('SUBVOLUME') ?? name} auf demselben Datenträger: keine Sicherung`,
      },
    });
  }
  return found;
}

async function timeshift({ host, gaps }: JobSearch): Promise<BackupHint[]> {
  for (const source of ['/etc/timeshift/timeshift.json', '/etc/timeshift.json']) {
    const file = await host.readText(source, { maxBytes: 256 * 1024 });
    if (file.state === 'unreadable') gaps.push(file.reason);
    if (file.state !== 'known') continue;
    if (!/"schedule_\w+"\s*:\s*"true"/.test(file.value.text)) return [];
    const why = {
      en: 'Timeshift keeps snapshots on a disk of this system: no backup',
      de: 'Timeshift hält Schnappschüsse auf einem Datenträger dieses Systems: keine Sicherung',
    };
    return [{ tool: 'timeshift', source, why }];
  }
  return [];
}
