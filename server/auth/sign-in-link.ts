/**
 * One-time sign-in links: how the first administrator gets in, and everybody who has no password yet or forgot it.
 * The secret stands behind `#`, so that no server, proxy log or link previewer gets it; the page asks for a click
 * and posts it, so that looking at the link does not use it up.
 */
import type { Kysely } from 'kysely';
import { CodedError } from '../../shared/errors.ts';
import type { Database } from '../db/schema.ts';
import { newId, newSecret, secretHash } from './token.ts';
import { type Viewer, viewerColumns, viewerOf } from './viewer.ts';

export const LINK_VALID_MS = 24 * 3_600_000;

/**
 * Makes a link for the user with this id; links made for them before stop working.
 * @returns the secret: `signInUrl` makes an address of it; it can't be read again later
 */
export async function createSignInLink(
  db: Kysely<Database>,
  userId: string,
  now: Date,
): Promise<{ secret: string; expiresAt: Date }> {
  const secret = newSecret();
  const expiresAt = new Date(now.getTime() + LINK_VALID_MS);
  await db.deleteFrom('sign_in_links').where('user_id', '=', userId).execute();
  await db
    .insertInto('sign_in_links')
    .values({
      token_hash: secretHash(secret),
      user_id: userId,
      created_at: now.toISOString(),
      expires_at: expiresAt.toISOString(),
      used_at: null,
    })
    .execute();
  return { secret, expiresAt };
}

/** `origin` is that of a listener: `http://127.0.0.1:8080`. */
export function signInUrl(origin: string, secret: string): string {
  return `${origin}/link#${secret}`;
}

/**
 * Uses the link up. One statement decides who comes first: two posts of one link give one session.
 * Whoever needed a link forgot the password or lost it to somebody: it and every session end here.
 * @throws CodedError `LINK_REFUSED`
 */
export async function redeemSignInLink(db: Kysely<Database>, secret: string, now: Date): Promise<Viewer> {
  const at = now.toISOString();
  const { numUpdatedRows } = await db
    .updateTable('sign_in_links')
    .set({ used_at: at })
    .where('token_hash', '=', secretHash(secret))
    .where('used_at', 'is', null)
    .where('expires_at', '>', at)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new CodedError('LINK_REFUSED');
  const row = await db
    .selectFrom('sign_in_links')
    .innerJoin('users', 'users.id', 'sign_in_links.user_id')
    .select(viewerColumns)
    .where('sign_in_links.token_hash', '=', secretHash(secret))
    .where('users.disabled_at', 'is', null)
    .executeTakeFirst();
  if (!row) throw new CodedError('LINK_REFUSED');
  await db.updateTable('users').set({ password_hash: null }).where('id', '=', row.id).execute();
  await db.deleteFrom('sessions').where('user_id', '=', row.id).execute();
  return viewerOf({ ...row, password_hash: null });
}

/**
 * At the first start: the user `admin` and a link to sign in with.
 * @returns the link's secret; undefined when there are users already
 */
export async function createFirstUser(
  db: Kysely<Database>,
  language: 'de' | 'en',
  now: Date,
): Promise<{ secret: string; expiresAt: Date } | undefined> {
  const somebody = await db.selectFrom('users').select('id').limit(1).executeTakeFirst();
  if (somebody) return undefined;
  const id = await createUser(db, { name: 'admin', role: 'administrator', tenantId: null, language }, now);
  return createSignInLink(db, id, now);
}

export interface NewUser {
  name: string;
  role: Viewer['role'];
  tenantId: string | null;
  language: 'de' | 'en';
}

/**
 * @returns the new user's id
 * @throws CodedError `NAME_TAKEN`
 */
export async function createUser(db: Kysely<Database>, user: NewUser, now: Date): Promise<string> {
  const taken = await db.selectFrom('users').select('id').where('name', '=', user.name).executeTakeFirst();
  if (taken) throw new CodedError('NAME_TAKEN', { name: user.name });
  const id = newId('u');
  await db
    .insertInto('users')
    .values({
      id,
      name: user.name,
      role: user.role,
      tenant_id: user.tenantId,
      password_hash: null,
      language: user.language,
      created_at: now.toISOString(),
      disabled_at: null,
    })
    .execute();
  return id;
}
