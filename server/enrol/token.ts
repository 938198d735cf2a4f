/** Enrolment tokens: 24 random bytes, told once; the database knows their hash alone. */
import { createHash, randomBytes } from 'node:crypto';
import type { Db, Trx } from '../db/database.ts';

export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

export interface TokenTerms {
  readonly tenantId: string;
  readonly uses: number;
  readonly hours: number;
  /** The one host that it lets enrol anew, under a new key. */
  readonly hostId?: string | undefined;
  /** Who makes it. */
  readonly author?: string | undefined;
}

export async function createToken(db: Db, terms: TokenTerms, now: Date): Promise<string> {
  const { tenantId, uses, hours, hostId, author } = terms;
  const token = randomBytes(24).toString('base64url');
  await db
    .insertInto('enrolment_tokens')
    .values({
      token_hash: tokenHash(token),
      tenant_id: tenantId,
      created_at: now.toISOString(),
      expires_at: new Date(now.getTime() + hours * 3_600_000).toISOString(),
      max_uses: uses,
      uses: 0,
      host_id: hostId ?? null,
      author: author ?? null,
    })
    .execute();
  return token;
}

/** Uses the token once, if that is still possible: in one statement, so that two can't share the last use. */
export async function spendToken(
  trx: Trx,
  hash: string,
  now: Date,
): Promise<{ tenantId: string; hostId: string | null; author: string | null } | undefined> {
  const used = await trx
    .updateTable('enrolment_tokens')
    .set((eb) => ({ uses: eb('uses', '+', 1) }))
    .where('token_hash', '=', hash)
    .where('expires_at', '>', now.toISOString())
    .whereRef('uses', '<', 'max_uses')
    .returning(['tenant_id', 'host_id', 'author'])
    .executeTakeFirst();
  return used && { tenantId: used.tenant_id, hostId: used.host_id, author: used.author };
}
