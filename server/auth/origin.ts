/** Cross-site requests: SameSite=Strict already keeps the cookie back; these are the second and third bolt. */
import type { FastifyRequest } from 'fastify';
import { CodedError } from '../../shared/errors.ts';

/** A header that no form can set, and no other site's script without asking first (which is not answered). */
export const OWN_HEADER = 'x-nachweis';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** @throws CodedError `CSRF_REFUSED` for a changing request that this dashboard's own page did not make */
export function refuseCrossSite(request: FastifyRequest): void {
  if (SAFE_METHODS.has(request.method)) return;
  const { headers } = request;
  const site = headers['sec-fetch-site'];
  const own =
    headers[OWN_HEADER] !== undefined &&
    (headers.origin === undefined || headers.origin === `${request.protocol}://${headers.host}`) &&
    (site === undefined || site === 'same-origin');
  const json = headers['content-type'];
  const isJson = json === undefined ? !hasBody(request) : /^application\/json\b/i.test(json);
  if (!own || !isJson) throw new CodedError('CSRF_REFUSED');
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
