/** Clause states from the one that matters most; a copy without zod, checked against the API's types. */
import type { ClauseCounts, ClauseStatus } from '../api/common.ts';

export type { ClauseCounts, ClauseStatus };

export const clauseStatuses = [
  'violated',
  'unproven',
  'waived',
  'kept',
  'not-commissioned',
  'customer',
  'not-applicable',
] as const satisfies readonly ClauseStatus[];

export const isStatus = (text: string | null): text is ClauseStatus =>
  clauseStatuses.some((status) => status === text);
