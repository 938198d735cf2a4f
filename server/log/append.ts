/**
 * Leaves of the append-only log, one after another without holes. The one process that holds the data directory
 * writes them, inside the transaction of whatever they stand for: a leaf without its content can't be committed.
 */
import { randomBytes } from 'node:crypto';
import { toHex } from '../../shared/bytes.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';
import { commitment, type LeafType, leafHash, RANDOM_BYTES } from '../../shared/merkle.ts';
import type { Receipt } from '../../shared/report.ts';
import type { Trx } from '../db/database.ts';

/** Raised by one when a collector is restored from a backup; nothing does that yet. */
const FIRST_EPOCH = 0;

export interface NewLeaf {
  readonly type: LeafType;
  readonly content: Uint8Array;
  /** Where the content is kept: `report:HOST:SEQUENCE`. */
  readonly contentRef: string;
  readonly at: string;
}

export async function appendLeaf(
  trx: Trx,
  { type, content, contentRef, at }: NewLeaf,
): Promise<Receipt['log']> {
  const newest = await trx
    .selectFrom('log_leaves')
    .select(['log_index', 'epoch'])
    .orderBy('log_index', 'desc')
    .limit(1)
    .executeTakeFirst();
  const index = newest ? newest.log_index + 1 : 0;
  const epoch = newest?.epoch ?? FIRST_EPOCH;
  const random = new Uint8Array(randomBytes(RANDOM_BYTES));
  const leaf = toHex(leafHash(nodeCrypto, commitment(nodeCrypto, random, type, content)));
  await trx
    .insertInto('log_leaves')
    .values({
      log_index: index,
      epoch,
      type,
      leaf,
      random: toHex(random),
      content_ref: contentRef,
      created_at: at,
    })
    .execute();
  return { epoch, index, leaf };
}

/** The place of the leaf at `index`, as it stands in receipts. */
export async function findLeaf(trx: Trx, index: number): Promise<Receipt['log'] | undefined> {
  return trx
    .selectFrom('log_leaves')
    .select(['epoch', 'log_index as index', 'leaf'])
    .where('log_index', '=', index)
    .executeTakeFirst();
}
