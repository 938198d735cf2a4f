/** E-mail through a real SMTP server. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SendError } from '../../../server/alerts/channel.ts';
import { emailChannelSchema } from '../../../server/alerts/config.ts';
import { emailChannel } from '../../../server/alerts/email.ts';
import { mailText } from '../../../server/alerts/mail-text.ts';
import { temporaryDirectory } from '../../support/database.ts';
import { describeWith } from '../../support/programs.ts';
import { delivery, message } from './messages.ts';
import { smtpServer } from './smtp-server.ts';

const channel = (port: number, changes: Record<string, unknown> = {}) =>
  emailChannel(
    emailChannelSchema.parse({
      type: 'email',
      name: 'ops',
      host: '127.0.0.1',
      port,
      tls: 'none',
      from: 'Nachweis <nachweis@example.org>',
      to: ['ops@example.org', 'officer@example.org'],
      ...changes,
    }),
    'https://nachweis.example.org/',
  );

const header = (content: string, name: string) =>
  new RegExp(`^${name}: (.*(?:\\r?\\n[ \\t].*)*)`, 'im').exec(content)?.[1];

/** RFC 2047 words of a header, read as UTF-8. */
function decoded(value = ''): string {
  return value
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?UTF-8\?([QB])\?(.*?)\?=/gi, (_all, kind: string, text: string) =>
      kind.toUpperCase() === 'B'
        ? Buffer.from(text, 'base64').toString()
        : Buffer.from(
            text
              .replaceAll('_', ' ')
              .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
            'latin1',
          ).toString(),
    );
}

/** The text of a message, whichever transfer encoding it came in. */
function body(content: string): string {
  const [, text = ''] = content.split(/\r?\n\r?\n([\s\S]*)/);
  const encoding = header(content, 'Content-Transfer-Encoding')?.trim();
  if (encoding === 'base64') return Buffer.from(text, 'base64').toString();
  if (encoding !== 'quoted-printable') return text;
  return Buffer.from(
    text
      .replace(/=\r?\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString();
}

describeWith(['aiosmtpd'], 'e-mail', () => {
  it('arrives with subject, text and headers', async () => {
    const server = await smtpServer();
    await channel(server.port).send(delivery());
    expect(await server.taken()).toHaveLength(1);
    const [mail] = await server.taken();
    expect(mail).toMatchObject({
      from: 'nachweis@example.org',
      to: ['ops@example.org', 'officer@example.org'],
    });
    const content = mail?.content ?? '';
    expect(decoded(header(content, 'Subject'))).toBe(
      '[Nachweis] HOCH: web1.example.org – Kein Konto mit leerem Passwort',
    );
    expect(header(content, 'Auto-Submitted')).toBe('auto-generated');
    expect(header(content, 'Date')).toContain('15 Jun 2026 12:00:00');
    expect(header(content, 'Content-Type')).toMatch(/^text\/plain; charset=utf-8/i);
    const text = body(content);
    expect(text).toContain('Auftraggeber: Müller & Söhne GmbH');
    expect(text).toContain('Abhilfe: Ein Passwort setzen.');
    expect(text).toContain('https://nachweis.example.org/hosts/h-00000000000000000001');
  });

  it('keeps its Message-ID for every try, and the resolution answers the opening', async () => {
    const server = await smtpServer();
    const ops = channel(server.port, { language: 'en' });
    await ops.send(delivery());
    await ops.send(delivery());
    await ops.send(delivery({ change: 'resolved', at: '2026-06-15T13:00:00.000Z' }));
    const taken = await server.taken();
    const ids = taken.map(({ content }) => header(content, 'Message-ID'));
    expect(ids[0]).toMatch(/^<[0-9a-f]{32}@example\.org>$/);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(header(taken[2]?.content ?? '', 'In-Reply-To')).toBe(ids[0]);
    expect(decoded(header(taken[2]?.content ?? '', 'Subject'))).toMatch(/^\[Nachweis\] Resolved: web1/);
    expect(body(taken[2]?.content ?? '')).toContain('Open since: 2026-06-15 12:00 UTC');
  });

  it('lets no name of a host add a header or a line', async () => {
    const server = await smtpServer();
    const name = 'web1\r\nBcc: thief@example.net\r\n\r\nHello\u202e';
    await channel(server.port).send(delivery({ host: { id: 'h-1', name } }));
    const [mail] = await server.taken();
    const content = mail?.content ?? '';
    expect(mail?.to).toEqual(['ops@example.org', 'officer@example.org']);
    expect(header(content, 'Bcc')).toBeUndefined();
    expect(decoded(header(content, 'Subject'))).toContain('web1 Bcc: thief@example.net Hello –');
    expect(body(content)).toMatch(/^System: web1 Bcc: thief@example\.net Hello\r?$/m);
  });

  it('tells a refusal for good from one for now', async () => {
    const server = await smtpServer();
    await server.refuse(554);
    const ops = channel(server.port);
    await expect(ops.send(delivery())).rejects.toMatchObject({
      permanent: true,
      message: expect.stringContaining('554'),
    });
    await server.refuse(451);
    await expect(ops.send(delivery())).rejects.toMatchObject({
      permanent: false,
      message: expect.stringContaining('451'),
    });
    await server.take();
    await ops.send(delivery());
    expect(await server.taken()).toHaveLength(1);
  });

  it('says so when nobody listens', async () => {
    const server = await smtpServer();
    await server.stop();
    const error = await channel(server.port)
      .send(delivery())
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SendError);
    expect(error).toMatchObject({
      permanent: false,
      message: expect.stringMatching(/ESOCKET|ECONNECTION|ECONNREFUSED/),
    });
  });

  it('never sends where TLS is demanded and not offered', async () => {
    const server = await smtpServer();
    await expect(channel(server.port, { tls: 'starttls' }).send(delivery())).rejects.toMatchObject({
      permanent: false,
    });
    expect(await server.taken()).toEqual([]);
  });
});

describeWith(['aiosmtpd', 'openssl'], 'e-mail over STARTTLS with a login', () => {
  function certificate() {
    const directory = temporaryDirectory();
    const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
        '-days',
        '2',
        '-keyout',
        key,
        '-out',
        cert,
      ],
      { stdio: 'pipe' },
    );
    return { cert, key };
  }

  it('is refused when the certificate is not trusted, and nothing secret is said', async () => {
    const server = await smtpServer(certificate());
    const secured = channel(server.port, {
      host: 'localhost',
      tls: 'starttls',
      user: 'nachweis',
      password: 'right horse',
    });
    const error = await secured.send(delivery()).catch((e: unknown) => e);
    expect(error).toMatchObject({ permanent: false, message: expect.stringMatching(/certificate/i) });
    expect(String(error)).not.toContain('right horse');
    expect(await server.taken()).toEqual([]);
  });

  it('is sent when it is trusted, with the password from a file', async () => {
    const pair = certificate();
    const server = await smtpServer(pair);
    const passwordFile = join(temporaryDirectory(), 'password');
    writeFileSync(passwordFile, 'right horse\n');
    // A process of its own: what Node trusts is read once, at its start.
    const script = `
      const { emailChannel } = await import(process.argv[1]);
      const { delivery } = await import(process.argv[2]);
      await emailChannel(JSON.parse(process.argv[3]), undefined).send(delivery());`;
    const url = (path: string) => new URL(path, import.meta.url).href;
    const config = {
      type: 'email',
      name: 'ops',
      host: 'localhost',
      port: server.port,
      tls: 'starttls',
      user: 'nachweis',
      passwordFile,
      from: 'nachweis@example.org',
      to: ['ops@example.org'],
      language: 'de',
      minSeverity: 'low',
    };
    const { spawn } = await import('node:child_process');
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        script,
        url('../../../server/alerts/email.ts'),
        url('./messages.ts'),
        JSON.stringify(config),
      ],
      { env: { ...process.env, NODE_EXTRA_CA_CERTS: pair.cert }, stdio: ['ignore', 'inherit', 'inherit'] },
    );
    const code = await new Promise((resolve) => child.on('exit', resolve));
    expect(code).toBe(0);
    expect(await server.taken()).toMatchObject([{ tls: true, user: 'nachweis', to: ['ops@example.org'] }]);
  });
});

