/** The sender: order, isolation of channels, back-off, giving up, and channels that fail. */
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createAlerts } from '../../../server/alerts/alerts.ts';
import { type Channel, type Delivery, SendError } from '../../../server/alerts/channel.ts';
import { alertConfigSchema } from '../../../server/alerts/config.ts';
import { backoffSeconds, MAX_REFUSALS, MAX_TRIES, sendDue } from '../../../server/alerts/send.ts';
import type { Db } from '../../../server/db/database.ts';
import { temporaryDatabase } from '../../support/database.ts';
import { at, change, seed, world } from './world.ts';

const log = pino({ level: 'silent' });

/** A channel whose receiver is the test itself. */
function testChannel(name: string) {
  const state: {
    trouble: SendError | undefined;
    tried: string[];
    taken: Delivery[];
    hold: Promise<void> | undefined;
  } = {
    trouble: undefined,
    tried: [],
    taken: [],
    hold: undefined,
  };
  const channel: Channel = {
    name,
    async send(delivery) {
      state.tried.push(delivery.id);
      await state.hold;
      if (state.trouble) throw state.trouble;
      state.taken.push(delivery);
    },
  };
  return { ...state, state, channel };
}

async function start(...names: string[]) {
  const db = await temporaryDatabase();
  await seed(db);
  const configured = names.map((name) => ({ name, minSeverity: 'low' as const }));
  const tests = names.map(testChannel);
  let minutes = 0;
  let stopping = false;
  const send = async (now: number) => {
    minutes = now;
    await sendDue({
      db,
      clock: () => new Date(at(minutes)),
      log,
      channels: tests.map(({ channel }) => channel),
      configured,
      stopping: () => stopping,
    });
  };
  const channels = tests.map(({ state }) => state);
  return { db, w: world(db, configured), channels, send, stop: () => (stopping = true) };
}

const down = new SendError('ECONNREFUSED', false);
const refused = new SendError('HTTP 400', true);
const said = (taken: readonly Delivery[]) =>
  taken.map(({ message }) => `${message.change} ${message.checks[0]?.id}`);
const rows = (db: Db, channel: string) =>
  db.selectFrom('outbox').selectAll().where('channel', '=', channel).orderBy('id').execute();

async function failAndPass(w: ReturnType<typeof world>, check: string, minutes: number) {
  await w.report(minutes, [change(check, 'fail', 'pass')]);
  await w.report(minutes, [change(check, 'pass', 'fail')]);
}

