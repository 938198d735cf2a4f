/** What is accepted, what becomes of it, and where a host may go on. Real HTTPS on loopback. */
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { releaseHost } from '../../server/ingest/quarantine.ts';
import { fromHex, toHex, utf8 } from '../../shared/bytes.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';
import { commitment, leafHash } from '../../shared/merkle.ts';
import { receiptSchema } from '../../shared/report.ts';
import { startCollector, type TestCollector } from '../support/collector.ts';
import { codeOf, machine, post, result, type TestHost } from '../support/host.ts';

const checks = { 'login.empty-password': 'pass', 'patch.index-fresh': 'fail' } as const;

async function accepted(collector: TestCollector, host: TestHost, results = {}) {
  const reply = await host.report(collector.endpoint, { at: collector.now(), results });
  expect(reply.status, reply.text).toBe(200);
  return receiptSchema.parse(reply.body);
}

describe('an accepted report', () => {
  it('is stored whole: envelope, document, leaf, results, transitions, host', async () => {
    const collector = await startCollector();
    const { db, endpoint } = collector;
    const host = await collector.host('web-1.example.org');
    const built = await host.build({ at: collector.now(), results: checks });
    collector.setTime(60);
    const reply = await post(endpoint, '/v1/reports', JSON.stringify(built.submission));
    const receivedAt = collector.now().toISOString();
    expect(receiptSchema.parse(reply.body)).toEqual({
      host: host.id,
      sequence: 1,
      envelopeDigest: built.digest,
      receivedAt,
      log: { epoch: 0, index: 0, leaf: expect.any(String) },
    });

    const report = await db.selectFrom('reports').selectAll().executeTakeFirstOrThrow();
    const leaf = await db.selectFrom('log_leaves').selectAll().executeTakeFirstOrThrow();
    expect(leaf).toMatchObject({ type: 'envelope', content_ref: `report:${host.id}:1`, log_index: 0 });
    const random = fromHex(leaf.random ?? '');
    expect(random).toHaveLength(32);
    expect(leaf.leaf).toBe(
      toHex(leafHash(nodeCrypto, commitment(nodeCrypto, random, 'envelope', utf8(report.envelope)))),
    );
    expect(toHex(nodeCrypto.sha256(utf8(report.envelope)))).toBe(built.digest);
    expect(await db.selectFrom('documents').select('content').execute()).toEqual([
      { content: built.submission.document },
    ]);
    expect(
      await db
        .selectFrom('results')
        .select(['check_id', 'outcome', 'since', 'sequence'])
        .orderBy('check_id')
        .execute(),
    ).toEqual([
      { check_id: 'login.empty-password', outcome: 'pass', since: receivedAt, sequence: 1 },
      { check_id: 'patch.index-fresh', outcome: 'fail', since: receivedAt, sequence: 1 },
    ]);
    expect(await db.selectFrom('transitions').select(['from_outcome', 'to_outcome']).execute()).toEqual([
      { from_outcome: null, to_outcome: 'pass' },
      { from_outcome: null, to_outcome: 'fail' },
    ]);
    expect(await db.selectFrom('hosts').selectAll().executeTakeFirstOrThrow()).toMatchObject({
      last_sequence: 1,
      last_envelope_digest: built.digest,
      last_received_at: receivedAt,
      last_round_at: built.statement.predicate.round,
      agent_version: '0.1.0',
    });
  });

  it('sent twice has one place in the log, also from a host in quarantine', async () => {
    const collector = await startCollector();
    const host = await collector.host('web-1');
    const built = await host.build({ at: collector.now(), results: checks });
    const body = JSON.stringify(built.submission);
    const first = await post(collector.endpoint, '/v1/reports', body);
    collector.setTime(3600);
    const both = await Promise.all([1, 2].map(() => post(collector.endpoint, '/v1/reports', body)));
    await collector.db.updateTable('hosts').set({ quarantined_at: 'x' }).execute();
    for (const reply of [...both, await post(collector.endpoint, '/v1/reports', body)])
      expect(reply.body).toEqual(first.body);
    expect(await collector.db.selectFrom('log_leaves').selectAll().execute()).toHaveLength(1);
  });

  it('may be weeks old, and may come from many hosts at once', async () => {
    const collector = await startCollector();
    const old = new Date(collector.now().getTime() - 60 * 86_400_000);
    const hosts: TestHost[] = [];
    for (let n = 0; n < 20; n++) hosts.push(await collector.host(`web-${n}`));
    const replies = await Promise.all(
      hosts.map((host) => host.report(collector.endpoint, { at: old, results: checks })),
    );
    expect(replies.map(({ status }) => status)).toEqual(hosts.map(() => 200));
    expect(replies.map(({ body }) => body.log.index).sort((a, b) => a - b)).toEqual(hosts.map((_, n) => n));
  });
});

