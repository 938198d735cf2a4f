/**
 * What the check backup.restore-drill reads: per job the last drill that came to a result, and the last one of all. Of root
 * alone, like the probe's results.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { type DrillFile, drillFileSchema } from '../../checks/facts/backup-drill.ts';
import type { Drill } from '../../shared/drill.ts';
import { disk, readState } from '../durable.ts';

/** The job's name may be a path or a unit; two names never share a file. */
export function drillFileName(tool: string, job: string): string {
  const words = job
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  const digest = createHash('sha256').update(`${tool}\0${job}`).digest('hex').slice(0, 8);
  return `drill-${tool}-${words || 'job'}-${digest}.json`;
}

/**
 * @param record digest of the signed envelope; null: it was not signed, this machine is not enrolled
 * @throws CodedError `NO_SPACE`, `NO_PERMISSION`
 */
export function keepDrill(directory: string, host: string, drill: Drill, record: string | null): void {
  const files = disk();
  files.makeDirectory(directory);
  const file = path.join(directory, drillFileName(drill.tool, drill.job));
  const entry = { drill, record };
  const content: DrillFile = {
    format: 'nachweis.drill-results/1',
    host,
    latest: entry,
    conclusive: isConclusive(drill) ? entry : (before(file)?.conclusive ?? null),
  };
  files.write(file, `${JSON.stringify(content)}\n`);
}

/** A repository that could not be reached says nothing about what was restored from it last month. */
const isConclusive = ({ outcome }: Drill): boolean => outcome === 'equal' || outcome === 'unequal';

function before(file: string): DrillFile | undefined {
  try {
    return readState(file, drillFileSchema);
  } catch {
    // Damaged, or of another version: it is written anew, and what it said has to be shown again.
    return undefined;
  }
}
