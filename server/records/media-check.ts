/** What only the collector can tell about a record of erasure or disposal before it takes it. */
import { contradiction, type Destruction } from '../../shared/destruction.ts';
import { disposalTermsSchema } from '../../shared/disposal.ts';
import { erasureTermsSchema, isDestruction } from '../../shared/erasure.ts';
import { CodedError } from '../../shared/errors.ts';
import type { Text } from '../../shared/outcome.ts';
import type { Db, Trx } from '../db/database.ts';
import type { NewRecord } from './store.ts';

/**
 * The host that it names is one of the tenant's, what it tells of has happened, and a certificate can say it.
 * @throws CodedError `RECORD_INVALID`
 */
export async function expectMedia(
  db: Db | Trx,
  { tenantId, record, path, now }: { tenantId: string; record: NewRecord; path: string; now: Date },
): Promise<void> {
  const { terms } = record;
  if ((record.type !== 'erasure' && record.type !== 'disposal') || !terms) return;
  const invalid = (problem: Text) => new CodedError('RECORD_INVALID', { path, problem });
  const at = terms.at ?? terms.agreedAt;
  if (typeof at === 'string' && at > now.toISOString())
    throw invalid({ de: 'terms.at liegt in der Zukunft', en: 'terms.at is in the future' });
  for (const { serial, ...destruction } of destroyed(record)) {
    const why = contradiction(destruction);
    if (why) throw invalid({ de: `Datenträger ${serial}: ${why.de}`, en: `disk ${serial}: ${why.en}` });
  }
  if (typeof terms.host === 'string' && !(await isOfTenant(db, tenantId, terms.host)))
    throw invalid({
      de: `terms.host: der Auftraggeber hat kein System mit der Kennung ${terms.host}`,
      en: `terms.host: the tenant has no host with the id ${terms.host}`,
    });
}

/** What the record says was destroyed, disk by disk. Records that were taken before stay as they are. */
function destroyed({ type, terms }: NewRecord): (Destruction & { serial: string })[] {
  const disposal = type === 'disposal' ? disposalTermsSchema.safeParse(terms).data : undefined;
  if (disposal?.kind === 'certificate') return disposal.disks;
  const erasure = type === 'erasure' ? erasureTermsSchema.safeParse(terms).data : undefined;
  if (erasure?.kind !== 'server') return [];
  return erasure.disks.flatMap(({ serial, method }) =>
    isDestruction(method) ? [{ serial, ...method }] : [],
  );
}

async function isOfTenant(db: Db | Trx, tenantId: string, id: string): Promise<boolean> {
  const host = await db
    .selectFrom('hosts')
    .select('id')
    .where('id', '=', id)
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  if (host) return true;
  const place = await db
    .selectFrom('contract_hosts')
    .select('id')
    .where('id', '=', id)
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  return place !== undefined;
}
