/** What may stand in the configuration about alerts. */
import { describe, expect, it } from 'vitest';
import { alertConfigSchema, readAlertConfig } from '../../../server/alerts/config.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const mail = {
  type: 'email',
  name: 'ops',
  host: 'mail.example.org',
  from: 'nachweis@example.org',
  to: ['ops@example.org'],
};
const hook = { type: 'webhook', name: 'hook', url: 'https://example.org/in', secret };

describe('the configuration of alerts', () => {
  it('may be empty, and has safe defaults', () => {
    expect(alertConfigSchema.parse({})).toEqual({ channels: [] });
    expect(alertConfigSchema.parse({ channels: [mail, hook] }).channels).toMatchObject([
      { port: 587, tls: 'starttls', language: 'de', minSeverity: 'low' },
      { timeoutSeconds: 10, minSeverity: 'low' },
    ]);
  });

  it.each([
    ['an unknown key', { ...mail, colour: 'red' }],
    ['an unknown type', { ...mail, type: 'pager' }],
    ['no receiver', { ...mail, to: [] }],
    ['a receiver that is none', { ...mail, to: ['ops'] }],
    ['a line break in the sender', { ...mail, from: 'a@example.org\r\nBcc: b@example.org' }],
    ['a password without a user', { ...mail, password: 'x' }],
    ['a user without a password', { ...mail, user: 'x' }],
    ['a password twice', { ...mail, user: 'x', password: 'y', passwordFile: '/run/secret' }],
    ['a relative file', { ...mail, user: 'x', passwordFile: 'secret' }],
    ['a password without TLS', { ...mail, user: 'x', password: 'y', tls: 'none' }],
    ['a name that could be a path', { ...mail, name: '../x' }],
    ['http to elsewhere', { ...hook, url: 'http://example.org/in' }],
    ['another scheme', { ...hook, url: 'file:///etc/passwd' }],
    ['a user name in the URL', { ...hook, url: 'https://user:pass@example.org/' }],
    ['a short secret', { ...hook, secret: 'whsec_AAAA' }],
    ['a secret without its prefix', { ...hook, secret: secret.slice(6) }],
    ['no secret', { ...hook, secret: undefined }],
    ['a secret twice', { ...hook, secretFile: '/run/secret' }],
    ['no time limit', { ...hook, timeoutSeconds: 0 }],
  ])('refuses %s', (_name, channel) => {
    expect(alertConfigSchema.safeParse({ channels: [channel] }).success).toBe(false);
  });

  it.each([
    [
      'a mail server on this machine without TLS',
      { ...mail, host: '127.0.0.1', tls: 'none', user: 'x', password: 'y' },
    ],
    ['http to this machine', { ...hook, url: 'http://127.0.0.1:9000/in' }],
    ['a secret in a file', { ...hook, secret: undefined, secretFile: '/run/credentials/webhook' }],
  ])('takes %s', (_name, channel) => {
    expect(alertConfigSchema.safeParse({ channels: [channel] }).error?.issues).toBeUndefined();
  });

  it('refuses two channels of one name, and says where without repeating a secret', () => {
    expect(alertConfigSchema.safeParse({ channels: [mail, { ...hook, name: 'ops' }] }).success).toBe(false);
    const wrong = () =>
      readAlertConfig(
        { channels: [{ ...mail, user: 'x', password: 'hunter2', tls: 'none' }] },
        'collector.yaml',
      );
    expect(wrong).toThrow(/CONFIG_INVALID.*alerts\.channels\.0\.tls/);
    expect(wrong).not.toThrow(/hunter2/);
  });
});
