/** Sign-in for one listener: cookies, the guard over /api/, and the session's own routes. */
import cookie from '@fastify/cookie';
import type { FastifyInstance } from 'fastify';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Database } from '../db/schema.ts';
import { guardRoutes } from './guard.ts';
import { sessionRoutes } from './routes.ts';
import { SignInThrottle } from './throttle.ts';

export interface Auth {
  /** Call before any route under /api/ is declared, on the instance that declares them, for each listener. */
  readonly register: (app: FastifyInstance) => Promise<void>;
}

/** One for all listeners, so that failures on one count on the other. */
export function createAuth(db: Kysely<Database>, now: () => Date, log?: Logger): Auth {
  const throttle = new SignInThrottle();
  return {
    register: async (app) => {
      await app.register(cookie);
      guardRoutes(app, db, now);
      sessionRoutes(app, { db, now, throttle, log });
    },
  };
}
