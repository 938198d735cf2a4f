/** Records in the database: written once, each with its leaf of the log, and read with what ended them. */
import { randomBytes } from 'node:crypto';
import { toHex, utf8 } from '../../shared/bytes.ts';
import { canonicalJson } from '../../shared/canonical.ts';
import type { RecordType } from '../../shared/catalogue.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';
import { CodedError } from '../../shared/errors.ts';
import type { LeafType } from '../../shared/merkle.ts';
import { type NachweisRecord, recordSchema } from '../../shared/record.ts';
import type { Receipt } from '../../shared/report.ts';
import type { Db, Trx } from '../db/database.ts';

export type AppendLeaf = (
  trx: Trx,
  leaf: { type: LeafType; content: Uint8Array; contentRef: string; at: string },
) => Promise<Receipt['log']>;

/** What people say; the rest is the collector's to add. */
export type NewRecord = Omit<NachweisRecord, 'format' | 'id' | 'time' | 'tenant'>;

export interface StoredRecord extends NachweisRecord {
  /** When another record ended it; null: none did. */
  readonly endedAt: string | null;
  readonly logIndex: number;
}

/**
 * Writes a record and its leaf, inside the transaction of whoever asks: one can't be there without the other.
 * @throws CodedError `NOT_FOUND` when it ends a record that the tenant does not have, or that has ended
 */
export async function addRecord(
  trx: Trx,
  appendLeaf: AppendLeaf,
  { tenantId, record, now }: { tenantId: string; record: NewRecord; now: Date },
): Promise<NachweisRecord> {
  const tenant = await trx
    .selectFrom('tenants')
    .select('name')
    .where('id', '=', tenantId)
    .executeTakeFirstOrThrow();
  const time = now.toISOString();
  const id = `r-${randomBytes(16).toString('hex')}`;
  const whole = recordSchema.parse({ ...record, format: 'nachweis.record/1', id, time, tenant: tenant.name });
  if (whole.ends !== null) await expectOpen(trx, tenantId, whole.ends, whole.type);
  const content = canonicalJson(whole);
  const bytes = utf8(content);
  const { index } = await appendLeaf(trx, {
    type: 'record',
    content: bytes,
    contentRef: `record:${id}`,
    at: time,
  });
  await trx
    .insertInto('records')
    .values({
      id,
      tenant_id: tenantId,
      type: whole.type,
      subject: whole.subject,
      content,
      digest: toHex(nodeCrypto.sha256(bytes)),
      recorded_at: time,
      valid_from: whole.from,
      valid_until: whole.until,
      ends_id: whole.ends,
      holds: whole.holds ? 1 : 0,
      log_index: index,
    })
    .execute();
  return whole;
}

/** Of the same tenant and type, and not ended before. */
async function expectOpen(trx: Trx, tenantId: string, id: string, type: RecordType): Promise<void> {
  const open = await trx
    .selectFrom('records')
    .leftJoin('records as later', 'later.ends_id', 'records.id')
    .select('records.id')
    .where('records.id', '=', id)
    .where('records.tenant_id', '=', tenantId)
    .where('records.type', '=', type)
    .where('records.holds', '=', 1)
    .where('later.id', 'is', null)
    .executeTakeFirst();
  if (!open) throw new CodedError('NOT_FOUND');
}

/** The tenant's records that say something, oldest first; of one type where it is given. */
export async function listRecords(db: Db, tenantId: string, type?: RecordType): Promise<StoredRecord[]> {
  let query = db
    .selectFrom('records')
    .leftJoin('records as later', 'later.ends_id', 'records.id')
    .select(['records.content', 'records.log_index as logIndex', 'later.recorded_at as endedAt'])
    .where('records.tenant_id', '=', tenantId)
    .where('records.holds', '=', 1)
    .orderBy('records.log_index');
  if (type) query = query.where('records.type', '=', type);
  const rows = await query.execute();
  return rows.map(({ content, logIndex, endedAt }) => ({
    ...recordSchema.parse(JSON.parse(content)),
    logIndex,
    endedAt,
  }));
}

/** The record of that id and its tenant, if any. */
export async function findRecord(db: Db, id: string) {
  const row = await db
    .selectFrom('records')
    .select(['tenant_id as tenantId', 'content'])
    .where('id', '=', id)
    .where('holds', '=', 1)
    .executeTakeFirst();
  return row && { tenantId: row.tenantId, record: recordSchema.parse(JSON.parse(row.content)) };
}
