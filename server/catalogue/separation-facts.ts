/** Who can enter this tenant's hosts, and which of those belong to another one. Only digests of others are compared. */
import { accessEntrySchema } from '../../shared/access-matrix.ts';
import type { GrantView, MatrixView, SeparationFacts } from '../../shared/collector/tenant-separation.ts';
import { partySchema } from '../../shared/grant.ts';
import { recordSchema } from '../../shared/record.ts';
import type { Db } from '../db/database.ts';

export async function separationFacts(db: Db, tenantId: string, now: string): Promise<SeparationFacts> {
  const matrices = await matricesOf(db, tenantId);
  const [own, foreign] = await grantsOf(db, tenantId, now);
  const keys = new Set(
    [...matrices.values()].flatMap(({ entries }) =>
      entries.flatMap(({ key }) => (key === null ? [] : [key])),
    ),
  );
  return { matrices, own, foreign, keysElsewhere: await keysElsewhere(db, tenantId, keys) };
}

async function matricesOf(db: Db, tenantId: string): Promise<ReadonlyMap<string, MatrixView>> {
  const [heads, rows] = await Promise.all([
    db
      .selectFrom('access_matrices')
      .innerJoin('hosts', 'hosts.id', 'access_matrices.host_id')
      .select(['access_matrices.host_id', 'more', 'gaps'])
      .where('hosts.tenant_id', '=', tenantId)
      .execute(),
    db
      .selectFrom('access_entries')
      .innerJoin('hosts', 'hosts.id', 'access_entries.host_id')
      .select(['access_entries.host_id', 'account', 'way', 'grant_id', 'entry'])
      .where('hosts.tenant_id', '=', tenantId)
      .where('hosts.retired_at', 'is', null)
      .execute(),
  ]);
  const byHost = Map.groupBy(rows, ({ host_id }) => host_id);
  return new Map(
    heads.map(({ host_id, more, gaps }) => [
      host_id,
      {
        incomplete: more > 0 || gaps !== '[]',
        entries: (byHost.get(host_id) ?? []).map(({ account, way, grant_id, entry }) => ({
          account,
          key: way === 'ssh-key' ? fingerprintOf(entry) : null,
          granted: grant_id !== null,
        })),
      },
    ]),
  );
}

/** `SHA256:...`, with which the detail of a key begins. */
function fingerprintOf(entry: string): string | null {
  const parsed = accessEntrySchema.safeParse(JSON.parse(entry));
  return /^SHA256:[A-Za-z0-9+/]{43}/.exec(parsed.data?.detail ?? '')?.[0] ?? null;
}

/** Live grants: of this tenant, and to the people of all others. */
async function grantsOf(
  db: Db,
  tenantId: string,
  now: string,
): Promise<[own: GrantView, foreign: GrantView]> {
  const rows = await db
    .selectFrom('records')
    .leftJoin('records as later', 'later.ends_id', 'records.id')
    .select(['records.tenant_id', 'records.content'])
    .where('records.type', '=', 'grant')
    .where('records.holds', '=', 1)
    .where('later.id', 'is', null)
    .where('records.valid_from', '<=', now)
    .where((is) => is.or([is('records.valid_until', 'is', null), is('records.valid_until', '>', now)]))
    .execute();
  const own = emptyView();
  const foreign = emptyView();
  for (const { tenant_id, content } of rows) {
    const { subject, terms } = recordSchema.parse(JSON.parse(content));
    const party = partySchema.safeParse(terms?.party).data;
    const view = tenant_id === tenantId ? own : foreign;
    const keys = textsOf(terms?.keys);
    if (party !== 'customer') for (const key of keys) view.staffKeys.add(key);
    else {
      view.subjects.add(subject);
      for (const key of keys) view.keys.add(key);
      for (const account of textsOf(terms?.accounts)) view.accounts.add(account);
    }
  }
  return [own, foreign];
}

const emptyView = () => ({
  keys: new Set<string>(),
  subjects: new Set<string>(),
  accounts: new Set<string>(),
  staffKeys: new Set<string>(),
});

const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

async function keysElsewhere(
  db: Db,
  tenantId: string,
  keys: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  if (keys.size === 0) return keys;
  const rows = await db
    .selectFrom('access_entries')
    .innerJoin('hosts', 'hosts.id', 'access_entries.host_id')
    .select('entry')
    .where('hosts.tenant_id', '!=', tenantId)
    .where('hosts.retired_at', 'is', null)
    .where('way', '=', 'ssh-key')
    .execute();
  return new Set(
    rows.flatMap(({ entry }) => {
      const key = fingerprintOf(entry);
      return key !== null && keys.has(key) ? [key] : [];
    }),
  );
}
