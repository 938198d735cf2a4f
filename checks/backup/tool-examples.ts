/** The examples of single tools, by check. */
import type { Example } from '../check.ts';
import { clientExamples } from './client-examples.ts';
import { duplicityExamples } from './duplicity-examples.ts';
import { rsnapshotExamples } from './rsnapshot-examples.ts';
import { storageProtectExamples } from './storage-protect-examples.ts';

export const toolExamples = (check: string): readonly Example[] =>
  [duplicityExamples, rsnapshotExamples, storageProtectExamples, clientExamples].flatMap(
    (each) => each[check] ?? [],
  );
