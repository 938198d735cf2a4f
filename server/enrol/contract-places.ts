/**
 * Places in the contract and the hosts that hold them. A row of the contract is made by people alone; an enrolled
 * host without one is shown as such. The name, within its tenant, brings the two together.
 */
import { randomBytes } from 'node:crypto';
import { utf8 } from '../../shared/bytes.ts';
import { canonicalJson } from '../../shared/canonical.ts';
import { type ContractChange, contractChangeSchema, type HostContract } from '../../shared/contract.ts';
import { CodedError } from '../../shared/errors.ts';
import type { LeafType } from '../../shared/merkle.ts';
import type { Receipt } from '../../shared/report.ts';
import type { Db, Trx } from '../db/database.ts';
import type { Database } from '../db/schema.ts';
import { settleKind } from '../host-kind.ts';

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

/** Who changes what was ordered, and when: it is written beside the change, with a leaf of the log. */
export interface ChangedBy {
  readonly author: string;
  /** Nobody said who; it is the account that ran the command. */
  readonly osUser: boolean;
  readonly now: Date;
  readonly appendLeaf: (
    trx: Trx,
    leaf: { type: LeafType; content: Uint8Array; contentRef: string; at: string },
  ) => Promise<Receipt['log']>;
}

/** Puts the host into the contract, or changes what was ordered for it. What changes nothing leaves no trace. */
export async function setContract(
  db: Db,
  place: Named & HostContract,
  by: ChangedBy,
): Promise<'added' | 'changed' | 'unchanged'> {
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
    const before = open ? termsOf(open) : null;
    const after = { ...termsOf(terms), until: null };
    if (before && canonicalJson(before) === canonicalJson(termsOf(terms))) return 'unchanged';
    const at = by.now.toISOString();
    // What it was until now, in a database from before that was kept.
    if (open?.host_id) await settleKind(trx, open.host_id, at);
    const id = open?.id ?? `c-${randomBytes(16).toString('hex')}`;
    if (open) await trx.updateTable('contract_hosts').set(terms).where('id', '=', open.id).execute();
    else
      await trx
        .insertInto('contract_hosts')
        .values({ id, tenant_id: tenantId, name, host_id: null, until: null, ...terms })
        .execute();
    await fillPlace(trx, { tenantId, name }, at);
    if (open?.host_id) await settleKind(trx, open.host_id, at);
    await recordChange(trx, by, { id, tenantId, name, before, after });
    return open ? 'changed' : 'added';
  });
}

/** Ends the host's place in the contract. @throws CodedError `NOT_FOUND` */
export async function endContract(
  db: Db,
  { tenantId, name, until }: Named & { until: string },
  by: ChangedBy,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const open = await openPlace(trx, { tenantId, name });
    if (!open) throw new CodedError('NOT_FOUND');
    await trx.updateTable('contract_hosts').set({ until }).where('id', '=', open.id).execute();
    const before = termsOf(open);
    await recordChange(trx, by, { id: open.id, tenantId, name, before, after: { ...before, until } });
  });
}

type Terms = Pick<Database['contract_hosts'], 'site' | 'kind' | 'backup' | 'patch' | 'since'>;

const termsOf = ({ site, kind, backup, patch, since }: Terms): HostContract => ({
  site,
  ...(kind ? { kind } : {}),
  backup: backup === 1,
  patch: patch === 1,
  since,
});

async function recordChange(
  trx: Trx,
  { author, osUser, now, appendLeaf }: ChangedBy,
  change: Named & { id: string } & Pick<ContractChange, 'before' | 'after'>,
): Promise<void> {
  const { id: contractId, tenantId, name, before, after } = change;
  const tenant = await trx
    .selectFrom('tenants')
    .select('name')
    .where('id', '=', tenantId)
    .executeTakeFirstOrThrow();
  const at = now.toISOString();
  const id = `k-${randomBytes(16).toString('hex')}`;
  const content = canonicalJson(
    contractChangeSchema.parse({
      ...{ format: 'nachweis.contract-change/1', tenant: tenant.name, host: name },
      ...{ author, osUser, at, before, after },
    }),
  );
  const { index } = await appendLeaf(trx, {
    ...{ type: 'contract', content: utf8(content), contentRef: `contract:${id}`, at },
  });
  await trx
    .insertInto('contract_changes')
    .values({
      ...{ id, tenant_id: tenantId, contract_id: contractId, changed_at: at, author, content },
      log_index: index,
    })
    .execute();
}

/** Every change of what was ordered for the hosts of a tenant, or for one of them, oldest first. */
export async function contractHistory(
  db: Db,
  { tenantId, name }: { tenantId: string; name?: string | undefined },
): Promise<ContractChange[]> {
  let rows = db
    .selectFrom('contract_changes')
    .innerJoin('contract_hosts', 'contract_hosts.id', 'contract_changes.contract_id')
    .select('contract_changes.content')
    .where('contract_changes.tenant_id', '=', tenantId)
    .orderBy('contract_changes.log_index');
  if (name !== undefined) rows = rows.where('contract_hosts.name', '=', name);
  return (await rows.execute()).map(({ content }) => contractChangeSchema.parse(JSON.parse(content)));
}

/**
 * Gives a place that nobody holds to the newest living host of that name. A place that a living host holds stays
 * with it: an enrolment token must not be enough to push a host out.
 */
export async function fillPlace(trx: Trx, { tenantId, name }: Named, at: string): Promise<void> {
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
  if (!host) return;
  await trx.updateTable('contract_hosts').set({ host_id: host.id }).where('id', '=', place.id).execute();
  await settleKind(trx, host.id, at);
}

/** Its place waits for the next living host of its name. */
export async function freePlace(trx: Trx, hostId: string, at: string): Promise<void> {
  const { tenant_id: tenantId, name } = await trx
    .selectFrom('hosts')
    .select(['tenant_id', 'name'])
    .where('id', '=', hostId)
    .executeTakeFirstOrThrow();
  await trx
    .updateTable('contract_hosts')
    .set({ host_id: null })
    .where('host_id', '=', hostId)
    .where('until', 'is', null)
    .execute();
  await fillPlace(trx, { tenantId, name }, at);
}

async function openPlace(trx: Trx, { tenantId, name }: Named) {
  return trx
    .selectFrom('contract_hosts')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('name', '=', name)
    .where('until', 'is', null)
    .executeTakeFirst();
}
