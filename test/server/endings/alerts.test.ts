/** What is not recorded in time is an alert, and is resolved by the record, also after the host is gone. */

import { expect, it } from 'vitest';
import { paramsFor } from '../../../shared/policy-file.ts';
import { apply, filesAt } from '../policy/world.ts';
import { disk, world } from './world.ts';

async function alerts({ collector }: Awaited<ReturnType<typeof world>>) {
  await collector.app.alerts.tick();
  const rows = await collector.db
    .selectFrom('alerts')
    .select(['check_id', 'host_id', 'severity', 'resolved_at'])
    .where('check_id', 'like', 'collector.%')
    .orderBy('check_id')
    .execute();
  return rows.map((row) => ({ ...row, resolved_at: row.resolved_at !== null }));
}

it('a disk without a record opens an alert after 14 days, which its record resolves', async () => {
  const w = await world();
  await w.report([disk('sda', 'WD-1'), disk('sdb', 'WD-2')]);
  w.later(1);
  await w.report([disk('sda', 'WD-1')]);
  expect(await alerts(w)).toEqual([]);
  w.later(14);
  await w.report([disk('sda', 'WD-1')]);
  const open = { host_id: w.host.id, severity: 'high', resolved_at: false };
  expect(await alerts(w)).toEqual([
    { check_id: 'collector.disposal-recorded', ...open },
    { check_id: 'collector.erasure-recorded', ...open },
  ]);
  // The host ends: the alert about its disk stays.
  await w.missing();
  w.later(0.1);
  expect((await alerts(w)).map(({ resolved_at }) => resolved_at)).toEqual([false, false]);
  await w.record(w.disposal('WD-2'));
  await w.record(w.erasure('WD-1'));
  w.later(0.1);
  expect((await alerts(w)).map(({ resolved_at }) => resolved_at)).toEqual([true, true]);
});

it('an overdue spot check is an alert of the tenant', async () => {
  const w = await world();
  w.later(365);
  const about = { check_id: 'collector.spot-checks-due', host_id: null, severity: 'medium' };
  expect(await alerts(w)).toContainEqual({ ...about, resolved_at: false });
  await w.record({ type: 'spot-check', subject: 'stichprobe-2027', from: w.collector.now().toISOString() });
  w.later(0.1);
  // It does not say what came out.
  expect(await alerts(w)).toContainEqual({ ...about, resolved_at: false });
  await w.record({
    type: 'spot-check',
    subject: 'x',
    text: 'ohne Befund',
    from: w.collector.now().toISOString(),
  });
  w.later(0.1);
  expect(await alerts(w)).toContainEqual({ ...about, resolved_at: true });
  expect((await w.clause('IV.2/audits'))?.status).toBe('kept');
});

it('how often spot checks are due is the tenant’s to say, but not less often than the annex takes', async () => {
  const w = await world();
  const { collector, tenantId } = w;
  const days = async (count: number) =>
    apply(
      collector.db,
      tenantId,
      filesAt({
        'policy.yaml': {
          tenant: 'example',
          params: [{ scope: 'tenant', checks: { 'collector.spot-checks-due': { days: count } } }],
        },
      }),
      collector.now(),
    );
  const done = () =>
    w.record({
      ...{ type: 'spot-check', subject: 'x', text: 'ohne Befund', from: collector.now().toISOString() },
    });
  const status = async () => (await w.clause('IV.2/audits'))?.status;
  await days(30);
  await done();
  w.later(29);
  expect(await status()).toBe('kept');
  w.later(2);
  expect(await status()).toBe('violated');
  await days(730);
  w.later(1);
  const clause = await w.clause('IV.2/audits');
  // Nobody is late, and it still proves nothing that the annex asks for.
  expect(clause?.status).toBe('unproven');
  expect(clause?.reason.en).toContain('days');
  const settings = { groups: {}, register: false, params: [] };
  const checks = { 'collector.spot-checks-due': { days: 30 }, 'access.uid-zero': {} };
  // No agent is sent what is about the collector.
  expect(paramsFor('web-1', { ...settings, params: [{ scope: 'tenant', checks }] })).toEqual({
    'access.uid-zero': {},
  });
});
