/** Servers on loopback that do what networks do: certificates of all kinds, proxies, devices in between. */
import { createServer as createHttp, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttps, type ServerOptions } from 'node:https';
import { type AddressInfo, connect, type Server as NetServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { certificateOf, makeAuthority, makeServerCertificate } from '../../../server/tls/certificate.ts';
import type { TrustBundle } from '../../../shared/enrolment.ts';

/** Listens where there is room, until the test ends. @returns the port */
export async function listening(server: NetServer | Server, host = '127.0.0.1'): Promise<number> {
  const open = new Set<Socket>();
  for (const event of ['connection', 'secureConnection'] as const)
    server.on(event, (socket: Socket) => {
      open.add(socket.on('error', () => undefined));
      socket.once('close', () => open.delete(socket));
    });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export interface Identity {
  readonly trust: TrustBundle;
  /** A certificate for the names, made at that time. */
  tls(names: readonly string[], made?: Date): Promise<ServerOptions>;
}

/** A collector's authority of its own. */
export async function identity(): Promise<Identity> {
  const authority = await makeAuthority(new Date());
  return {
    trust: {
      format: 'nachweis.trust/1',
      authorities: [certificateOf(authority)],
      logKeys: [Buffer.alloc(32, 1).toString('base64')],
      policyKeys: [Buffer.alloc(32, 2).toString('base64')],
    },
    async tls(names, made = new Date()) {
      const both = await makeServerCertificate(authority, names, made);
      return { key: both, cert: both };
    },
  };
}

/** An https server that answers everything with NOT_FOUND, as a collector would, and counts what it was asked. */
export async function answering(options: ServerOptions, host?: string) {
  const paths: string[] = [];
  const server = createHttps(options, (request, response) => {
    paths.push(request.url ?? '');
    request.resume().once('end', () => {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { code: 'NOT_FOUND', message: 'm', next: 'n' } }));
    });
  });
  return { port: await listening(server, host), paths };
}

export interface TestProxy {
  readonly port: number;
  /** `host:port` of each CONNECT, with the credentials that came along. */
  readonly asked: { target: string; authorization: string | undefined }[];
}

/**
 * A proxy that opens tunnels to loopback, whatever name it is asked for, as a proxy resolves names that the host can't.
 * @param refuse status to answer instead
 */
export async function proxying(
  options: {
    tls?: ServerOptions;
    refuse?: (request: IncomingMessage) => number | 'silence' | undefined;
  } = {},
): Promise<TestProxy> {
  const server = options.tls ? createHttps(options.tls) : createHttp();
  const asked: TestProxy['asked'] = [];
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    asked.push({ target: request.url ?? '', authorization: request.headers['proxy-authorization'] });
    client.on('error', () => undefined);
    const refused = options.refuse?.(request);
    if (refused === 'silence') return;
    if (refused !== undefined) return void client.end(`HTTP/1.1 ${refused} No\r\ncontent-length: 0\r\n\r\n`);
    const target = connect(Number(/:(\d+)$/.exec(request.url ?? '')?.[1]), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    target.on('error', () => client.destroy());
    client.once('close', () => target.destroy());
  });
  return { port: await listening(server), asked };
}
