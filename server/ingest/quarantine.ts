/**
 * Telling a machine that was rolled back from two machines that report under one key (a cloned VM).
 *
 * A machine set back to a snapshot forgets what came after it, goes on behind the last number it is told, and says
 * from which number it remembers. Two machines keep overtaking each other: each mark comes from the machine that
 * wrote the one before the last, remembers that one, and does not know of the last. One machine would have to be
 * restored three times, each time to the other one of two interleaved snapshots, to look like that.
 */
import { toHex, utf8 } from '../../shared/bytes.ts';
import { canonicalJson } from '../../shared/canonical.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';
import type { Machine } from '../../shared/report.ts';
import type { Trx } from '../db/database.ts';
import type { Database } from '../db/schema.ts';

export type RollbackMark = Database['rollbacks'];

const DAY_MS = 86_400_000;

/** How long marks belong together: a day, or six intervals where hosts report rarely. */
function windowMs(intervalSeconds: number): number {
  return Math.max(DAY_MS, 6 * intervalSeconds * 1000);
}

/** Whether `mark`, the newest one, shows two machines at work. */
export async function isCloned(trx: Trx, mark: RollbackMark, intervalSeconds: number): Promise<boolean> {
  const since = new Date(Date.parse(mark.received_at) - windowMs(intervalSeconds)).toISOString();
  const before = await trx
    .selectFrom('rollbacks')
    .selectAll()
    .where('host_id', '=', mark.host_id)
    .where('received_at', '>=', since)
    .orderBy('sequence', 'desc')
    .limit(2)
    .execute();
  return showsClones([mark, ...before]);
}

/** `marks` newest first. Pure, so that cases can be told in a table. */
export function showsClones([newest, last, earlier]: readonly RollbackMark[]): boolean {
  if (!newest || !last) return false;
  const forgotLast = newest.from_sequence < last.sequence;
  // Hardware that goes there and back again with each mark is two machines: no third mark is needed.
  const thereAndBack =
    last.machine_before !== last.machine_after &&
    newest.machine_before === last.machine_after &&
    newest.machine_after === last.machine_before;
  if (forgotLast && thereAndBack) return true;
  if (!earlier) return false;
  const lastForgotEarlier = last.from_sequence < earlier.sequence;
  const remembersEarlier = newest.from_sequence >= earlier.sequence;
  return forgotLast && lastForgotEarlier && remembersEarlier;
}

/** What stays the same about a machine over reboots and updates, as a digest. */
export function machineIdentity({ hostname, machineId, disks }: Machine): string {
  const serials = disks.map(({ serial }) => serial).sort();
  return toHex(nodeCrypto.sha256(utf8(canonicalJson({ hostname, machineId, serials }))));
}

/** Ends a quarantine once the clone has a key of its own. Old marks go, so that they don't count again. */
export async function releaseHost(trx: Trx, hostId: string): Promise<void> {
  await trx.deleteFrom('rollbacks').where('host_id', '=', hostId).execute();
  await trx.updateTable('hosts').set({ quarantined_at: null }).where('id', '=', hostId).execute();
}
