/** Puts policy files into force: settings and grants of a tenant in one transaction. */
import { canonicalJson } from '../../shared/canonical.ts';
import { CodedError } from '../../shared/errors.ts';
import type { GrantEntry } from '../../shared/policy-file.ts';
import type { NachweisRecord } from '../../shared/record.ts';
import type { Db, Trx } from '../db/database.ts';
import { currentSettings, heldGrants } from './current.ts';
import { type Diff, diffPolicy, isEmpty } from './diff.ts';
import type { Wanted } from './wanted.ts';

/** Of server/records; the commands bring it in. */
export type AddRecord = (
  trx: Trx,
  more: {
    tenantId: string;
    record: Omit<NachweisRecord, 'format' | 'id' | 'time' | 'tenant'>;
    now: Date;
  },
) => Promise<NachweisRecord>;

export async function planPolicy(db: Db, tenantId: string, wanted: Wanted, now: Date): Promise<Diff> {
  const { settings } = await currentSettings(db, tenantId);
  return diffPolicy(wanted, await heldGrants(db, tenantId), settings, now);
}

export interface Applying {
  readonly tenantId: string;
  readonly wanted: Wanted;
  /** What was shown and agreed to. */
  readonly shown: Diff;
  readonly author: string;
  readonly now: Date;
}

/** @throws CodedError `POLICY_CHANGED` when it is not `shown` any more that would be done */
export async function applyPolicy(
  db: Db,
  addRecord: AddRecord,
  { tenantId, wanted, shown, author, now }: Applying,
): Promise<Diff> {
  return db.transaction().execute(async (trx) => {
    const diff = await planPolicy(trx, tenantId, wanted, now);
    if (canonicalJson(diff) !== canonicalJson(shown))
      throw new CodedError('POLICY_CHANGED', { tenant: wanted.tenant });
    if (isEmpty(diff)) return diff;
    if (diff.settings) await writeSettings(trx, { tenantId, wanted, author, now });
    const write = (entry: GrantEntry, ends: string | null, holds: boolean) =>
      addRecord(trx, { tenantId, now, record: recordOf(entry, { author, ends, holds }) });
    for (const { before, after } of diff.changed) await write(after, before.id, true);
    for (const entry of diff.added) await write(entry, null, true);
    for (const { id, entry } of diff.ended) await write(entry, id, false);
    return diff;
  });
}

async function writeSettings(
  trx: Trx,
  { tenantId, wanted, author, now }: Pick<Applying, 'tenantId' | 'wanted' | 'author' | 'now'>,
): Promise<void> {
  const { version } = await currentSettings(trx, tenantId);
  await trx
    .insertInto('policy_settings')
    .values({
      tenant_id: tenantId,
      version: version + 1,
      content: canonicalJson(wanted.settings),
      author,
      created_at: now.toISOString(),
    })
    .execute();
}

function recordOf(
  entry: GrantEntry,
  { author, ends, holds }: { author: string; ends: string | null; holds: boolean },
): Omit<NachweisRecord, 'format' | 'id' | 'time' | 'tenant'> {
  const { subject, scope, approvedBy, reason, from, until, ...terms } = entry;
  return {
    type: 'grant',
    scope,
    subject,
    author,
    approver: approvedBy,
    from,
    until,
    attachments: [],
    text: reason,
    terms,
    ends,
    holds,
  };
}
