/** `POST /v1/policy`: a host asks with its own key, and gets its policy where it does not have it yet. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { fromBase64, toHex } from '../../shared/bytes.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';
import { CodedError } from '../../shared/errors.ts';
import {
  openPolicyRequest,
  type PolicyReply,
  type PolicyRequestEnvelope,
  policyReplySchema,
  policyRequestEnvelopeSchema,
} from '../../shared/policy.ts';
import { refusalSchema } from '../../shared/report.ts';
import type { Deps } from '../deps.ts';
import { nobody } from '../host-envelope.ts';
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
 * @throws Refused `BAD_SIGNATURE`, and with the host's id `POLICY_REQUEST_INVALID`, `TENANT_MISMATCH`,
 *   `HOST_RETIRED`, `HOST_QUARANTINED`
 */
async function readRequest({ db, now }: Pick<Deps, 'db'> & { now: Date }, envelope: PolicyRequestEnvelope) {
  const [{ keyid, sig }] = envelope.signatures;
  const row = await db
    .selectFrom('hosts')
    .select(['id', 'name', 'tenant_id', 'public_key', 'retired_at', 'quarantined_at'])
    .where('key_id', '=', keyid)
    .executeTakeFirst();
  const asked: PolicyRequestEnvelope = row
    ? envelope
    : { ...envelope, signatures: [{ keyid: toHex(nodeCrypto.sha256(nobody)), sig }] };
  const opened = await openPolicyRequest(
    nodeCrypto,
    asked,
    row ? fromBase64(row.public_key) : nobody,
    now,
  ).catch((error: unknown) => {
    if (error instanceof CodedError && error.code === 'BAD_SIGNATURE')
      throw new Refused('BAD_SIGNATURE', {}, { countedAs: row ? 'BAD_SIGNATURE' : 'HOST_UNKNOWN' });
    if (error instanceof CodedError) throw new Refused(error.code, error.details, { host: row?.id });
    throw error;
  });
  if (!row) throw new Refused('BAD_SIGNATURE', {}, { countedAs: 'HOST_UNKNOWN' });
  if (opened.host !== row.id) throw new Refused('TENANT_MISMATCH', {}, { host: row.id });
  if (row.retired_at) throw new Refused('HOST_RETIRED', { at: row.retired_at }, { host: row.id });
  // Of two machines under one key nobody knows which one asks.
  if (row.quarantined_at) throw new Refused('HOST_QUARANTINED', {}, { host: row.id });
  return { host: { id: row.id, name: row.name, tenantId: row.tenant_id }, have: opened.have };
}
