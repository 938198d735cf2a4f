/** Files whose time of change is the last success of a declared job: `lastSuccess: { file: ... }`. */
import type { Text } from '../../shared/outcome.ts';
import { defineFact, type Fact, known } from '../fact.ts';
import { declaredBackups } from './backup-declared.ts';

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
      if (!job || !('file' in job.lastSuccess)) continue;
      const { file } = job.lastSuccess;
      const stat = await host.lstat(file);
      if (stat.state === 'absent') stamps.push({ job: job.name, file });
      else if (stat.state === 'unreadable') stamps.push({ job: job.name, file, problem: stat.reason });
      else if (stat.value.uid !== 0 || (stat.value.mode & 0o022) !== 0 || stat.value.type !== 'file') {
        const problem = {
          en: 'not only root could have written it',
          de: 'nicht nur root könnte sie geschrieben haben',
        };
        stamps.push({ job: job.name, file, problem });
      } else stamps.push({ job: job.name, file, at: stat.value.modified });
    }
    return known(stamps);
  },
});
