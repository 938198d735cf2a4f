/** How hosts end: closed with a record, missing without one, decommissioned by themselves; and attempts to cheat. */
import { expect, it } from 'vitest';
import { codeOf } from '../../support/host.ts';
import { disk, world } from './world.ts';

const ERASURE = 'II.1.1/erasure';
const two = [disk('sda', 'WD-1'), disk('sdb', 'WD-2')];
const last = { predicate: { last: true } } as const;

it('a host is closed once all its disks are recorded, and not before', async () => {
  const w = await world();
  await w.report(two);
  w.later(1);
  await expect(w.close()).rejects.toMatchObject({ code: 'HOST_NOT_CLOSABLE' });
  await expect(w.close(w.erasure('WD-1'))).rejects.toThrow(/WD-2/);
  await expect(w.close(w.erasure('WD-3', 'WD-4'))).rejects.toMatchObject({ code: 'HOST_NOT_CLOSABLE' });
  // What did not close the host left nothing behind.
  expect(await w.collector.db.selectFrom('records').selectAll().execute()).toEqual([]);
  await w.report(two);
  expect((await w.clause(ERASURE))?.status).toBe('not-applicable');

  w.later(0.1);
  const owed = await w.close(w.erasure('WD-1', 'WD-2'));
  expect(owed.map(({ erasure }) => erasure.state)).toEqual(['settled', 'settled']);
  const clause = await w.clause(ERASURE);
  expect([clause?.status, clause?.assessed]).toEqual(['kept', 1]);
  // Nothing else is owed for it any more.
  expect((await w.clause('I.2.1/login-required'))?.total).toBe(0);
  await expect(w.close(w.erasure('WD-1', 'WD-2'))).rejects.toMatchObject({ code: 'HOST_ENDED' });
  await expect(w.missing()).rejects.toMatchObject({ code: 'HOST_ENDED' });
  expect(codeOf(await w.host.report(w.collector.endpoint, { at: w.collector.now() }))).toBe('HOST_RETIRED');
  const leaves = await w.collector.db.selectFrom('log_leaves').select('type').orderBy('log_index').execute();
  expect(leaves.slice(-2).map(({ type }) => type)).toEqual(['record', 'ending']);
});

it('a missing host stays owed, and violates after 14 days', async () => {
  const w = await world();
  await w.report(two);
  w.later(1);
  await w.missing();
  await expect(w.missing()).rejects.toMatchObject({ code: 'HOST_MISSING' });
  expect((await w.clause(ERASURE))?.status).toBe('unproven');
  expect((await w.clause('I.2.1/login-required'))?.status).toBe('unproven');
  w.later(14);
  expect((await w.clause(ERASURE))?.status).toBe('violated');
  await expect(w.close()).rejects.toMatchObject({ code: 'HOST_NOT_CLOSABLE' });
  await w.close(w.erasure('WD-1', 'WD-2'));
  expect((await w.clause(ERASURE))?.status).toBe('kept');
});

it('a VM is closed with its volumes', async () => {
  const w = await world('vm');
  const volumes = [disk('vda', ''), disk('vdb', '')];
  await w.report(volumes);
  w.later(1);
  const terms = (...devices: string[]) => ({
    terms: {
      ...{ kind: 'vm', host: w.host.id, at: w.collector.now().toISOString() },
      ...{ method: 'rbd rm', confirmedBy: 'c.beispiel' },
      volumes: devices.map((device) => ({ device, volume: `pool/${device}` })),
    },
  });
  await expect(w.close(terms('vda'))).rejects.toThrow(/vdb/);
  await w.close(terms('vda', 'vdb'));
  expect((await w.clause('II.1.2/erasure'))?.status).toBe('kept');
  expect((await w.clause(ERASURE))?.status).toBe('not-applicable');
});

