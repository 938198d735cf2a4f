/**
 * Drafts grants from what a host's last report says about who can enter it. A draft is for people to review: who the
 * account belongs to and who approves it is left empty, and `policy apply` refuses it until somebody has filled it in.
 */
import { Document } from 'yaml';
import { CodedError } from '../../shared/errors.ts';
import {
  accountSchema,
  coversAccount,
  coversKey,
  coversPrivilege,
  type Grant,
  liveGrants,
  type Privilege,
  privileges,
} from '../../shared/grant.ts';
import { inLanguage, MAX_EVIDENCE, type Result, resultSchema } from '../../shared/outcome.ts';
import type { Db } from '../db/database.ts';
import { policyContent } from './issue.ts';

/** Their evidence names accounts, one an entry, as `account: what was found`. */
export const TELLING = [
  'access.accounts-granted',
  'access.ssh-keys-granted',
  'access.privileges-granted',
] as const;

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
  const rows = await db
    .selectFrom('results')
    .select(['check_id', 'result'])
    .where('host_id', '=', host.id)
    .where('check_id', 'in', [...TELLING])
    .execute();
  const missing = TELLING.filter((id) => !rows.some(({ check_id }) => check_id === id));
  const results = rows.map(({ result }) => resultSchema.parse(JSON.parse(result)));
  const entries = entriesIn(results);
  if (entries.length === 0)
    throw new CodedError('EVIDENCE_MISSING', {
      host: host.name,
      problem: missing.length > 0 ? `no result of ${missing.join(', ')}` : 'no account in their evidence',
    });
  const granted = liveGrants((await policyContent(db, host, now)).grants ?? [], now);
  const cut = results.some(({ evidence }) => evidence.length > MAX_EVIDENCE);
  return draft(host, uncovered(entries, granted), { missing, cut, now });
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

/** Accounts in the order in which they are named, with the keys and privileges said of them. */
export function entriesIn(results: readonly Pick<Result, 'check' | 'evidence'>[]): Entry[] {
  const found = new Map<string, { keys: Set<string>; privileges: Set<Privilege> }>();
  for (const { check, found: phrase } of results.flatMap((result) =>
    result.evidence.map((item) => ({ ...item, check: result.check })),
  )) {
    const text = inLanguage(phrase, 'en');
    const account = accountSchema.safeParse(/^([^\s:]+):\s/.exec(text)?.[1]);
    if (!account.success) continue;
    const entry = found.get(account.data) ?? { keys: new Set(), privileges: new Set() };
    for (const [key] of text.matchAll(/SHA256:[A-Za-z0-9+/]{43}(?![A-Za-z0-9+/=])/g)) entry.keys.add(key);
    if (check !== 'access.privileges-granted') {
      found.set(account.data, entry);
      continue;
    }
    const words = new Set(text.slice(account.data.length).match(/[a-z]+(?:-[a-z]+)*/g));
    // "root by sudo" asks for sudo: the word root alone is no reason to draft everything.
    for (const privilege of privileges)
      if (words.has(privilege) && privilege !== 'root') entry.privileges.add(privilege);
    found.set(account.data, entry);
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
  { missing, cut, now }: { missing: readonly string[]; cut: boolean; now: Date },
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
      ? [' The host has more than its evidence holds: apply this, and ask again after its next report.']
      : []),
    ...(missing.length > 0 ? [` Not reported, so perhaps incomplete: ${missing.join(', ')}.`] : []),
  ];
  document.commentBefore = notes.join('\n');
  return document.toString({ lineWidth: 0 }).trimEnd();
}
