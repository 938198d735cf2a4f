/**
 * Until when a host was a server. One that is a VM from now on, by its contract or by what its agent sees, keeps owing for
 * the disks that it had before: their erasure does not go away with a word in a table.
 */
import type { Trx } from './db/database.ts';

/** Called after whatever may change the kind, in the same transaction: enrolment, a report, a change of the contract. */
export async function settleKind(trx: Trx, hostId: string, at: string): Promise<void> {
  const host = await trx
    .selectFrom('hosts')
    .select(['kind_detected', 'kind_settled'])
    .where('id', '=', hostId)
    .executeTakeFirst();
  if (!host) return;
  const contract = await trx
    .selectFrom('contract_hosts')
    .select('kind')
    .where('host_id', '=', hostId)
    .orderBy('since', 'desc')
    .executeTakeFirst();
  // As shared/obligations.ts has it: what nobody knows is held to the rules of a server.
  const kind = (contract?.kind ?? host.kind_detected) === 'vm' ? 'vm' : 'server';
  if (kind === host.kind_settled) return;
  const ended = host.kind_settled === 'server' && kind === 'vm';
  await trx
    .updateTable('hosts')
    .set({ kind_settled: kind, ...(ended ? { server_until: at } : {}) })
    .where('id', '=', hostId)
    .execute();
}
