/** What counts for a tenant now: its newest settings, and its grants as records. */

import { z } from 'zod';
import { canonicalJson } from '../../shared/canonical.ts';
import type { Grant } from '../../shared/grant.ts';
import { grantTerms } from '../../shared/grant.ts';
import { type GrantEntry, noSettings, type Settings, settingsSchema } from '../../shared/policy-file.ts';
import { type NachweisRecord, recordSchema } from '../../shared/record.ts';
import type { Db } from '../db/database.ts';

/** The terms of a grant that are no members of every record. */
export const termsSchema = z.strictObject({
  party: grantTerms.party,
  accounts: grantTerms.accounts,
  keys: grantTerms.keys,
  privileges: grantTerms.privileges,
});

export interface HeldGrant {
  readonly id: string;
  /** As it was written. */
  readonly entry: GrantEntry;
  /** When it was taken out of the files. */
  readonly endedAt: string | null;
}

/** The newest settings, and their number; 0 where there are none yet. */
export async function currentSettings(
  db: Db,
  tenantId: string,
): Promise<{ version: number; settings: Settings }> {
  const row = await db
    .selectFrom('policy_settings')
    .select(['version', 'content'])
    .where('tenant_id', '=', tenantId)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row) return { version: 0, settings: noSettings };
  return { version: row.version, settings: settingsSchema.parse(JSON.parse(row.content)) };
}

/** Every grant of the tenant, also those that are over, in the order in which they were recorded. */
export async function heldGrants(db: Db, tenantId: string): Promise<HeldGrant[]> {
  const rows = await db
    .selectFrom('records')
    .leftJoin('records as later', 'later.ends_id', 'records.id')
    .select(['records.content', 'later.recorded_at as endedAt'])
    .where('records.tenant_id', '=', tenantId)
    .where('records.type', '=', 'grant')
    .where('records.holds', '=', 1)
    .orderBy('records.log_index')
    .execute();
  return rows.map(({ content, endedAt }) => {
    const record = recordSchema.parse(JSON.parse(content));
    return { id: record.id, entry: entryOf(record), endedAt };
  });
}

function entryOf({ subject, scope, approver, text, from, until, terms }: NachweisRecord): GrantEntry {
  if (approver === null || until === null) throw new Error('a grant without approver or end was stored');
  return { subject, scope, approvedBy: approver, reason: text, from, until, ...termsSchema.parse(terms) };
}

/** As agents get it: its end is the written one, or the moment at which it was taken back. */
export function asDelivered({ id, entry, endedAt }: HeldGrant): Grant {
  const until = endedAt !== null && endedAt < entry.until ? endedAt : entry.until;
  return { ...entry, id, until };
}

/** The same terms give the same text. */
export const grantText = (entry: GrantEntry): string => canonicalJson(entry);
