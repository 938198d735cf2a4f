/** A report as it came, read and verified as far as that goes without the state that only the transaction sees. */
import { toHex, utf8 } from '../../shared/bytes.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';
import { CodedError } from '../../shared/errors.ts';
import {
  MAX_DOCUMENT_BYTES,
  type ResultsDocument,
  resultsDocumentSchema,
  type Statement,
  type Submission,
  statementSchema,
} from '../../shared/report.ts';
import type { Db } from '../db/database.ts';
import { readCanonical, readHostEnvelope } from '../host-envelope.ts';

export interface ReadReport {
  readonly hostId: string;
  readonly statement: Statement;
  /** Canonical JSON: what is stored, hashed and logged. */
  readonly envelope: Uint8Array;
  readonly envelopeDigest: string;
  /** Left out where the report names the last accepted one. */
  readonly document: { readonly text: string; readonly content: ResultsDocument } | undefined;
}

/**
 * @throws Refused `BAD_SIGNATURE`, and with the host's id `INVALID_UTF8`, `TOO_DEEP`, `NOT_CANONICAL`,
 *   `STATEMENT_INVALID`, `TENANT_MISMATCH`, `DIGEST_MISMATCH`, `DOCUMENT_INVALID`
 */
export function readReport(db: Db, { envelope, document }: Submission): Promise<ReadReport> {
  return readHostEnvelope(db, envelope, ({ hostId, payload, bytes, digest }) => {
    const statement = readCanonical(payload, statementSchema, 'STATEMENT_INVALID');
    // One answer for another tenant's host, one of the same tenant and one that does not exist.
    if (statement.predicate.host !== hostId) throw new CodedError('TENANT_MISMATCH');
    return {
      hostId,
      statement,
      envelope: bytes,
      envelopeDigest: digest,
      document: document === undefined ? undefined : readDocument(document, statement),
    };
  });
}

function readDocument(text: string, statement: Statement): { text: string; content: ResultsDocument } {
  const bytes = utf8(text);
  if (bytes.length > MAX_DOCUMENT_BYTES)
    throw new CodedError('BODY_TOO_LARGE', { limit: MAX_DOCUMENT_BYTES });
  if (toHex(nodeCrypto.sha256(bytes)) !== statement.subject[0].digest.sha256)
    throw new CodedError('DIGEST_MISMATCH');
  const content = readCanonical(text, resultsDocumentSchema, 'DOCUMENT_INVALID');
  const ids = content.results.map(({ check }) => check);
  if (ids.some((id, at) => at > 0 && id <= (ids[at - 1] ?? '')))
    throw new CodedError('DOCUMENT_INVALID', { problem: 'results are not sorted by check, each once' });
  checkCounts(content, statement);
  return { text, content };
}

/** What the statement says it counted is what people see first; it must be what the document holds. */
export function checkCounts({ results }: ResultsDocument, { predicate }: Statement): void {
  for (const outcome of Object.keys(predicate.counts) as (keyof typeof predicate.counts)[])
    if (predicate.counts[outcome] !== results.filter((result) => result.outcome === outcome).length)
      throw new CodedError('STATEMENT_INVALID', { problem: `counts.${outcome} is not that of the document` });
}
