/** How a host ended, written once for each step, with its leaf of the log. */
import { randomBytes } from 'node:crypto';
import { utf8 } from '../../shared/bytes.ts';
import { canonicalJson } from '../../shared/canonical.ts';
import { CodedError } from '../../shared/errors.ts';
import type { LeafType } from '../../shared/merkle.ts';
import type { Obligation } from '../../shared/obligations.ts';
import type { Receipt } from '../../shared/report.ts';
import type { Db, Trx } from '../db/database.ts';
import type { Database } from '../db/schema.ts';

export type EndingRow = Database['host_endings'];

export interface EndingSteps {
  appendLeaf(
    trx: Trx,
    leaf: { type: LeafType; content: Uint8Array; contentRef: string; at: string },
  ): Promise<Receipt['log']>;
  /** What has to be erased or disposed of, as of `now`, with what was written in this transaction. */
  obligationsOf(trx: Trx, tenantId: string, now: string): Promise<readonly Obligation[]>;
}

/** A host, or a place in the contract that no agent ever filled. */
export interface EndingSubject {
  readonly id: string;
  readonly tenantId: string;
  readonly tenant: string;
  readonly name: string;
  readonly enrolled: boolean;
  readonly retiredAt: string | null;
}

/** @throws CodedError `NOT_FOUND` */
export async function findSubject(db: Db | Trx, id: string): Promise<EndingSubject> {
  const host = await db
    .selectFrom('hosts')
    .innerJoin('tenants', 'tenants.id', 'hosts.tenant_id')
    .select(['hosts.id', 'hosts.tenant_id', 'hosts.name', 'retired_at', 'tenants.name as tenant'])
    .where('hosts.id', '=', id)
    .executeTakeFirst();
  if (host)
    return {
      ...{ id, tenantId: host.tenant_id, tenant: host.tenant, name: host.name },
      ...{ enrolled: true, retiredAt: host.retired_at },
    };
  const place = await db
    .selectFrom('contract_hosts')
    .innerJoin('tenants', 'tenants.id', 'contract_hosts.tenant_id')
    .select([
      'contract_hosts.id',
      'contract_hosts.tenant_id',
      'contract_hosts.name',
      'tenants.name as tenant',
    ])
    .where('contract_hosts.id', '=', id)
    .where('host_id', 'is', null)
    .executeTakeFirst();
  if (!place) throw new CodedError('NOT_FOUND');
  return {
    ...{ id, tenantId: place.tenant_id, tenant: place.tenant, name: place.name },
    ...{ enrolled: false, retiredAt: null },
  };
}

export async function endingsOfSubject(db: Db | Trx, id: string): Promise<EndingRow[]> {
  return db
    .selectFrom('host_endings')
    .selectAll()
    .where('subject_id', '=', id)
    .orderBy('log_index')
    .execute();
}

export interface NewEnding {
  readonly subject: EndingSubject;
  readonly state: EndingRow['state'];
  readonly at: string;
  readonly author: string;
  readonly reason: string;
  /** What is hashed into the log where it is not these words: the envelope that a host signed. */
  readonly signed?: unknown;
}

export async function writeEnding(
  trx: Trx,
  { appendLeaf }: Pick<EndingSteps, 'appendLeaf'>,
  { subject, state, at, author, reason, signed }: NewEnding,
): Promise<Receipt['log']> {
  const id = `e-${randomBytes(16).toString('hex')}`;
  const said = {
    id,
    tenant: subject.tenant,
    host: subject.id,
    name: subject.name,
    state,
    at,
    author,
    reason,
  };
  const content = canonicalJson(signed ?? { format: 'nachweis.ending/1', ...said });
  const log = await appendLeaf(trx, {
    type: 'ending',
    content: utf8(content),
    contentRef: `ending:${id}`,
    at,
  });
  await trx
    .insertInto('host_endings')
    .values({
      ...{ id, tenant_id: subject.tenantId, subject_id: subject.id, name: subject.name, state, at },
      ...{ author, reason, content, log_index: log.index },
    })
    .execute();
  return log;
}

/** Reports under its key are refused from now on; one that was retired before stays so. */
export async function retireKey(trx: Trx, hostId: string, at: string): Promise<void> {
  await trx
    .updateTable('hosts')
    .set({ retired_at: at })
    .where('id', '=', hostId)
    .where('retired_at', 'is', null)
    .execute();
}
