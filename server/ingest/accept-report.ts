/**
 * Accepts one report inside a transaction: everything is checked against the state first, then everything is
 * written. A refusal writes nothing, with one exception: quarantine.
 *
 * Durability: the receipt is answered only after the commit of this transaction returned, and commits are synced.
 */
import { fromUtf8 } from '../../shared/bytes.ts';
import { CodedError, type Details, type ErrorCode } from '../../shared/errors.ts';
import { type Receipt, type ResultsDocument, resultsDocumentSchema } from '../../shared/report.ts';
import type { Trx } from '../db/database.ts';
import type { Database } from '../db/schema.ts';
import { settleKind } from '../host-kind.ts';
import { Refused } from '../refused.ts';
import type { IngestSteps } from './change.ts';
import { isCloned, machineIdentity, type RollbackMark } from './quarantine.ts';
import { checkCounts, type ReadReport } from './read-report.ts';

/** Clocks differ a little; a time further ahead would make evidence of the future. */
const MAX_AHEAD_MS = 5 * 60_000;

/** @throws Refused, with the host's id and, where the sequence is the trouble, the last accepted report */
export async function acceptReport(
  trx: Trx,
  steps: IngestSteps,
  report: ReadReport,
  now: Date,
): Promise<Receipt> {
  const host = await trx
    .selectFrom('hosts')
    .selectAll()
    .where('id', '=', report.hostId)
    .executeTakeFirstOrThrow();
  const known = await trx
    .selectFrom('reports')
    .select(['envelope_digest', 'received_at', 'log_index'])
    .where('host_id', '=', host.id)
    .where('sequence', '=', report.statement.predicate.sequence)
    .executeTakeFirst();

  // The reply to the first try got lost: the same bytes get the same place in the log, whatever happened since.
  if (known?.envelope_digest === report.envelopeDigest) {
    const log = await steps.findLeaf(trx, known.log_index);
    if (!log) throw new Error(`report ${host.id} ${report.statement.predicate.sequence} has no leaf`);
    return receipt(report, known.received_at, log);
  }

  refuseByState(host, report, now, known !== undefined);
  const document = await documentOf(trx, host, report);
  const mark = rollbackMark(host, report, document.content, now);
  if (mark && (await isCloned(trx, mark, host.interval_seconds))) {
    await quarantine(trx, steps, host, now);
    throw refused(host, 'HOST_QUARANTINED');
  }
  return write(trx, steps, { host, report, document, mark, now });
}

/** A host that lost its place can be far ahead, but a number can't be burnt to make the next ones impossible. */
const MAX_SKIPPED = 100_000;

type Host = Database['hosts'];

function refuseByState(host: Host, { statement }: ReadReport, now: Date, used: boolean): void {
  const { sequence, previous, round, gap, rollback } = statement.predicate;
  if (host.retired_at) throw refused(host, 'HOST_RETIRED', { at: host.retired_at });
  if (host.quarantined_at) throw refused(host, 'HOST_QUARANTINED');
  const ahead = Date.parse(round) - now.getTime();
  if (ahead > MAX_AHEAD_MS) throw refused(host, 'CLOCK_AHEAD', { seconds: Math.ceil(ahead / 1000) });

  const last = { sequence: host.last_sequence, envelopeDigest: host.last_envelope_digest };
  if (used) throw refused(host, 'SEQUENCE_REUSED', { sequence }, last);
  const said = new Set(gap?.map((item) => item.sequence));
  const skipped = sequence - last.sequence - 1;
  const explained =
    (rollback !== undefined && skipped <= MAX_SKIPPED) ||
    // The list is bounded, so a huge number is refused before anything is counted up to it.
    (skipped <= said.size &&
      Array.from({ length: Math.max(0, skipped) }, (_, at) => last.sequence + 1 + at).every((n) =>
        said.has(n),
      ));
  if (sequence <= last.sequence || previous !== last.envelopeDigest || !explained)
    throw refused(host, 'CHAIN_BROKEN', {}, last);
}

interface Document {
  readonly text: string;
  readonly content: ResultsDocument;
  /** Other than that of the report before. */
  readonly changed: boolean;
}

async function documentOf(trx: Trx, host: Host, { statement, document }: ReadReport): Promise<Document> {
  const digest = statement.subject[0].digest.sha256;
  const changed = digest !== host.last_document_digest;
  if (document) return { ...document, changed };
  const stored = changed
    ? undefined
    : await trx
        .selectFrom('documents')
        .select('content')
        .where('host_id', '=', host.id)
        .where('digest', '=', digest)
        .executeTakeFirst();
  if (!stored) throw refused(host, 'RESULTS_NEEDED');
  const content = resultsDocumentSchema.parse(JSON.parse(stored.content));
  try {
    checkCounts(content, statement);
  } catch (error) {
    throw error instanceof CodedError ? refused(host, error.code, error.details) : error;
  }
  return { text: stored.content, content, changed };
}

