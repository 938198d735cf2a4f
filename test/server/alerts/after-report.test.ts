/** What reports do to alerts and the outbox, in a real database. */
import { describe, expect, it } from 'vitest';
import { afterReport } from '../../../server/alerts/after-report.ts';
import { messageSchema } from '../../../server/alerts/message.ts';
import type { Channels } from '../../../server/alerts/store.ts';
import { temporaryDatabase } from '../../support/database.ts';
import { at, change, HOST, seed, type World, world } from './world.ts';

async function start(channels?: Channels): Promise<World> {
  const db = await temporaryDatabase();
  await seed(db);
  return world(db, channels);
}

const fails = (checkId: string, from: 'pass' | 'unknown' | null = 'pass') => change(checkId, 'fail', from);
const passes = (checkId: string) => change(checkId, 'pass', 'fail');

describe('a check that starts to fail', () => {
  it('opens one alert, and is resolved when it passes', async () => {
    const w = await start();
    await w.report(0, [change('login.a', 'pass')]);
    await w.report(60, [fails('login.a')]);
    await w.report(120);
    expect(await w.alerts()).toEqual(['check-failing login.a medium open']);
    expect(await w.outbox()).toEqual(['opened check-failing -> mail']);
    await w.report(180, [passes('login.a')]);
    await w.report(240);
    expect(await w.alerts()).toEqual(['check-failing login.a medium resolved']);
    expect(await w.outbox()).toEqual(['opened check-failing -> mail', 'resolved check-failing -> mail']);
  });

  it('opens after unknown and after being absent, too', async () => {
    const w = await start();
    await w.report(0, [change('login.a', 'unknown')]);
    await w.report(60, [fails('login.a', 'unknown'), fails('login.b', null)]);
    expect(await w.alerts()).toEqual([
      'check-failing login.a medium open',
      'check-failing login.b medium open',
    ]);
  });

  it('stays open while it is not known, and while it is not in the report', async () => {
    const w = await start();
    await w.report(0, [change('login.a', 'pass')]);
    await w.report(60, [fails('login.a')]);
    await w.report(120, [change('login.a', 'unknown', 'fail')]);
    await w.report(180, [change('login.a', null, 'unknown')]);
    await w.report(240, [fails('login.a', null)]);
    expect(await w.alerts()).toEqual(['check-failing login.a medium open']);
    expect(await w.outbox()).toHaveLength(1);
    await w.report(300, [change('login.a', 'not-applicable', 'fail')]);
    expect(await w.alerts()).toEqual(['check-failing login.a medium resolved']);
  });

  it('tells only the channels that want to know of its severity, and the same ones of its end', async () => {
    const w = await start([
      { name: 'all', minSeverity: 'low' },
      { name: 'grave', minSeverity: 'high' },
    ]);
    await w.report(0);
    await w.report(1, [
      change('login.a', 'fail', 'pass', 'medium'),
      change('login.b', 'fail', 'pass', 'critical'),
    ]);
    await w.report(2, [passes('login.a'), passes('login.b')]);
    expect(await w.outbox()).toEqual([
      'opened check-failing -> all',
      'opened check-failing -> all',
      'opened check-failing -> grave',
      'resolved check-failing -> all',
      'resolved check-failing -> all',
      'resolved check-failing -> grave',
    ]);
  });

  it('writes nothing when the transaction is undone', async () => {
    const w = await start();
    await w.report(0);
    await expect(
      w.db.transaction().execute(async (trx) => {
        await afterReport([{ name: 'mail', minSeverity: 'low' }])(trx, {
          hostId: HOST,
          tenantId: 't-1',
          hostName: 'web1',
          receivedAt: at(1),
          roundAt: at(1),
          sequence: 2,
          firstReport: false,
          transitions: [fails('login.a')],
          gap: undefined,
          rollback: undefined,
        });
        throw new Error('undone');
      }),
    ).rejects.toThrow('undone');
    expect(await w.alerts()).toEqual([]);
    expect(await w.outbox()).toEqual([]);
  });
});

