/** Enrolment of a host: its new key, proven to be its own, under the tenant that the token belongs to. */
import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { fromBase64 } from '../../shared/bytes.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';
import { type EnrolReply, enrolSignedBytes, type enrolSubmissionSchema } from '../../shared/enrolment.ts';
import { keyId } from '../../shared/envelope.ts';
import type { Db, Trx } from '../db/database.ts';
import { settleKind } from '../host-kind.ts';
import { Refused } from '../refused.ts';
import { fillPlace, hostName, isHostName } from './contract-places.ts';
import { type ReinstallSteps, replaceKey } from './reinstall.ts';
import { spendToken, tokenHash } from './token.ts';

const MAX_AHEAD_MS = 5 * 60_000;

/**
 * @throws Refused `BAD_SIGNATURE`, `BODY_INVALID`, `CLOCK_AHEAD`, `TOKEN_REFUSED`, `ENROLMENT_CONFLICT`,
 *   `HOST_NAME_DIFFERS`
 */
export async function enrolHost(
  db: Db,
  steps: ReinstallSteps,
  { request, signature }: z.infer<typeof enrolSubmissionSchema>,
  now: Date,
): Promise<EnrolReply> {
  const publicKey = fromBase64(request.publicKey);
  if (!(await nodeCrypto.verifyEd25519(publicKey, enrolSignedBytes(request), fromBase64(signature))))
    throw new Refused('BAD_SIGNATURE');
  const name = hostName(request.hostname);
  if (!isHostName(name)) throw new Refused('BODY_INVALID', { problem: 'hostname is not the name of a host' });
  const ahead = Date.parse(request.at) - now.getTime();
  // Its reports would be refused for the same reason; better said while somebody is looking.
  if (ahead > MAX_AHEAD_MS) throw new Refused('CLOCK_AHEAD', { seconds: Math.ceil(ahead / 1000) });
  const host: NewHost = {
    request,
    signature,
    name,
    keyId: keyId(nodeCrypto, publicKey),
    enrolledWith: tokenHash(request.token),
  };
  return db.transaction().execute((trx) => enrolled(trx, steps, host, now));
}

export interface NewHost {
  readonly signature: string;
  readonly request: z.infer<typeof enrolSubmissionSchema>['request'];
  readonly name: string;
  readonly keyId: string;
  readonly enrolledWith: string;
}

async function enrolled(trx: Trx, steps: ReinstallSteps, host: NewHost, now: Date): Promise<EnrolReply> {
  const known = await withKey(trx, host.keyId);
  if (known) {
    // The same machine with the same token: the reply to its first try got lost.
    if (known.enrolled_with === host.enrolledWith && !known.retired_at) return replyTo(known);
    throw new Refused('ENROLMENT_CONFLICT');
  }

  const token = await spendToken(trx, host.enrolledWith, now);
  if (!token) throw new Refused('TOKEN_REFUSED');
  if (await isReplaced(trx, host.keyId)) throw new Refused('ENROLMENT_CONFLICT');
  if (token.hostId === null) await insertHost(trx, host, token.tenantId, now);
  else await replaceKey(trx, steps, { hostId: token.hostId, author: token.author ?? 'unknown', host, now });
  const row = await withKey(trx, host.keyId);
  if (!row) throw new Error('the host that was just enrolled is not there');
  return replyTo(row);
}

function withKey(trx: Trx, keyId: string) {
  return trx
    .selectFrom('hosts')
    .innerJoin('tenants', 'tenants.id', 'hosts.tenant_id')
    .select([
      'hosts.id',
      'hosts.name',
      'tenants.name as tenant',
      'enrolled_at',
      'enrolled_with',
      'retired_at',
      'last_sequence',
      'last_envelope_digest',
    ])
    .where('key_id', '=', keyId)
    .executeTakeFirst();
}

type Row = NonNullable<Awaited<ReturnType<typeof withKey>>>;

/** `last` tells a reinstalled host where its chain of reports goes on. */
function replyTo(row: Row): EnrolReply {
  const last = { sequence: row.last_sequence, envelopeDigest: row.last_envelope_digest };
  return {
    host: row.id,
    tenant: row.tenant,
    name: row.name,
    enrolledAt: row.enrolled_at,
    ...(row.last_sequence > 0 ? { last } : {}),
  };
}

/** A key that was given up comes back under no name. */
async function isReplaced(trx: Trx, keyId: string): Promise<boolean> {
  const row = await trx
    .selectFrom('replaced_keys')
    .select('key_id')
    .where('key_id', '=', keyId)
    .executeTakeFirst();
  return row !== undefined;
}

async function insertHost(trx: Trx, host: NewHost, tenantId: string, now: Date): Promise<void> {
  const { request, name, enrolledWith } = host;
  const id = `h-${randomBytes(16).toString('hex')}`;
  await trx
    .insertInto('hosts')
    .values({
      id,
      tenant_id: tenantId,
      name,
      public_key: request.publicKey,
      key_id: host.keyId,
      enrolled_at: now.toISOString(),
      enrolled_with: enrolledWith,
      interval_seconds: request.intervalSeconds,
      kind_detected: request.machine.kind,
      machine: JSON.stringify(request.machine),
      last_sequence: 0,
    })
    .execute();
  await fillPlace(trx, { tenantId, name }, now.toISOString());
  await settleKind(trx, id, now.toISOString());
}
