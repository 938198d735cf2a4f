/** Policy files written: what counts for a tenant, and drafts for a host. */
import { stringify } from 'yaml';
import type { GrantEntry, PolicyFile, Settings } from '../../shared/policy-file.ts';

export function policyYaml(
  tenant: string,
  { groups, params, register }: Settings,
  grants: readonly GrantEntry[],
): string {
  const file: PolicyFile = {
    tenant,
    groups,
    params,
    ...(register ? { grants: [...grants] } : {}),
  };
  return stringify(file, { lineWidth: 0 });
}
