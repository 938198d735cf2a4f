/** Everything that can be set about a collector: one YAML file, and options of `serve` that win over it. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { addressSchema, MAX_ADDRESSES } from '../shared/enrolment.ts';
import { CodedError } from '../shared/errors.ts';
import { alertConfigSchema } from './alerts/config.ts';
import { fileError } from './file-error.ts';

const portSchema = z.int().min(0).max(65_535);

export const configSchema = z.strictObject({
  /** HTTPS for agents and, with a certificate of the collector's own authority, for people. */
  agents: z
    .strictObject({
      address: z.string().max(253).default('::'),
      port: portSchema.default(8443),
      /** Names and addresses agents reach it by, besides localhost and the host's own name. */
      names: z.array(z.string().min(1).max(253)).max(50).default([]),
      /** Origin that stands in enrolment strings; by default the first name, or the host's own, with the port. */
      url: z.url({ protocol: /^https$/ }).optional(),
      /** Further origins for enrolment strings: hosts try them in this order when the first does not answer. */
      alternatives: z
        .array(addressSchema)
        .max(MAX_ADDRESSES - 1)
        .default([]),
    })
    .prefault({}),
  /** Plain HTTP for the dashboard, on loopback only. */
  dashboard: z.strictObject({ port: portSchema.default(8080) }).prefault({}),
  metrics: z
    .strictObject({
      /** Bearer token for /metrics over HTTPS; without one /metrics is on loopback only. */
      token: z.string().min(20).max(200).optional(),
    })
    .prefault({}),
  /** A catalogue other than the one that comes with the collector. */
  catalogue: z.string().max(4096).optional(),
  /** Who is told, and how. */
  alerts: alertConfigSchema.prefault({}),
});
export type Config = z.infer<typeof configSchema>;

/** @throws CodedError `FILE_UNREADABLE`, `NO_PERMISSION`, `CONFIG_INVALID` with the place that is wrong */
export async function readConfig(path: string): Promise<Config> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError(error, path);
  });
  let value: unknown;
  try {
    value = parse(text) ?? {};
  } catch (error) {
    const problem = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    throw new CodedError('CONFIG_INVALID', { path, problem }, { cause: error });
  }
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const problem = `${issue?.path.map(String).join('.') || 'file'}: ${issue?.message ?? ''}`;
  throw new CodedError('CONFIG_INVALID', { path, problem });
}
