/** Reports on their way, over real HTTPS: to the real collector, and to one that misbehaves. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { pauseMs } from '../../agent/back-off.ts';
import { readSending } from '../../agent/send.ts';
import { fromBase64, fromUtf8 } from '../../shared/bytes.ts';
import type { Statement } from '../../shared/report.ts';
import { startCollector, type TestCollector } from '../support/collector.ts';
import { enrolledAgent, TestAgent } from './agent-at.ts';
import { type Answer, oddCollector } from './odd-collector.ts';

const stored = async (collector: TestCollector, host: string) => {
  const rows = await collector.db
    .selectFrom('reports')
    .select('envelope')
    .where('host_id', '=', host)
    .orderBy('log_index')
    .execute();
  return rows.map((row) => {
    const { payload } = JSON.parse(row.envelope) as { payload: string };
    const statement = JSON.parse(fromUtf8(fromBase64(payload))) as Statement;
    return statement.predicate;
  });
};
const receipts = (agent: TestAgent): string[] =>
  fs.readdirSync(path.join(agent.directory, agent.host, 'receipts')).sort();

describe('with a real collector', () => {
  it('sends in order what waited while it was away, once each, and keeps the receipts', async () => {
    const collector = await startCollector();
    const agent = await enrolledAgent(collector);
    for (let i = 0; i < 3; i += 1) {
      await agent.round();
      collector.setTime(3600);
    }
    const sent = await agent.send();
    expect(sent.receipts.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(sent).toMatchObject({ waiting: 0, problem: null });
    expect((await agent.send()).receipts).toEqual([]);
    expect((await stored(collector, agent.host)).map(({ sequence, round }) => [sequence, round])).toEqual([
      [1, '2026-06-01T08:00:00.000Z'],
      [2, '2026-06-01T09:00:00.000Z'],
      [3, '2026-06-01T10:00:00.000Z'],
    ]);
    expect(receipts(agent)).toEqual(['0000000001.json', '0000000002.json', '0000000003.json']);
  });

  it('goes on behind the last report after the machine was rolled back, and says so', async () => {
    const collector = await startCollector();
    const agent = await enrolledAgent(collector);
    await agent.round();
    await agent.send();
    const restore = agent.snapshot();
    for (const version of ['13', '12']) {
      agent.version = version;
      await agent.round();
      await agent.send();
      collector.setTime(3600);
    }
    restore();
    await agent.round();
    await agent.round();
    const sent = await agent.send();
    expect(sent.receipts.map(({ sequence }) => sequence)).toEqual([4, 5]);
    const [, , , fourth, fifth] = await stored(collector, agent.host);
    expect(fourth).toMatchObject({ rollback: { from: 1, to: 4 } });
    expect(fifth?.rollback).toBeUndefined();
  });

  it('gets the same receipt for a report whose receipt got lost', async () => {
    const collector = await startCollector();
    const agent = await enrolledAgent(collector);
    await agent.round();
    const restore = agent.snapshot();
    const [first] = (await agent.send()).receipts;
    restore();
    const [again] = (await agent.send()).receipts;
    expect(again).toEqual(first);
    expect(await stored(collector, agent.host)).toHaveLength(1);
  });

  it('sends the document again when the collector does not have it', async () => {
    const collector = await startCollector();
    const agent = await enrolledAgent(collector);
    await agent.round();
    await agent.send();
    await collector.db.updateTable('hosts').set({ last_document_digest: null }).execute();
    await agent.round();
    expect(await agent.send()).toMatchObject({ receipts: [{ sequence: 2 }], setAside: [] });
  });

  it('sets aside a report from the future, names it in the next, and is not held up by it', async () => {
    const collector = await startCollector();
    let ahead = 0;
    const agent = new TestAgent(() => new Date(collector.now().getTime() + ahead));
    const like = await enrolledAgent(collector);
    fs.cpSync(like.directory, agent.directory, { recursive: true });
    fs.chmodSync(agent.directory, 0o700);
    await agent.round();
    ahead = 3_600_000;
    await agent.round();
    ahead = 0;
    await agent.round();
    const sent = await agent.send();
    expect(sent.receipts.map(({ sequence }) => sequence)).toEqual([1, 3]);
    expect(sent.setAside).toEqual([{ sequence: 2, code: 'CLOCK_AHEAD' }]);
    const [, third] = await stored(collector, agent.host);
    expect(third?.gap).toEqual([{ sequence: 2, code: 'CLOCK_AHEAD' }]);
    expect(agent.spool.chain().gap).toEqual([]);
  });

  it('tells of reports that a full spool gave up', async () => {
    const collector = await startCollector();
    const agent = await enrolledAgent(collector);
    for (let i = 0; i < 3; i += 1) await agent.round();
    const [entry] = await Promise.all(agent.spool.waiting().map((id) => agent.spool.read(id)));
    if (entry) await agent.spool.setAside(entry, 'SPOOL_FULL');
    expect((await agent.send()).receipts.map(({ sequence }) => sequence)).toEqual([2, 3]);
    expect((await stored(collector, agent.host))[0]?.gap).toEqual([{ sequence: 1, code: 'SPOOL_FULL' }]);
  });

  it('survives a damaged envelope in the middle', async () => {
    const collector = await startCollector();
    const agent = await enrolledAgent(collector);
    for (let i = 0; i < 3; i += 1) await agent.round();
    fs.writeFileSync(path.join(agent.directory, agent.host, 'spool', '0000000002.json'), 'x');
    expect((await agent.send()).receipts.map(({ sequence }) => sequence)).toEqual([1, 3]);
  });

  it('trusts nobody but the authority of its collector', async () => {
    const collector = await startCollector();
    const agent = await enrolledAgent(collector);
    const impostor = await oddCollector(() => ({ status: 200 }));
    await agent.round();
    const { trust } = JSON.parse(fs.readFileSync(path.join(agent.directory, 'enrolment.json'), 'utf8'));
    const sent = await agent.send({ to: { origin: impostor.origin, trust } });
    expect(sent).toMatchObject({ waiting: 1, problem: { code: 'COLLECTOR_UNTRUSTED' } });
    expect(impostor.requests).toEqual([]);
  });
});

describe('with a collector that misbehaves', () => {
  const agentFor = async (answer: (body: string) => Answer | 'hang up') => {
    const collector = await startCollector();
    const agent = await enrolledAgent(collector);
    const odd = await oddCollector((_path, body) => answer(body));
    const send = (now = false) => agent.send({ now, to: odd });
    return { collector, agent, odd, send };
  };
  const refusal = (code: string, more: object = {}) => ({
    error: { code, message: 'said so', next: 'do this', ...more },
  });

  it.each<[string, Answer | 'hang up', string]>([
    ['hangs up', 'hang up', 'COLLECTOR_CUT_OFF'],
    ['is a proxy with a page', { status: 502, body: '<html>' }, 'COLLECTOR_ANSWER_INVALID'],
    ['answers 200 with something else', { status: 200, body: { ok: true } }, 'COLLECTOR_ANSWER_INVALID'],
    [
      'gives the receipt of another report',
      {
        status: 201,
        body: {
          host: `h-${'9'.repeat(32)}`,
          sequence: 1,
          envelopeDigest: '0'.repeat(64),
          receivedAt: '2026-06-01T08:00:00.000Z',
          log: { epoch: 0, index: 0, leaf: '0'.repeat(64) },
        },
      },
      'COLLECTOR_ANSWER_INVALID',
    ],
    ['floods', { status: 200, body: 'x'.repeat(300_000) }, 'COLLECTOR_ANSWER_INVALID'],
    [
      'has no disk',
      { status: 503, body: refusal('STORE_UNAVAILABLE', { action: 'retry' }) },
      'STORE_UNAVAILABLE',
    ],
    ['says a code that nobody knows', { status: 400, body: refusal('NO_SUCH_CODE') }, 'NO_SUCH_CODE'],
    [
      'points to itself without end',
      {
        status: 409,
        body: refusal('CHAIN_BROKEN', {
          action: 'continue-after',
          last: { sequence: 0, envelopeDigest: null },
        }),
      },
      'CHAIN_BROKEN',
    ],
  ])('that %s, the report stays and is tried again later', async (_what, answer, code) => {
    const { agent, odd, send } = await agentFor(() => answer);
    await agent.round();
    await agent.round();
    const sent = await send();
    expect(sent).toMatchObject({ receipts: [], setAside: [], waiting: 2, problem: { code } });
    expect(sent.notBefore).toBe('2026-06-01T08:00:10.000Z');
    const asked = odd.requests.length;
    expect(asked).toBeLessThan(6);
    // Before the pause is over nothing is asked, unless somebody wants it now.
    await send();
    expect(odd.requests).toHaveLength(asked);
    await send(true);
    expect(odd.requests.length).toBeGreaterThan(asked);
    expect(readSending(agent.state).attempts).toBe(2);
  });

  it('keeps a pause that the collector asked for, whoever is in a hurry', async () => {
    const { agent, odd, send, collector } = await agentFor(() => ({
      status: 429,
      body: refusal('TOO_MANY_REQUESTS', { action: 'retry' }),
      headers: { 'retry-after': '90' },
    }));
    await agent.round();
    expect((await send()).notBefore).toBe('2026-06-01T08:01:30.000Z');
    await send(true);
    expect(odd.requests).toHaveLength(1);
    collector.setTime(91);
    await send();
    expect(odd.requests).toHaveLength(2);
  });

  it('does not wait for an hour that a wrong clock once named', async () => {
    const { agent, odd, send, collector } = await agentFor(() => 'hang up');
    await agent.round();
    collector.setTime(86_400 * 30);
    await send();
    collector.setTime(-86_400 * 30);
    await send();
    expect(odd.requests).toHaveLength(2);
  });

  it('that refuses all for good, everything is set aside, in order, and nothing is lost from sight', async () => {
    const { agent, send } = await agentFor(() => ({ status: 403, body: refusal('HOST_RETIRED') }));
    for (let i = 0; i < 3; i += 1) await agent.round();
    const sent = await send();
    expect(sent).toMatchObject({ waiting: 0, problem: { code: 'HOST_RETIRED' } });
    expect(sent.setAside.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(agent.spool.chain().gap).toHaveLength(3);
    // The real collector still takes the next one, and reads there what happened.
    await agent.round();
    expect(await agent.send()).toMatchObject({ receipts: [{ sequence: 4 }], waiting: 0 });
  });

  it('that asks for a document which a full spool has dropped, the report is set aside', async () => {
    const { agent, send } = await agentFor(() => ({
      status: 409,
      body: refusal('RESULTS_NEEDED', { action: 'resend-with-document' }),
    }));
    await agent.round();
    const documents = path.join(agent.directory, agent.host, 'documents');
    for (const name of fs.readdirSync(documents)) fs.rmSync(path.join(documents, name));
    expect(await send()).toMatchObject({ setAside: [{ sequence: 1, code: 'RESULTS_NEEDED' }], waiting: 0 });
  });

  it('that writes what would steer a terminal, only words are kept', async () => {
    const { agent, send } = await agentFor(() => ({
      status: 500,
      body: refusal('X\u001b[2J', { action: 'retry', message: '\u001b]0;title\u0007 password=hunter2' }),
    }));
    await agent.round();
    const { problem } = await send();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is the point
    expect(JSON.stringify(problem)).not.toMatch(/\\u001b|\\u0007|[\u0000-\u001f]|hunter2/);
  });
});

it('pauses longer each time, up to half an hour, never all at once', () => {
  expect([1, 2, 3, 8, 9, 100].map((attempts) => pauseMs(attempts, 1) / 1000)).toEqual([
    10, 20, 40, 1280, 1800, 1800,
  ]);
  expect(pauseMs(3, 0)).toBe(20_000);
});
