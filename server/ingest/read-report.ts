/**
 * A report as it came, read and verified as far as that goes without the state that only the transaction sees.
 *
 * Order matters: until the host's own key has signed, every answer is the same whether the key, the host and the
 * signature exist or not, so that nobody learns from the collector which hosts it knows.
 */

import type { z } from 'zod';
import { fromBase64, fromUtf8, toHex, utf8 } from '../../shared/bytes.ts';
import { canonicalJson } from '../../shared/canonical.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';
import { envelopeBytes, openEnvelope } from '../../shared/envelope.ts';
import { CodedError, type ErrorCode } from '../../shared/errors.ts';
import {
  MAX_DOCUMENT_BYTES,
  type ResultsDocument,
  resultsDocumentSchema,
  type Statement,
  type Submission,
  statementSchema,
} from '../../shared/report.ts';
import type { Db } from '../db/database.ts';
import { parseStrictJson } from '../json.ts';
import { Refused } from '../refused.ts';

export interface ReadReport {
  readonly hostId: string;
  readonly statement: Statement;
  /** Canonical JSON: what is stored, hashed and logged. */
  readonly envelope: Uint8Array;
  readonly envelopeDigest: string;
  /** Left out where the report names the last accepted one. */
  readonly document: { readonly text: string; readonly content: ResultsDocument } | undefined;
}

/** Verifying against it takes as long as against a real key, and never succeeds: nobody has its private half. */
const nobody = nodeCrypto.sha256(utf8('nachweis: no host has this key'));

/**
 * @throws Refused `BAD_SIGNATURE`, and with the host's id `KEY_REPLACED`, `INVALID_UTF8`, `TOO_DEEP`, `NOT_CANONICAL`,
 *   `STATEMENT_INVALID`, `TENANT_MISMATCH`, `DIGEST_MISMATCH`, `DOCUMENT_INVALID`
 */
export async function readReport(db: Db, { envelope, document }: Submission): Promise<ReadReport> {
  const [{ keyid }] = envelope.signatures;
  const host = await db
    .selectFrom('hosts')
    .select(['id', 'public_key'])
    .where('key_id', '=', keyid)
    .executeTakeFirst();
  const replaced = host ? undefined : await replacedKey(db, keyid);
  const key = host ?? replaced;
  const payload = await openEnvelope(
    nodeCrypto,
    key ? envelope : withKeyOfNobody(envelope),
    key ? fromBase64(key.public_key) : nobody,
  ).catch((error: unknown) => {
    if (error instanceof CodedError && error.code === 'BAD_SIGNATURE')
      throw new Refused('BAD_SIGNATURE', {}, { countedAs: key ? 'BAD_SIGNATURE' : 'HOST_UNKNOWN' });
    throw error;
  });
  if (replaced) throw new Refused('KEY_REPLACED', { at: replaced.replaced_at }, { host: replaced.host_id });
  if (!host) throw new Refused('BAD_SIGNATURE', {}, { countedAs: 'HOST_UNKNOWN' });

  // From here on it is the host that speaks, and what is wrong can be said.
  try {
    const statement = readCanonical(fromUtf8(payload), statementSchema, 'STATEMENT_INVALID');
    // One answer for another tenant's host, one of the same tenant and one that does not exist.
    if (statement.predicate.host !== host.id) throw new CodedError('TENANT_MISMATCH');
    const bytes = envelopeBytes(envelope);
    return {
      hostId: host.id,
      statement,
      envelope: bytes,
      envelopeDigest: toHex(nodeCrypto.sha256(bytes)),
      document: document === undefined ? undefined : readDocument(document, statement),
    };
  } catch (error) {
    if (error instanceof CodedError) throw new Refused(error.code, error.details, { host: host.id });
    throw error;
  }
}

/** A host that was reinstalled had this key before. */
function replacedKey(db: Db, keyId: string) {
  return db
    .selectFrom('replaced_keys')
    .select(['host_id', 'public_key', 'replaced_at'])
    .where('key_id', '=', keyId)
    .executeTakeFirst();
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

/** `text` must be the one spelling of its value: what is signed and hashed can't be read in two ways. */
function readCanonical<T extends z.ZodType>(text: string, schema: T, code: ErrorCode): z.output<T> {
  let value: unknown;
  try {
    value = parseStrictJson(text);
  } catch (error) {
    if (error instanceof CodedError && error.code === 'BODY_INVALID')
      throw new CodedError(code, error.details);
    throw error;
  }
  if (canonicalJson(value) !== text) throw new CodedError('NOT_CANONICAL', { found: 'another spelling' });
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path.map(String).join('.') ?? '';
  throw new CodedError(code, { problem: `${path}: ${issue?.message ?? ''}`.slice(0, 300) });
}

function withKeyOfNobody(envelope: Submission['envelope']): Submission['envelope'] {
  const [{ sig }] = envelope.signatures;
  return { ...envelope, signatures: [{ keyid: toHex(nodeCrypto.sha256(nobody)), sig }] };
}
