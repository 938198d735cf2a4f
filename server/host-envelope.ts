/**
 * An envelope as a host sent it, opened with the key that it was enrolled with.
 *
 * Order matters: until the host's own key has signed, every answer is the same whether the key, the host and the
 * signature exist or not, so that nobody learns from the collector which hosts it knows.
 */
import type { z } from 'zod';
import { fromBase64, fromUtf8, toHex, utf8 } from '../shared/bytes.ts';
import { canonicalJson } from '../shared/canonical.ts';
import { nodeCrypto } from '../shared/crypto-node.ts';
import { envelopeBytes, openEnvelope, type SignedBytes } from '../shared/envelope.ts';
import { CodedError, type ErrorCode } from '../shared/errors.ts';
import type { Db } from './db/database.ts';
import { parseStrictJson } from './json.ts';
import { Refused } from './refused.ts';

export interface OpenedEnvelope {
  readonly hostId: string;
  /** The text that was signed. */
  readonly payload: string;
  /** Canonical JSON: what is stored, hashed and logged. */
  readonly bytes: Uint8Array;
  readonly digest: string;
}

/** Verifying against it takes as long as against a real key, and never succeeds: nobody has its private half. */
const nobody = nodeCrypto.sha256(utf8('nachweis: no host has this key'));

/**
 * Opens it, and has `read` make of it what the host says.
 * @throws Refused `BAD_SIGNATURE`; and with the host's id `KEY_REPLACED`, `INVALID_UTF8` and what `read` throws
 */
export async function readHostEnvelope<T>(
  db: Db,
  envelope: SignedBytes,
  read: (opened: OpenedEnvelope) => T,
): Promise<T> {
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
    const bytes = envelopeBytes(envelope);
    const digest = toHex(nodeCrypto.sha256(bytes));
    return read({ hostId: host.id, payload: fromUtf8(payload), bytes, digest });
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

/** `text` must be the one spelling of its value: what is signed and hashed can't be read in two ways. */
export function readCanonical<T extends z.ZodType>(text: string, schema: T, code: ErrorCode): z.output<T> {
  const value = canonicalValue(text, code);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path.map(String).join('.') ?? '';
  throw new CodedError(code, { problem: `${path}: ${issue?.message ?? ''}`.slice(0, 300) });
}

/** The value alone. @throws CodedError `code`, `TOO_DEEP`, `NOT_CANONICAL` */
export function canonicalValue(text: string, code: ErrorCode): unknown {
  let value: unknown;
  try {
    value = parseStrictJson(text);
  } catch (error) {
    if (error instanceof CodedError && error.code === 'BODY_INVALID')
      throw new CodedError(code, error.details);
    throw error;
  }
  if (canonicalJson(value) !== text) throw new CodedError('NOT_CANONICAL', { found: 'another spelling' });
  return value;
}

function withKeyOfNobody(envelope: SignedBytes): SignedBytes {
  const [{ sig }] = envelope.signatures;
  return { ...envelope, signatures: [{ keyid: toHex(nodeCrypto.sha256(nobody)), sig }] };
}
