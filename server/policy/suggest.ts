/**
 * Drafts grants from what a host's last report says about who can enter it. A draft is for people to review: who the
 * account belongs to and who approves it is left empty, and `policy apply` refuses it until somebody has filled it in.
 */
import { Document } from 'yaml';
import { CodedError } from '../../shared/errors.ts';
import { accountSchema, type Privilege, privileges } from '../../shared/grant.ts';
import { type Evidence, inLanguage, resultSchema } from '../../shared/outcome.ts';
import type { Db } from '../db/database.ts';
import { currentSettings, heldGrants } from './current.ts';

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
  const evidence = rows.flatMap(({ result }) => resultSchema.parse(JSON.parse(result)).evidence);
  const entries = entriesIn(evidence);
  if (entries.length === 0)
    throw new CodedError('EVIDENCE_MISSING', {
      host: host.name,
      problem: missing.length > 0 ? `no result of ${missing.join(', ')}` : 'no account in their evidence',
    });
  const { settings } = await currentSettings(db, host.tenantId);
  const granted = (await heldGrants(db, host.tenantId)).filter(
    ({ endedAt, entry }) => endedAt === null && now.getTime() < Date.parse(entry.until),
  );
  const open = entries.filter(
    ({ account }) => !granted.some(({ entry }) => entry.accounts.includes(account)),
  );
  return draft(host, open, { missing, register: settings.register, now });
}

/** Accounts in the order in which they are named, with the keys and privileges said of them. */
export function entriesIn(evidence: readonly Evidence[]): Entry[] {
  const found = new Map<string, { keys: Set<string>; privileges: Set<Privilege> }>();
  for (const { found: phrase } of evidence) {
    const text = inLanguage(phrase, 'en');
    const account = accountSchema.safeParse(/^([^\s:]+):\s/.exec(text)?.[1]);
    if (!account.success) continue;
    const entry = found.get(account.data) ?? { keys: new Set(), privileges: new Set() };
    for (const [key] of text.matchAll(/SHA256:[A-Za-z0-9+/]{43}(?![A-Za-z0-9+/=])/g)) entry.keys.add(key);
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
  { missing, register, now }: { missing: readonly string[]; register: boolean; now: Date },
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
    ...(register ? [' Accounts that a grant of this tenant already names are left out.'] : []),
    ...(missing.length > 0 ? [` Not reported, so perhaps incomplete: ${missing.join(', ')}.`] : []),
  ];
  document.commentBefore = notes.join('\n');
  return document.toString({ lineWidth: 0 }).trimEnd();
}
