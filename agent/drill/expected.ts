/**
 * What the newest snapshot of a job must hold: configuration that the job copies by its own words, and that has not changed
 * since before the snapshot was made. Only where all that it leaves out is known; a declaration alone does not tell.
 */
import { mayBeMissed } from '../../checks/backup/scope.ts';
import { type GetFact, valueIn } from '../../checks/fact.ts';
import { backupScope, isCopied } from '../../checks/facts/backup-scope.ts';
import { isUnchanged } from './compare.ts';
import type { DrillJob } from './jobs.ts';

export const expectedOf =
  (get: GetFact) =>
  async ({ found }: DrillJob, before: number): Promise<readonly string[]> => {
    if (!found) return [];
    const scope = valueIn(await get(backupScope));
    const own = scope.jobs.find(({ job }) => job === found);
    if (!own || own.selection.mayDrop.length > 0 || scope.gaps.length > 0) return [];
    return [...scope.entries.values()]
      .filter(({ type, path }) => type === 'file' && !mayBeMissed(path) && isCopied(scope, own, path))
      .map(({ path }) => path)
      .filter((path) => isUnchanged(path, before));
  };
