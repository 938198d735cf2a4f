/** Files whose time of change is the last success of a declared job, or of a check of its repository. */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, known } from '../fact.ts';
import type { Host } from '../host.ts';
import { declaredBackups } from './backup-declared.ts';
import { notOnlyRoots } from './only-roots.ts';

export interface Stamp {
  readonly job: string;
  readonly file: string;
  /** UTC instant; undefined where the file is missing. */
  readonly at?: string;
  readonly problem?: Text;
}

/** One entry per declared job that names such a file. */
export const backupStamps = defineFact<readonly Stamp[]>({
  id: 'backup-stamps',
  collect: async (host, get): Promise<Fact<readonly Stamp[]>> => {
    const declarations = await get(declaredBackups);
    if (declarations.state !== 'known') return declarations;
    const stamps: Stamp[] = [];
    for (const { job } of declarations.value) {
      if (job && 'file' in job.lastSuccess) stamps.push(await stampOf(host, job.name, job.lastSuccess.file));
    }
    return known(stamps);
  },
});

/** The same for `lastCheck`. */
export const checkStamps = defineFact<readonly Stamp[]>({
  id: 'backup-check-stamps',
  collect: async (host, get): Promise<Fact<readonly Stamp[]>> => {
    const declarations = await get(declaredBackups);
    if (declarations.state !== 'known') return declarations;
    const stamps: Stamp[] = [];
    for (const { job } of declarations.value) {
      if (job?.lastCheck !== undefined) stamps.push(await stampOf(host, job.name, job.lastCheck));
    }
    return known(stamps);
  },
});

async function stampOf(host: Host, job: string, file: string): Promise<Stamp> {
  const stat = await host.lstat(file);
  if (stat.state === 'absent') return { job, file };
  if (stat.state === 'unreadable') return { job, file, problem: stat.reason };
  const problem =
    stat.value.type === 'file'
      ? await notOnlyRoots(host, file)
      : { en: 'it is no regular file', de: 'sie ist keine gewöhnliche Datei' };
  return problem ? { job, file, problem } : { job, file, at: stat.value.modified };
}
