/** Which security updates wait, on which hosts, and until when they may: "who still has openssl 3.0.11?" */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { sql } from 'kysely';
import { updateEntrySchema, updateSeverities } from '../../shared/update-list.ts';
import { searchWords } from '../../shared/update-search.ts';
import type { Reach } from '../auth/reach.ts';
import {
  type Latency,
  type UpdateGroup,
  type UpdateRow,
  updatesCsvQuery,
  updatesQuery,
  updatesReply,
} from './api/updates.ts';
import { countRows } from './count-rows.ts';
import { type CsvColumns, csvOf, MAX_CSV_ROWS, sendCsv } from './csv.ts';
import { type HostLatency, hostLatencies } from './latency.ts';
import { type DashboardParts, reachOf } from './parts.ts';

interface Wanted {
  readonly q?: string | undefined;
  readonly host?: string | undefined;
  readonly severity?: (typeof updateSeverities)[number] | undefined;
  readonly due?: 'overdue' | 'open' | undefined;
  readonly now: string;
}

const MAX_HOSTS_SHOWN = 50;
const MAX_SLOWEST = 20;

export function updateRoutes(app: FastifyInstance, parts: DashboardParts): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const tags = ['updates'];

  api.get(
    '/api/updates',
    {
      config: { access: 'signed-in' },
      schema: { tags, querystring: updatesQuery, response: { 200: updatesReply } },
    },
    async (request) => {
      const { page, size, tenant: _tenant, ...filters } = request.query;
      const reach = reachOf(request);
      const wanted: Wanted = { ...filters, now: parts.now().toISOString() };
      const inReach = reach.hosts().where('retired_at', 'is', null);
      const [sums, hostsInReach, known, unsure, host, latencies] = await Promise.all([
        totals(reach, wanted),
        filters.host === undefined ? countRows(inReach) : 1,
        countRows(lists(reach, filters.host)),
        countRows(
          lists(reach, filters.host).where((eb) =>
            eb.or([eb('update_lists.doubt', 'is not', null), eb('update_lists.more', '>', 0)]),
          ),
        ),
        filters.host === undefined
          ? undefined
          : inReach.select(['id', 'name']).where('id', '=', filters.host).executeTakeFirst(),
        hostLatencies(reach, filters.host),
      ]);
      return {
        asOf: wanted.now,
        page,
        size,
        ...sums,
        hostsKnown: known,
        hostsInReach,
        hostsUnsure: unsure,
        host: host ?? null,
        latency: latencyOf(latencies),
        packages: await groups(reach, wanted, size, (page - 1) * size),
      };
    },
  );

  api.get(
    '/api/updates.csv',
    { config: { access: 'signed-in' }, schema: { tags, querystring: updatesCsvQuery } },
    async (request, reply) => {
      const { tenant: _tenant, ...filters } = request.query;
      const now = parts.now().toISOString();
      const rows = await rowsOf(found(reachOf(request), { ...filters, now }), now, MAX_CSV_ROWS);
      return sendCsv(reply, 'updates', now, csvOf(COLUMNS, rows));
    },
  );
}

function lists(reach: Reach, host: string | undefined) {
  const query = reach
    .updateLists()
    .innerJoin('hosts', 'hosts.id', 'update_lists.host_id')
    .where('hosts.retired_at', 'is', null);
  return host === undefined ? query : query.where('hosts.id', '=', host);
}

function found(reach: Reach, { q, host, severity, due, now }: Wanted) {
  let query = reach
    .pendingUpdates()
    .innerJoin('hosts', 'hosts.id', 'pending_updates.host_id')
    .innerJoin('tenants', 'tenants.id', 'hosts.tenant_id')
    .where('hosts.retired_at', 'is', null);
  if (host) query = query.where('hosts.id', '=', host);
  if (severity) query = query.where('pending_updates.severity', '=', updateSeverities.indexOf(severity));
  if (due === 'overdue') query = query.where('pending_updates.deadline', '<=', now);
  if (due === 'open')
    query = query.where((eb) =>
      eb.or([eb('pending_updates.deadline', 'is', null), eb('pending_updates.deadline', '>', now)]),
    );
  for (const { word, isNumber, versions } of searchWords(q ?? ''))
    query = query.where((eb) => {
      const like = (column: string, pattern: string) =>
        sql<boolean>`${sql.ref(column)} like ${pattern} escape '\\'`;
      const name = literal(word);
      return eb.or([
        ...versions.map((each) => like('pending_updates.versions', `%${literal(each)}%`)),
        ...(isNumber
          ? ['', '.%'].map((rest) => like('hosts.name', name + rest))
          : [
              like('pending_updates.names', `%${name}%`),
              sql<boolean>`lower(hosts.name) like ${`%${name}%`} escape '\\'`,
            ]),
      ]);
    });
  return query;
}
type Found = ReturnType<typeof found>;

