/** Policy files applied to a real database. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { allChecks } from '../../../checks/registry.ts';
import type { Db } from '../../../server/db/database.ts';
import { appendLeaf } from '../../../server/log/append.ts';
import { applyPolicy, planPolicy } from '../../../server/policy/apply.ts';
import type { Diff } from '../../../server/policy/diff.ts';
import { readWanted } from '../../../server/policy/wanted.ts';
import { addRecord } from '../../../server/records/store.ts';
import { adjustableChecks } from '../../../shared/collector-checks.ts';
import { temporaryDirectory } from '../../support/database.ts';

export const FROM = '2026-01-01T00:00:00+01:00';
export const UNTIL = '2027-01-01T00:00:00+01:00';

/** One grant as it stands in a file. */
export function grantYaml(subject: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    subject,
    party: 'provider',
    accounts: [subject],
    privileges: ['sudo'],
    scope: 'tenant',
    approvedBy: 'b.beispiel',
    reason: 'TICKET-1',
    from: FROM,
    until: UNTIL,
    ...more,
  };
}

/** A directory with these files; objects are written as JSON, which YAML is a superset of. */
export function filesAt(files: Record<string, unknown>, directory = temporaryDirectory()): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(
      join(directory, name),
      typeof content === 'string' ? content : JSON.stringify(content, null, 2),
    );
  }
  return directory;
}

export async function plan(db: Db, tenantId: string, path: string, now: Date): Promise<Diff> {
  const [wanted] = readWanted(path, [...allChecks, ...adjustableChecks]);
  if (!wanted) throw new Error('no tenant in the files');
  return planPolicy(db, tenantId, wanted, now);
}

/** Reads, plans and applies, as the command does. */
export async function apply(db: Db, tenantId: string, path: string, now: Date): Promise<Diff> {
  const [wanted] = readWanted(path, [...allChecks, ...adjustableChecks]);
  if (!wanted) throw new Error('no tenant in the files');
  const shown = await planPolicy(db, tenantId, wanted, now);
  return applyPolicy(db, (trx, more) => addRecord(trx, appendLeaf, more), {
    ...{ tenantId, wanted, shown, now },
    author: 'c.tester',
  });
}
