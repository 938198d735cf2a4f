/** `/healthz` (the process answers), `/readyz` (it could accept a report now) and `/api/openapi.json`. */

import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { sql } from 'kysely';
import { z } from 'zod';
import { CodedError } from '../shared/errors.ts';
import { MAX_DOCUMENT_BYTES, refusalSchema } from '../shared/report.ts';
import { freeBytes } from './db/free-space.ts';
import type { Deps } from './deps.ts';

/** The largest document, its copy in the write-ahead log, and as much again for what goes with it. */
const ROOM_FOR_REPORT = 4 * MAX_DOCUMENT_BYTES;

const okSchema = z.strictObject({ status: z.literal('ok') });

export function registerHealth(app: FastifyInstance, { db, clock }: Deps, openapi: () => unknown): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.get(
    '/healthz',
    { schema: { summary: 'The process is up', tags: ['operation'], response: { 200: okSchema } } },
    async () => ({ status: 'ok' as const }),
  );

  typed.get(
    '/readyz',
    {
      // Each costs a synced write.
      config: { rateLimit: { max: 60, timeWindow: '1 minute' } },
      schema: {
        summary: 'The store takes writes at the newest schema',
        tags: ['operation'],
        response: { 200: okSchema, 503: refusalSchema },
      },
    },
    async () => {
      try {
        await db
          .insertInto('meta')
          .values({ key: 'ready-probe', value: clock().toISOString() })
          .onConflict((conflict) =>
            conflict.column('key').doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })),
          )
          .execute();
        await sql`select name from kysely_migration`.execute(db);
        // A small write may still fit where a report does not.
        const free = await freeBytes(db);
        if (free !== undefined && free < ROOM_FOR_REPORT) throw new Error(`${free} bytes free`);
      } catch (error) {
        throw new CodedError('STORE_UNAVAILABLE', {}, { cause: error });
      }
      return { status: 'ok' as const };
    },
  );

  app.get('/api/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(openapi())),
  );
}