const literal = (text: string): string => text.replace(/[\\%_]/g, '\\$&');

async function totals(reach: Reach, wanted: Wanted) {
  const row = await found(reach, wanted)
    .select((eb) => [
      eb.fn.countAll<number>().as('updates'),
      eb.fn.count<number>('pending_updates.name').distinct().as('total'),
      eb.fn.count<number>('pending_updates.host_id').distinct().as('hosts'),
      sql<number>`count(case when pending_updates.deadline <= ${wanted.now} then 1 end)`.as('overdue'),
    ])
    .executeTakeFirstOrThrow();
  return {
    updates: Number(row.updates),
    total: Number(row.total),
    hosts: Number(row.hosts),
    overdue: Number(row.overdue),
  };
}

/** The package that is due first comes first. */
async function groups(reach: Reach, wanted: Wanted, limit: number, offset: number): Promise<UpdateGroup[]> {
  const names = await found(reach, wanted)
    .select((eb) => [
      'pending_updates.name',
      eb.fn.min('pending_updates.severity').as('severity'),
      eb.fn.min('pending_updates.deadline').as('deadline'),
      eb.fn.count<number>('pending_updates.host_id').distinct().as('hosts'),
      sql<number>`count(case when pending_updates.deadline <= ${wanted.now} then 1 end)`.as('overdue'),
    ])
    .groupBy('pending_updates.name')
    .orderBy(sql`min(pending_updates.deadline) is null`)
    .orderBy(sql`min(pending_updates.deadline)`)
    .orderBy(sql`min(pending_updates.severity)`)
    .orderBy('pending_updates.name')
    .limit(limit)
    .offset(offset)
    .execute();
  return Promise.all(
    names.map(async ({ name, severity, deadline, hosts, overdue }) => ({
      name,
      severity: updateSeverities[Number(severity)] ?? 'unknown',
      deadline,
      hosts: Number(hosts),
      overdue: Number(overdue),
      rows: await rowsOf(
        found(reach, wanted).where('pending_updates.name', '=', name),
        wanted.now,
        MAX_HOSTS_SHOWN,
      ),
    })),
  );
}

async function rowsOf(query: Found, now: string, limit: number): Promise<UpdateRow[]> {
  const stored = await query
    .select([
      'pending_updates.entry',
      'pending_updates.cves',
      'pending_updates.deadline',
      'hosts.id as hostId',
      'hosts.name as hostName',
      'tenants.id as tenantId',
      'tenants.name as tenantName',
    ])
    .orderBy(sql`pending_updates.deadline is null`)
    .orderBy('pending_updates.deadline')
    .orderBy('pending_updates.name')
    .orderBy('hosts.name')
    .orderBy('hosts.id')
    .orderBy('pending_updates.position')
    .limit(limit)
    .execute();
  return stored.map((row) => ({
    host: { id: row.hostId, name: row.hostName },
    tenant: { id: row.tenantId, name: row.tenantName },
    entry: updateEntrySchema.parse(JSON.parse(row.entry)),
    cves: row.cves.split(' ').filter(Boolean),
    overdue: row.deadline !== null && row.deadline <= now,
  }));
}

function latencyOf(all: readonly HostLatency[]): Latency | null {
  if (all.length === 0) return null;
  const sum = (key: 'updates' | 'within') => all.reduce((total, one) => total + one[key], 0);
  return {
    updates: sum('updates'),
    within: sum('within'),
    hosts: all.length,
    slowest: all.slice(0, MAX_SLOWEST),
  };
}

const COLUMNS: CsvColumns<UpdateRow> = [
  ['tenant', ({ tenant }) => tenant.name],
  ['host', ({ host }) => host.name],
  ['package', ({ entry }) => entry.name],
  ['source package', ({ entry }) => entry.source ?? entry.name],
  ['architecture', ({ entry }) => entry.arch],
  ['installed', ({ entry }) => entry.installed],
  ['available', ({ entry }) => entry.candidate],
  ['archive', ({ entry }) => entry.origin],
  ['advisories', ({ entry }) => entry.advisories.join(' ')],
  ['CVE', ({ cves }) => cves.join(' ')],
  ['severity', ({ entry }) => entry.severity],
  ['fate', ({ entry }) => entry.fate],
  ['waiting since', ({ entry }) => entry.since ?? ''],
  ['deadline', ({ entry }) => entry.deadline ?? ''],
  ['overdue', ({ overdue }) => (overdue ? 'yes' : 'no')],
];
