/** Hosts: the list, and one of them with everything that is known about it. */
import { z } from 'zod';
import { contractChangeSchema } from '../../../shared/contract.ts';
import { evidenceSchema, paramValueSchema } from '../../../shared/outcome.ts';
import { machineSchema } from '../../../shared/report.ts';
import {
  asOfSchema,
  clauseStatusSchema,
  freshnessCountsSchema,
  freshnessSchema,
  instantSchema,
  outcomeCountsSchema,
  outcomeSchema,
  pageQuery,
  pageSchema,
  severitySchema,
  tenantQuery,
  tenantRefSchema,
  textSchema,
  transitionSchema,
} from './common.ts';

import { drillRowSchema } from './drills.ts';

import { obligationSchema } from './media.ts';

export const hostSorts = ['name', 'tenant', 'os', 'fail', 'unknown', 'received', 'enrolled'] as const;

export const hostsQuery = tenantQuery.extend({
  ...pageQuery.shape,
  /** Part of the name, the operating system or the tenant's name. */
  q: z.string().trim().max(100).optional(),
  freshness: freshnessSchema.optional(),
  /** Hosts with at least one such result; with `check`, hosts on which that check has it. */
  outcome: outcomeSchema.optional(),
  check: z.string().max(100).optional(),
  /** `owed`: living ones, and those that ended without being closed. `ended`: closed and retired ones. */
  life: z.enum(['owed', 'ended']).default('owed'),
  sort: z.enum(hostSorts).default('fail'),
  order: z.enum(['asc', 'desc']).optional(),
});

/** `retired`: its key is out of service, and nobody said more. */
export const endingStates = ['decommissioned', 'missing', 'closed', 'retired'] as const;
export const endingStateSchema = z.enum(endingStates);

export const hostRowSchema = z.strictObject({
  /** Null: contracted, but no agent is enrolled. */
  id: z.string().nullable(),
  name: z.string(),
  tenant: tenantRefSchema,
  os: z.string().nullable(),
  kind: z.enum(['server', 'vm', 'unknown']),
  freshness: freshnessSchema,
  /** Null: it lives. */
  ending: endingStateSchema.nullable(),
  quarantined: z.boolean(),
  lastReceivedAt: instantSchema.nullable(),
  enrolledAt: instantSchema.nullable(),
  outcomes: outcomeCountsSchema,
});
export type HostRow = z.infer<typeof hostRowSchema>;

export const hostsReply = z.strictObject({
  asOf: asOfSchema,
  ...pageSchema.shape,
  /** Before search and filters, so that a number has its denominator. */
  totalHosts: z.int(),
  /** Those whose life is over, which only `life=ended` lists. */
  ended: z.int(),
  freshness: freshnessCountsSchema,
  hosts: z.array(hostRowSchema),
});
export type HostsReply = z.infer<typeof hostsReply>;

export const hostParams = z.object({ host: z.string().max(100) });

export const hostResultSchema = z.strictObject({
  check: z.string(),
  family: z.string(),
  /** Null with a check that this version of the collector does not know. */
  about: z
    .strictObject({
      title: textSchema,
      why: textSchema,
      remedy: textSchema,
      references: z.array(z.string()),
    })
    .nullable(),
  outcome: outcomeSchema,
  severity: severitySchema,
  /** Receipt of the report that brought this outcome. */
  since: instantSchema,
  reason: textSchema.optional(),
  evidence: z.array(evidenceSchema),
  /** Parameters that differ from the check's defaults. */
  changedParams: z.array(
    z.strictObject({ name: z.string(), value: paramValueSchema, default: paramValueSchema.nullable() }),
  ),
  /** Clauses that this check decides or informs. */
  clauses: z.array(z.strictObject({ id: z.string(), title: textSchema, decides: z.boolean() })),
});
export type HostResult = z.infer<typeof hostResultSchema>;

export const reportRowSchema = z.strictObject({
  sequence: z.int(),
  roundAt: instantSchema,
  receivedAt: instantSchema,
  /** Position in the append-only log. */
  logIndex: z.int(),
  documentDigest: z.string(),
});

export const hostReply = z.strictObject({
  asOf: asOfSchema,
  host: hostRowSchema.extend({
    id: z.string(),
    machine: machineSchema.nullable(),
    /** When it stopped being a server, where it is a VM since. */
    serverUntil: instantSchema.nullable(),
    retiredAt: instantSchema.nullable(),
    quarantinedAt: instantSchema.nullable(),
    intervalSeconds: z.int(),
    /** When the next report is late. */
    staleAt: instantSchema.nullable(),
    lastRoundAt: instantSchema.nullable(),
    lastSequence: z.int(),
    agentVersion: z.string().nullable(),
    /** SHA-256 of the host's public key. */
    keyId: z.string(),
    /** Keys that it had before it was reinstalled, the newest first. */
    earlierKeys: z.array(
      z.strictObject({
        keyId: z.string(),
        replacedAt: instantSchema,
        author: z.string(),
        lastSequence: z.int(),
        logIndex: z.int(),
      }),
    ),
    contract: z
      .strictObject({
        site: z.enum(['provider', 'customer']),
        kind: z.enum(['server', 'vm']).nullable(),
        backup: z.boolean(),
        patch: z.boolean(),
        since: instantSchema,
        until: instantSchema.nullable(),
      })
      .nullable(),
    /** Every change of what was ordered, newest first. */
    contractChanges: z.array(contractChangeSchema.omit({ format: true, tenant: true })),
    /** How it ended, step by step. */
    endings: z.array(
      z.strictObject({
        state: endingStateSchema,
        at: instantSchema,
        author: z.string(),
        reason: z.string(),
        logIndex: z.int(),
      }),
    ),
  }),
  /** What has to be erased or disposed of. */
  obligations: z.array(obligationSchema),
  results: z.array(hostResultSchema),
  /** The tenant's clauses as they stand on this host. */
  clauses: z.array(
    z.strictObject({ id: z.string(), title: textSchema, status: clauseStatusSchema, stale: z.boolean() }),
  ),
  /** The newest; the rest is paged. */
  history: z.array(transitionSchema),
  historyTotal: z.int(),
  /** The newest restore drill, and the newest that ended equal. */
  drills: z.strictObject({ last: drillRowSchema.nullable(), equal: drillRowSchema.nullable() }),
  reports: z.array(reportRowSchema),
  reportsTotal: z.int(),
});
export type HostReply = z.infer<typeof hostReply>;

export const historyQuery = tenantQuery.extend({
  ...pageQuery.shape,
  check: z.string().max(100).optional(),
});
export const historyReply = z.strictObject({
  asOf: asOfSchema,
  ...pageSchema.shape,
  history: z.array(transitionSchema),
});
export type HistoryReply = z.infer<typeof historyReply>;
