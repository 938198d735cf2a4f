/** The one line to paste into `nachweis enrol`. */
import { formatEnrolmentString } from '../../shared/enrolment.ts';
import type { Db } from '../db/database.ts';
import { createToken, type TokenTerms } from './token.ts';

export async function createEnrolment(
  db: Db,
  { collector, fingerprint, ...terms }: TokenTerms & { collector: string; fingerprint: string },
  now: Date,
): Promise<{ line: string; expiresAt: string }> {
  const token = await createToken(db, terms, now);
  return {
    line: formatEnrolmentString({ collector, token, fingerprint }),
    expiresAt: new Date(now.getTime() + terms.hours * 3_600_000).toISOString(),
  };
}
