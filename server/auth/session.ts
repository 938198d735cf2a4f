/** Sessions: on the server, by a secret of which only the hash is kept; they end when idle and in any case. */
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { newSecret, secretHash } from './token.ts';
import { type Viewer, viewerColumns, viewerOf } from './viewer.ts';

/** A working day at most; four hours without a request end it earlier. */
export const SESSION_MAX_MS = 12 * 3_600_000;
export const SESSION_IDLE_MS = 4 * 3_600_000;
/** `last_seen_at` need not be written at every request. */
const TOUCH_MS = 60_000;

/** @returns the secret for the cookie. Always a new one: whatever the browser held before is worth nothing (no fixation). */
export async function startSession(db: Kysely<Database>, userId: string, now: Date): Promise<string> {
  const secret = newSecret();
  const expires = new Date(now.getTime() + SESSION_MAX_MS);
  await db.deleteFrom('sessions').where('expires_at', '<=', now.toISOString()).execute();
  await db
    .insertInto('sessions')
    .values({
      token_hash: secretHash(secret),
      user_id: userId,
      created_at: now.toISOString(),
      expires_at: expires.toISOString(),
      last_seen_at: now.toISOString(),
    })
    .execute();
  return secret;
}

/** Who is signed in with this secret; undefined when nobody is any more. */
export async function findSession(
  db: Kysely<Database>,
  secret: string,
  now: Date,
): Promise<Viewer | undefined> {
  const hash = secretHash(secret);
  const row = await db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select([...viewerColumns, 'sessions.last_seen_at'])
    .where('sessions.token_hash', '=', hash)
    .where('sessions.expires_at', '>', now.toISOString())
    .where('sessions.last_seen_at', '>', new Date(now.getTime() - SESSION_IDLE_MS).toISOString())
    .where('users.disabled_at', 'is', null)
    .executeTakeFirst();
  if (!row) return undefined;
  if (now.getTime() - Date.parse(row.last_seen_at) > TOUCH_MS)
    await db
      .updateTable('sessions')
      .set({ last_seen_at: now.toISOString() })
      .where('token_hash', '=', hash)
      .execute();
  return viewerOf(row);
}

export async function endSession(db: Kysely<Database>, secret: string): Promise<void> {
  await db.deleteFrom('sessions').where('token_hash', '=', secretHash(secret)).execute();
}

/** After a new password nobody who knew the old one stays signed in. */
export async function endSessionsOf(db: Kysely<Database>, userId: string): Promise<void> {
  await db.deleteFrom('sessions').where('user_id', '=', userId).execute();
}
