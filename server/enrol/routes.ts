/** `GET /v1/trust` and `POST /v1/enrol`, for hosts that have a token. */

import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import manifest from '../../package.json' with { type: 'json' };
import {
  enrolReplySchema,
  enrolSubmissionSchema,
  type TrustBundle,
  trustBundleSchema,
} from '../../shared/enrolment.ts';
import { refusalSchema } from '../../shared/report.ts';
import type { Deps } from '../deps.ts';
import { enrolHost } from './enrol-host.ts';
import type { ReinstallSteps } from './reinstall.ts';

/** A machine has at most 256 disks; 128 kB is room for all of them. */
const BODY_LIMIT = 128 * 1024;

export function registerEnrolRoutes(
  app: FastifyInstance,
  { db, clock, log, trust }: Deps & { trust: TrustBundle },
  steps: ReinstallSteps,
): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();

  typed.get(
    '/v1/trust',
    {
      helmet: false,
      schema: {
        summary: 'The three keys a host trusts; their fingerprint stands in the enrolment string',
        tags: ['agents'],
        response: { 200: trustBundleSchema },
      },
    },
    async (_request, reply) => {
      // For nachweis doctor; reports do not pay for it.
      reply.header('nachweis-version', manifest.version);
      return trust;
    },
  );

  typed.post(
    '/v1/enrol',
    {
      bodyLimit: BODY_LIMIT,
      // Against what browsers do; agents pay for every byte.
      helmet: false,
      config: { rateLimit: { max: 30, timeWindow: '1 minute' } },
      schema: {
        summary: 'Enrols a host under its new key',
        tags: ['agents'],
        body: enrolSubmissionSchema,
        response: { 201: enrolReplySchema, '4xx': refusalSchema, '5xx': refusalSchema },
      },
    },
    async (request, reply) => {
      const enrolled = await enrolHost(db, steps, request.body, clock());
      log.info({ host: enrolled.host, hostName: enrolled.name, tenant: enrolled.tenant }, 'host enrolled');
      return reply.code(201).send(enrolled);
    },
  );
}
