/** What a channel is to say about one change of one alert: `outbox.payload`, complete as of the change. */
import { z } from 'zod';
import { allChecks } from '../../checks/registry.ts';
import { collectorChecks } from '../../shared/collector-checks.ts';
import { instantSchema } from '../../shared/identifier.ts';
import { severitySchema, textSchema } from '../../shared/outcome.ts';

export const alertKinds = [
  'check-failing',
  'host-failing',
  'host-silent',
  'host-rollback',
  'host-cloned',
  'report-gap',
  'channel-failing',
] as const;
export type AlertKind = (typeof alertKinds)[number];

const named = z.strictObject({ id: z.string(), name: z.string() });
const checkSchema = z.strictObject({
  id: z.string(),
  severity: severitySchema,
  title: textSchema,
  remedy: textSchema.nullable(),
});
export type MessageCheck = z.infer<typeof checkSchema>;

export const messageSchema = z.strictObject({
  alert: z.string(),
  change: z.enum(['opened', 'resolved']),
  kind: z.enum(alertKinds),
  severity: severitySchema,
  at: instantSchema,
  openedAt: instantSchema,
  tenant: named.nullable(),
  host: named.nullable(),
  /** One for a check that fails, all that count for a summary. */
  checks: z.array(checkSchema),
  reason: textSchema,
  flapping: z.boolean(),
});
export type Message = z.infer<typeof messageSchema>;

/** Names the check for people; a check that this version does not know keeps its id. */
export function messageCheck({
  check,
  severity,
}: Pick<MessageCheck, 'severity'> & { check: string }): MessageCheck {
  const known = [...allChecks, ...collectorChecks].find(({ id }) => id === check);
  return {
    id: check,
    severity,
    title: known?.title ?? { de: check, en: check },
    remedy: known?.remedy ?? null,
  };
}

/** Stable for one row of the outbox, however often it is sent: receivers can tell a repetition by it. */
export function idempotencyId(row: { alert_id: string; change: string; channel: string }): string {
  return `${row.alert_id}.${row.change}.${row.channel}`;
}
