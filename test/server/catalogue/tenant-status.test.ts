/** A tenant's status from a real database: what is read, and that nothing of another tenant is. */
import { describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../../server/catalogue/load.ts';
import { knownChecks, tenantStatus } from '../../../server/catalogue/tenant-status.ts';
import type { Db } from '../../../server/db/database.ts';
import type { Database } from '../../../server/db/schema.ts';
import { catalogueSchema } from '../../../shared/catalogue.ts';
import type { Outcome, ParamValue } from '../../../shared/outcome.ts';
import { temporaryDatabase } from '../../support/database.ts';
import { at, contractRow, HOST, hostRow, START, seed, TENANT } from '../alerts/world.ts';

const words = (name: string) => ({ de: `${name} (deutsch)`, en: name });
const decide = (check: string, floor?: object) => ({
  check,
  because: words('because'),
  ...(floor ? { floor } : {}),
});
const clause = (id: string, more: object) => ({
  id,
  title: words('t'),
  promise: words('p'),
  kind: 'technical',
  ...more,
});

const catalogue = catalogueSchema.parse({
  format: 'nachweis.catalogue/1',
  id: 'example',
  version: '1',
  title: words('title'),
  sections: [{ id: 'I', title: words('section') }],
  clauses: [
    clause('I/fresh', { decides: [decide('patch.index-fresh', { maxAgeDays: { atMost: 2 } })] }),
    clause('I/ordered', { when: { commissioned: 'backup' }, decides: [decide('patch.index-fresh')] }),
    clause('I/server', { when: { kind: 'server' }, decides: [decide('patch.index-fresh')] }),
    clause('I/control', {
      kind: 'mixed',
      decides: [decide('collector.coverage'), decide('collector.freshness')],
    }),
  ],
});

async function report(
  db: Db,
  hostId: string,
  outcome: Outcome,
  params: Record<string, ParamValue> = { maxAgeDays: 2 },
) {
  const result = { check: 'patch.index-fresh', outcome, severity: 'medium', params, evidence: [] };
  await db
    .insertInto('results')
    .values({
      host_id: hostId,
      check_id: result.check,
      outcome,
      severity: 'medium',
      result: JSON.stringify(result),
      since: at(1),
      sequence: 1,
    })
    .execute();
  await db
    .updateTable('hosts')
    .set({ last_received_at: at(1), last_round_at: at(0) })
    .where('id', '=', hostId)
    .execute();
}

async function start(contract: Partial<Database['contract_hosts']> | null = {}) {
  const db = await temporaryDatabase();
  await seed(db);
  if (contract)
    await db
      .insertInto('contract_hosts')
      .values(contractRow({ host_id: HOST, ...contract }))
      .execute();
  const status = async (minutes = 10) => {
    const found = await tenantStatus(db, catalogue, TENANT, at(minutes));
    return { ...found, of: Object.fromEntries(found.clauses.map(({ id, status: state }) => [id, state])) };
  };
  return { db, status };
}

describe('tenantStatus', () => {
  it('computes every clause from what the database holds', async () => {
    const { db, status } = await start();
    expect((await status()).of).toEqual({
      'I/fresh': 'unproven',
      'I/ordered': 'unproven',
      'I/server': 'not-applicable',
      'I/control': 'unproven',
    });
    await report(db, HOST, 'pass');
    const found = await status();
    expect(found.of).toEqual({
      'I/fresh': 'kept',
      'I/ordered': 'kept',
      'I/server': 'not-applicable',
      'I/control': 'kept',
    });
    expect(found.totals).toMatchObject({ kept: 3, 'not-applicable': 1, violated: 0 });
    expect(found).toMatchObject({ tenantId: TENANT, at: at(10), catalogue: { id: 'example', version: '1' } });
    expect(found.hosts).toEqual([
      {
        id: HOST,
        name: 'db1.example.org',
        standing: 'owed',
        contracted: true,
        freshness: 'fresh',
        receivedAt: at(1),
        roundAt: at(0),
      },
    ]);
    expect(found.clauses[0]?.hosts[0]?.basis).toMatchObject([
      { check: 'patch.index-fresh', since: at(1), receivedAt: at(1) },
    ]);
  });

  it('lets time alone make it unproven, and the collector notice', async () => {
    const { db, status } = await start();
    await report(db, HOST, 'pass');
    expect((await status(1 + 180)).of).toMatchObject({ 'I/fresh': 'kept', 'I/control': 'kept' });
    const late = await status(1 + 181);
    expect(late.of).toMatchObject({ 'I/fresh': 'unproven', 'I/control': 'violated' });
    expect(late.hosts[0]?.freshness).toBe('stale');
  });

  it('takes contract, kind and floor from where people set them', async () => {
    const { db, status } = await start({ backup: 0, kind: 'server' });
    await report(db, HOST, 'pass', { maxAgeDays: 30 });
    expect((await status()).of).toMatchObject({
      'I/fresh': 'unproven',
      'I/ordered': 'not-commissioned',
      'I/server': 'kept',
    });
  });

  it('counts a result that can not be read as unknown, never as a pass', async () => {
    const { db, status } = await start();
    await report(db, HOST, 'pass');
    await db.updateTable('results').set({ result: '{"outcome":"pass"' }).execute();
    expect((await status()).of['I/fresh']).toBe('unproven');
    await db.updateTable('results').set({ result: '{"outcome":"pass"}' }).execute();
    expect((await status()).of['I/fresh']).toBe('unproven');
  });

  it('owes a contracted host without an agent from its first day', async () => {
    const { db, status } = await start();
    await report(db, HOST, 'pass');
    await db
      .insertInto('contract_hosts')
      .values(contractRow({ id: 'c-2', name: 'a-bare', since: at(5) }))
      .execute();
    expect((await status(4)).of['I/fresh']).toBe('kept');
    const found = await status(6);
    expect(found.of).toMatchObject({ 'I/fresh': 'unproven', 'I/control': 'unproven' });
    expect(found.clauses[0]).toMatchObject({ assessed: 2, counts: { kept: 1, unproven: 1 } });
    expect(found.hosts.map(({ id, freshness }) => [id, freshness])).toEqual([
      ['c-2', 'never'],
      [HOST, 'fresh'],
    ]);
  });

  it('takes of several entries for one host the one that holds now', async () => {
    const { db, status } = await start({ backup: 0, until: at(100) });
    await db
      .insertInto('contract_hosts')
      .values(contractRow({ id: 'c-2', host_id: HOST, since: at(100) }))
      .execute();
    await report(db, HOST, 'pass');
    expect((await status(99)).of['I/ordered']).toBe('not-commissioned');
    expect((await status(100)).of['I/ordered']).toBe('kept');
    expect((await status(100)).hosts).toHaveLength(1);
  });

  it('leaves out a retired host without a contract', async () => {
    const { db, status } = await start(null);
    await report(db, HOST, 'fail');
    expect((await status()).of['I/fresh']).toBe('violated');
    await db
      .updateTable('hosts')
      .set({ retired_at: at(2) })
      .execute();
    const found = await status();
    expect(found.of['I/fresh']).toBe('not-applicable');
    expect(found.hosts[0]?.standing).toBe('ended');
  });

  it('sees nothing of another tenant', async () => {
    const { db, status } = await start();
    await report(db, HOST, 'pass');
    await db.insertInto('tenants').values({ id: 't-2', name: 'Other', created_at: START }).execute();
    const other = hostRow({ id: 'h-00000000000000000002', tenant_id: 't-2', name: 'elsewhere-1' });
    await db.insertInto('hosts').values(other).execute();
    await db
      .insertInto('contract_hosts')
      .values(contractRow({ id: 'c-9', tenant_id: 't-2', name: 'bare' }))
      .execute();
    await report(db, other.id, 'fail');
    const found = await status();
    expect(found.of).toMatchObject({ 'I/fresh': 'kept', 'I/control': 'kept' });
    expect(JSON.stringify(found)).not.toContain('elsewhere-1');
    const [first] = (await tenantStatus(db, catalogue, 't-2', at(10))).clauses;
    expect(first).toMatchObject({ status: 'violated', counts: { violated: 1, unproven: 1, kept: 0 } });
  });

  it('works for a tenant without anything, and for the annex itself', async () => {
    const { db, status } = await start();
    const annex = await loadCatalogue();
    const empty = await tenantStatus(db, annex, 't-none', at(10));
    expect(empty.totals).toMatchObject({ kept: 0, violated: 0, customer: 7 });
    await report(db, HOST, 'pass');
    const found = await tenantStatus(db, annex, TENANT, at(10));
    expect(found.clauses).toHaveLength(36);
    expect(Object.values(found.totals).reduce((a, b) => a + b, 0)).toBe(36);
    // One passing check is not enough for any clause of the annex.
    expect(found.totals.kept).toBe(0);
    const patch = found.clauses.find(({ id }) => id === 'III/patch-os');
    expect(patch?.status).toBe('unproven');
    const reasons = patch?.hosts[0]?.basis.filter(
      (item) => item.kind === 'check' && !knownChecks.has(item.check),
    );
    for (const { reason } of reasons ?? []) expect(reason.en).toMatch(/does not exist in this version/);
    expect((await status()).of['I/fresh']).toBe('kept');
  });
});
