/**
 * Drafts grants from what a host's last report says about who can enter it. A draft is for people to review: who the
 * account belongs to and who approves it is left empty, and `policy apply` refuses it until somebody has filled it in.
 */
import { Document } from 'yaml';
import { type AccessEntry, accessEntrySchema, accessMatrixSchema } from '../../shared/access-matrix.ts';
import { CodedError } from '../../shared/errors.ts';
import {
  accountSchema,
  coversAccount,
  coversKey,
  coversPrivilege,
  type Grant,
  liveGrants,
  type Privilege,
} from '../../shared/grant.ts';
import type { Db } from '../db/database.ts';
import { policyContent } from './issue.ts';

/** What a host has that a grant could cover. */
export interface Entry {
  readonly account: string;
  readonly keys: readonly string[];
  readonly privileges: readonly Privilege[];
}

/** How long a drafted grant would last: the usual time between two reviews. */
const YEAR_MS = 365 * 86_400_000;

/** @returns a policy file. @throws CodedError `EVIDENCE_MISSING` */
export async function suggestPolicy(
  db: Db,
  host: { id: string; name: string; tenantId: string; tenant: string },
  now: Date,
): Promise<string> {
  const matrix = await db
    .selectFrom('access_matrices')
    .select(['more', 'gaps'])
    .where('host_id', '=', host.id)
    .executeTakeFirst();
  if (!matrix) throw new CodedError('EVIDENCE_MISSING', { host: host.name });
  const rows = await db
    .selectFrom('access_entries')
    .select('entry')
    .where('host_id', '=', host.id)
    .orderBy('position')
    .execute();
  const entries = entriesIn(rows.map(({ entry }) => accessEntrySchema.parse(JSON.parse(entry))));
  const granted = liveGrants((await policyContent(db, host, now)).grants ?? [], now);
  const gaps = accessMatrixSchema.shape.gaps.parse(JSON.parse(matrix.gaps));
  return draft(host, uncovered(entries, granted), {
    gaps: gaps.map(({ source }) => source),
    cut: matrix.more > 0,
    now,
  });
}

/** What of `entries` no grant covers yet: whole accounts, or single keys and privileges of one. */
function uncovered(entries: readonly Entry[], granted: readonly Grant[]): Entry[] {
  return entries.flatMap(({ account, keys, privileges: ways }) => {
    const left = {
      account,
      keys: keys.filter((key) => !granted.some((grant) => coversKey(grant, account, key))),
      privileges: ways.filter((way) => !granted.some((grant) => coversPrivilege(grant, account, way))),
    };
    const known = granted.some((grant) => coversAccount(grant, account));
    return known && left.keys.length + left.privileges.length === 0 ? [] : [left];
  });
}

/** Accounts in the order in which they are named, with their keys and ways to root; nobody is granted `*`. */
export function entriesIn(entries: readonly AccessEntry[]): Entry[] {
  const found = new Map<string, { keys: Set<string>; privileges: Set<Privilege> }>();
  for (const { account, detail, privilege } of entries) {
    if (!accountSchema.safeParse(account).success || account.startsWith('%')) continue;
    const entry = found.get(account) ?? { keys: new Set(), privileges: new Set() };
    const [key] = /SHA256:[A-Za-z0-9+/]{43}(?![A-Za-z0-9+/=])/.exec(detail ?? '') ?? [];
    if (key) entry.keys.add(key);
    if (privilege) entry.privileges.add(privilege);
    found.set(account, entry);
  }
  return [...found].map(([account, { keys, privileges: ways }]) => ({
    account,
    keys: [...keys].sort(),
    privileges: [...ways].sort(),
  }));
}

function draft(
  host: { name: string; tenant: string },
  entries: readonly Entry[],
  { gaps, cut, now }: { gaps: readonly string[]; cut: boolean; now: Date },
): string {
  const until = new Date(now.getTime() + YEAR_MS).toISOString();
  const document = new Document({
    tenant: host.tenant,
    grants: entries.map(({ account, ...rest }) => ({
      subject: '',
      party: '',
      accounts: [account],
      ...rest,
      scope: { host: host.name },
      approvedBy: '',
      reason: '',
      from: now.toISOString(),
      until,
    })),
  });
  const notes = [
    ` A draft from what ${host.name} reported, made ${now.toISOString()}. Not in force.`,
    ' Fill in subject, party (provider, customer or service), approvedBy and reason, and take out who should not',
    ' be able to enter. Then put it beside the other files of this tenant: policy apply takes all of them together.',
    ' What a grant covers already is left out.',
    ...(cut
      ? [' The host has more than its report holds: apply this, and ask again after its next report.']
      : []),
    ...(gaps.length > 0 ? [` There may be more: not all could be read (${gaps.join(', ')}).`] : []),
  ];
  document.commentBefore = notes.join('\n');
  return document.toString({ lineWidth: 0 }).trimEnd();
}
