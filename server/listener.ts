/** One fastify instance as every listener of the collector has it: strict bodies, coded errors, safe headers. */
import type { IncomingMessage } from 'node:http';
import type { ServerOptions } from 'node:https';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { CodedError } from '../shared/errors.ts';
import type { Language } from '../shared/outcome.ts';
import { parseStrictJson } from './json.ts';
import { coded, refusalBody, statusOf } from './refused.ts';

export interface ListenerOptions {
  readonly log: Logger;
  /** TLS key and certificate; plain HTTP without. */
  readonly tls?: ServerOptions | undefined;
  /** Told of every refusal on the agents' routes. */
  readonly onRefusal?: (error: CodedError, about: { path: string; address: string }) => void;
}

/** Bodies of people are small; routes that need more say so. */
const BODY_LIMIT = 256 * 1024;
/** From one address. Reports have no such limit: weeks of them may come at once, and from behind one router. */
const REQUESTS_PER_MINUTE = 1200;

export async function createListener({ log, tls, onRefusal }: ListenerOptions): Promise<FastifyInstance> {
  const options = {
    logger: false,
    bodyLimit: BODY_LIMIT,
    // A body that trickles in is cut off; agents on slow lines send 2 MB at most.
    requestTimeout: 120_000,
    routerOptions: { maxParamLength: 200 },
  };
  // The listeners differ in their socket alone; features see one type.
  const app = (tls
    ? Fastify({ ...options, https: { minVersion: 'TLSv1.2', ...tls } })
    : Fastify(options)) as unknown as FastifyInstance;

  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => parseStrictJson(body),
  );

  app.setErrorHandler(async (thrown, request, reply) => {
    const error = withLimit(coded(thrown), request);
    const path = request.routeOptions.url ?? '';
    if (error.code === 'INTERNAL') log.error({ err: thrown, id: error.details.id, path }, 'internal error');
    else if (error.code === 'STORE_UNAVAILABLE') log.error({ err: thrown, path }, 'the store does not work');
    if (error.code === 'BODY_TOO_LARGE') await takeIn(request.raw);
    if (path.startsWith('/v1/')) onRefusal?.(error, { path, address: request.ip });
    if (error.code === 'TOO_MANY_REQUESTS') reply.header('retry-after', String(error.details.seconds ?? 60));
    return reply.code(statusOf(error)).send(refusalBody(error, languageOf(request)));
  });
  app.setNotFoundHandler(async (request, reply) =>
    reply.code(404).send(refusalBody(new CodedError('NOT_FOUND'), languageOf(request))),
  );

  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // By host name, not by port: it would turn the plain-http dashboard on localhost into an error.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'no-referrer' },
  });
  await app.register(rateLimit, {
    // Against load; what guesses are worth is limited where they are made.
    max: REQUESTS_PER_MINUTE,
    timeWindow: '1 minute',
    errorResponseBuilder: (_request, { ttl }) =>
      new CodedError('TOO_MANY_REQUESTS', { seconds: Math.max(1, Math.ceil(ttl / 1000)) }),
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Nachweis collector', version: '0.1.0' },
    },
    transform: jsonSchemaTransform,
  });
  return app;
}

/**
 * Reads on, and throws away, what a client is still sending: closing the connection with bytes unread resets it, and
 * the client would see that instead of the answer. Not for ever: 16 MB or two seconds.
 */
function takeIn(body: IncomingMessage): Promise<void> {
  if (body.readableEnded || body.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 2000);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    let left = 16 * 1024 * 1024;
    body.on('data', (part: Buffer) => {
      left -= part.length;
      if (left >= 0) return;
      body.pause();
      done();
    });
    for (const event of ['end', 'close', 'error']) body.once(event, done);
    body.resume();
  });
}

/** fastify does not say which limit it was. */
function withLimit(error: CodedError, request: FastifyRequest): CodedError {
  if (error.code !== 'BODY_TOO_LARGE' || error.details.limit) return error;
  return new CodedError('BODY_TOO_LARGE', { limit: request.routeOptions.bodyLimit ?? BODY_LIMIT });
}

function languageOf(request: FastifyRequest): Language {
  return /^\s*de\b/i.test(request.headers['accept-language'] ?? '') ? 'de' : 'en';
}
