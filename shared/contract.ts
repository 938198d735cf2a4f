/** What a tenant ordered, per host: it decides which clauses apply and who answers for them. */
import { z } from 'zod';
import { instantSchema } from './identifier.ts';

export const hostContractSchema = z.strictObject({
  /** Where the machine stands: in the provider's data centre or on the customer's premises. */
  site: z.enum(['provider', 'customer']),
  /** Set by people; where it is left out the kind that the agent detected counts. */
  kind: z.enum(['server', 'vm']).optional(),
  /** Backup of the operating system's configuration was commissioned. */
  backup: z.boolean(),
  /** Patch management of the operating system was commissioned. */
  patch: z.boolean(),
  /** From here on the host is owed: without an agent it is unproven. */
  since: instantSchema,
});
export type HostContract = z.infer<typeof hostContractSchema>;

/** What was ordered for one host, changed by somebody: the content of a leaf. */
export const contractChangeSchema = z.strictObject({
  format: z.literal('nachweis.contract-change/1'),
  tenant: z.string().min(1).max(100),
  host: z.string().min(1).max(253),
  author: z.string().min(1).max(200),
  /** Nobody said who; the name is that of the account on the collector's machine. */
  osUser: z.boolean(),
  at: instantSchema,
  /** Null: it was not in the contract. */
  before: hostContractSchema.nullable(),
  after: hostContractSchema.extend({ until: instantSchema.nullable() }),
});
export type ContractChange = z.infer<typeof contractChangeSchema>;

/** The file of `nachweis check --contract`: what can matter for judging one host. */
export const contractFileSchema = z.strictObject({
  site: z.enum(['provider', 'customer']).optional(),
  kind: z.enum(['server', 'vm']).optional(),
  backup: z.boolean().optional(),
  patch: z.boolean().optional(),
});
export type ContractFile = z.infer<typeof contractFileSchema>;
