/**
 * The one place that decides who may call which route of the API, and about whose data. A route says
 * `config: { access }`; a route under /api/ that says nothing stops the start, not the request.
 */
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import type { Kysely } from 'kysely';
import { CodedError } from '../../shared/errors.ts';
import type { Database } from '../db/schema.ts';
import { readSessionCookie } from './cookie.ts';
import { refuseCrossSite } from './origin.ts';
import { Reach } from './reach.ts';
import { findSession } from './session.ts';
import { isMisplaced, type Role, type Viewer } from './viewer.ts';

/** `anyone`: also without a session. `signed-in`: every role. Otherwise the roles that may. */
export type RouteAccess = 'anyone' | 'signed-in' | readonly Role[];

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
  }
  interface FastifyRequest {
    /** Who is signed in; null for nobody. Set on every route under /api/. */
    viewer: Viewer | null;
    /** Set on every route that is not for `anyone`. */
    reach: Reach | null;
  }
}

/** Holds no data of anybody and is registered elsewhere. */
const DOCUMENT = '/api/openapi.json';
/** Names of ids in paths, queries and bodies, and how the tenant that they belong to is found. */
const scopedIds = ['tenant', 'host', 'alert'] as const;

const isApi = (url: string) => url.startsWith('/api/') && url !== DOCUMENT;

export function guardRoutes(app: FastifyInstance, db: Kysely<Database>, now: () => Date): void {
  app.decorateRequest('viewer', null);
  app.decorateRequest('reach', null);
  app.addHook('onRoute', refuseUnguarded);

  app.addHook('onRequest', async (request) => {
    if (!isApi(request.routeOptions.url ?? '')) return;
    refuseCrossSite(request);
    const secret = readSessionCookie(request);
    request.viewer = secret ? ((await findSession(db, secret, now())) ?? null) : null;
    const access = request.routeOptions.config.access;
    if (access === 'anyone') return;
    if (!request.viewer) throw new CodedError('SIGNED_OUT');
    const allowed = access === 'signed-in' || access?.includes(request.viewer.role);
    if (!allowed || isMisplaced(request.viewer)) throw new CodedError('FORBIDDEN');
  });

  // After validation, so that ids in the body are known to be text.
  app.addHook('preHandler', async (request) => {
    if (!request.viewer || !isApi(request.routeOptions.url ?? '')) return;
    const all = new Reach(db, request.viewer, null);
    const tenantId = await tenantNamed(all, request);
    request.reach = new Reach(db, request.viewer, tenantId);
  });
}

function refuseUnguarded(route: RouteOptions): void {
  if (!isApi(route.url)) return;
  if (route.config?.access === undefined) throw new TypeError(`${route.url} says nothing about access`);
  for (const [, name] of route.url.matchAll(/:(\w+)/g))
    if (!(scopedIds as readonly string[]).includes(name ?? ''))
      throw new TypeError(`${route.url}: nothing checks whose :${name} it is`);
}

/**
 * The tenant that the request names, directly or by something that belongs to it. What the viewer may not see is
 * answered like what does not exist.
 * @throws CodedError `NOT_FOUND`
 */
async function tenantNamed(reach: Reach, request: FastifyRequest): Promise<string | null> {
  const named = [request.params, request.query, request.body].flatMap((source) =>
    scopedIds.flatMap((kind) => {
      const id = source && typeof source === 'object' ? (source as Record<string, unknown>)[kind] : undefined;
      return typeof id === 'string' && id !== '' ? [{ kind, id }] : [];
    }),
  );
  let tenantId: string | null = null;
  for (const { kind, id } of named) {
    const owner = await ownerOf(reach, kind, id);
    if (owner === undefined || (tenantId !== null && owner !== null && owner !== tenantId))
      throw new CodedError('NOT_FOUND');
    tenantId = owner ?? tenantId;
  }
  return tenantId;
}

/** Undefined: not there for this viewer. Null: there, and nobody's (alerts about the collector itself). */
async function ownerOf(
  reach: Reach,
  kind: (typeof scopedIds)[number],
  id: string,
): Promise<string | null | undefined> {
  switch (kind) {
    case 'tenant':
      return (await reach.tenants().select('id').where('id', '=', id).executeTakeFirst())?.id;
    case 'host':
      return (await reach.hosts().select('tenant_id').where('id', '=', id).executeTakeFirst())?.tenant_id;
    case 'alert':
      return (await reach.alerts().select('tenant_id').where('id', '=', id).executeTakeFirst())?.tenant_id;
  }
}

/** The reach of a request on a guarded route. @throws CodedError `SIGNED_OUT` when there is none */
export function reachOf(request: FastifyRequest): Reach {
  if (!request.reach) throw new CodedError('SIGNED_OUT');
  return request.reach;
}
