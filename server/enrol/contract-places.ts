/**
 * Places in the contract and the hosts that hold them. A row of the contract is made by people alone; an enrolled
 * host without one is shown as such. The name, within its tenant, brings the two together.
 */
import { randomBytes } from 'node:crypto';
import type { HostContract } from '../../shared/contract.ts';
import { CodedError } from '../../shared/errors.ts';
import type { Db, Trx } from '../db/database.ts';

interface Named {
  readonly tenantId: string;
  readonly name: string;
}

/** Host names are the same in any case, and with the dot that ends a full one. */
export function hostName(given: string): string {
  return given.toLowerCase().replace(/\.$/, '');
}

/** What host names are made of, in any script; nothing that could be taken for markup, a path or a control. */
const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{N}._-]{0,251}[\p{L}\p{N}])?$/u;

export function isHostName(name: string): boolean {
  return NAME.test(name);
}

/** Puts the host into the contract, or changes what was ordered for it. */
export async function setContract(db: Db, place: Named & HostContract): Promise<'added' | 'changed'> {
  const { tenantId, name, site, kind, backup, patch, since } = place;
  const terms = {
    site,
    kind: kind ?? null,
    backup: backup ? (1 as const) : (0 as const),
    patch: patch ? (1 as const) : (0 as const),
    since,
  };
  return db.transaction().execute(async (trx) => {
    const open = await openPlace(trx, { tenantId, name });
    if (open) await trx.updateTable('contract_hosts').set(terms).where('id', '=', open.id).execute();
    else
      await trx
        .insertInto('contract_hosts')
        .values({
          id: `c-${randomBytes(16).toString('hex')}`,
          tenant_id: tenantId,
          name,
          host_id: null,
          until: null,
          ...terms,
        })
        .execute();
    await fillPlace(trx, { tenantId, name });
    return open ? 'changed' : 'added';
  });
}

/** Ends the host's place in the contract. @throws CodedError `NOT_FOUND` */
export async function endContract(
  db: Db,
  { tenantId, name, until }: Named & { until: string },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const open = await openPlace(trx, { tenantId, name });
    if (!open) throw new CodedError('NOT_FOUND');
    await trx.updateTable('contract_hosts').set({ until }).where('id', '=', open.id).execute();
  });
}

/**
 * Gives a place that nobody holds to the newest living host of that name. A place that a living host holds stays
 * with it: an enrolment token must not be enough to push a host out.
 */
export async function fillPlace(trx: Trx, { tenantId, name }: Named): Promise<void> {
  const place = await openPlace(trx, { tenantId, name });
  if (!place || place.host_id !== null) return;
  const host = await trx
    .selectFrom('hosts')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .where('retired_at', 'is', null)
    .orderBy('enrolled_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (host)
    await trx.updateTable('contract_hosts').set({ host_id: host.id }).where('id', '=', place.id).execute();
}

/**
 * Takes the host out of service: its reports are refused from now on, its place waits for the next of its name.
 * What it proved stays.
 * @throws CodedError `NOT_FOUND`
 */
export async function retireHost(db: Db, hostId: string, now: Date): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const host = await trx
      .updateTable('hosts')
      .set({ retired_at: now.toISOString() })
      .where('id', '=', hostId)
      .where('retired_at', 'is', null)
      .returning(['tenant_id', 'name'])
      .executeTakeFirst();
    if (!host) throw new CodedError('NOT_FOUND');
    await trx
      .updateTable('contract_hosts')
      .set({ host_id: null })
      .where('host_id', '=', hostId)
      .where('until', 'is', null)
      .execute();
    await fillPlace(trx, { tenantId: host.tenant_id, name: host.name });
  });
}

async function openPlace(trx: Trx, { tenantId, name }: Named) {
  return trx
    .selectFrom('contract_hosts')
    .select(['id', 'host_id'])
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .where('until', 'is', null)
    .executeTakeFirst();
}
