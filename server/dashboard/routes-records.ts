/** The list of records and grants, newest first. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { type ExpressionBuilder, sql } from 'kysely';
import { recordSchema } from '../../shared/record.ts';
import type { Reach } from '../auth/reach.ts';
import type { Database } from '../db/schema.ts';
import { type RecordRow, recordRowSchema, recordsQuery, recordsReply } from './api/records.ts';
import { countRows } from './count-rows.ts';
import { type DashboardParts, reachOf } from './parts.ts';

interface Wanted {
  readonly type?: RecordRow['type'] | undefined;
  readonly q?: string | undefined;
  readonly now: string;
}

export function recordRoutes(app: FastifyInstance, parts: DashboardParts): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/records',
    {
      config: { access: 'signed-in' },
      schema: { tags: ['records'], querystring: recordsQuery, response: { 200: recordsReply } },
    },
    async (request) => {
      const { page, size, type, state, q } = request.query;
      const reach = reachOf(request);
      const wanted: Wanted = { type, q, now: parts.now().toISOString() };
      const [live, ended, pending] = await Promise.all([
        countRows(found(reach, wanted, 'live')),
        countRows(found(reach, wanted, 'ended')),
        countRows(found(reach, wanted, 'live').where('records.valid_from', '>', wanted.now)),
      ]);
      const total = state === 'live' ? live : ended;
      return {
        ...{ asOf: wanted.now, page, size, total, live, pending, ended },
        records: await rows(reach, wanted, { state, limit: size, offset: (page - 1) * size }),
      };
    },
  );
}

function found(reach: Reach, { type, q, now }: Wanted, state: 'live' | 'ended') {
  let query = reach
    .records()
    .innerJoin('tenants', 'tenants.id', 'records.tenant_id')
    .leftJoin('records as later', 'later.ends_id', 'records.id')
    .where('records.holds', '=', 1)
    .where((eb) => {
      const open = eb.and([
        eb('later.id', 'is', null),
        eb.or([eb('records.valid_until', 'is', null), eb('records.valid_until', '>', now)]),
      ]);
      return state === 'live' ? open : eb.not(open);
    });
  if (type) query = query.where('records.type', '=', type);
  if (q) query = query.where((eb) => contains(eb, q));
  return query;
}

/** In the subject or anywhere in what was written, accounts and fingerprints included. */
function contains(eb: ExpressionBuilder<Pick<Database, 'records'>, 'records'>, q: string) {
  const pattern = `%${q.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  return eb(sql`lower(records.content)`, 'like', sql`${pattern} escape '\\'`);
}

async function rows(
  reach: Reach,
  wanted: Wanted,
  { state, limit, offset }: { state: 'live' | 'ended'; limit: number; offset: number },
): Promise<RecordRow[]> {
  const stored = await found(reach, wanted, state)
    .select([
      'records.content',
      'tenants.id as tenantId',
      'tenants.name as tenantName',
      'later.recorded_at as endedAt',
    ])
    .orderBy('records.log_index', 'desc')
    .limit(limit)
    .offset(offset)
    .execute();
  return stored.map(({ content, tenantId, tenantName, endedAt }) => {
    const { id, type, subject, scope, author, approver, text, time, from, until, attachments, terms } =
      recordSchema.parse(JSON.parse(content));
    const end = endedAt !== null && (until === null || endedAt < until) ? endedAt : until;
    return {
      ...{ id, type, subject, scope, author, approver, text, attachments, from },
      tenant: { id: tenantId, name: tenantName },
      recordedAt: time,
      until: end,
      state: end !== null && end <= wanted.now ? 'ended' : wanted.now < from ? 'not-yet' : 'live',
      grant: type === 'grant' ? recordRowSchema.shape.grant.parse(terms ?? null) : null,
      media: type === 'erasure' || type === 'disposal' ? mediaNames(terms) : [],
    };
  });
}

/** The serial numbers or devices that a record of erasure or disposal names. */
function mediaNames(terms: Readonly<Record<string, unknown>> | undefined): string[] {
  const named = [terms?.disks, terms?.volumes].filter((list) => Array.isArray(list)).flat() as unknown[];
  return named.flatMap((one) => {
    const { serial, device } = one as { serial?: unknown; device?: unknown };
    return typeof serial === 'string' ? [serial] : typeof device === 'string' ? [device] : [];
  });
}
