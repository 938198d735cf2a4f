/** The annex of one tenant, and one clause of it. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { clauseStates, type HostClauseStatus } from '../../shared/clause-status.ts';
import { CodedError } from '../../shared/errors.ts';
import type { Reach } from '../auth/reach.ts';
import { annexQuery, annexReply, clauseQuery, clauseReply } from './api/annex.ts';
import { annexClause, catalogueRef, headingsOf, hostBasis } from './clauses.ts';
import { type DashboardParts, reachOf } from './parts.ts';

export function annexRoutes(app: FastifyInstance, parts: DashboardParts): void {
  const { catalogue } = parts;
  const api = app.withTypeProvider<ZodTypeProvider>();
  const tags = ['annex'];

  api.get(
    '/api/annex',
    {
      config: { access: 'signed-in' },
      schema: { tags, querystring: annexQuery, response: { 200: annexReply } },
    },
    async (request) => {
      const tenant = await tenantOf(reachOf(request));
      const status = await parts.tenantStatus(tenant.id, parts.now().toISOString());
      const byId = new Map(status.clauses.map((clause) => [clause.id, clause]));
      return {
        asOf: status.at,
        tenant,
        catalogue: catalogueRef(catalogue),
        sections: catalogue.sections,
        counts: { ...status.totals },
        clauses: catalogue.clauses.flatMap((clause) => {
          const found = byId.get(clause.id);
          return found ? [annexClause(clause, found)] : [];
        }),
      };
    },
  );

  api.get(
    '/api/annex/clause',
    {
      config: { access: 'signed-in' },
      schema: { tags, querystring: clauseQuery, response: { 200: clauseReply } },
    },
    async (request) => {
      const reach = reachOf(request);
      const tenant = await tenantOf(reach);
      const index = catalogue.clauses.findIndex(({ id }) => id === request.query.clause);
      const clause = catalogue.clauses[index];
      const status = await parts.tenantStatus(tenant.id, parts.now().toISOString());
      const found = status.clauses.find(({ id }) => id === clause?.id);
      if (!clause || !found) throw new CodedError('NOT_FOUND');
      const enrolled = new Set((await reach.hosts().select('id').execute()).map(({ id }) => id));
      return {
        asOf: status.at,
        tenant,
        catalogue: catalogueRef(catalogue),
        sections: headingsOf(catalogue, clause.id),
        clause: annexClause(clause, found),
        previous: catalogue.clauses[index - 1]?.id ?? null,
        next: catalogue.clauses[index + 1]?.id ?? null,
        hosts: worstFirst(found.hosts).map((host) => ({
          id: enrolled.has(host.hostId) ? host.hostId : null,
          name: host.name,
          status: host.status,
          reason: host.reason,
          basis: host.basis.map(hostBasis),
        })),
      };
    },
  );
}

/** Equal ones stay in the order of their names. */
function worstFirst(hosts: readonly HostClauseStatus[]): HostClauseStatus[] {
  const rank = ({ status }: HostClauseStatus) => clauseStates.indexOf(status);
  return [...hosts].sort((a, b) => rank(a) - rank(b));
}

/** The annex is always that of one tenant. @throws CodedError `NOT_FOUND` */
export async function tenantOf(reach: Reach): Promise<{ id: string; name: string }> {
  const tenant =
    reach.tenantId === null ? undefined : await reach.tenants().select(['id', 'name']).executeTakeFirst();
  if (!tenant) throw new CodedError('NOT_FOUND');
  return tenant;
}
