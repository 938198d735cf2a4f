/** `POST /v1/decommission`: a host says with its own key that its last report was the last one. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { fromBase64, fromUtf8 } from '../../shared/bytes.ts';
import {
  DECOMMISSION_WINDOW_MS,
  type Decommission,
  type DecommissionEnvelope,
  type DecommissionReply,
  decommissionEnvelopeSchema,
  decommissionReplySchema,
  readDecommission,
} from '../../shared/decommission.ts';
import { envelopeSchema } from '../../shared/envelope.ts';
import { CodedError } from '../../shared/errors.ts';
import { type Receipt, refusalSchema, statementSchema } from '../../shared/report.ts';
import type { Trx } from '../db/database.ts';
import type { Database } from '../db/schema.ts';
import type { Deps } from '../deps.ts';
import { readHostEnvelope } from '../host-envelope.ts';
import { Refused } from '../refused.ts';
import { type EndingSteps, endingsOfSubject, findSubject, retireKey, writeEnding } from './store.ts';

const BODY_LIMIT = 8 * 1024;

export interface DecommissionSteps extends Pick<EndingSteps, 'appendLeaf'> {
  findLeaf(trx: Trx, index: number): Promise<Receipt['log'] | undefined>;
}

export function registerDecommissionRoute(
  app: FastifyInstance,
  { db, clock, log }: Deps,
  steps: DecommissionSteps,
): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    '/v1/decommission',
    {
      bodyLimit: BODY_LIMIT,
      config: { rateLimit: { max: 30, timeWindow: '1 minute' } },
      schema: {
        summary: 'Retires the key of a host that asks for it after its last report',
        tags: ['agents'],
        body: decommissionEnvelopeSchema,
        response: { 200: decommissionReplySchema, '4xx': refusalSchema, '5xx': refusalSchema },
      },
    },
    async (request): Promise<DecommissionReply> => {
      const opened = await readHostEnvelope(db, request.body, ({ hostId, payload }) => {
        const said = readDecommission(payload);
        // A key speaks for its own host and no other: one answer whether the other exists or not.
        if (said.host !== hostId) throw new CodedError('TENANT_MISMATCH');
        return said;
      });
      const reply = await db
        .transaction()
        .execute((trx) => decommission(trx, steps, { opened, envelope: request.body, now: clock() }));
      log.info({ host: reply.host, index: reply.log.index }, 'host decommissioned');
      return reply;
    },
  );
}

interface Asked {
  readonly opened: Decommission;
  readonly envelope: DecommissionEnvelope;
  readonly now: Date;
}

async function decommission(
  trx: Trx,
  steps: DecommissionSteps,
  { opened, envelope, now }: Asked,
): Promise<DecommissionReply> {
  const host = await trx
    .selectFrom('hosts')
    .selectAll()
    .where('id', '=', opened.host)
    .executeTakeFirstOrThrow();
  const done = (await endingsOfSubject(trx, host.id)).find(({ state }) => state === 'decommissioned');
  if (done && sameLast(done.content, opened)) {
    // The reply to the first try got lost: a host asks until it has it, whatever time it is by then.
    const log = await steps.findLeaf(trx, done.log_index);
    if (!log) throw new Error(`the ending of ${host.id} has no leaf`);
    return { host: host.id, retiredAt: done.at, log };
  }
  if (host.retired_at) throw new Refused('HOST_RETIRED', { at: host.retired_at }, { host: host.id });
  if (host.quarantined_at) throw new Refused('HOST_QUARANTINED', {}, { host: host.id });
  await refuse(trx, host, opened, now);
  const at = now.toISOString();
  const log = await writeEnding(trx, steps, {
    subject: await findSubject(trx, host.id),
    ...{ state: 'decommissioned', at, author: host.name, reason: '', signed: envelope },
  });
  await retireKey(trx, host.id, at);
  return { host: host.id, retiredAt: at, log };
}

async function refuse(trx: Trx, host: Database['hosts'], { last, at }: Decommission, now: Date) {
  const refused = (de: string, en: string) =>
    new Refused('DECOMMISSION_REFUSED', { problem: { de, en } }, { host: host.id });
  const seconds = Math.round(Math.abs(now.getTime() - Date.parse(at)) / 1000);
  if (seconds * 1000 > DECOMMISSION_WINDOW_MS)
    throw refused(`ihre Uhrzeit weicht um ${seconds} s ab`, `its time is off by ${seconds} s`);
  if (last.sequence !== host.last_sequence || last.envelopeDigest !== host.last_envelope_digest)
    throw refused(
      'der genannte Bericht ist nicht der letzte, den der Kollektor hat',
      'the report that it names is not the last one that the collector has',
    );
  const report = await trx
    .selectFrom('reports')
    .select('envelope')
    .where('host_id', '=', host.id)
    .where('sequence', '=', last.sequence)
    .executeTakeFirst();
  const statement = report && statementSchema.safeParse(payloadOf(report.envelope)).data;
  if (!statement?.predicate.last)
    throw refused(
      'ihr letzter Bericht ist nicht als letzter gekennzeichnet',
      'its last report is not marked as such',
    );
}

const payloadOf = (envelope: string): unknown =>
  JSON.parse(fromUtf8(fromBase64(envelopeSchema.parse(JSON.parse(envelope)).payload)));

/** Whether what the host signed then names the same last report. */
function sameLast(content: string, { last }: Decommission): boolean {
  const { payload } = decommissionEnvelopeSchema.parse(JSON.parse(content));
  const before = JSON.parse(fromUtf8(fromBase64(payload))) as Decommission;
  return before.last.sequence === last.sequence && before.last.envelopeDigest === last.envelopeDigest;
}
