/** A tenant's records as clause status takes them: one per host that they are about. */
import type { StatusRecord } from '../../shared/clause-basis.ts';
import type { StatusHost } from '../../shared/clause-status.ts';
import { inScope, noSettings, type Settings, settingsSchema } from '../../shared/policy-file.ts';
import { recordSchema } from '../../shared/record.ts';
import type { Db } from '../db/database.ts';

export async function statusRecords(
  db: Db,
  tenantId: string,
  hosts: readonly Pick<StatusHost, 'id' | 'name'>[],
): Promise<StatusRecord[]> {
  const rows = await db
    .selectFrom('records')
    .leftJoin('records as later', 'later.ends_id', 'records.id')
    .select(['records.content', 'later.recorded_at as endedAt'])
    .where('records.tenant_id', '=', tenantId)
    .where('records.holds', '=', 1)
    // Grants decide through the checks of the hosts that got them.
    .where('records.type', '!=', 'grant')
    .orderBy('records.log_index')
    .execute();
  if (rows.length === 0) return [];
  const { groups } = await tenantSettings(db, tenantId);
  return rows.flatMap(({ content, endedAt }): StatusRecord[] => {
    const { id, type, subject, scope, from, time, until } = recordSchema.parse(JSON.parse(content));
    // An attestation may be about what was so before it was written down; an exception begins when it is.
    const at = type === 'waiver' && from < time ? time : from;
    const record = { id, type, subject, at, until, revokedAt: endedAt };
    return scope === 'tenant'
      ? [{ ...record, hostId: null }]
      : hosts
          .filter(({ name }) => inScope(scope, name, groups))
          .map(({ id: hostId }) => ({ ...record, hostId }));
  });
}

/** What the tenant's policy files say besides grants; of several versions the newest. */
export async function tenantSettings(db: Db, tenantId: string): Promise<Settings> {
  const newest = await db
    .selectFrom('policy_settings')
    .select('content')
    .where('tenant_id', '=', tenantId)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return newest ? settingsSchema.parse(JSON.parse(newest.content)) : noSettings;
}
