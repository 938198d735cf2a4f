/** A relay between agent and collector that ends TLS with the collector's own certificate and counts the bytes. */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';

/** What an unchanged report may cost in bytes, headers included, TLS aside. */
export const wireLimits = { sent: 1800, received: 3200 };

export interface Relay {
  readonly url: string;
  /** What the agent sent and received since the last call. */
  taken(): { sent: Buffer; received: Buffer };
  close(): void;
}

export async function countingRelay(to: string, keys: string): Promise<Relay> {
  const both = readFileSync(join(keys, 'server.pem'), 'utf8');
  const ca = readFileSync(join(keys, 'authority.pem'), 'utf8');
  let sent: Buffer[] = [];
  let received: Buffer[] = [];
  const server = createServer({ key: both, cert: both }, (agent) => {
    const collector = connect({ host: '127.0.0.1', port: Number(new URL(to).port), ca });
    for (const socket of [agent, collector]) socket.on('error', () => undefined);
    agent.on('data', (chunk: Buffer) => void sent.push(chunk)).pipe(collector);
    collector.on('data', (chunk: Buffer) => void received.push(chunk)).pipe(agent);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken() {
      const all = { sent: Buffer.concat(sent), received: Buffer.concat(received) };
      [sent, received] = [[], []];
      return all;
    },
    close: () => void server.close(),
  };
}
