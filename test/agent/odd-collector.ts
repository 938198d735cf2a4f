/** A real HTTPS server that says what a test wants said: answers that no healthy collector gives. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { openCollectorKeys } from '../../server/tls/collector-keys.ts';
import type { TrustBundle } from '../../shared/enrolment.ts';
import { temporaryDirectory } from '../support/database.ts';

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface OddCollector {
  readonly origin: string;
  readonly trust: TrustBundle;
  readonly fingerprint: string;
  /** Method, path and body of each request, in order. */
  readonly requests: { method: string; path: string; body: string }[];
}

/** @param answer 'hang up' closes the connection instead */
export async function oddCollector(
  answer: (path: string, body: string, trust: TrustBundle) => Answer | 'hang up',
): Promise<OddCollector> {
  const keys = await openCollectorKeys(path.join(temporaryDirectory(), 'keys'), new Date());
  const requests: OddCollector['requests'] = [];
  const server = createServer(await keys.serverCertificate([], new Date()), (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const at = request.url ?? '';
      requests.push({ method: request.method ?? '', path: at, body });
      const said = answer(at, body, keys.trust);
      if (said === 'hang up') return request.socket.destroy();
      response.writeHead(said.status, { 'content-type': 'application/json', ...said.headers });
      response.end(typeof said.body === 'string' ? said.body : JSON.stringify(said.body ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, trust: keys.trust, fingerprint: keys.fingerprint, requests };
}
