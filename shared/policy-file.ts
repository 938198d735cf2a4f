/** Policy files: what people keep in git about one tenant's hosts: groups of them, parameters, grants. */
import { z } from 'zod';
import { isCollectorCheck } from './clause-basis.ts';
import { accountSchema, grantTerms } from './grant.ts';
import { policyParamsSchema } from './policy.ts';
import { groupNameSchema, type Scope, scopeSchema, zonedInstantSchema } from './record.ts';

const hostNameSchema = z.string().min(1).max(253);

export const groupsSchema = z.record(groupNameSchema, z.array(hostNameSchema).max(1000));

/** Parameters for the hosts of a scope. A host's own win over its group's, and those over the tenant's. */
export const paramsBlockSchema = z.strictObject({ scope: scopeSchema, checks: policyParamsSchema });
export type ParamsBlock = z.infer<typeof paramsBlockSchema>;

const once = (values: readonly unknown[]) => new Set(values).size === values.length;

export const grantEntrySchema = z
  .strictObject({
    ...grantTerms,
    accounts: z.array(accountSchema).min(1).max(100).refine(once, { message: 'one is there twice' }),
    from: zonedInstantSchema,
    until: zonedInstantSchema,
  })
  .refine(({ from, until }) => from < until, { path: ['until'], message: 'it is not after the beginning' });
export type GrantEntry = z.output<typeof grantEntrySchema>;

/** One file. A tenant may have several; together they are all that counts. */
export const policyFileSchema = z.strictObject({
  tenant: z.string().min(1).max(100),
  groups: groupsSchema.default({}),
  params: z.array(paramsBlockSchema).max(1000).default([]),
  /** Left out: this file says nothing about grants. Empty: there is a register, and nobody is in it. */
  grants: z.array(grantEntrySchema).max(5000).optional(),
});
export type PolicyFile = z.output<typeof policyFileSchema>;

/** What is kept of a tenant's files besides its grants, which are records. */
export const settingsSchema = z.strictObject({
  groups: groupsSchema,
  params: z.array(paramsBlockSchema),
  /** Somebody keeps a register of grants, however short. */
  register: z.boolean(),
});
export type Settings = z.infer<typeof settingsSchema>;

export const noSettings: Settings = { groups: {}, params: [], register: false };

/** Whether `scope` takes in the host of that name. A group that is not defined takes in nobody. */
export function inScope(scope: Scope, host: string, groups: Settings['groups']): boolean {
  if (scope === 'tenant') return true;
  if ('host' in scope) return sameHost(scope.host, host);
  const members = Object.hasOwn(groups, scope.group) ? groups[scope.group] : undefined;
  return members?.some((name) => sameHost(name, host)) ?? false;
}

/** Host names are the same in any case, and with the dot that ends a full one. */
export const sameHost = (a: string, b: string): boolean => plain(a) === plain(b);
const plain = (name: string) => name.toLowerCase().replace(/\.$/, '');

/**
 * Parameters in force for a host: the tenant's, then its groups' in the order of the files, then its own. Those of the
 * collector's own checks are no host's business.
 */
export function paramsFor(host: string, { groups, params }: Settings): ParamsBlock['checks'] {
  const rank = (scope: Scope) => (scope === 'tenant' ? 0 : 'group' in scope ? 1 : 2);
  const merged: Record<string, ParamsBlock['checks'][string]> = {};
  for (const { checks } of [...params]
    .filter(({ scope }) => inScope(scope, host, groups))
    .sort((a, b) => rank(a.scope) - rank(b.scope)))
    for (const [check, values] of Object.entries(checks))
      if (!isCollectorCheck(check)) merged[check] = { ...merged[check], ...values };
  return merged;
}

/** Parameters of the collector's own checks about a tenant. */
export function collectorParams({ params }: Pick<Settings, 'params'>): ParamsBlock['checks'] {
  const merged: Record<string, ParamsBlock['checks'][string]> = {};
  for (const { scope, checks } of params)
    for (const [check, values] of Object.entries(checks))
      if (scope === 'tenant' && isCollectorCheck(check)) merged[check] = { ...merged[check], ...values };
  return merged;
}
