/** The examples of single tools, by check. */
import type { Example } from '../check.ts';
import { clientExamples } from './client-examples.ts';
import { duplicityExamples } from './duplicity-examples.ts';
import { rsnapshotExamples } from './rsnapshot-examples.ts';

export const toolExamples = (check: string): readonly Example[] =>
  [duplicityExamples, rsnapshotExamples, clientExamples].flatMap((each) => each[check] ?? []);
