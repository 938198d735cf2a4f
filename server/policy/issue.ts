/**
 * The signed policy of a host: the one that was made last while it says what counts and lives long enough, else a
 * new one under the next number. Each is a leaf of the log.
 */
import { toHex, utf8 } from '../../shared/bytes.ts';
import { canonicalJson } from '../../shared/canonical.ts';
import type { Signer } from '../../shared/crypto.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';
import type { LeafType } from '../../shared/merkle.ts';
import {
  MAX_GRANTS,
  MAX_POLICY_BYTES,
  type Policy,
  type PolicyEnvelope,
  policyDigest,
  policyEnvelopeSchema,
  signPolicy,
} from '../../shared/policy.ts';
import { inScope, paramsFor } from '../../shared/policy-file.ts';
import type { Db, Trx } from '../db/database.ts';
import { asDelivered, currentSettings, heldGrants } from './current.ts';

const DAY_MS = 86_400_000;
export const VALID_MS = 14 * DAY_MS;
/** With so much left a new one is made, so that a host that is away for a week finds its policy still valid. */
const RENEW_MS = 7 * DAY_MS;
/** Grants that ended so long ago are of no use for telling what outlived them. */
const KEEP_ENDED_MS = 400 * DAY_MS;

export interface PolicyHost {
  readonly id: string;
  readonly name: string;
  readonly tenantId: string;
}

export type PolicyContent = Pick<Policy, 'params' | 'grants'>;

export interface IssueSteps {
  readonly signer: Signer;
  appendLeaf(
    trx: Trx,
    leaf: { type: LeafType; content: Uint8Array; contentRef: string; at: string },
  ): Promise<{ index: number }>;
}

/** Parameters and grants for the host. More grants than a policy takes: no register, since a part would be a lie. */
export async function policyContent(db: Db, host: PolicyHost, now: Date): Promise<PolicyContent> {
  const { settings } = await currentSettings(db, host.tenantId);
  const params = paramsFor(host.name, settings);
  if (!settings.register) return { params, grants: null };
  const grants = (await heldGrants(db, host.tenantId))
    .filter(({ entry }) => inScope(entry.scope, host.name, settings.groups))
    .map(asDelivered)
    .filter(({ until }) => now.getTime() - Date.parse(until) < KEEP_ENDED_MS)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const tooMany =
    grants.length > MAX_GRANTS || utf8(canonicalJson({ params, grants })).length > MAX_POLICY_BYTES - 1024;
  return { params, grants: tooMany ? null : grants };
}

/** The newest policy that was made for the host, if any. */
export async function newestPolicy(db: Db, hostId: string) {
  return db
    .selectFrom('policies')
    .selectAll()
    .where('host_id', '=', hostId)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/**
 * The policy that counts, signed; null while nobody ever set anything for this tenant.
 * @param have the number that the host holds: after a restored backup it may be ahead of what we remember
 */
export async function policyFor(
  db: Db,
  steps: IssueSteps,
  { host, have, now }: { host: PolicyHost; have: number; now: Date },
): Promise<{ number: number; envelope: PolicyEnvelope } | null> {
  const before = await standing(db, host, have, now);
  if (before.policy !== undefined) return before.policy;
  // Looked at again with the write lock held: of two that ask at once only one makes it.
  return db.transaction().execute(async (trx) => {
    const { policy, newest, content, digest } = await standing(trx, host, have, now);
    if (policy !== undefined) return policy;
    return make(trx, steps, { host, now, content, digest, number: Math.max(newest, have) + 1 });
  });
}

/** The number of the policy that counts for the host, 0 for none; undefined: it has to ask, and a new one is made. */
export async function policyNumber(db: Db, hostId: string, now: Date): Promise<number | undefined> {
  const host = await db
    .selectFrom('hosts')
    .select(['id', 'name', 'tenant_id'])
    .where('id', '=', hostId)
    .executeTakeFirst();
  if (!host) return undefined;
  const { id, name, tenant_id: tenantId } = host;
  const { policy } = await standing(db, { id, name, tenantId }, 0, now);
  return policy === null ? 0 : policy?.number;
}

/** `policy` undefined: a new one has to be made. */
async function standing(db: Db, host: PolicyHost, have: number, now: Date) {
  const newest = await newestPolicy(db, host.id);
  const content = await policyContent(db, host, now);
  const digest = toHex(nodeCrypto.sha256(utf8(canonicalJson(content))));
  const { version } = await currentSettings(db, host.tenantId);
  const nothing = version === 0 && !newest;
  const fresh =
    newest !== undefined &&
    newest.content_digest === digest &&
    newest.number >= have &&
    Date.parse(newest.valid_until) - now.getTime() > RENEW_MS;
  return {
    policy: nothing ? null : fresh ? { number: newest.number, envelope: parsed(newest.envelope) } : undefined,
    newest: newest?.number ?? 0,
    content,
    digest,
  };
}

const parsed = (text: string): PolicyEnvelope => policyEnvelopeSchema.parse(JSON.parse(text));

interface Making {
  readonly host: PolicyHost;
  readonly now: Date;
  readonly content: PolicyContent;
  readonly digest: string;
  readonly number: number;
}

async function make(trx: Trx, { signer, appendLeaf }: IssueSteps, making: Making) {
  const { host, now, content, digest, number } = making;
  const issuedAt = now.toISOString();
  const validUntil = new Date(now.getTime() + VALID_MS).toISOString();
  const envelope = await signPolicy(nodeCrypto, signer, {
    format: 'nachweis.policy/1',
    host: host.id,
    number,
    issuedAt,
    validUntil,
    ...content,
  });
  const text = canonicalJson(envelope);
  const leaf = await appendLeaf(trx, {
    type: 'policy',
    content: utf8(text),
    contentRef: `policy:${host.id}:${number}`,
    at: issuedAt,
  });
  await trx
    .insertInto('policies')
    .values({
      host_id: host.id,
      number,
      issued_at: issuedAt,
      valid_until: validUntil,
      content_digest: digest,
      envelope_digest: policyDigest(nodeCrypto, envelope),
      envelope: text,
      log_index: leaf.index,
    })
    .execute();
  return { number, envelope };
}
