/** The part of the collector's configuration that says who is told, and how. */
import { z } from 'zod';
import { CodedError } from '../../shared/errors.ts';
import { severitySchema } from '../../shared/outcome.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1', '[::1]']);
const path = z.string().min(1).max(1000).startsWith('/', 'an absolute path is needed');
const header = /^[^\r\n]*$/;

const common = {
  /** Stable: messages that wait are kept under it. */
  name: z
    .string()
    .max(40)
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/),
  /** Less severe alerts are shown on the dashboard but not sent here. */
  minSeverity: severitySchema.default('low'),
};

export const emailChannelSchema = z
  .strictObject({
    ...common,
    type: z.literal('email'),
    host: z.string().min(1).max(253),
    port: z.int().min(1).max(65_535).default(587),
    /** `starttls` is demanded, not just tried; `none` is for a mail server on this machine. */
    tls: z.enum(['starttls', 'tls', 'none']).default('starttls'),
    user: z.string().max(320).optional(),
    password: z.string().max(1000).optional(),
    passwordFile: path.optional(),
    from: z.string().min(3).max(320).regex(header),
    to: z.array(z.email()).min(1).max(50),
    language: z.enum(['de', 'en']).default('de'),
  })
  .refine(({ tls, user, host }) => tls !== 'none' || user === undefined || LOOPBACK.has(host), {
    path: ['tls'],
    message: 'a password is never sent over the network without TLS',
  })
  .refine(
    ({ user, password, passwordFile }) =>
      [password, passwordFile].filter((p) => p !== undefined).length === (user === undefined ? 0 : 1),
    {
      path: ['user'],
      message: 'user needs exactly one of password and passwordFile, and these need user',
    },
  );
export type EmailChannel = z.infer<typeof emailChannelSchema>;

export const webhookChannelSchema = z
  .strictObject({
    ...common,
    type: z.literal('webhook'),
    /** From this file only, never from a request: it may well point into the provider's own network. */
    url: z.url().max(2000),
    /** Standard Webhooks secret: `whsec_` and 24 to 64 bytes in base64. */
    secret: z.string().max(200).optional(),
    secretFile: path.optional(),
    timeoutSeconds: z.int().min(1).max(60).default(10),
  })
  .refine(({ secret, secretFile }) => [secret, secretFile].filter((s) => s !== undefined).length === 1, {
    path: ['secret'],
    message: 'exactly one of secret and secretFile is needed',
  })
  .refine(({ secret }) => secret === undefined || isSecret(secret), {
    path: ['secret'],
    message: 'whsec_ and 24 to 64 bytes in base64 are needed',
  })
  .refine(({ url }) => isSafeUrl(url), {
    path: ['url'],
    message: 'https is needed (http only on this machine), and no user name in the URL',
  });
export type WebhookChannel = z.infer<typeof webhookChannelSchema>;

export const alertConfigSchema = z.strictObject({
  /** Where messages point to: the dashboard as its readers reach it. */
  dashboardUrl: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .optional(),
  channels: z
    .array(z.discriminatedUnion('type', [emailChannelSchema, webhookChannelSchema]))
    .max(20)
    .default([])
    .refine((channels) => new Set(channels.map(({ name }) => name)).size === channels.length, {
      message: 'two channels have the same name',
    }),
});
export type AlertConfig = z.infer<typeof alertConfigSchema>;
export type ChannelConfig = AlertConfig['channels'][number];

/** Whether `secret` is one that Standard Webhooks asks for: long enough not to be guessed. */
export function isSecret(secret: string): boolean {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const { length } = Buffer.from(base64, 'base64');
  return length >= 24 && length <= 64;
}

function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname));
}

/** @throws CodedError `CONFIG_INVALID`; `file` is only named */
export function readAlertConfig(value: unknown, file: string): AlertConfig {
  const parsed = alertConfigSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problem = parsed.error.issues
    .slice(0, 5)
    .map((issue) => `alerts.${issue.path.map(String).join('.')}: ${issue.message}`)
    .join('; ');
  throw new CodedError('CONFIG_INVALID', { path: file, problem }, { cause: parsed.error });
}