describe('a host that already fails at its first report', () => {
  const first = [
    change('login.a', 'fail', null, 'medium'),
    change('login.b', 'fail', null, 'critical'),
    change('login.c', 'pass'),
  ];

  it('is one alert, as severe as the worst of its checks', async () => {
    const w = await start();
    await w.report(0, first);
    expect(await w.alerts()).toEqual(['host-failing 2 of 2 critical open']);
    expect(await w.outbox()).toEqual(['opened host-failing -> mail']);
    const row = await w.db.selectFrom('outbox').selectAll().executeTakeFirstOrThrow();
    const message = messageSchema.parse(JSON.parse(row.payload));
    expect(message.checks.map(({ id }) => id)).toEqual(['login.a', 'login.b']);
    expect(message).toMatchObject({
      host: { id: HOST, name: 'web1.example.org' },
      tenant: { name: 'Example GmbH' },
      reason: { en: '2 checks fail in the first report already.' },
    });
  });

  it('is no alert when nothing fails', async () => {
    const w = await start();
    await w.report(0, [change('login.a', 'pass'), change('login.b', 'unknown')]);
    expect(await w.alerts()).toEqual([]);
  });

  it('is resolved when none of these checks fails any more', async () => {
    const w = await start();
    await w.report(0, first);
    await w.report(60, [passes('login.a')]);
    expect(await w.alerts()).toEqual(['host-failing 1 of 2 critical open']);
    await w.report(120, [change('login.b', 'unknown', 'fail')]);
    await w.report(180, [change('login.b', 'fail', 'unknown')]);
    expect(await w.outbox()).toHaveLength(1);
    await w.report(240, [passes('login.b')]);
    expect(await w.alerts()).toEqual(['host-failing 0 of 2 critical resolved']);
    expect(await w.outbox()).toEqual(['opened host-failing -> mail', 'resolved host-failing -> mail']);
  });

  it('leaves later failures their own alerts, also of a check that had been cleared', async () => {
    const w = await start();
    await w.report(0, first);
    await w.report(60, [passes('login.a'), change('login.c', 'fail', 'pass')]);
    await w.report(120, [fails('login.a')]);
    expect(await w.alerts()).toEqual([
      'host-failing 1 of 2 critical open',
      'check-failing login.c medium open',
      'check-failing login.a medium open',
    ]);
    await w.report(180, [passes('login.b')]);
    expect((await w.alerts())[0]).toBe('host-failing 0 of 2 critical resolved');
    expect((await w.alerts())[2]).toBe('check-failing login.a medium open');
  });
});

describe('a check that comes and goes', () => {
  it('is told three times, then not before it has been quiet for six hours', async () => {
    const w = await start();
    await w.report(0);
    for (let minute = 1; minute < 60; minute += 2) {
      await w.report(minute, [fails('login.a')]);
      await w.report(minute + 1, [passes('login.a')]);
    }
    expect(await w.outbox()).toEqual([
      'opened check-failing -> mail',
      'resolved check-failing -> mail',
      'opened check-failing -> mail',
      'resolved check-failing -> mail',
      'opened check-failing -> mail',
    ]);
    expect((await w.alerts()).at(-1)).toBe('check-failing login.a medium open settling');
    const last = await w.db.selectFrom('outbox').selectAll().orderBy('id', 'desc').executeTakeFirstOrThrow();
    expect(messageSchema.parse(JSON.parse(last.payload))).toMatchObject({ flapping: true });
    expect(JSON.parse(last.payload).reason.de).toMatch(/kommt und geht/);

    await w.scan(60 + 359);
    expect((await w.alerts()).at(-1)).toMatch(/open settling/);
    await w.scan(60 + 361);
    expect((await w.alerts()).at(-1)).toMatch(/resolved/);
    expect(await w.outbox()).toHaveLength(6);
  });

  it('that fails again while settling stays open without another message', async () => {
    const w = await start();
    await w.report(0);
    for (const minute of [1, 3, 5, 7]) {
      await w.report(minute, [fails('login.a')]);
      await w.report(minute + 1, [passes('login.a')]);
    }
    await w.report(20, [fails('login.a')]);
    expect((await w.alerts()).at(-1)).toBe('check-failing login.a medium open flapping');
    await w.scan(20 + 1000);
    expect((await w.alerts()).filter((line) => line.includes('check-failing')).at(-1)).toMatch(
      /open flapping/,
    );
    expect((await w.outbox()).filter((line) => line.includes('check-failing'))).toHaveLength(5);
  });
});

describe('rollbacks, gaps and clones', () => {
  it('open one alert while they keep happening, and end after a day without', async () => {
    const w = await start();
    await w.report(0);
    await w.report(1, [], { rollback: { from: 3, to: 9 }, gap: [{ sequence: 4, code: 'BAD_SIGNATURE' }] });
    await w.report(600, [], { rollback: { from: 4, to: 12 } });
    expect(await w.alerts()).toEqual(['host-rollback high open', 'report-gap medium open']);
    await w.scan(1 + 24 * 60);
    expect((await w.alerts()).slice(0, 2)).toEqual(['host-rollback high open', 'report-gap medium resolved']);
    await w.scan(600 + 24 * 60);
    expect((await w.alerts())[0]).toBe('host-rollback high resolved');
    const rows = await w.db.selectFrom('outbox').select('payload').orderBy('id').execute();
    const reasons = rows.map(({ payload }) => messageSchema.parse(JSON.parse(payload)).reason.en);
    expect(reasons[0]).toMatch(/up to number 3 and goes on with 9/);
    expect(reasons[1]).toMatch(/BAD_SIGNATURE/);
  });

  it('a clone is one alert until its quarantine is lifted', async () => {
    const w = await start();
    await w.report(0);
    await w.clone(1);
    await w.clone(2);
    await w.scan(3);
    expect(await w.alerts()).toEqual(['host-cloned critical open']);
    await w.db.updateTable('hosts').set({ quarantined_at: null }).where('id', '=', HOST).execute();
    await w.scan(4);
    expect(await w.alerts()).toEqual(['host-cloned critical resolved']);
  });
});
