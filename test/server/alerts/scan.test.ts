/** Alerts that no report brings about: silence, and what time ends. */
import { describe, expect, it } from 'vitest';
import { messageSchema } from '../../../server/alerts/message.ts';
import { temporaryDatabase } from '../../support/database.ts';
import { at, change, contractRow, HOST, hostRow, seed, TENANT, type World, world } from './world.ts';

async function start(): Promise<World> {
  const db = await temporaryDatabase();
  await seed(db);
  return world(db);
}

/** Scans often enough not to look like a break of the collector, the last time at `to`. */
async function minutes(w: World, from: number, to: number): Promise<void> {
  for (let minute = from; minute < to; minute += 4) await w.scan(minute);
  await w.scan(to);
}

describe('a silent host', () => {
  it('is an alert after twice its interval, once, and resolved by the next report', async () => {
    const w = await start();
    await w.report(0);
    await minutes(w, 0, 120);
    expect(await w.alerts()).toEqual([]);
    await minutes(w, 121, 125);
    expect(await w.alerts()).toEqual(['host-silent high open']);
    await w.report(126);
    await minutes(w, 127, 130);
    expect(await w.alerts()).toEqual(['host-silent high resolved']);
    expect(await w.outbox()).toEqual(['opened host-silent -> mail', 'resolved host-silent -> mail']);
  });

  it('that was enrolled and never reported counts from its enrolment', async () => {
    const w = await start();
    await minutes(w, 0, 121);
    expect(await w.alerts()).toEqual(['host-silent high open']);
  });

  it('is not held silent for a time in which the collector itself was down', async () => {
    const w = await start();
    await w.report(0);
    await minutes(w, 0, 10);
    // Down for eight hours; agents are trying again.
    await minutes(w, 490, 550);
    expect(await w.alerts()).toEqual([]);
    await minutes(w, 551, 552);
    expect(await w.alerts()).toEqual(['host-silent high open']);
  });

  it('a short restart of the collector changes nothing', async () => {
    const w = await start();
    await w.report(0);
    await minutes(w, 0, 118);
    await minutes(w, 122, 122);
    expect(await w.alerts()).toEqual(['host-silent high open']);
  });

  it('that is retired, in quarantine or out of contract is none', async () => {
    const w = await start();
    const quiet = { last_received_at: at(0) };
    await w.db
      .insertInto('hosts')
      .values([
        hostRow({ ...quiet, id: 'h-retired', retired_at: at(1) }),
        hostRow({ ...quiet, id: 'h-quarantined', quarantined_at: at(1) }),
        hostRow({ ...quiet, id: 'h-over' }),
      ])
      .execute();
    await w.db
      .insertInto('contract_hosts')
      .values(contractRow({ host_id: 'h-over', until: at(1) }))
      .execute();
    await w.db
      .updateTable('hosts')
      .set({ retired_at: at(1) })
      .where('id', '=', HOST)
      .execute();
    await minutes(w, 0, 200);
    expect(await w.alerts()).toEqual([]);
  });

  it('that comes back and is retired leaves nothing open', async () => {
    const w = await start();
    await w.report(0, [change('login.a', 'fail')]);
    await minutes(w, 0, 125);
    expect(await w.alerts()).toEqual(['host-failing 1 of 1 medium open', 'host-silent high open']);
    await w.db
      .updateTable('hosts')
      .set({ retired_at: at(126) })
      .where('id', '=', HOST)
      .execute();
    await w.scan(127);
    expect(await w.alerts()).toEqual(['host-failing 1 of 1 medium resolved', 'host-silent high resolved']);
  });
});

