/** Sign-in and dashboard on real HTTP, over a seeded database and a clock that tests turn. */
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { createAuth } from '../../../server/auth/register.ts';
import { createSignInLink, createUser, type NewUser } from '../../../server/auth/sign-in-link.ts';
import { loadCatalogue } from '../../../server/catalogue/load.ts';
import { tenantStatus } from '../../../server/catalogue/tenant-status.ts';
import { registerDashboard } from '../../../server/dashboard/register.ts';
import { type Db, openDatabase } from '../../../server/db/database.ts';
import { createToken } from '../../../server/enrol/token.ts';
import { coded, refusalBody, statusOf } from '../../../server/refused.ts';
import { formatEnrolmentString } from '../../../shared/enrolment.ts';
import { NOW, seed } from './seed.ts';

export interface TestDashboard {
  readonly origin: string;
  readonly db: Db;
  readonly app: FastifyInstance;
  /** Turns the clock. */
  readonly set: (now: Date) => void;
  readonly close: () => Promise<void>;
  /** Makes a user and gives the secret of a sign-in link. */
  readonly invite: (user: Partial<NewUser> & { name: string }) => Promise<string>;
}

export interface Options {
  readonly seeded?: boolean;
  readonly port?: number;
  readonly now?: Date;
}

export async function startDashboard({
  seeded = true,
  port = 0,
  now = NOW,
}: Options = {}): Promise<TestDashboard> {
  const directory = mkdtempSync(join(tmpdir(), 'nachweis-dashboard-'));
  const db = await openDatabase(join(directory, 'collector.db'));
  let instant = now;
  const clock = () => instant;
  const catalogue = await loadCatalogue();
  if (seeded) await seed(db);

  const app = Fastify({ forceCloseConnections: true });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) => {
    const refused = coded(error);
    if (refused.code === 'INTERNAL') process.stderr.write(`${request.url} ${String(refused.cause)}\n`);
    const language = /^de\b/.test(request.headers['accept-language'] ?? '') ? 'de' : 'en';
    return reply.code(statusOf(refused)).send(refusalBody(refused, language));
  });
  await createAuth(db, clock).register(app);
  await registerDashboard(app, {
    now: clock,
    catalogue,
    tenantStatus: (tenantId, at) => tenantStatus(db, catalogue, tenantId, at),
    createEnrolment: async (tenantId, uses) => ({
      line: formatEnrolmentString({
        collector: 'https://collector.example.org:8443',
        token: await createToken(db, { tenantId, uses, hours: 24 }, clock()),
        fingerprint: 'ab'.repeat(32),
      }),
      expiresAt: new Date(clock().getTime() + 24 * 3_600_000).toISOString(),
    }),
    directory: join(import.meta.dirname, '../../../dist/dashboard'),
  });
  await app.listen({ host: '127.0.0.1', port });
  return {
    origin: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    db,
    app,
    set: (next) => {
      instant = next;
    },
    close: async () => {
      await app.close();
      await db.destroy();
      rmSync(directory, { recursive: true, force: true });
    },
    invite: async (user) => {
      const id = await createUser(
        db,
        { role: 'administrator', tenantId: null, language: 'de', ...user },
        clock(),
      );
      return (await createSignInLink(db, id, clock())).secret;
    },
  };
}