describe('the text of an e-mail', () => {
  it('has every kind in both languages', () => {
    for (const kind of [
      'host-failing',
      'host-silent',
      'host-rollback',
      'host-cloned',
      'report-gap',
      'channel-failing',
    ] as const) {
      const [de, en] = (['de', 'en'] as const).map((language) =>
        mailText(message({ kind, checks: [] }), language, undefined),
      );
      expect(de?.subject).not.toBe(en?.subject);
      expect(de?.text).not.toBe(en?.text);
      expect(de?.subject).toMatch(/^\[Nachweis\] HOCH: web1\.example\.org – \S/);
    }
  });

  it('is bounded however many checks fail', () => {
    const [check] = message().checks;
    const many = Array.from({ length: 400 }, () => check).flatMap((one) => (one ? [one] : []));
    const { text } = mailText(message({ kind: 'host-failing', checks: many }), 'de', undefined);
    expect(text.split('\n').length).toBeLessThan(110);
    expect(text).toContain('… + 360');
  });

  it('about a channel names no host', () => {
    const { subject } = mailText(
      message({ kind: 'channel-failing', host: null, tenant: null, checks: [] }),
      'de',
      undefined,
    );
    expect(subject).toBe('[Nachweis] HOCH: Benachrichtigung gestört');
  });
});

it('a server that accepts and says nothing does not hold the sender for ever', async () => {
  // Only that the time limit is set: waiting it out would take the test as long.
  const sockets = new Set<import('node:net').Socket>();
  const mute = createServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    mute.close();
  });
  const address = mute.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const sending = channel(port).send(delivery());
  const failed = expect(sending).rejects.toBeInstanceOf(SendError);
  while (sockets.size === 0) await new Promise((resolve) => setImmediate(resolve));
  for (const socket of sockets) socket.destroy();
  await failed;
});