it('a place in the contract that no agent ever filled is closed by its own id', async () => {
  const w = await world();
  await w.contract('web-9');
  const place = await w.collector.db
    .selectFrom('contract_hosts')
    .select('id')
    .where('name', '=', 'web-9')
    .executeTakeFirstOrThrow();
  await expect(w.close(undefined, place.id)).rejects.toMatchObject({ code: 'HOST_NOT_CLOSABLE' });
  const { terms, ...rest } = w.erasure('X-1');
  await w.close({ ...rest, terms: { ...terms, host: place.id } }, place.id);
  const [row] = (await w.clause(ERASURE))?.hosts.filter(({ name }) => name === 'web-9') ?? [];
  expect(row?.status).toBe('kept');
});

it('decommissioning retires the key behind the last report, once and for all, with a leaf', async () => {
  const w = await world();
  await w.report(two);
  // No report was marked as the last one.
  expect(codeOf(await w.decommission())).toBe('DECOMMISSION_REFUSED');
  await w.report(two, last);
  const done = await w.decommission();
  expect([done.status, done.body.host]).toEqual([200, w.host.id]);
  const leaf = await w.collector.db
    .selectFrom('log_leaves')
    .selectAll()
    .orderBy('log_index', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  expect([leaf.type, leaf.log_index]).toEqual(['ending', done.body.log.index]);
  // A reply that got lost: the same answer, also a day later.
  w.later(1);
  expect((await w.decommission()).body).toEqual(done.body);
  expect(codeOf(await w.host.report(w.collector.endpoint, { at: w.collector.now() }))).toBe('HOST_RETIRED');
  expect(await w.collector.db.selectFrom('host_endings').selectAll().execute()).toHaveLength(1);
  // It stays owed until somebody closes it with a record.
  expect((await w.clause(ERASURE))?.status).toBe('unproven');
  expect((await w.clause('I.2.1/login-required'))?.status).toBe('unproven');
  await w.close(w.erasure('WD-1', 'WD-2'));
  expect((await w.clause(ERASURE))?.status).toBe('kept');
});

it('refuses a decommissioning that is not the host’s own, now, about its last report', async () => {
  const w = await world();
  const thief = await w.collector.host('web-2');
  await w.report(two, last);
  await w.report(two, { of: thief, ...last });
  expect(codeOf(await w.decommission({}, thief))).toBe('TENANT_MISMATCH');
  expect(codeOf(await w.decommission({ host: `h-${'0'.repeat(32)}` }))).toBe('TENANT_MISMATCH');
  const early = new Date(w.collector.now().getTime() - 600_000).toISOString();
  expect(codeOf(await w.decommission({ at: early }))).toBe('DECOMMISSION_REFUSED');
  const elsewhere = { sequence: w.host.sequence, envelopeDigest: 'f'.repeat(64) };
  expect(codeOf(await w.decommission({ last: elsewhere }))).toBe('DECOMMISSION_REFUSED');
  // An old one, kept by somebody: the host has reported since.
  const old = { sequence: w.host.sequence, envelopeDigest: w.host.previous ?? '' };
  await w.report(two);
  expect(codeOf(await w.decommission({ last: old }))).toBe('DECOMMISSION_REFUSED');
  const nobody = await w.collector.host('gone');
  await w.collector.db.deleteFrom('hosts').where('id', '=', nobody.id).execute();
  expect(codeOf(await w.decommission({}, nobody))).toBe('BAD_SIGNATURE');
  const hosts = await w.collector.db.selectFrom('hosts').select('retired_at').execute();
  expect(hosts.every(({ retired_at }) => retired_at === null)).toBe(true);
});

it('refuses what is retired or in quarantine', async () => {
  const w = await world();
  await w.report(two, last);
  await w.collector.db.updateTable('hosts').set({ quarantined_at: '2026-06-01T00:00:00.000Z' }).execute();
  expect(codeOf(await w.decommission())).toBe('HOST_QUARANTINED');
  await w.collector.db
    .updateTable('hosts')
    .set({ quarantined_at: null, retired_at: '2026-06-01T00:00:00.000Z' })
    .execute();
  expect(codeOf(await w.decommission())).toBe('HOST_RETIRED');
});
