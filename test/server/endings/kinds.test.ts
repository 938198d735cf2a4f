/** A server that is called a VM from some day on: what was owed for its disks does not go away with that. */
import { expect, it } from 'vitest';
import { setContract } from '../../../server/enrol/contract-places.ts';
import { contractBy } from '../../support/contract.ts';
import { certificate, disk, world } from './world.ts';

const A = disk('sda', 'WD-AAAA1');
const B = disk('sdb', 'WD-BBBB1');
const vda = { name: 'vda', serial: '', model: '', bytes: 42_949_672_960, rotational: true };

type World = Awaited<ReturnType<typeof world>>;

const call = ({ collector, tenantId }: World, kind: 'server' | 'vm' | undefined) =>
  setContract(
    collector.db,
    {
      ...{ tenantId, name: 'web-1', site: 'provider', backup: false, patch: false },
      since: '2026-06-01T00:00:00.000Z',
      ...(kind ? { kind } : {}),
    },
    contractBy(collector.now()),
  );

const alertOf = async ({ collector }: World) => {
  await collector.app.alerts.tick();
  const rows = await collector.db
    .selectFrom('alerts')
    .select(['resolved_at'])
    .where('check_id', '=', 'collector.kind-agrees')
    .orderBy('opened_at')
    .execute();
  const last = rows.at(-1);
  return last && (last.resolved_at === null ? 'open' : 'resolved');
};

const status = async ({ clause }: World, id: string) => (await clause(id))?.status;

it('keeps the obligations of a server that the contract calls a VM, with an alert until they are settled', async () => {
  const the = await world();
  await the.report([A, B]);
  the.later(1);
  await the.report([A]);
  expect(await the.owed()).toMatchObject([
    { cause: 'disk-removed', kind: 'server', what: { serial: 'WD-BBBB1' } },
  ]);
  the.later(2);
  await call(the, 'vm');
  await the.report([A], { more: { kind: 'vm', virtualization: 'kvm' } });
  expect(await the.owed()).toMatchObject([
    { cause: 'disk-removed', kind: 'server', what: { serial: 'WD-BBBB1' } },
  ]);
  expect(await status(the, 'II.1.1/erasure')).toBe('unproven');
  expect(await alertOf(the)).toBe('open');
  the.later(16);
  await the.report([A], { more: { kind: 'vm', virtualization: 'kvm' } });
  expect(await status(the, 'II.1.1/erasure')).toBe('violated');
  // A disk from that time that leaves later is one of them; one that came with the VM is not.
  the.later(17);
  await the.report([vda], { more: { kind: 'vm', virtualization: 'kvm' } });
  expect((await the.owed()).map(({ what }) => 'serial' in what && what.serial)).toEqual([
    'WD-AAAA1',
    'WD-BBBB1',
  ]);
  for (const serial of ['WD-AAAA1', 'WD-BBBB1']) {
    await the.record(the.disposal(serial));
    await the.record(the.erasure(serial));
  }
  expect([await status(the, 'II.1.1/erasure'), await status(the, 'II.1.1/media-disposal')]).toEqual([
    'kept',
    'kept',
  ]);
  expect(await alertOf(the)).toBe('resolved');
  // Its end is that of a VM.
  expect(await status(the, 'II.1.2/erasure')).toBe('not-applicable');
  await the.missing();
  expect((await the.owed()).filter(({ cause }) => cause === 'host-ended')).toMatchObject([
    { kind: 'vm', what: { type: 'volume', device: 'vda' } },
  ]);
});

it('holds a machine whose agent sees hardware to the rules of a server, whatever the contract says later', async () => {
  const the = await world();
  await the.report([A, B]);
  the.later(1);
  await call(the, 'vm');
  expect(await alertOf(the)).toBe('open');
  await the.report([A]);
  the.later(2);
  await the.missing();
  expect((await the.owed()).map(({ kind, what }) => [kind, 'serial' in what && what.serial])).toEqual([
    ['server', 'WD-AAAA1'],
    ['server', 'WD-BBBB1'],
  ]);
});

it('notices it too where only the agent says so: a server that moved into a VM under its own name', async () => {
  const the = await world();
  await call(the, undefined);
  await the.report([A, B]);
  the.later(1);
  await the.report([vda], { more: { kind: 'vm', virtualization: 'kvm' } });
  expect((await the.owed()).map(({ kind, what }) => [kind, 'serial' in what && what.serial])).toEqual([
    ['server', 'WD-AAAA1'],
    ['server', 'WD-BBBB1'],
  ]);
  expect(await alertOf(the)).toBe('open');
});

it('owes nothing more of a VM that always was one', async () => {
  const the = await world('vm');
  await the.report([{ ...A, serial: 'vol-0123456789' }], { more: { virtualization: 'kvm' } });
  the.later(1);
  await the.report([vda], { more: { virtualization: 'kvm' } });
  expect(await the.owed()).toEqual([]);
  expect(await alertOf(the)).toBeUndefined();
  await the.close({
    attachments: certificate,
    terms: {
      ...{ kind: 'vm', host: the.host.id, at: the.collector.now().toISOString(), method: 'lvremove' },
      ...{ confirmedBy: 'c.beispiel', volumes: [{ device: 'vda', volume: 'vm-1-disk-0' }] },
    },
  });
  expect(await status(the, 'II.1.2/erasure')).toBe('kept');
});
