/**
 * The built dashboard: hashed files that never change, and one page for every address people may have bookmarked.
 * The page allows no inline code; the few style elements that Mantine makes at run time carry a nonce.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import staticFiles from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { CodedError } from '../../shared/errors.ts';

/** Stands in index.html where this request's nonce goes. */
const NONCE = '__STYLE_NONCE__';
/** `name-8 characters.ext`, as vite names what it hashed. */
const HASHED = /-[\w-]{8}\.\w+$/;
/** Not pages: a wrong address there is an error, not a place to start the application. */
const NOT_PAGES = /^\/(?:api|v1|assets|healthz|readyz|metrics)(?:\/|$)/;

function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** `directory` is what `npm run build:dashboard` writes. */
export async function staticDashboard(app: FastifyInstance, directory: string): Promise<void> {
  await app.register(staticFiles, {
    root: join(directory, 'assets'),
    prefix: '/assets/',
    decorateReply: false,
    index: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      reply.header('cache-control', HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
      reply.header('x-content-type-options', 'nosniff');
    },
  });

  app.get('/*', { schema: { hide: true } }, async (request, reply) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    if (NOT_PAGES.test(pathname)) throw new CodedError('NOT_FOUND');
    return sendPage(reply, join(directory, 'index.html'));
  });
}

async function sendPage(reply: FastifyReply, path: string): Promise<FastifyReply> {
  const page = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CodedError('DASHBOARD_NOT_BUILT', {}, { cause: error });
  });
  const nonce = randomBytes(16).toString('base64');
  return reply
    .header('content-security-policy', pagePolicy(nonce))
    .header('cache-control', 'no-cache')
    .header('referrer-policy', 'no-referrer')
    .header('x-content-type-options', 'nosniff')
    .header('cross-origin-opener-policy', 'same-origin')
    .header('permissions-policy', 'camera=(), geolocation=(), microphone=()')
    .type('text/html; charset=utf-8')
    .send(page.replaceAll(NONCE, nonce));
}
