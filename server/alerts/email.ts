/** Alerts by e-mail: plain text over SMTP. */
import { createHash } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { type Channel, type Delivery, SendError, secretOf } from './channel.ts';
import type { EmailChannel } from './config.ts';
import { mailText } from './mail-text.ts';

const TIMEOUT_MS = 20_000;

export function emailChannel(config: EmailChannel, dashboardUrl: string | undefined): Channel {
  return {
    name: config.name,
    async send(delivery) {
      const pass = await secretOf(config.password, config.passwordFile);
      const transport = createTransport({
        host: config.host,
        port: config.port,
        secure: config.tls === 'tls',
        requireTLS: config.tls === 'starttls',
        ignoreTLS: config.tls === 'none',
        ...(config.user === undefined ? {} : { auth: { user: config.user, pass } }),
        connectionTimeout: TIMEOUT_MS,
        greetingTimeout: TIMEOUT_MS,
        socketTimeout: TIMEOUT_MS,
        // Messages are made of text only; nothing in them may make this process read a file or an address.
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      try {
        await transport.sendMail(mail(config, delivery, dashboardUrl));
      } catch (error) {
        throw sendError(error, pass);
      } finally {
        transport.close();
      }
    },
  };
}

function mail(
  config: EmailChannel,
  { message, id, openedId, now }: Delivery,
  dashboardUrl: string | undefined,
) {
  const { subject, text } = mailText(message, config.language, dashboardUrl);
  const domain = domainOf(config.from);
  return {
    from: config.from,
    to: config.to,
    subject,
    text,
    date: now,
    messageId: messageId(id, domain),
    ...(id === openedId
      ? {}
      : { inReplyTo: messageId(openedId, domain), references: messageId(openedId, domain) }),
    headers: {
      // RFC 3834: no out-of-office reply to this.
      'Auto-Submitted': 'auto-generated',
      'X-Nachweis-Message': id,
    },
  };
}

/** The same for every try (RFC 5322, 3.6.4), so that mail servers and people can drop a repetition. */
function messageId(id: string, domain: string): string {
  return `<${createHash('sha256').update(id).digest('hex').slice(0, 32)}@${domain}>`;
}

function domainOf(from: string): string {
  const [, domain] = /@([A-Za-z0-9.-]+)>?\s*$/.exec(from) ?? [];
  return domain ?? 'nachweis.invalid';
}

/** What nodemailer knows, without what could be secret. 5xx is for good (RFC 5321, 4.2.1), except failed log-ins. */
function sendError(error: unknown, secret: string): SendError {
  const { code, responseCode, message } = error as { code?: string; responseCode?: number; message?: string };
  const said = (message ?? String(error)).split('\n')[0]?.slice(0, 200) ?? '';
  const safe = secret === '' ? said : said.replaceAll(secret, '***');
  const permanent = responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH';
  return new SendError([code, safe].filter(Boolean).join(': '), permanent, { cause: error });
}
