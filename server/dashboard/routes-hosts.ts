/** Hosts: the list, one of them, and its history. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { CodedError } from '../../shared/errors.ts';
import type { Reach } from '../auth/reach.ts';
import {
  type HostRow,
  historyQuery,
  historyReply,
  hostParams,
  hostReply,
  type hostSorts,
  hostsQuery,
  hostsReply,
} from './api/hosts.ts';
import { enrolmentReply } from './api/overview.ts';
import { hostDetail } from './host-detail.ts';
import { freshnessCounts, hostRows } from './host-rows.ts';
import { type DashboardParts, reachOf } from './parts.ts';
import { transitionCount, transitions } from './transitions.ts';

export function hostRoutes(app: FastifyInstance, parts: DashboardParts): void {
  reinstallRoute(app, parts);
  const api = app.withTypeProvider<ZodTypeProvider>();
  const tags = ['hosts'];

  api.get(
    '/api/hosts',
    {
      config: { access: 'signed-in' },
      schema: { tags, querystring: hostsQuery, response: { 200: hostsReply } },
    },
    async (request) => {
      const { page, size, q, freshness, outcome, check, life, sort, order } = request.query;
      const reach = reachOf(request);
      const now = parts.now().toISOString();
      const { owed, ended } = await hostRows(reach, now);
      const all = life === 'ended' ? ended : owed;
      const withResult = check || outcome ? await hostsWithResult(reach, { check, outcome }) : null;
      const words = (q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
      const matching = all.filter(
        (row) =>
          (!freshness || row.freshness === freshness) &&
          (!withResult || (row.id !== null && withResult.has(row.id))) &&
          words.every((word) =>
            `${row.name} ${row.os ?? ''} ${row.tenant.name}`.toLowerCase().includes(word),
          ),
      );
      matching.sort(comparator(sort, order ?? (isCount(sort) ? 'desc' : 'asc')));
      return {
        asOf: now,
        page,
        size,
        total: matching.length,
        totalHosts: all.length,
        ended: ended.length,
        freshness: freshnessCounts(owed),
        hosts: matching.slice((page - 1) * size, page * size),
      };
    },
  );

  api.get(
    '/api/hosts/:host',
    {
      config: { access: 'signed-in' },
      schema: { tags, params: hostParams, response: { 200: hostReply } },
    },
    async (request) => hostDetail(reachOf(request), request.params.host, parts),
  );

  api.get(
    '/api/hosts/:host/history',
    {
      config: { access: 'signed-in' },
      schema: { tags, params: hostParams, querystring: historyQuery, response: { 200: historyReply } },
    },
    async (request) => {
      const { page, size, check } = request.query;
      const wanted = { hostId: request.params.host, check };
      const reach = reachOf(request);
      return {
        asOf: parts.now().toISOString(),
        page,
        size,
        total: await transitionCount(reach, wanted),
        history: await transitions(reach, { ...wanted, limit: size, offset: (page - 1) * size }),
      };
    },
  );
}

/** A string for one host that was reinstalled: its new key, its old history. */
function reinstallRoute(app: FastifyInstance, parts: DashboardParts): void {
  app.withTypeProvider<ZodTypeProvider>().post(
    '/api/hosts/:host/reinstall',
    {
      config: { access: ['administrator', 'operations'] },
      bodyLimit: 4096,
      schema: { tags: ['enrolment'], params: hostParams, response: { 200: enrolmentReply } },
    },
    async (request) => {
      const reach = reachOf(request);
      const host = await reach
        .hosts()
        .select(['id', 'tenant_id'])
        .where('id', '=', request.params.host)
        .where('retired_at', 'is', null)
        .executeTakeFirst();
      const tenant = await reach.tenants().select(['id', 'name']).executeTakeFirst();
      if (!host || !tenant) throw new CodedError('NOT_FOUND');
      const author = request.viewer?.name ?? '';
      const terms = { tenantId: host.tenant_id, hostId: host.id, uses: 1, hours: 24, author };
      return { asOf: parts.now().toISOString(), tenant, ...(await parts.createEnrolment(terms)), uses: 1 };
    },
  );
}

async function hostsWithResult(
  reach: Reach,
  wanted: { check: string | undefined; outcome: 'pass' | 'fail' | 'unknown' | 'not-applicable' | undefined },
): Promise<ReadonlySet<string>> {
  let rows = reach.results().select('results.host_id').distinct();
  if (wanted.check) rows = rows.where('results.check_id', '=', wanted.check);
  if (wanted.outcome) rows = rows.where('results.outcome', '=', wanted.outcome);
  return new Set((await rows.execute()).map(({ host_id }) => host_id));
}

type Sort = (typeof hostSorts)[number];

/** What people want to see first: the most, the newest. */
const isCount = (sort: Sort) => sort === 'fail' || sort === 'unknown' || sort === 'enrolled';

/** Names sort as people read them (`web2` before `web10`); equal rows always come in the same order. */
const names = new Intl.Collator('de', { numeric: true });

/** Text order is time order; never comes first. */
function instants(a: string | null, b: string | null): number {
  const [left, right] = [a ?? '', b ?? ''];
  return left < right ? -1 : left > right ? 1 : 0;
}

function comparator(sort: Sort, order: 'asc' | 'desc') {
  const sign = order === 'asc' ? 1 : -1;
  const byName = (a: HostRow, b: HostRow) =>
    names.compare(a.name, b.name) || names.compare(a.tenant.name, b.tenant.name);
  const by: Record<Sort, (a: HostRow, b: HostRow) => number> = {
    name: byName,
    tenant: (a, b) => names.compare(a.tenant.name, b.tenant.name),
    os: (a, b) => names.compare(a.os ?? '', b.os ?? ''),
    fail: (a, b) => a.outcomes.fail - b.outcomes.fail || a.outcomes.unknown - b.outcomes.unknown,
    unknown: (a, b) => a.outcomes.unknown - b.outcomes.unknown,
    received: (a, b) => instants(a.lastReceivedAt, b.lastReceivedAt),
    enrolled: (a, b) => instants(a.enrolledAt, b.enrolledAt),
  };
  return (a: HostRow, b: HostRow) => sign * by[sort](a, b) || byName(a, b);
}
