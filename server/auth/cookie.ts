/** The session cookie: `__Host-` on https; a name of its own on the loopback listener, which has no https. */
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { secretSchema } from './token.ts';

/** Cookies don't know ports: two collectors on one machine would sign each other out without it in the name. */
export function cookieName(request: FastifyRequest): string {
  const port = request.socket.localPort ?? 0;
  return request.protocol === 'https' ? `__Host-nachweis-${port}` : `nachweis-loopback-${port}`;
}

function options(request: FastifyRequest): CookieSerializeOptions {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure: request.protocol === 'https' };
}

export function readSessionCookie(request: FastifyRequest): string | undefined {
  return secretSchema.safeParse(request.cookies[cookieName(request)]).data;
}

export function setSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  secret: string,
  maxAgeSeconds: number,
): void {
  // Not Expires: the browser's clock may be wrong, and the server ends the session in any case.
  reply.setCookie(cookieName(request), secret, { ...options(request), maxAge: maxAgeSeconds });
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(cookieName(request), options(request));
}