describe('many hosts that fall silent', () => {
  it('are told as one from the fifth on, and each is still an alert', async () => {
    const w = await start();
    await w.report(0);
    // As reports come in through the hour, so hosts fall silent one after another.
    const hosts = Array.from({ length: 20 }, (_, i) =>
      hostRow({ id: `h-many${i}`, name: `many${i}`, last_received_at: at(i * 2) }),
    );
    await w.db.insertInto('hosts').values(hosts).execute();
    await w.db
      .updateTable('hosts')
      .set({ last_received_at: at(10_000) })
      .where('id', '=', HOST)
      .execute();
    await minutes(w, 0, 180);
    expect(await w.alerts()).toHaveLength(21);
    // Five by name, then the one about all.
    const told = await w.outbox();
    expect(told.length).toBe(6);
    const last = await w.db
      .selectFrom('outbox')
      .select('payload')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    expect(messageSchema.parse(JSON.parse(last.payload))).toMatchObject({
      host: null,
      tenant: null,
      severity: 'critical',
    });

    await w.db
      .updateTable('hosts')
      .set({ last_received_at: at(10_000) })
      .execute();
    await minutes(w, 181, 185);
    expect((await w.alerts()).filter((line) => line.endsWith('open'))).toEqual([]);
    // Only what was told is told to be over.
    expect(await w.outbox()).toHaveLength(12);
  });

  it('do not keep a later one from being told by itself', async () => {
    const w = await start();
    await w.report(0);
    const hosts = Array.from({ length: 8 }, (_, i) =>
      hostRow({ id: `h-many${i}`, name: `many${i}`, last_received_at: at(0) }),
    );
    await w.db.insertInto('hosts').values(hosts).execute();
    await w.db
      .updateTable('hosts')
      .set({ last_received_at: at(500) })
      .where('id', '=', HOST)
      .execute();
    await minutes(w, 0, 600);
    const before = (await w.outbox()).length;
    // Two hours later the outage is told to be over, though its hosts are still silent.
    expect((await w.alerts()).filter((line) => line.includes('critical'))).toEqual([
      'host-silent critical resolved',
    ]);
    await minutes(w, 601, 625);
    expect((await w.outbox()).length).toBe(before + 1);
  });
});

describe('a contracted host without an agent', () => {
  const day = 24 * 60;

  it('is an alert after a day, by the name in the contract, until an agent is enrolled', async () => {
    const w = await start();
    await w.db.insertInto('contract_hosts').values(contractRow()).execute();
    const ofContract = async () => (await w.outbox()).length;
    await w.report(day - 10);
    await w.scan(day - 1);
    expect(await ofContract()).toBe(0);
    await w.scan(day);
    await w.scan(day + 1);
    expect(await w.alerts()).toEqual(['host-silent high open']);
    await w.db.updateTable('contract_hosts').set({ host_id: HOST }).where('id', '=', 'c-1').execute();
    await w.scan(day + 2);
    expect(await w.alerts()).toEqual(['host-silent high resolved']);
    const rows = await w.db.selectFrom('outbox').select('payload').orderBy('id').execute();
    for (const { payload } of rows)
      expect(messageSchema.parse(JSON.parse(payload))).toMatchObject({
        host: { id: 'c-1', name: 'db1.example.org' },
        tenant: { id: TENANT },
      });
  });

  it('is one of many when a whole contract waits for its agents', async () => {
    const w = await start();
    const entries = Array.from({ length: 30 }, (_, i) => contractRow({ id: `c-${i}`, name: `many${i}` }));
    await w.db.insertInto('contract_hosts').values(entries).execute();
    await w.report(day);
    await w.scan(day);
    expect(await w.alerts()).toHaveLength(31);
    expect(await w.outbox()).toHaveLength(6);
  });

  it('counts as one when its agent was retired but the contract goes on', async () => {
    const w = await start();
    await w.db
      .insertInto('contract_hosts')
      .values(contractRow({ host_id: HOST }))
      .execute();
    await w.db
      .updateTable('hosts')
      .set({ retired_at: at(1) })
      .where('id', '=', HOST)
      .execute();
    await w.scan(day + 1);
    expect(await w.alerts()).toEqual(['host-silent high open']);
  });

  it('is none before its contract starts or after it ended', async () => {
    const w = await start();
    await w.db
      .insertInto('contract_hosts')
      .values([contractRow({ since: at(5 * day) }), contractRow({ id: 'c-2', until: at(1) })])
      .execute();
    await w.report(2 * day);
    await w.scan(2 * day);
    expect(await w.alerts()).toEqual([]);
  });
});