describe('the sender', () => {
  it('sends each message once, in the order of the changes', async () => {
    const { db, w, channels, send } = await start('mail');
    await w.report(0);
    await failAndPass(w, 'login.a', 1);
    await failAndPass(w, 'login.b', 2);
    await send(3);
    await send(4);
    expect(said(channels[0]?.taken ?? [])).toEqual([
      'opened login.a',
      'resolved login.a',
      'opened login.b',
      'resolved login.b',
    ]);
    expect((await rows(db, 'mail')).every(({ sent_at, tries }) => sent_at === at(3) && tries === 1)).toBe(
      true,
    );
    expect(await db.selectFrom('channels').selectAll().execute()).toMatchObject([
      { last_ok_at: at(3), failing_since: null },
    ]);
  });

  it('tries again with growing waits, and lets nothing overtake', async () => {
    const { w, channels, send } = await start('mail');
    const [mail] = channels;
    if (!mail) throw new Error('no channel');
    await w.report(0);
    await failAndPass(w, 'login.a', 0);
    mail.trouble = down;
    const tries: number[] = [];
    for (let tenth = 0; tenth <= 200; tenth++) {
      const before = mail.tried.length;
      await send(tenth / 10);
      if (mail.tried.length > before) tries.push(tenth / 10);
    }
    // Half a minute, a minute, two, four, eight.
    expect(tries).toEqual([0, 0.5, 1.5, 3.5, 7.5, 15.5]);
    expect(new Set(mail.tried).size).toBe(1);
    mail.trouble = undefined;
    await send(40);
    expect(said(mail.taken)).toEqual(['opened login.a', 'resolved login.a']);
    expect(mail.taken[0]?.id).toBe(mail.tried[0]);
  });

  it('does not let one channel wait for another', async () => {
    const { w, channels, send } = await start('stuck', 'quick');
    const [stuck, quick] = channels;
    if (!stuck || !quick) throw new Error('no channel');
    await w.report(0);
    await failAndPass(w, 'login.a', 0);
    let release = () => {};
    stuck.hold = new Promise((resolve) => {
      release = resolve;
    });
    const sending = send(1);
    while (quick.taken.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(stuck.taken).toEqual([]);
    release();
    await sending;
    expect(stuck.taken).toHaveLength(2);
  });

  it('gives up a message that is refused for itself, and goes on with the next', async () => {
    const { db, w, channels, send } = await start('mail');
    const [mail] = channels;
    if (!mail) throw new Error('no channel');
    await w.report(0);
    await failAndPass(w, 'login.a', 0);
    mail.trouble = refused;
    for (let minute = 0; minute < 20 && mail.tried.length < MAX_REFUSALS; minute++) await send(minute);
    mail.trouble = undefined;
    await send(60);
    expect(said(mail.taken)).toEqual(['resolved login.a']);
    expect(await rows(db, 'mail')).toMatchObject([
      { sent_at: null, tries: MAX_REFUSALS, last_error: 'HTTP 400', given_up_at: expect.any(String) },
      { sent_at: at(60), given_up_at: null },
    ]);
  });

  it('bounds its tries at about two and a half days', () => {
    const seconds = Array.from({ length: MAX_TRIES - 1 }, (_, i) => backoffSeconds(i + 1)).reduce(
      (a, b) => a + b,
      0,
    );
    expect(seconds / 86_400).toBeGreaterThan(2);
    expect(seconds / 86_400).toBeLessThan(3);
    expect(backoffSeconds(1000)).toBe(3600);
  });

  it('begins no more messages once it is told to stop', async () => {
    const { w, channels, send, stop } = await start('mail');
    await w.report(0);
    await failAndPass(w, 'login.a', 0);
    stop();
    await send(1);
    expect(channels[0]?.tried).toEqual([]);
  });

  it('gives up a row that is no message', async () => {
    const { db, w, channels, send } = await start('mail');
    await w.report(0);
    await failAndPass(w, 'login.a', 0);
    await db.updateTable('outbox').set({ payload: '{' }).where('change', '=', 'opened').execute();
    for (const minute of [1, 10, 20, 30]) await send(minute);
    expect(said(channels[0]?.taken ?? [])).toEqual(['resolved login.a']);
  });
});

describe('a channel that keeps failing', () => {
  it('is shown, and told through the other one, once; and so is its end', async () => {
    const { db, w, channels, send } = await start('mail', 'hook');
    const [mail, hook] = channels;
    if (!mail || !hook) throw new Error('no channel');
    await w.report(0);
    await w.report(0, [change('login.a', 'fail', 'pass')]);
    mail.trouble = down;
    await send(0);
    await send(1);
    expect(await w.alerts()).toEqual(['check-failing login.a medium open']);
    for (const minute of [3, 4, 8, 9, 20]) await send(minute);
    expect(await w.alerts()).toEqual(['check-failing login.a medium open', 'channel-failing high open']);
    expect(hook.taken.map(({ message }) => message.kind)).toEqual(['check-failing', 'channel-failing']);
    expect(hook.taken[1]?.message.reason.de).toContain('„mail“');
    expect(await db.selectFrom('channels').selectAll().where('name', '=', 'mail').execute()).toMatchObject([
      { failing_since: at(0), last_ok_at: null, last_error: 'ECONNREFUSED' },
    ]);
    mail.trouble = undefined;
    await send(100);
    await send(101);
    expect(await w.alerts()).toEqual(['check-failing login.a medium open', 'channel-failing high resolved']);
    expect(hook.taken.map(({ message }) => `${message.change} ${message.kind}`).at(-1)).toBe(
      'resolved channel-failing',
    );
    expect(mail.taken.map(({ message }) => message.kind)).toEqual(['check-failing']);
    expect(await db.selectFrom('channels').selectAll().where('name', '=', 'mail').execute()).toMatchObject([
      { failing_since: null, last_ok_at: at(100), last_error: null },
    ]);
  });

  it('does not go round in circles when all fail', async () => {
    const { db, w, channels, send } = await start('mail', 'hook');
    for (const channel of channels) channel.trouble = down;
    await w.report(0);
    await w.report(0, [change('login.a', 'fail', 'pass')]);
    for (let minute = 0; minute < 600; minute += 7) await send(minute);
    expect((await w.alerts()).filter((line) => line.startsWith('channel-failing'))).toHaveLength(2);
    expect(await db.selectFrom('outbox').selectAll().execute()).toHaveLength(4);
  });
});

describe('alerts, wired', () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const hook = (name: string) => ({ type: 'webhook', name, url: 'http://127.0.0.1:6000/', secret });

  it('show every configured channel from the start, and let go of one that is gone', async () => {
    const db = await temporaryDatabase();
    await seed(db);
    const clock = () => new Date(at(10));
    const both = createAlerts(
      { db, clock, log },
      alertConfigSchema.parse({ channels: [hook('old'), hook('new')] }),
    );
    await both.start();
    await both.stop();
    expect(await db.selectFrom('channels').select('name').orderBy('name').execute()).toEqual([
      { name: 'new' },
      { name: 'old' },
    ]);
    const w = world(db, [
      { name: 'old', minSeverity: 'low' },
      { name: 'new', minSeverity: 'low' },
    ]);
    await w.report(0);
    await w.report(1, [change('login.a', 'fail', 'pass')]);
    const one = createAlerts({ db, clock, log }, alertConfigSchema.parse({ channels: [hook('new')] }));
    await one.start();
    await one.stop();
    expect(await db.selectFrom('channels').select('name').execute()).toEqual([{ name: 'new' }]);
    expect(await rows(db, 'old')).toMatchObject([{ sent_at: null, given_up_at: at(10) }]);
    expect(await rows(db, 'new')).toMatchObject([{ given_up_at: null }]);
  });

  it('scan and send in one pass', async () => {
    const db = await temporaryDatabase();
    await seed(db);
    let minute = 0;
    const alerts = createAlerts(
      { db, clock: () => new Date(at(minute)), log },
      alertConfigSchema.parse({ channels: [hook('hook')] }),
    );
    for (; minute <= 124; minute += 4) await alerts.tick();
    expect(await rows(db, 'hook')).toMatchObject([{ change: 'opened', last_error: 'bad port', tries: 1 }]);
    expect(await db.selectFrom('alerts').select('kind').execute()).toEqual([{ kind: 'host-silent' }]);
  });
});
