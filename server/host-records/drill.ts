/** Restore drills: what the host measured, kept as it was signed, and a record of the tenant that names those bytes. */
import { nodeCrypto } from '../../shared/crypto-node.ts';
import { DRILL_DAYS, type Drill, drillTotal } from '../../shared/drill.ts';
import {
  DRILL_TYPE,
  type DrillStatement,
  drillStatementSchema,
  snapshotDigest,
} from '../../shared/drill-statement.ts';
import { CodedError } from '../../shared/errors.ts';
import { readCanonical } from '../host-envelope.ts';
import type { HostRecordKind, RecordSteps } from './kind.ts';

const DAY_MS = 86_400_000;

export const drillKind = ({ addRecord }: RecordSteps): HostRecordKind<DrillStatement> => ({
  predicateType: DRILL_TYPE,
  read(payload, hostId) {
    const statement = readCanonical(payload, drillStatementSchema, 'STATEMENT_INVALID');
    if (statement.predicate.host !== hostId) throw new CodedError('TENANT_MISMATCH');
    const [{ digest }] = statement.subject;
    if (digest.sha256 !== snapshotDigest(nodeCrypto, statement.predicate.drill))
      throw new CodedError('DIGEST_MISMATCH');
    return statement;
  },
  at: ({ predicate }) => predicate.drill.at,
  async find(trx, digest) {
    const row = await trx
      .selectFrom('drills')
      .select('record_id')
      .where('envelope_digest', '=', digest)
      .executeTakeFirst();
    return row?.record_id;
  },
  async accept(trx, { predicate: { drill } }, { host, envelope, digest, now }) {
    const { id } = await addRecord(trx, {
      tenantId: host.tenant_id,
      record: {
        type: 'drill',
        // A clause that asks for drills asks for those that ended well.
        subject: drill.outcome === 'equal' ? 'restore' : `restore-${drill.outcome}`,
        scope: { host: host.name },
        author: host.name,
        approver: null,
        from: drill.at,
        until: new Date(Date.parse(drill.at) + DRILL_DAYS * DAY_MS).toISOString(),
        attachments: [{ name: 'drill.dsse.json', sha256: digest }],
        text: textOf(drill),
        ends: null,
        holds: true,
      },
      now,
    });
    await trx
      .insertInto('drills')
      .values({
        envelope_digest: digest,
        host_id: host.id,
        record_id: id,
        began_at: drill.at,
        received_at: now.toISOString(),
        tool: drill.tool,
        job: drill.job,
        outcome: drill.outcome,
        drill: JSON.stringify(drill),
        envelope,
      })
      .execute();
    return id;
  },
});

/** Numbers and names, no sentence: records are read in two languages. */
function textOf(drill: Drill): string {
  const { tool, job, bytes, milliseconds } = drill;
  return `${tool}, ${job}: ${drillTotal(drill)} / ${bytes} B / ${milliseconds.restored} ms`;
}
