/** Disks of a living server: what a report makes of the ledger, and that of the clauses. */
import { expect, it } from 'vitest';
import { disk, world } from './world.ts';

const ERASURE = 'II.1.1/erasure';
const DISPOSAL = 'II.1.1/media-disposal';
const two = [disk('sda', 'WD-1'), disk('sdb', 'WD-2')];

async function statuses({ clause }: Awaited<ReturnType<typeof world>>) {
  return [(await clause(ERASURE))?.status, (await clause(DISPOSAL))?.status];
}

it('a disk that is gone is unproven for 14 days, then violated, then kept once its disposal is recorded', async () => {
  const w = await world();
  await w.report(two);
  expect(await statuses(w)).toEqual(['not-applicable', 'not-applicable']);
  w.later(1);
  await w.report([two[0] ?? disk('sda', 'WD-1')]);
  expect(await statuses(w)).toEqual(['unproven', 'unproven']);
  const [one] = await w.owed();
  expect(one).toMatchObject({
    ...{ hostId: w.host.id, cause: 'disk-removed', what: { serial: 'WD-2' } },
    openedAt: w.collector.now().toISOString(),
    lastSeenAt: new Date(w.collector.now().getTime() - 86_400_000).toISOString(),
  });
  w.later(13.9);
  await w.report([disk('sda', 'WD-1')]);
  expect(await statuses(w)).toEqual(['unproven', 'unproven']);
  w.later(0.1);
  expect(await statuses(w)).toEqual(['violated', 'violated']);
  await w.record(w.disposal('WD-1'));
  await w.record(w.disposal('WD-2', { level: 3 }));
  const other = await w.collector.tenant('other');
  await w.record(w.disposal('WD-2'), other);
  expect(await statuses(w)).toEqual(['violated', 'violated']);
  expect((await w.clause(DISPOSAL))?.reason.en).toContain('1 of 1');
  const { id } = await w.record(w.disposal('WD-2'));
  expect(await statuses(w)).toEqual(['kept', 'kept']);
  await w.record({ ...w.disposal('WD-2'), ends: id, holds: false });
  expect(await statuses(w)).toEqual(['violated', 'violated']);
});

it('what could not be seen is not gone: no list, an empty one, a disk whose number is not readable today', async () => {
  const w = await world();
  await w.report(two);
  w.later(0.1);
  await w.report([], { more: { disksUnreadable: true } });
  expect(await w.owed()).toEqual([]);
  expect(await statuses(w)).toEqual(['unproven', 'unproven']);
  await w.report([]);
  expect(await w.owed()).toEqual([]);
  await w.report([disk('sda', 'WD-1'), disk('sdb', '')]);
  expect(await w.owed()).toEqual([]);
  expect((await w.clause(DISPOSAL))?.reason.en).toContain('1 of 2 disks');
  // Said twice now: which of them is the old one can't be told.
  await w.report([disk('sda', 'WD-1'), disk('sdb', 'WD-1')]);
  expect((await w.owed()).map(({ what }) => what)).toMatchObject([{ serial: 'WD-2' }]);
  await w.report(two);
  expect(await w.owed()).toEqual([]);
  expect(await statuses(w)).toEqual(['not-applicable', 'not-applicable']);
});

it('a register kept by hand makes up for disks that have no number, and for nothing else', async () => {
  const w = await world();
  await w.report([disk('sda', '')]);
  expect(await statuses(w)).toEqual(['unproven', 'unproven']);
  await w.record({ type: 'attestation', subject: 'disk-register', scope: { host: 'web-1' } });
  expect(await statuses(w)).toEqual(['not-applicable', 'not-applicable']);
  w.later(2);
  expect(await statuses(w)).toEqual(['unproven', 'unproven']);
  expect((await w.clause(DISPOSAL))?.reason.en).toContain('stale');
});

it('a disk that moved to another host of the tenant is not gone; one at another tenant is', async () => {
  const w = await world();
  await w.report(two);
  const second = await w.collector.host('web-2');
  const foreign = await w.collector.host('shop', 'other');
  w.later(0.01);
  await w.report([disk('sda', 'WD-1')]);
  await w.report([disk('sdc', 'WD-2')], { of: foreign });
  expect(await w.owed()).toHaveLength(1);
  w.later(0.01);
  await w.report([disk('sdc', 'WD-2')], { of: second });
  expect(await w.owed()).toEqual([]);
});

it('a disk that was there at enrolment and not in the first report is gone', async () => {
  const w = await world();
  // test/support/host.ts enrols with a disk of this number, which is a virtual one there.
  await w.collector.db
    .updateTable('hosts')
    .set({ machine: JSON.stringify({ ...JSON.parse(await machineOf(w)), disks: two }) })
    .execute();
  await w.report([disk('sda', 'WD-1')]);
  expect((await w.owed()).map(({ what }) => what)).toMatchObject([{ serial: 'WD-2' }]);
});

const machineOf = async ({ collector }: Awaited<ReturnType<typeof world>>) =>
  (await collector.db.selectFrom('hosts').select('machine').executeTakeFirstOrThrow()).machine;
