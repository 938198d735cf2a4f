/** Erasure and disposal: what is open, a form to record it, and the end of a host. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { CodedError } from '../../shared/errors.ts';
import type { Role } from '../auth/viewer.ts';
import { hostParams } from './api/hosts.ts';
import {
  closeBody,
  endedReply,
  formQuery,
  formReply,
  mediaQuery,
  mediaRecordBody,
  mediaReply,
  missingBody,
} from './api/media.ts';
import { isOpen, mediaRows } from './media-rows.ts';
import { type DashboardParts, reachOf } from './parts.ts';

/** Who may say that data are erased, and that nothing is owed any more. */
export const recordingRoles: readonly Role[] = ['administrator', 'operations', 'officer'];
const BODY_LIMIT = 256 * 1024;

export function mediaRoutes(app: FastifyInstance, parts: DashboardParts): void {
  const api = app.withTypeProvider<ZodTypeProvider>();
  const tags = ['media'];

  api.get(
    '/api/media',
    {
      config: { access: 'signed-in' },
      schema: { tags, querystring: mediaQuery, response: { 200: mediaReply } },
    },
    async (request) => {
      const { page, size, state } = request.query;
      const now = parts.now().toISOString();
      const all = await mediaRows(reachOf(request), parts, now);
      const open = all.filter(isOpen);
      const settled = all.filter((row) => !isOpen(row)).reverse();
      const shown = state === 'open' ? open : settled;
      return {
        ...{ asOf: now, page, size, total: shown.length, open: open.length, settled: settled.length },
        overdue: open.filter(({ overdue }) => overdue).length,
        obligations: shown.slice((page - 1) * size, page * size),
      };
    },
  );

  api.get(
    '/api/hosts/:host/record-form',
    {
      config: { access: 'signed-in' },
      schema: { tags, params: hostParams, querystring: formQuery, response: { 200: formReply } },
    },
    async (request) => {
      const { type, language } = request.query;
      const now = parts.now().toISOString();
      const { tenant } = await hostOf(request);
      return {
        asOf: now,
        yaml: await parts.recordForm({ host: request.params.host, tenant, type, language }),
      };
    },
  );

  const recording = { config: { access: recordingRoles }, bodyLimit: BODY_LIMIT };
  const ended = async (request: FastifyRequest, host: string, record: string | null) => {
    const now = parts.now().toISOString();
    return { asOf: now, record, obligations: await mediaRows(reachOf(request), parts, now, host) };
  };

  api.post(
    '/api/hosts/:host/records',
    {
      ...recording,
      schema: { tags, params: hostParams, body: mediaRecordBody, response: { 200: endedReply } },
    },
    async (request) => {
      const { tenant } = await hostOf(request);
      const id = await parts.recordMedia({ tenant, ...request.body, author: nameOf(request) });
      return ended(request, request.params.host, id);
    },
  );

  api.post(
    '/api/hosts/:host/close',
    { ...recording, schema: { tags, params: hostParams, body: closeBody, response: { 200: endedReply } } },
    async (request) => {
      const { host } = request.params;
      const { tenant } = await hostOf(request);
      await parts.closeHost({ host, tenant, ...request.body, author: nameOf(request) });
      return ended(request, host, null);
    },
  );

  api.post(
    '/api/hosts/:host/missing',
    { ...recording, schema: { tags, params: hostParams, body: missingBody, response: { 200: endedReply } } },
    async (request) => {
      const { host } = request.params;
      await hostOf(request);
      await parts.markMissing({ host, reason: request.body.reason, author: nameOf(request) });
      return ended(request, host, null);
    },
  );
}

const nameOf = (request: FastifyRequest) => request.viewer?.name ?? '';

/** The guard has looked whose it is; here it is found within that reach. */
async function hostOf(request: FastifyRequest): Promise<{ tenant: { id: string; name: string } }> {
  const reach = reachOf(request);
  const { host: id } = request.params as { host: string };
  const host = await reach.hosts().select('id').where('id', '=', id).executeTakeFirst();
  const tenant = await reach.tenants().select(['id', 'name']).executeTakeFirst();
  if (!host || !tenant) throw new CodedError('NOT_FOUND');
  return { tenant };
}
