/**
 * The client of IBM Storage Protect (before: Spectrum Protect, TSM): dsm.sys and dsm.opt as documented in "Client options
 * reference". A client that only waits for the server's schedule has a job once the scheduler or dsmcad is enabled.
 */
import type { Text } from '../../shared/outcome.ts';
import { optionValue, repositoryName } from './backup-call.ts';
import type { BackupJob } from './backup-job.ts';
import type { JobSearch } from './backup-search.ts';

export const DIRECTORIES = ['/opt/tivoli/tsm/client/ba/bin', '/opt/tivoli/tsm/client/api/bin64', '/etc/tsm'];

export interface Stanza {
  readonly name: string;
  readonly line: number;
  /** Names of options in lower case, as written. */
  readonly options: ReadonlyMap<string, string>;
  /** All rows: some options may stand several times. */
  readonly statements: readonly string[];
}

/** The servers of dsm.sys. Pure. Never throws. */
export function stanzasIn(text: string): Stanza[] {
  const found: { name: string; line: number; options: Map<string, string>; statements: string[] }[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const row = raw.trim();
    if (row === '' || row.startsWith('*')) continue;
    const [, key = '', value = ''] = /^(\S+)(?:\s+(.*))?$/.exec(row) ?? [];
    if (/^se(?:rvername)?$/i.test(key) || /^se(?:r|rv|rve|rver|rvern|rverna|rvernam)$/i.test(key))
      found.push({ name: value, line: index + 1, options: new Map(), statements: [] });
    else {
      found.at(-1)?.options.set(key.toLowerCase(), value.replace(/^(["'])(.*)\1$/, '$2'));
      found.at(-1)?.statements.push(row);
    }
  }
  return found;
}

/** The value of an option of which any abbreviation from `least` on will do. */
export function stanzaValue({ options }: Stanza, name: string, least: string): string | undefined {
  for (const [key, value] of options) if (key.length >= least.length && name.startsWith(key)) return value;
  return undefined;
}

/** That of a name in any case, else the first, as dsmc takes it. */
export const stanzaNamed = (stanzas: readonly Stanza[], name: string | undefined): Stanza | undefined =>
  stanzas.find((each) => each.name.toLowerCase() === name?.toLowerCase()) ?? stanzas[0];

/** Jobs of dsmc that units and cron run, completed, and the one of dsmcad. */
export async function storageProtectJobs(
  search: JobSearch,
  wanted: ReadonlySet<string>,
  found: readonly BackupJob[],
): Promise<BackupJob[]> {
  const calls = found.filter(({ tool }) => tool === 'storage-protect');
  const hasDaemon = wanted.has('dsmcad.service') || wanted.has('dsmcad-service.service');
  if (calls.length === 0 && !hasDaemon) return [];
  for (const directory of DIRECTORIES) {
    const source = `${directory}/dsm.sys`;
    const file = await search.host.readText(source, { encoding: 'latin1' });
    if (file.state === 'unreadable') search.gaps.push(file.reason);
    if (file.state !== 'known') continue;
    const stanzas = stanzasIn(file.value.text);
    const options = await search.host.readText(`${directory}/dsm.opt`, { encoding: 'latin1' });
    const chosen = options.state === 'known' ? stanzasIn(options.value.text)[0]?.name : undefined;
    const jobs = calls.map((job) => {
      const asked = optionValue(job.call?.options ?? [], 'stanza');
      return completed(job, source, stanzaNamed(stanzas, asked || chosen), wanted);
    });
    const managed = stanzaNamed(stanzas, chosen);
    const isManaged = /schedule/i.test(
      managed ? (stanzaValue(managed, 'managedservices', 'manageds') ?? '') : '',
    );
    if (hasDaemon && managed && isManaged)
      jobs.push({ ...completed(DAEMON, source, managed, wanted), source, line: managed.line });
    return jobs;
  }
  return calls.map((job) => ({ ...job, problem: job.problem ?? NO_CONFIGURATION }));
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