describe('results', () => {
  it('keep their since while the outcome stays, and leave a trace when they change or go', async () => {
    const collector = await startCollector();
    const { db } = collector;
    const host = await collector.host('web-1');
    const start = collector.now().toISOString();
    await accepted(collector, host, checks);
    collector.setTime(3600);
    await accepted(collector, host, [
      result('login.empty-password', 'pass', { evidence: [] }),
      result('patch.index-fresh', 'pass'),
    ]);
    const second = collector.now().toISOString();
    collector.setTime(3600);
    await accepted(collector, host, { 'patch.index-fresh': 'pass' });
    expect(await db.selectFrom('results').select(['check_id', 'since', 'sequence']).execute()).toEqual([
      { check_id: 'patch.index-fresh', since: second, sequence: 2 },
    ]);
    expect(
      await db
        .selectFrom('transitions')
        .select(['check_id', 'from_outcome', 'to_outcome', 'sequence'])
        .where('sequence', '>', 1)
        .orderBy('id')
        .execute(),
    ).toEqual([
      { check_id: 'patch.index-fresh', from_outcome: 'fail', to_outcome: 'pass', sequence: 2 },
      { check_id: 'login.empty-password', from_outcome: 'pass', to_outcome: null, sequence: 3 },
    ]);
    expect(start < second).toBe(true);
  });

  it('that did not change travel as the envelope alone', async () => {
    const collector = await startCollector();
    const host = await collector.host('web-1');
    await accepted(collector, host, checks);
    collector.setTime(3600);
    const reply = await host.report(collector.endpoint, {
      at: collector.now(),
      results: checks,
      withoutDocument: true,
    });
    expect(reply.status, reply.text).toBe(200);
    expect(await collector.db.selectFrom('documents').selectAll().execute()).toHaveLength(1);
    expect(await collector.db.selectFrom('reports').selectAll().execute()).toHaveLength(2);
  });

  it('are asked for when the document named is not the last accepted of this same host', async () => {
    const collector = await startCollector();
    const [one, other] = [await collector.host('web-1'), await collector.host('web-2')];
    const facts = machine('same');
    const send = (host: TestHost, results: object, withoutDocument = false) =>
      host.report(collector.endpoint, {
        at: collector.now(),
        machine: facts,
        results: { ...results },
        withoutDocument,
      });
    await send(other, checks);
    // Known from another host only.
    const foreign = await send(one, checks, true);
    expect(foreign.status).toBe(409);
    expect(foreign.body.error).toMatchObject({ code: 'RESULTS_NEEDED', action: 'resend-with-document' });
    await send(one, checks);
    await send(one, { 'login.empty-password': 'fail' });
    // Known from this host, but not its last.
    expect(codeOf(await send(one, checks, true))).toBe('RESULTS_NEEDED');
    expect((await send(one, checks)).status).toBe(200);
  });
});

describe('the chain of a host', () => {
  it('says where to go on when a number was used with other bytes', async () => {
    const collector = await startCollector();
    const host = await collector.host('web-1');
    await accepted(collector, host, checks);
    await accepted(collector, host, checks);
    const last = { sequence: 2, envelopeDigest: host.previous };
    host.sequence = 1;
    const reply = await host.report(collector.endpoint, { at: collector.now(), results: checks });
    expect(reply.status).toBe(409);
    expect(reply.body.error).toMatchObject({ code: 'SEQUENCE_REUSED', action: 'continue-after', last });
  });

  it.each([
    ['a first report that names one before', { sequence: 1, previous: 'f'.repeat(64) }, 0],
    ['another report before than the last', { sequence: 2, previous: 'f'.repeat(64) }, 1],
    ['none before, though there is one', { sequence: 2, previous: null }, 1],
    ['a number left out and not explained', { sequence: 3 }, 1],
    ['a number left out and another explained', { sequence: 3, gap: [{ sequence: 1, code: 'X' }] }, 1],
    ['a number far ahead', { sequence: Number.MAX_SAFE_INTEGER }, 1],
    [
      'a number far ahead, after a rollback',
      { sequence: Number.MAX_SAFE_INTEGER, rollback: { from: 0, to: Number.MAX_SAFE_INTEGER } },
      1,
    ],
  ])('is not taken on with %s', async (_title, predicate, before) => {
    const collector = await startCollector();
    const host = await collector.host('web-1');
    for (let n = 0; n < before; n++) await accepted(collector, host, checks);
    const last = { sequence: host.sequence, envelopeDigest: host.previous };
    const reply = await host.report(collector.endpoint, { at: collector.now(), results: checks, predicate });
    expect(reply.body.error).toMatchObject({ code: 'CHAIN_BROKEN', action: 'continue-after', last });
    expect(await collector.db.selectFrom('reports').selectAll().execute()).toHaveLength(before);
  });

  it('goes on over numbers that were set aside and say so', async () => {
    const collector = await startCollector();
    const host = await collector.host('web-1');
    await accepted(collector, host, checks);
    const gap = [2, 3].map((sequence) => ({ sequence, code: 'DOCUMENT_INVALID' }));
    const reply = await host.report(collector.endpoint, {
      at: collector.now(),
      results: checks,
      predicate: { sequence: 4, gap },
    });
    expect(reply.status, reply.text).toBe(200);
    // A number that was left out can't be used afterwards.
    host.sequence = 1;
    expect(codeOf(await host.report(collector.endpoint, { at: collector.now() }))).toBe('CHAIN_BROKEN');
  });

  it('is taken on by a machine that was rolled back and says so', async () => {
    const collector = await startCollector();
    const host = await collector.host('web-1');
    await accepted(collector, host, checks);
    await accepted(collector, host, checks);
    const reply = await host.report(collector.endpoint, {
      at: collector.now(),
      results: checks,
      predicate: { rollback: { from: 1, to: 3 } },
    });
    expect(reply.status, reply.text).toBe(200);
    expect(
      await collector.db.selectFrom('rollbacks').select(['sequence', 'from_sequence']).execute(),
    ).toEqual([{ sequence: 3, from_sequence: 1 }]);
    expect(await collector.db.selectFrom('hosts').select('quarantined_at').execute()).toEqual([
      { quarantined_at: null },
    ]);
  });
});

