/** The one line to paste into `nachweis enrol`. */
import { formatEnrolmentString } from '../../shared/enrolment.ts';
import type { Db } from '../db/database.ts';
import { createToken, type TokenTerms } from './token.ts';

export interface EnrolmentTerms extends TokenTerms {
  /** Origins that hosts reach the collector by, separated by commas. */
  readonly collector: string;
  readonly fingerprint: string;
}

export async function createEnrolment(
  db: Db,
  { collector, fingerprint, ...terms }: EnrolmentTerms,
  now: Date,
): Promise<{ line: string; expiresAt: string }> {
  const token = await createToken(db, terms, now);
  return {
    line: formatEnrolmentString({ addresses: collector.split(','), token, fingerprint }),
    expiresAt: new Date(now.getTime() + terms.hours * 3_600_000).toISOString(),
  };
}
