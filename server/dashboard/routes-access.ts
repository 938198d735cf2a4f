/** Who can enter which host, how far, and by whose leave. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { sql } from 'kysely';
import { accessEntrySchema, accessMatrixSchema, type WayIn } from '../../shared/access-matrix.ts';
import { grantSchema } from '../../shared/grant.ts';
import { recordSchema } from '../../shared/record.ts';
import type { Reach } from '../auth/reach.ts';
import { type AccessReply, type AccessRow, accessQuery, accessReply } from './api/access.ts';
import { countRows } from './count-rows.ts';
import { type DashboardParts, reachOf } from './parts.ts';

interface Wanted {
  readonly q?: string | undefined;
  readonly host?: string | undefined;
  readonly way?: WayIn | undefined;
  readonly covered?: 'open' | 'granted' | undefined;
}

const MAX_GAPS = 100;

export function accessRoutes(app: FastifyInstance, parts: DashboardParts): void {
  app.withTypeProvider<ZodTypeProvider>().get(
    '/api/access',
    {
      config: { access: 'signed-in' },
      schema: { tags: ['access'], querystring: accessQuery, response: { 200: accessReply } },
    },
    async (request) => {
      const { page, size, q, host, way, covered } = request.query;
      const reach = reachOf(request);
      const wanted = { q, host, way };
      const [open, granted, matrices, hosts, one] = await Promise.all([
        countRows(found(reach, { ...wanted, covered: 'open' })),
        countRows(found(reach, { ...wanted, covered: 'granted' })),
        matricesOf(reach, host),
        reach.hosts().select(['id']).where('retired_at', 'is', null).execute(),
        host === undefined ? null : hostOf(reach, host),
      ]);
      const gaps = matrices.flatMap((matrix) => matrix.gaps);
      return {
        asOf: parts.now().toISOString(),
        page,
        size,
        total: covered === 'open' ? open : covered === 'granted' ? granted : open + granted,
        open,
        granted,
        hosts: matrices.length,
        hostsInReach: host === undefined ? hosts.length : 1,
        withoutRegister: matrices.filter(({ register }) => !register).length,
        host: one,
        gaps: gaps.slice(0, MAX_GAPS),
        gapsTotal: gaps.length,
        entries: await rows(reach, { ...wanted, covered }, size, (page - 1) * size),
      };
    },
  );
}

function found(reach: Reach, { q, host, way, covered }: Wanted) {
  let query = reach
    .accessEntries()
    .innerJoin('hosts', 'hosts.id', 'access_entries.host_id')
    .innerJoin('tenants', 'tenants.id', 'hosts.tenant_id')
    .where('hosts.retired_at', 'is', null);
  if (host) query = query.where('hosts.id', '=', host);
  if (way) query = query.where('access_entries.way', '=', way);
  if (covered === 'open') query = query.where('access_entries.grant_id', 'is', null);
  if (covered === 'granted') query = query.where('access_entries.grant_id', 'is not', null);
  for (const word of (q ?? '').toLowerCase().split(/\s+/).filter(Boolean)) {
    const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where((eb) =>
      eb.or([
        eb(sql`lower(access_entries.entry)`, 'like', sql`${pattern} escape '\\'`),
        eb(sql`lower(hosts.name)`, 'like', sql`${pattern} escape '\\'`),
      ]),
    );
  }
  return query;
}

async function hostOf(reach: Reach, id: string): Promise<AccessReply['host']> {
  const row = await reach
    .hosts()
    .innerJoin('tenants', 'tenants.id', 'hosts.tenant_id')
    .select(['hosts.id', 'hosts.name', 'tenants.id as tenantId', 'tenants.name as tenant'])
    .where('hosts.id', '=', id)
    .executeTakeFirst();
  return row ? { id: row.id, name: row.name, tenant: { id: row.tenantId, name: row.tenant } } : null;
}

async function matricesOf(reach: Reach, host: string | undefined) {
  let query = reach
    .accessMatrices()
    .innerJoin('hosts', 'hosts.id', 'access_matrices.host_id')
    .select(['hosts.id', 'hosts.name', 'access_matrices.register', 'access_matrices.gaps'])
    .where('hosts.retired_at', 'is', null)
    .orderBy('hosts.name');
  if (host !== undefined) query = query.where('hosts.id', '=', host);
  return (await query.execute()).map(({ id, name, register, gaps }) => ({
    register: register === 1,
    gaps: accessMatrixSchema.shape.gaps
      .parse(JSON.parse(gaps))
      .map((gap) => ({ host: { id, name }, ...gap })),
  }));
}

async function rows(reach: Reach, wanted: Wanted, limit: number, offset: number): Promise<AccessRow[]> {
  const stored = await found(reach, wanted)
    .innerJoin('access_matrices', 'access_matrices.host_id', 'hosts.id')
    .select([
      'access_entries.entry',
      'access_entries.grant_id as grantId',
      'access_matrices.register',
      'hosts.id as hostId',
      'hosts.name as hostName',
      'tenants.id as tenantId',
      'tenants.name as tenantName',
    ])
    .orderBy('tenants.name')
    .orderBy('access_entries.account')
    .orderBy('hosts.name')
    .orderBy('hosts.id')
    .orderBy('access_entries.position')
    .limit(limit)
    .offset(offset)
    .execute();
  const grants = await grantsOf(
    reach,
    stored.flatMap(({ grantId }) => (grantId === null ? [] : [grantId])),
  );
  return stored.map((row) => {
    const { grant: _grant, ...entry } = accessEntrySchema.parse(JSON.parse(row.entry));
    return {
      host: { id: row.hostId, name: row.hostName },
      tenant: { id: row.tenantId, name: row.tenantName },
      entry,
      register: row.register === 1,
      grant: row.grantId === null ? null : (grants.get(row.grantId) ?? unknownGrant(row.grantId)),
    };
  });
}

const unknownGrant = (id: string) => ({ id, subject: null, party: null, until: null });

const termsSchema = grantSchema.pick({ party: true });

async function grantsOf(reach: Reach, ids: readonly string[]) {
  const stored =
    ids.length === 0
      ? []
      : await reach
          .records()
          .select(['records.content'])
          .where('records.id', 'in', [...new Set(ids)])
          .execute();
  return new Map(
    stored.map(({ content }) => {
      const { id, subject, until, terms } = recordSchema.parse(JSON.parse(content));
      const party = termsSchema.safeParse({ party: terms?.party }).data?.party ?? null;
      return [id, { id, subject, party, until }] as const;
    }),
  );
}
