/** Enrolment of a host: its new key, proven to be its own, under the tenant that the token belongs to. */
import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { fromBase64 } from '../../shared/bytes.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';
import { type EnrolReply, enrolSignedBytes, type enrolSubmissionSchema } from '../../shared/enrolment.ts';
import { keyId } from '../../shared/envelope.ts';
import type { Db, Trx } from '../db/database.ts';
import { Refused } from '../refused.ts';
import { fillPlace, hostName, isHostName } from './contract-places.ts';
import { spendToken, tokenHash } from './token.ts';

const MAX_AHEAD_MS = 5 * 60_000;

/**
 * @throws Refused `BAD_SIGNATURE`, `BODY_INVALID`, `CLOCK_AHEAD`, `TOKEN_REFUSED`, `ENROLMENT_CONFLICT`
 */
export async function enrolHost(
  db: Db,
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
    name,
    keyId: keyId(nodeCrypto, publicKey),
    enrolledWith: tokenHash(request.token),
  };
  return db.transaction().execute((trx) => insertHost(trx, host, now));
}

interface NewHost {
  readonly request: z.infer<typeof enrolSubmissionSchema>['request'];
  readonly name: string;
  readonly keyId: string;
  readonly enrolledWith: string;
}

async function insertHost(trx: Trx, host: NewHost, now: Date): Promise<EnrolReply> {
  const { request, name, enrolledWith } = host;
  const known = await trx
    .selectFrom('hosts')
    .innerJoin('tenants', 'tenants.id', 'hosts.tenant_id')
    .select([
      'hosts.id',
      'hosts.name',
      'tenants.name as tenant',
      'enrolled_at',
      'enrolled_with',
      'retired_at',
    ])
    .where('key_id', '=', host.keyId)
    .executeTakeFirst();
  if (known) {
    // The same machine with the same token: the reply to its first try got lost.
    if (known.enrolled_with === enrolledWith && !known.retired_at)
      return { host: known.id, tenant: known.tenant, name: known.name, enrolledAt: known.enrolled_at };
    throw new Refused('ENROLMENT_CONFLICT');
  }

  const token = await spendToken(trx, enrolledWith, now);
  if (!token) throw new Refused('TOKEN_REFUSED');
  const tenant = await trx
    .selectFrom('tenants')
    .select(['id', 'name'])
    .where('id', '=', token.tenantId)
    .executeTakeFirstOrThrow();
  const id = `h-${randomBytes(16).toString('hex')}`;
  const enrolledAt = now.toISOString();
  await trx
    .insertInto('hosts')
    .values({
      id,
      tenant_id: tenant.id,
      name,
      public_key: request.publicKey,
      key_id: host.keyId,
      enrolled_at: enrolledAt,
      enrolled_with: enrolledWith,
      interval_seconds: request.intervalSeconds,
      kind_detected: request.machine.kind,
      machine: JSON.stringify(request.machine),
      last_sequence: 0,
    })
    .execute();
  await fillPlace(trx, { tenantId: tenant.id, name });
  return { host: id, tenant: tenant.name, name, enrolledAt };
}
