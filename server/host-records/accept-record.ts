/**
 * Accepts one record of a host inside a transaction: checked against the state first, then written with its leaf. A
 * refusal writes nothing. Durability: the receipt is answered only after the commit returned, and commits are synced.
 */
import { fromUtf8 } from '../../shared/bytes.ts';
import type { RecordReceipt } from '../../shared/drill-statement.ts';
import type { Envelope } from '../../shared/envelope.ts';
import { CodedError } from '../../shared/errors.ts';
import type { Db, Trx } from '../db/database.ts';
import { canonicalValue, readHostEnvelope } from '../host-envelope.ts';
import { Refused } from '../refused.ts';
import type { HostRecordKind, RecordSteps } from './kind.ts';

export interface ReadRecord {
  readonly kind: HostRecordKind;
  readonly said: unknown;
  readonly hostId: string;
  readonly envelope: string;
  readonly digest: string;
}

/** Clocks differ a little; a time further ahead would make evidence of the future. */
const MAX_AHEAD_MS = 5 * 60_000;

/** @throws Refused `BAD_SIGNATURE`, and with the host's id what is wrong with what it says */
export function readRecord(
  db: Db,
  kinds: readonly HostRecordKind[],
  envelope: Envelope,
): Promise<ReadRecord> {
  return readHostEnvelope(db, envelope, ({ hostId, payload, bytes, digest }) => {
    const value = canonicalValue(payload, 'STATEMENT_INVALID');
    const type =
      typeof value === 'object' && value !== null && 'predicateType' in value ? value.predicateType : '';
    const kind = kinds.find(({ predicateType }) => predicateType === type);
    if (!kind)
      throw new CodedError('STATEMENT_INVALID', { problem: 'predicateType: it is not of a kind known here' });
    return { kind, said: kind.read(payload, hostId), hostId, envelope: fromUtf8(bytes), digest };
  });
}

/** @throws Refused `HOST_RETIRED`, `HOST_QUARANTINED`, `CLOCK_AHEAD` */
export async function acceptRecord(
  trx: Trx,
  { findLeaf }: RecordSteps,
  { kind, said, hostId, envelope, digest }: ReadRecord,
  now: Date,
): Promise<RecordReceipt> {
  const host = await trx.selectFrom('hosts').selectAll().where('id', '=', hostId).executeTakeFirstOrThrow();
  const receipt = async (id: string): Promise<RecordReceipt> => {
    const { log_index: index, recorded_at: receivedAt } = await trx
      .selectFrom('records')
      .select(['log_index', 'recorded_at'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const log = await findLeaf(trx, index);
    if (!log) throw new Error(`record ${id} has no leaf`);
    return { host: hostId, record: id, envelopeDigest: digest, receivedAt, log };
  };
  // The reply to the first try got lost: the same bytes get the same place in the log, whatever happened since.
  const known = await kind.find(trx, digest);
  if (known !== undefined) return receipt(known);

  const refused = (code: 'HOST_RETIRED' | 'HOST_QUARANTINED' | 'CLOCK_AHEAD', details = {}) =>
    new Refused(code, details, { host: hostId });
  if (host.retired_at) throw refused('HOST_RETIRED', { at: host.retired_at });
  if (host.quarantined_at) throw refused('HOST_QUARANTINED');
  const ahead = Date.parse(kind.at(said)) - now.getTime();
  if (ahead > MAX_AHEAD_MS) throw refused('CLOCK_AHEAD', { seconds: Math.ceil(ahead / 1000) });
  return receipt(await kind.accept(trx, said, { host, envelope, digest, now }));
}
