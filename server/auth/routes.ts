/** Signing in and out, and one's own account. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { z } from 'zod';
import { CodedError } from '../../shared/errors.ts';
import type { Database } from '../db/schema.ts';
import { clearSessionCookie, readSessionCookie, setSessionCookie } from './cookie.ts';
import { checkNewPassword, hashPassword, PASSWORD_MAX_BYTES, verifyPassword } from './password.ts';
import { endSession, endSessionsOf, SESSION_MAX_MS, startSession } from './session.ts';
import { languageSchema, type SessionReply, sessionSchema } from './session-reply.ts';
import { redeemSignInLink } from './sign-in-link.ts';
import type { SignInThrottle } from './throttle.ts';
import { secretSchema } from './token.ts';
import { type Viewer, viewerColumns, viewerOf } from './viewer.ts';

/** Characters; the bytes are bounded again where they are hashed. */
const passwordSchema = z.string().min(1).max(PASSWORD_MAX_BYTES);
const signInSchema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  password: passwordSchema,
});
const newPasswordSchema = z.strictObject({
  /** Needed when there is a password already. */
  current: passwordSchema.optional(),
  password: passwordSchema,
});

export interface AuthParts {
  readonly db: Kysely<Database>;
  readonly now: () => Date;
  /** One for all listeners. */
  readonly throttle: SignInThrottle;
  /** Told who signed in and from where, and what was refused. */
  readonly log?: Logger | undefined;
}

export function sessionRoutes(app: FastifyInstance, { db, now, throttle, log }: AuthParts): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const tags = ['session'];

  const reply = (viewer: Viewer | null): SessionReply => ({
    asOf: now().toISOString(),
    user: viewer && {
      name: viewer.name,
      role: viewer.role,
      tenant: viewer.tenantId,
      language: viewer.language,
      hasPassword: viewer.hasPassword,
    },
  });

  /** Ends what this browser had and starts anew under another secret. */
  async function signIn(
    request: FastifyRequest,
    answer: FastifyReply,
    viewer: Viewer,
  ): Promise<SessionReply> {
    const before = readSessionCookie(request);
    if (before) await endSession(db, before);
    const secret = await startSession(db, viewer.id, now());
    setSessionCookie(request, answer, secret, SESSION_MAX_MS / 1000);
    log?.info({ user: viewer.id, address: request.ip }, 'signed in');
    return reply(viewer);
  }

  api.get(
    '/api/session',
    { config: { access: 'anyone' }, schema: { tags, response: { 200: sessionSchema } } },
    async (request) => reply(request.viewer),
  );

  api.post(
    '/api/session',
    {
      config: { access: 'anyone' },
      bodyLimit: 8192,
      schema: { tags, body: signInSchema, response: { 200: sessionSchema } },
    },
    async (request, answer) => {
      const { name, password } = request.body;
      let viewer: Viewer | undefined;
      let known: string | undefined;
      const right = await throttle.run(name, request.ip, now, async () => {
        const user = await db
          .selectFrom('users')
          .select(viewerColumns)
          .where('name', '=', name)
          .where('disabled_at', 'is', null)
          .executeTakeFirst();
        known = user?.id;
        const { matches, outdated } = await verifyPassword(password, user?.password_hash ?? null);
        if (!matches || !user) return false;
        if (outdated) await setPassword(user.id, password);
        viewer = viewerOf(user);
        return true;
      });
      if (!right || !viewer) {
        // The id of a user who exists, never what was typed: people type passwords into the wrong field.
        log?.warn({ code: 'SIGN_IN_REFUSED', user: known ?? null, address: request.ip }, 'sign-in refused');
        throw new CodedError('SIGN_IN_REFUSED');
      }
      return signIn(request, answer, viewer);
    },
  );

  api.post(
    '/api/session/link',
    {
      config: { access: 'anyone' },
      bodyLimit: 1024,
      schema: { tags, body: z.strictObject({ secret: secretSchema }), response: { 200: sessionSchema } },
    },
    // 256 random bits need no throttle against guessing; the collector's general limit is against load.
    async (request, answer) =>
      signIn(request, answer, await redeemSignInLink(db, request.body.secret, now())),
  );

  api.delete(
    '/api/session',
    { config: { access: 'anyone' }, schema: { tags, response: { 200: sessionSchema } } },
    async (request, answer) => {
      const secret = readSessionCookie(request);
      if (secret) await endSession(db, secret);
      clearSessionCookie(request, answer);
      return reply(null);
    },
  );

  api.put(
    '/api/session/password',
    {
      config: { access: 'signed-in' },
      bodyLimit: 8192,
      schema: { tags, body: newPasswordSchema, response: { 200: sessionSchema } },
    },
    async (request, answer) => {
      const viewer = signedIn(request);
      const { current, password } = request.body;
      checkNewPassword(password, viewer.name);
      if (viewer.hasPassword) {
        // The same throttle as at sign-in: an open browser is no place to guess at.
        const right = await throttle.run(viewer.name, request.ip, now, async () => {
          const row = await db
            .selectFrom('users')
            .select('password_hash')
            .where('id', '=', viewer.id)
            .executeTakeFirst();
          return (await verifyPassword(current ?? '', row?.password_hash ?? null)).matches;
        });
        if (!right) throw new CodedError('PASSWORD_NOT_CONFIRMED');
      }
      await setPassword(viewer.id, password);
      await endSessionsOf(db, viewer.id);
      return signIn(request, answer, { ...viewer, hasPassword: true });
    },
  );

  api.put(
    '/api/session/language',
    {
      config: { access: 'signed-in' },
      bodyLimit: 1024,
      schema: { tags, body: z.strictObject({ language: languageSchema }), response: { 200: sessionSchema } },
    },
    async (request) => {
      const viewer = signedIn(request);
      const { language } = request.body;
      await db.updateTable('users').set({ language }).where('id', '=', viewer.id).execute();
      return reply({ ...viewer, language });
    },
  );

  async function setPassword(userId: string, password: string): Promise<void> {
    await db
      .updateTable('users')
      .set({ password_hash: await hashPassword(password) })
      .where('id', '=', userId)
      .execute();
  }
}

function signedIn({ viewer }: FastifyRequest): Viewer {
  if (!viewer) throw new CodedError('SIGNED_OUT');
  return viewer;
}
