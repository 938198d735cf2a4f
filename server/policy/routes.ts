/** `POST /v1/policy`: a host asks with its own key, and gets its policy where it does not have it yet. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { CodedError } from '../../shared/errors.ts';
import {
  type PolicyReply,
  type PolicyRequestEnvelope,
  policyReplySchema,
  policyRequestEnvelopeSchema,
  readPolicyRequest,
} from '../../shared/policy.ts';
import { refusalSchema } from '../../shared/report.ts';
import type { Deps } from '../deps.ts';
import { readHostEnvelope } from '../host-envelope.ts';
import { Refused } from '../refused.ts';
import { type IssueSteps, policyFor } from './issue.ts';

const BODY_LIMIT = 8 * 1024;

export function registerPolicyRoutes(
  app: FastifyInstance,
  { db, clock, log }: Deps,
  steps: IssueSteps,
): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    '/v1/policy',
    {
      bodyLimit: BODY_LIMIT,
      config: { rateLimit: false },
      helmet: false,
      schema: {
        summary: 'Gives a host its signed policy; null where it has the newest, or nobody made one',
        tags: ['agents'],
        body: policyRequestEnvelopeSchema,
        response: { 200: policyReplySchema, '4xx': refusalSchema, '5xx': refusalSchema },
      },
    },
    async (request): Promise<PolicyReply> => {
      const now = clock();
      const { host, have } = await readRequest({ db, now }, request.body);
      const policy = await policyFor(db, steps, { host, have, now });
      if (policy === null || policy.number <= have) return { policy: null };
      log.info({ host: host.id, number: policy.number }, 'policy delivered');
      return { policy: policy.envelope };
    },
  );
}

/**
 * The living host that signed, and what it has.
 * @throws Refused `BAD_SIGNATURE`, and with the host's id `KEY_REPLACED`, `POLICY_REQUEST_INVALID`,
 *   `TENANT_MISMATCH`, `HOST_RETIRED`, `HOST_QUARANTINED`
 */
async function readRequest({ db, now }: Pick<Deps, 'db'> & { now: Date }, envelope: PolicyRequestEnvelope) {
  const { host: id, have } = await readHostEnvelope(db, envelope, ({ hostId, payload }) => {
    const said = readPolicyRequest(payload, now);
    if (said.host !== hostId) throw new CodedError('TENANT_MISMATCH');
    return said;
  });
  const row = await db
    .selectFrom('hosts')
    .select(['id', 'name', 'tenant_id', 'retired_at', 'quarantined_at'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  if (row.retired_at) throw new Refused('HOST_RETIRED', { at: row.retired_at }, { host: row.id });
  // Of two machines under one key nobody knows which one asks.
  if (row.quarantined_at) throw new Refused('HOST_QUARANTINED', {}, { host: row.id });
  return { host: { id: row.id, name: row.name, tenantId: row.tenant_id }, have };
}
