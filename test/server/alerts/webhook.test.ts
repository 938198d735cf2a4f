/** Webhooks, received by a real HTTP server that verifies with the standard's own library. */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it, onTestFinished } from 'vitest';
import { webhookChannelSchema } from '../../../server/alerts/config.ts';
import { webhookChannel } from '../../../server/alerts/webhook.ts';
import { delivery } from './messages.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

interface Received {
  readonly headers: Record<string, string>;
  readonly body: string;
}

async function receiver(answer: RequestListener = (_request, response) => response.writeHead(204).end()) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    received.push({ headers: request.headers as Record<string, string>, body: await read(request) });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/in?token=planted-canary`,
    received,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const channel = (url: string, changes: Record<string, unknown> = {}) =>
  webhookChannel(
    webhookChannelSchema.parse({ type: 'webhook', name: 'hook', url, secret, timeoutSeconds: 1, ...changes }),
    () => new Date(),
  );

describe('a webhook', () => {
  it('is signed as the standard says, with an id that stays', async () => {
    const { url, received } = await receiver();
    await channel(url).send(delivery());
    await channel(url).send(delivery());
    expect(received).toHaveLength(2);
    for (const { headers, body } of received)
      expect(new Webhook(secret).verify(body, headers)).toMatchObject({
        type: 'alert.opened',
        timestamp: '2026-06-15T12:00:00.000Z',
        data: { alert: 'a-1', host: { name: 'web1.example.org' }, tenant: { name: 'Müller & Söhne GmbH' } },
      });
    expect(received.map(({ headers }) => headers['webhook-id'])).toEqual([
      'a-1.opened.ops',
      'a-1.opened.ops',
    ]);
  });

  it('is refused by a receiver with another secret, or when a byte is changed', async () => {
    const { url, received } = await receiver();
    await channel(url).send(delivery());
    const { headers, body } = received[0] ?? { headers: {}, body: '' };
    const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
    expect(() => new Webhook(other).verify(body, headers)).toThrow();
    expect(() => new Webhook(secret).verify(body.replace('web1', 'web2'), headers)).toThrow();
  });

  it.each([
    [400, true],
    [410, true],
    [401, false],
    [404, false],
    [408, false],
    [429, false],
    [500, false],
    [503, false],
  ])('answered with %i is %s for good', async (status, permanent) => {
    const { url } = await receiver((_request, response) => response.writeHead(status).end('secret words'));
    const error = await channel(url)
      .send(delivery())
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ permanent, message: `HTTP ${status}` });
  });

  it('follows no redirect', async () => {
    const target = await receiver();
    const { url } = await receiver((_request, response) =>
      response.writeHead(307, { location: target.url }).end(),
    );
    await expect(channel(url).send(delivery())).rejects.toMatchObject({ permanent: false, message: /307/ });
    expect(target.received).toEqual([]);
  });

  it('does not wait for a receiver that takes its time, nor read one that never ends', async () => {
    const mute = await receiver(() => {});
    await expect(channel(mute.url).send(delivery())).rejects.toMatchObject({
      message: 'timed out',
      permanent: false,
    });
    const endless = await receiver((_request, response) => {
      response.writeHead(200);
      const more = () => {
        if (!response.destroyed) response.write('x'.repeat(65_536), () => setImmediate(more));
      };
      more();
    });
    await channel(endless.url).send(delivery());
  });

  it('says nothing of its address when it fails', async () => {
    const { url, close } = await receiver();
    await close();
    const error = await channel(url)
      .send(delivery())
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ permanent: false, message: 'ECONNREFUSED' });
    const bad = await channel('http://127.0.0.1:6000/in?token=planted-canary')
      .send(delivery())
      .catch((e: unknown) => e);
    expect(bad).toMatchObject({ permanent: false, message: 'bad port' });
  });

  it('is not sent unsigned when the secret in its file is none', async () => {
    const { url, received } = await receiver();
    await expect(
      channel(url, { secret: undefined, secretFile: '/dev/null' }).send(delivery()),
    ).rejects.toThrow(/whsec_/);
    await expect(
      channel(url, { secret: undefined, secretFile: '/nonexistent/secret' }).send(delivery()),
    ).rejects.toThrow(/FILE_UNREADABLE/);
    expect(received).toEqual([]);
  });
});
