/** Overview, tenants, alerts, checks and enrolment. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { clauseStates } from '../../shared/clause-status.ts';
import type { TenantStatus } from '../catalogue/tenant-status.ts';
import { alertCount, alertRows, channelRows } from './alert-rows.ts';
import { alertsQuery, alertsReply } from './api/alerts.ts';
import { type ClauseCounts, type TenantRef, tenantQuery } from './api/common.ts';
import {
  checksReply,
  enrolmentBody,
  enrolmentReply,
  type OverviewReply,
  overviewReply,
  tenantsReply,
} from './api/overview.ts';
import { checkTexts } from './check-texts.ts';
import { catalogueRef } from './clauses.ts';
import { freshnessCounts, hostRows } from './host-rows.ts';
import { type DashboardParts, reachOf } from './parts.ts';
import { tenantOf } from './routes-annex.ts';
import { transitionBalance, transitions } from './transitions.ts';

const DAY_MS = 24 * 3_600_000;

export function overviewRoutes(app: FastifyInstance, parts: DashboardParts): void {
  const { catalogue } = parts;
  const api = app.withTypeProvider<ZodTypeProvider>();
  const signedIn = { access: 'signed-in' } as const;

  api.get(
    '/api/overview',
    {
      config: signedIn,
      schema: { tags: ['overview'], querystring: tenantQuery, response: { 200: overviewReply } },
    },
    async (request) => {
      const reach = reachOf(request);
      const instant = parts.now();
      const now = instant.toISOString();
      const since = new Date(instant.getTime() - DAY_MS).toISOString();
      const tenants = await reach.tenants().select(['id', 'name']).orderBy('name').execute();
      const { owed: rows } = await hostRows(reach, now);
      const statuses: { tenant: TenantRef; status: TenantStatus }[] = [];
      for (const tenant of tenants)
        statuses.push({ tenant, status: await parts.tenantStatus(tenant.id, now) });
      const outcomes = { pass: 0, fail: 0, unknown: 0, 'not-applicable': 0 };
      for (const row of rows)
        for (const key of ['pass', 'fail', 'unknown', 'not-applicable'] as const)
          outcomes[key] += row.outcomes[key];
      return {
        asOf: now,
        catalogue: catalogueRef(catalogue),
        clauses: statuses.reduce((sum, { status }) => added(sum, status.totals), noClauses()),
        tenants: statuses.map(({ tenant, status }) => ({
          ...tenant,
          clauses: { ...status.totals },
          hosts: freshnessCounts(rows.filter((row) => row.tenant.id === tenant.id)),
        })),
        attention: attention(statuses, parts),
        hosts: freshnessCounts(rows),
        outcomes,
        today: {
          since,
          ...(await transitionBalance(reach, since)),
          changes: await transitions(reach, { since, onlyNews: true, limit: 12 }),
        },
        alerts: {
          open: await alertCount(reach, 'open'),
          newest: await alertRows(reach, { state: 'open', limit: 5 }),
        },
        channels: await channelRows(reach),
      };
    },
  );

  api.get(
    '/api/tenants',
    { config: signedIn, schema: { tags: ['tenants'], response: { 200: tenantsReply } } },
    async (request) => {
      const reach = reachOf(request);
      const [tenants, hosts] = await Promise.all([
        reach.tenants().selectAll().orderBy('name').execute(),
        reach.hosts().select(['tenant_id']).where('retired_at', 'is', null).execute(),
      ]);
      return {
        asOf: parts.now().toISOString(),
        tenants: tenants.map(({ id, name, created_at }) => ({
          id,
          name,
          createdAt: created_at,
          hosts: hosts.filter(({ tenant_id }) => tenant_id === id).length,
        })),
      };
    },
  );

  api.get(
    '/api/alerts',
    {
      config: signedIn,
      schema: { tags: ['alerts'], querystring: alertsQuery, response: { 200: alertsReply } },
    },
    async (request) => {
      const { page, size, state } = request.query;
      const reach = reachOf(request);
      const [open, resolved] = await Promise.all([alertCount(reach, 'open'), alertCount(reach, 'resolved')]);
      return {
        asOf: parts.now().toISOString(),
        page,
        size,
        total: state === 'open' ? open : resolved,
        open,
        resolved,
        alerts: await alertRows(reach, { state, limit: size, offset: (page - 1) * size }),
        channels: await channelRows(reach),
      };
    },
  );

  api.get(
    '/api/checks',
    { config: signedIn, schema: { tags: ['checks'], response: { 200: checksReply } } },
    async () => ({
      asOf: parts.now().toISOString(),
      checks: [...checkTexts.values()].map(({ defaults: _, references, ...check }) => ({
        ...check,
        references: [...references],
        decides: catalogue.clauses
          .filter(({ decides }) => decides.some((item) => 'check' in item && item.check === check.id))
          .map(({ id }) => id),
        informs: catalogue.clauses.filter(({ informs }) => informs.includes(check.id)).map(({ id }) => id),
      })),
    }),
  );

  api.post(
    '/api/enrolment',
    {
      config: { access: ['administrator', 'operations'] },
      bodyLimit: 4096,
      schema: { tags: ['enrolment'], body: enrolmentBody, response: { 200: enrolmentReply } },
    },
    async (request) => {
      const tenant = await tenantOf(reachOf(request));
      const { uses, hours } = request.body;
      const author = request.viewer?.name ?? '';
      const made = await parts.createEnrolment({ tenantId: tenant.id, uses, hours, author });
      return { asOf: parts.now().toISOString(), tenant, ...made, uses };
    },
  );
}

function noClauses(): ClauseCounts {
  return Object.fromEntries(clauseStates.map((state) => [state, 0])) as ClauseCounts;
}

function added(sum: ClauseCounts, more: Readonly<ClauseCounts>): ClauseCounts {
  for (const state of clauseStates) sum[state] += more[state];
  return sum;
}

/** Violated first, then what checks could prove and don't; what only a record could prove is on the annex. */
function attention(
  statuses: readonly { tenant: TenantRef; status: TenantStatus }[],
  { catalogue }: DashboardParts,
): OverviewReply['attention'] {
  const clauseOf = new Map(catalogue.clauses.map((clause) => [clause.id, clause]));
  const wanted = statuses.flatMap(({ tenant, status }) =>
    status.clauses.flatMap(({ id, status: state, counts }) => {
      const clause = clauseOf.get(id);
      const matters =
        state === 'violated' || (state === 'unproven' && clause?.decides.some((item) => 'check' in item));
      return clause && matters
        ? [{ tenant, clause: { id, title: clause.title }, status: state, hosts: { ...counts } }]
        : [];
    }),
  );
  const rank = (state: string) => (state === 'violated' ? 0 : 1);
  return wanted.sort((a, b) => rank(a.status) - rank(b.status)).slice(0, 50);
}
