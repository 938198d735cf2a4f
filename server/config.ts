/** Everything that can be set about a collector: one YAML file, and options of `serve` that win over it. */
import { z } from 'zod';

const portSchema = z.int().min(0).max(65_535);

export const configSchema = z.strictObject({
  /** HTTPS for agents and, with a certificate of the collector's own authority, for people. */
  agents: z
    .strictObject({
      address: z.string().max(253).default('::'),
      port: portSchema.default(8443),
      /** Names and addresses agents reach it by, besides localhost and the host's own name. */
      names: z.array(z.string().min(1).max(253)).max(50).default([]),
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
  /** Read by server/alerts. */
  alerts: z.record(z.string(), z.unknown()).default({}),
});
export type Config = z.infer<typeof configSchema>;