describe('two machines under one key', () => {
  /** Each machine remembers only its own reports; `mark` is what it says when told to go on elsewhere. */
  async function overtake(collector: TestCollector, host: TestHost, from: number, facts = machine('web-1')) {
    collector.setTime(600);
    return host.report(collector.endpoint, {
      at: collector.now(),
      machine: facts,
      results: checks,
      predicate: { rollback: { from, to: host.sequence + 1 } },
    });
  }

  it('that look the same are told apart by what they remember, and end in quarantine', async () => {
    const collector = await startCollector();
    const host = await collector.host('web-1');
    for (let n = 0; n < 5; n++) await accepted(collector, host, checks);
    // 6 from the clone (made after 4), 7 from the first machine (remembers 5), 8 from the clone (remembers 6).
    expect((await overtake(collector, host, 4)).status).toBe(200);
    expect((await overtake(collector, host, 5)).status).toBe(200);
    const third = await overtake(collector, host, 6);
    expect(third.body.error).toMatchObject({ code: 'HOST_QUARANTINED', action: 'retry' });
    expect(
      await collector.db.selectFrom('hosts').select(['quarantined_at', 'last_sequence']).execute(),
    ).toEqual([{ quarantined_at: collector.now().toISOString(), last_sequence: 7 }]);
    const next = await host.report(collector.endpoint, { at: collector.now(), results: checks });
    expect(codeOf(next)).toBe('HOST_QUARANTINED');
    expect(
      await collector.db
        .selectFrom('alerts')
        .select('kind')
        .where('kind', 'like', 'host-%')
        .orderBy('kind')
        .execute(),
    ).toEqual([{ kind: 'host-cloned' }, { kind: 'host-failing' }, { kind: 'host-rollback' }]);
    // Released once the clone has a key of its own; what was said before does not count again.
    await collector.db.transaction().execute((trx) => releaseHost(trx, host.id));
    expect((await overtake(collector, host, 6)).status).toBe(200);
    expect(await collector.db.selectFrom('reports').selectAll().execute()).toHaveLength(8);
  });

  it('that differ are told apart as soon as the first one is back', async () => {
    const collector = await startCollector();
    const host = await collector.host('web-1');
    const clone = machine('web-1', { machineId: 'another' });
    await accepted(collector, host, checks);
    await accepted(collector, host, checks);
    expect((await overtake(collector, host, 1, clone)).status).toBe(200);
    expect(codeOf(await overtake(collector, host, 2))).toBe('HOST_QUARANTINED');
  });

  it('are not seen in one machine that is rolled back to the same snapshot again and again', async () => {
    const collector = await startCollector();
    const host = await collector.host('web-1');
    await accepted(collector, host, checks);
    await accepted(collector, host, checks);
    for (let n = 0; n < 5; n++) expect((await overtake(collector, host, 1)).status).toBe(200);
  });
});

describe('the store', () => {
  it('that is full acknowledges nothing, says so, and goes on when there is room', async () => {
    const collector = await startCollector();
    const { db } = collector;
    const host = await collector.host('web-1');
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db);
    await sql.raw(`pragma max_page_count = ${rows[0]?.page_count}`).execute(db);
    const many = Object.fromEntries(
      Array.from({ length: 400 }, (_, n) => [`login.check-${n}`, 'fail'] as const),
    );
    const built = await host.build({ at: collector.now(), results: many });
    const body = JSON.stringify(built.submission);
    const reply = await post(collector.endpoint, '/v1/reports', body);
    expect(reply.status).toBe(503);
    expect(reply.body.error).toMatchObject({ code: 'STORE_UNAVAILABLE', action: 'retry' });
    for (const table of ['reports', 'documents', 'log_leaves', 'results', 'transitions'] as const)
      expect(await db.selectFrom(table).selectAll().execute(), table).toEqual([]);
    await sql.raw('pragma max_page_count = 1000000').execute(db);
    expect((await post(collector.endpoint, '/v1/reports', body)).status).toBe(200);
  });
});
