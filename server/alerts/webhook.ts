/** Alerts as signed HTTP requests, as https://www.standardwebhooks.com describes them. */
import { Webhook } from 'standardwebhooks';
import { fetch } from 'undici';
import { type Channel, type Delivery, SendError, secretOf } from './channel.ts';
import { isSecret, type WebhookChannel } from './config.ts';

/**
 * The URL comes from the operator's configuration alone. Redirects are not followed: a receiver must not be able to
 * point this process, which stands inside the provider's network, somewhere else.
 */
export function webhookChannel(config: WebhookChannel, clock: () => Date): Channel {
  return {
    name: config.name,
    async send(delivery) {
      const secret = await secretOf(config.secret, config.secretFile);
      if (!isSecret(secret))
        throw new SendError('the secret is not whsec_ and 24 to 64 bytes in base64', false);
      await post(config, signed(delivery, secret, clock()));
    },
  };
}

function signed({ message, id }: Delivery, secret: string, now: Date) {
  const body = JSON.stringify({ type: `alert.${message.change}`, timestamp: message.at, data: message });
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'nachweis-collector',
      'webhook-id': id,
      // Of this try, so that a receiver which refuses old ones takes a late repetition; the id stays.
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, now, body),
    },
  };
}

async function post(config: WebhookChannel, request: { body: string; headers: Record<string, string> }) {
  let response: Awaited<ReturnType<typeof fetch>>;
  try {
    response = await fetch(config.url, {
      method: 'POST',
      ...request,
      redirect: 'manual',
      signal: AbortSignal.timeout(config.timeoutSeconds * 1000),
    });
  } catch (error) {
    throw new SendError(reasonOf(error), false, { cause: error });
  }
  // What it answers is of no use here, and it could be endless.
  await response.body?.cancel();
  if (response.ok) return;
  const { status } = response;
  if (status >= 300 && status < 400) throw new SendError(`HTTP ${status}: redirects are not followed`, false);
  // Gone or malformed is for good; too early, too many, timed out or not let in may be put right.
  const permanent = status >= 400 && status < 500 && ![401, 403, 404, 408, 425, 429].includes(status);
  throw new SendError(`HTTP ${status}`, permanent);
}

/** The code only: messages of fetch can name the address, which may hold a token. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'timed out';
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  // Ports that no browser may speak to (https://fetch.spec.whatwg.org/#port-blocking).
  if (cause instanceof Error && cause.message === 'bad port') return cause.message;
  return error instanceof Error ? error.name : 'failed';
}
