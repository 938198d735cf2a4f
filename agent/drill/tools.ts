/** The backup programs that can be drilled, by the `tool` of a job. */
import { borgDrill } from './borg.ts';
import { duplicityDrill } from './duplicity.ts';
import { resticDrill } from './restic.ts';
import { rsnapshotDrill } from './rsnapshot.ts';
import type { DrillTool } from './tool.ts';

export const drillToolOf: Readonly<Record<string, DrillTool>> = {
  restic: resticDrill,
  borg: borgDrill,
  borgmatic: borgDrill,
  duplicity: duplicityDrill,
  rsnapshot: rsnapshotDrill,
};
