/** Records of the two seeded tenants, through the store itself. */
import type { Db } from '../../../server/db/database.ts';
import { appendLeaf } from '../../../server/log/append.ts';
import { addRecord, type NewRecord } from '../../../server/records/store.ts';
import { KEY } from '../../shared/policy-parts.ts';

/** @returns the id of the grant that anna has */
export async function seedRecords(
  db: Db,
  { ours, theirs, now }: { ours: string; theirs: string; now: Date },
): Promise<string> {
  const at = (days: number) => new Date(now.getTime() + days * 86_400_000);
  const grant = (subject: string, more: Partial<NewRecord> = {}): NewRecord => ({
    type: 'grant',
    scope: 'tenant',
    subject,
    author: 'c.beispiel',
    approver: 'b.beispiel',
    from: at(-30).toISOString(),
    until: at(335).toISOString(),
    attachments: [],
    text: 'TICKET-1',
    terms: { party: 'provider', accounts: [subject], keys: [KEY], privileges: ['sudo'] },
    ends: null,
    holds: true,
    ...more,
  });
  const add = (tenantId: string, record: NewRecord, days: number) =>
    db.transaction().execute((trx) => addRecord(trx, appendLeaf, { tenantId, record, now: at(days) }));
  const { id } = await add(ours, grant('anna'), -29);
  const taken = await add(ours, grant('bert', { scope: { group: 'web' } }), -28);
  await add(ours, grant('bert', { ends: taken.id, holds: false }), -2);
  await add(ours, grant('carl', { until: now.toISOString() }), -27);
  const waiver = { type: 'waiver', subject: 'password.max-age', until: at(20).toISOString() } as const;
  const { terms: _terms, ...plain } = grant('x', waiver);
  await add(ours, { ...plain, attachments: [{ name: 'mail.pdf', sha256: 'a'.repeat(64) }] }, -3);
  await add(ours, grant('dora', { from: at(1).toISOString() }), -1);
  await add(theirs, grant('their-grant'), -20);
  return id;
}
