/**
 * What duplicity's archive directory says: a manifest gets its final name once all volumes of that backup are stored, and
 * tells host and directory. duplicity(1) "--archive-dir", "--name"; file_naming.py, manifest.py.
 */
import { toHex, utf8 } from '../../shared/bytes.ts';
import { digestOf, latin1Text } from '../../shared/bytes-node.ts';
import type { Text } from '../../shared/outcome.ts';
import type { GetFact } from '../fact.ts';
import type { Host } from '../host.ts';
import { optionValue } from './backup-call.ts';
import type { BackupJob } from './backup-job.ts';
import type { BackupRecord } from './backup-records.ts';
import { hostName } from './host-name.ts';
import { notOnlyRoots } from './only-roots.ts';
import { cleanPath } from './path-glob.ts';

const MAX_MANIFEST = 1024 * 1024 * 1024;
const HEAD = 4096;

export async function duplicityRecord(host: Host, job: BackupJob, get: GetFact): Promise<BackupRecord> {
  const directory = archiveDirectory(job);
  const doubt = (source: string, en: string, de: string): BackupRecord => ({ source, doubt: { en, de } });
  if (directory === undefined) {
    return doubt(
      job.source,
      `${job.name}: where duplicity keeps its record can not be told (a variable, or another account)`,
      `${job.name}: wo duplicity Buch führt, ist nicht festzustellen (eine Variable oder ein anderes Konto)`,
    );
  }
  const names = await host.list(directory);
  if (names.state === 'unreadable') return { source: directory, doubt: names.reason };
  if (names.state === 'absent') return never(host, directory);
  const open = await notOnlyRoots(host, directory);
  if (open) return { source: directory, doubt: open };
  const prefix = `${optionValue(job.call?.options ?? [], '--file-prefix') ?? ''}${optionValue(job.call?.options ?? [], '--file-prefix-manifest') ?? ''}`;
  const newest = names.value
    .flatMap((name) => {
      const time = name.startsWith(prefix) ? manifestTime(name.slice(prefix.length)) : undefined;
      return time === undefined ? [] : [{ name, time }];
    })
    .sort((a, b) => (a.time < b.time ? 1 : -1))[0];
  if (!newest) {
    const began = names.value.some((name) => name.endsWith('.manifest.part'));
    return {
      source: directory,
      failed: began
        ? {
            en: 'a backup began and none has ended',
            de: 'eine Sicherung wurde begonnen, beendet wurde keine',
          }
        : { en: 'no backup has ended yet', de: 'noch keine Sicherung wurde beendet' },
    };
  }
  const source = `${directory}/${newest.name}`;
  const file = await host.lstat(source);
  if (file.state !== 'known' || file.value.type !== 'file')
    return doubt(source, `${source} is no regular file`, `${source} ist keine gewöhnliche Datei`);
  const written = await notOnlyRoots(host, source);
  if (written) return { source, doubt: written };
  const head = await firstBytes(host, source);
  if (head === undefined) return doubt(source, `${source} could not be read`, `${source} war nicht lesbar`);
  const wrong = await strangers(head, job, get);
  return wrong ? { source, doubt: wrong } : { source, at: newest.time };
}

/** Where nothing at all lies, nothing ever ran; beside other records, this one may just be elsewhere. */
async function never(host: Host, directory: string): Promise<BackupRecord> {
  const others = await host.list(directory.slice(0, directory.lastIndexOf('/')));
  if (others.state === 'unreadable') return { source: directory, doubt: others.reason };
  if (others.state === 'known' && others.value.length > 0) {
    return {
      source: directory,
      doubt: {
        en: `duplicity has no record in ${directory}; the probe can ask the repository (lastSuccess: { probe: ... } in /etc/nachweis/backup.d)`,
        de: `duplicity hat unter ${directory} kein Buch geführt; die Sonde kann das Repository fragen (lastSuccess: { probe: ... } in /etc/nachweis/backup.d)`,
      },
    };
  }
  return {
    source: directory,
    failed: { en: 'no backup has ended yet', de: 'noch keine Sicherung wurde beendet' },
  };
}

/** `duplicity-full.T.manifest`, `duplicity-inc.T.to.T.manifest` -> when that backup began, as an instant. */
export function manifestTime(name: string): string | undefined {
  const match =
    /^duplicity-(?:full|inc\.\d{8}T\d{6}Z\.to)\.(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.manifest(?:\.gpg)?$/.exec(
      name,
    );
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

function archiveDirectory({ call, user, location }: BackupJob): string | undefined {
  if (!call || call.opaque || user !== undefined || location === undefined) return undefined;
  const home = call.environment.HOME ?? '/root';
  const base =
    optionValue(call.options, '--archive-dir') ??
    `${call.environment.XDG_CACHE_HOME ?? `${home}/.cache`}/duplicity`;
  const name = optionValue(call.options, '--name') ?? toHex(digestOf('md5', utf8(location)));
  const path = `${base.replace(/^~(?=\/|$)/, home)}/${name}`;
  const isPlain = path.startsWith('/') && !/[$`]/.test(path) && !/[$`]/.test(location);
  return isPlain ? cleanPath(path) : undefined;
}

async function firstBytes(host: Host, path: string): Promise<string | undefined> {
  let text = '';
  const read = await host.scan(path, MAX_MANIFEST, (bytes) => {
    text += latin1Text(bytes.subarray(0, HEAD - text.length));
    return text.length < HEAD;
  });
  return read.state === 'known' || text !== '' ? text : undefined;
}

/** `Hostname web1`, `Localdir /etc` (quoted where it holds odd characters). */
export function manifestSource(head: string): { host?: string; directory?: string } {
  const host = /^Hostname (\S+)$/m.exec(head)?.[1];
  const quoted = /^Localdir (.+)$/m.exec(head)?.[1];
  const directory = quoted
    ?.replace(/^"(.*)"$/, '$1')
    .replace(/\\x([0-9a-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return { ...(host === undefined ? {} : { host }), ...(directory === undefined ? {} : { directory }) };
}

async function strangers(head: string, job: BackupJob, get: GetFact): Promise<Text | undefined> {
  const { host, directory } = manifestSource(head);
  const own = await get(hostName);
  if (own.state !== 'known') return own.state === 'unreadable' ? own.reason : undefined;
  const short = (name: string): string => name.toLowerCase().split('.')[0] ?? '';
  if (host !== undefined && short(host) !== short(own.value))
    return {
      en: `the record was made on another system (${host})`,
      de: `die Aufzeichnung stammt von einem anderen System (${host})`,
    };
  const wanted = job.call?.paths[0];
  if (directory !== undefined && wanted !== undefined && cleanPath(directory) !== cleanPath(wanted))
    return {
      en: `the record is of another directory (${directory})`,
      de: `die Aufzeichnung gehört zu einem anderen Verzeichnis (${directory})`,
    };
  return undefined;
}
