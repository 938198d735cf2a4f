/**
 * Enrolment anew of a host that was reinstalled: under a new key, with its name, its place and its history. Only a
 * token that an operator bound to this host can do it; an ordinary one always makes a host of its own.
 */
import { utf8 } from '../../shared/bytes.ts';
import type { Signer } from '../../shared/crypto.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';
import { CodedError } from '../../shared/errors.ts';
import { signKeyChange } from '../../shared/key-change.ts';
import type { LeafType } from '../../shared/merkle.ts';
import type { Db, Trx } from '../db/database.ts';
import { settleKind } from '../host-kind.ts';
import { Refused } from '../refused.ts';
import type { NewHost } from './enrol-host.ts';

/** What app.ts brings in. */
export interface ReinstallSteps {
  /** Signs what is logged of it. */
  readonly signer: Signer;
  appendLeaf(
    trx: Trx,
    leaf: { type: LeafType; content: Uint8Array; contentRef: string; at: string },
  ): Promise<{ index: number }>;
}

/**
 * The living host with this id, or the one of this name in the tenant.
 * @throws CodedError `NOT_FOUND`, `NAME_TAKEN` where several have the name
 */
export async function hostToReinstall(
  db: Db,
  named: string,
  tenantId?: string,
): Promise<{ id: string; tenantId: string; name: string }> {
  const rows = await db
    .selectFrom('hosts')
    .select(['id', 'tenant_id as tenantId', 'name'])
    .where('retired_at', 'is', null)
    .where((eb) => eb.or([eb('id', '=', named), eb('name', '=', named.toLowerCase())]))
    .$if(tenantId !== undefined, (query) => query.where('tenant_id', '=', tenantId ?? ''))
    .execute();
  const [host, ...others] =
    rows.filter(({ id }) => id === named).length > 0 ? rows.filter(({ id }) => id === named) : rows;
  if (!host) throw new CodedError('NOT_FOUND');
  if (others.length > 0)
    throw new CodedError('USAGE', { problem: `several hosts are called ${named}; give the id` });
  return host;
}

/** Puts the new key in place of the old one. @throws Refused `TOKEN_REFUSED`, `HOST_NAME_DIFFERS` */
export async function replaceKey(
  trx: Trx,
  steps: ReinstallSteps,
  { hostId, author, host, now }: { hostId: string; author: string; host: NewHost; now: Date },
): Promise<void> {
  const old = await trx
    .selectFrom('hosts')
    .selectAll()
    .where('id', '=', hostId)
    .where('retired_at', 'is', null)
    .executeTakeFirst();
  if (!old) throw new Refused('TOKEN_REFUSED');
  // Pasted on another machine, that one's results would stand for this host.
  if (host.name !== old.name) throw new Refused('HOST_NAME_DIFFERS', { name: old.name, found: host.name });
  const at = now.toISOString();
  const { request } = host;
  const content = await signKeyChange(nodeCrypto, steps.signer, {
    format: 'nachweis.key-change/1',
    host: old.id,
    from: old.public_key,
    to: request.publicKey,
    last: { sequence: old.last_sequence, envelopeDigest: old.last_envelope_digest },
    at,
    author,
    proof: host.signature,
  });
  const { index } = await steps.appendLeaf(trx, {
    type: 'key-change',
    content: utf8(content),
    contentRef: `key-change:${old.key_id}`,
    at,
  });
  await trx
    .insertInto('replaced_keys')
    .values({
      key_id: old.key_id,
      host_id: old.id,
      public_key: old.public_key,
      replaced_at: at,
      last_sequence: old.last_sequence,
      author,
      content,
      log_index: index,
    })
    .execute();
  await trx
    .updateTable('hosts')
    .set({
      public_key: request.publicKey,
      key_id: host.keyId,
      enrolled_with: host.enrolledWith,
      interval_seconds: request.intervalSeconds,
      kind_detected: request.machine.kind,
      machine: JSON.stringify(request.machine),
      // A clone that caused it has the old key alone.
      quarantined_at: null,
    })
    .where('id', '=', old.id)
    .execute();
  await settleKind(trx, old.id, at);
  await trx.deleteFrom('rollbacks').where('host_id', '=', old.id).execute();
}