function rollbackMark(
  host: Host,
  { statement }: ReadReport,
  { host: machine }: ResultsDocument,
  now: Date,
): RollbackMark | undefined {
  const { rollback, sequence } = statement.predicate;
  if (!rollback) return undefined;
  return {
    host_id: host.id,
    sequence,
    from_sequence: rollback.from,
    machine_before: machineIdentity(JSON.parse(host.machine)),
    machine_after: machineIdentity(machine),
    received_at: now.toISOString(),
  };
}

async function quarantine(trx: Trx, steps: IngestSteps, host: Host, now: Date): Promise<void> {
  const receivedAt = now.toISOString();
  await trx.updateTable('hosts').set({ quarantined_at: receivedAt }).where('id', '=', host.id).execute();
  await steps.afterClone(trx, {
    hostId: host.id,
    tenantId: host.tenant_id,
    hostName: host.name,
    receivedAt,
  });
}

interface Accepted {
  readonly host: Host;
  readonly report: ReadReport;
  readonly document: Document;
  readonly mark: RollbackMark | undefined;
  readonly now: Date;
}

async function write(
  trx: Trx,
  steps: IngestSteps,
  { host, report, document, mark, now }: Accepted,
): Promise<Receipt> {
  const { predicate, subject } = report.statement;
  const { sequence, round } = predicate;
  const digest = subject[0].digest.sha256;
  const receivedAt = now.toISOString();

  const log = await steps.appendLeaf(trx, {
    type: 'envelope',
    content: report.envelope,
    contentRef: `report:${host.id}:${sequence}`,
    at: receivedAt,
  });
  await trx
    .insertInto('reports')
    .values({
      host_id: host.id,
      sequence,
      envelope_digest: report.envelopeDigest,
      envelope: fromUtf8(report.envelope),
      document_digest: digest,
      round_at: round,
      received_at: receivedAt,
      log_index: log.index,
    })
    .execute();
  // A document that no envelope names any more may be deleted; whatever ends the retention of envelopes does that.
  if (document.changed)
    await trx
      .insertInto('documents')
      .values({ host_id: host.id, digest, content: document.text, received_at: receivedAt })
      // A host that goes back to how it was names a document from before.
      .onConflict((conflict) => conflict.columns(['host_id', 'digest']).doNothing())
      .execute();
  if (mark) await trx.insertInto('rollbacks').values(mark).execute();
  const transitions = document.changed
    ? await steps.applyResults(trx, {
        hostId: host.id,
        sequence,
        roundAt: round,
        receivedAt,
        results: document.content.results,
      })
    : [];
  if (document.changed) {
    await steps.applyAccess(trx, host.id, document.content.access);
    await steps.applyUpdates(trx, host.id, document.content.updates);
    await steps.applyDisks(trx, {
      hostId: host.id,
      machine: document.content.host,
      before: {
        machine: host.machine,
        at: host.last_round_at ?? host.enrolled_at,
        enrolledAt: host.enrolled_at,
      },
      receivedAt,
    });
  }
  await trx
    .updateTable('hosts')
    .set({
      last_sequence: sequence,
      last_envelope_digest: report.envelopeDigest,
      last_document_digest: digest,
      last_received_at: receivedAt,
      last_round_at: round,
      agent_version: predicate.agentVersion,
      interval_seconds: predicate.intervalSeconds,
      ...(document.changed
        ? {
            machine: JSON.stringify(document.content.host),
            kind_detected: document.content.host.kind,
          }
        : {}),
    })
    .where('id', '=', host.id)
    .execute();
  if (document.changed) await settleKind(trx, host.id, receivedAt);
  await steps.afterReport(trx, {
    hostId: host.id,
    tenantId: host.tenant_id,
    hostName: host.name,
    sequence,
    roundAt: round,
    receivedAt,
    firstReport: host.last_sequence === 0,
    transitions,
    gap: predicate.gap,
    rollback: predicate.rollback,
  });
  return receipt(report, receivedAt, log);
}

function receipt(report: ReadReport, receivedAt: string, log: Receipt['log']): Receipt {
  return {
    host: report.hostId,
    sequence: report.statement.predicate.sequence,
    envelopeDigest: report.envelopeDigest,
    receivedAt,
    log,
  };
}

function refused(
  host: Host,
  code: ErrorCode,
  details: Details = {},
  last?: { sequence: number; envelopeDigest: string | null },
): Refused {
  return new Refused(code, details, { host: host.id, last });
}
