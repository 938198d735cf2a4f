/** A host that was reinstalled: real agents at a real collector, its new key, its old history, and who can't have it. */

import { describe, expect, it } from 'vitest';
import { readKey } from '../../agent/key.ts';
import { readEnrolment } from '../../agent/state.ts';
import { createEnrolment } from '../../server/enrol/enrolment-line.ts';
import { hostToReinstall } from '../../server/enrol/reinstall.ts';
import { fromBase64, fromUtf8, utf8 } from '../../shared/bytes.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';
import { signDecommission } from '../../shared/decommission.ts';
import { pae } from '../../shared/envelope.ts';
import { KEY_CHANGE_TYPE, keyChangeSchema } from '../../shared/key-change.ts';
import { commitment, leafHash } from '../../shared/merkle.ts';
import { signPolicyRequest } from '../../shared/policy.ts';
import { enrolledAgent, stringFor, TestAgent, tokenFor } from '../agent/agent-at.ts';
import { startCollector, type TestCollector } from '../support/collector.ts';
import { codeOf, get, post } from '../support/host.ts';
import { retire } from '../support/retire.ts';

async function reinstallString(collector: TestCollector, named: string, hours = 1): Promise<string> {
  const { id, tenantId } = await hostToReinstall(collector.db, named);
  const { url } = collector.endpoint;
  const { fingerprint, db } = collector;
  const terms = { tenantId, hostId: id, uses: 1, hours, author: 'anna', collector: url, fingerprint };
  return (await createEnrolment(db, terms, collector.now())).line;
}

/** Two reports, the second worse than the first. */
async function reported(collector: TestCollector, name = 'web1'): Promise<TestAgent> {
  const agent = await enrolledAgent(collector, name);
  await agent.round();
  agent.version = '11';
  await agent.round();
  expect((await agent.send()).waiting).toBe(0);
  return agent;
}

const hosts = ({ db }: TestCollector) => db.selectFrom('hosts').selectAll().orderBy('enrolled_at').execute();

describe('a reinstalled host', () => {
  it('has a new key under its old name, and its reports go on behind the last one', async () => {
    const collector = await startCollector();
    const old = await reported(collector);
    const fresh = new TestAgent(collector.now, 'WEB1');
    collector.setTime(3600);
    await fresh.enrol(await reinstallString(collector, 'web1'));
    expect(fresh.host).toBe(old.host);
    fresh.version = '11';
    await fresh.round();
    expect((await fresh.send()).receipts).toMatchObject([{ host: old.host, sequence: 3 }]);
    expect(await hosts(collector)).toHaveLength(1);
    const reports = await collector.db.selectFrom('reports').selectAll().orderBy('sequence').execute();
    const statement = JSON.parse(fromUtf8(fromBase64(JSON.parse(reports[2]?.envelope ?? '').payload)));
    expect(statement.predicate).toMatchObject({ sequence: 3, previous: reports[1]?.envelope_digest });
    // Nothing was rolled back, and nobody is woken for it.
    expect(statement.predicate.rollback).toBeUndefined();
    expect(await collector.db.selectFrom('alerts').select('kind').execute()).not.toContainEqual({
      kind: 'host-rollback',
    });
    const changes = await collector.db.selectFrom('transitions').select(['to_outcome', 'sequence']).execute();
    expect(changes).toEqual([
      { to_outcome: 'pass', sequence: 1 },
      { to_outcome: 'fail', sequence: 2 },
    ]);
  });

  it('is a leaf of the log, signed with the log key, with who allowed it', async () => {
    const collector = await startCollector();
    const old = await reported(collector);
    const [before] = await hosts(collector);
    await new TestAgent(collector.now, 'web1').enrol(await reinstallString(collector, old.host));
    const row = await collector.db.selectFrom('replaced_keys').selectAll().executeTakeFirstOrThrow();
    const { payload, signatures } = JSON.parse(row.content);
    const { logKeys } = (await get(collector.endpoint, '/v1/trust')).body;
    const bytes = fromBase64(payload);
    const signed = pae(KEY_CHANGE_TYPE, bytes);
    expect(
      await nodeCrypto.verifyEd25519(fromBase64(logKeys[0]), signed, fromBase64(signatures[0].sig)),
    ).toBe(true);
    const [now] = await hosts(collector);
    expect(keyChangeSchema.parse(JSON.parse(fromUtf8(bytes)))).toMatchObject({
      host: old.host,
      from: before?.public_key,
      to: now?.public_key,
      last: { sequence: 2, envelopeDigest: before?.last_envelope_digest },
      author: 'anna',
    });
    const leaf = await collector.db
      .selectFrom('log_leaves')
      .selectAll()
      .where('log_index', '=', row.log_index)
      .executeTakeFirstOrThrow();
    const random = Uint8Array.from(Buffer.from(leaf.random ?? '', 'hex'));
    const hash = leafHash(nodeCrypto, commitment(nodeCrypto, random, 'key-change', utf8(row.content)));
    expect([leaf.type, leaf.leaf]).toEqual(['key-change', Buffer.from(hash).toString('hex')]);
  });

  it('leaves its old key worthless, for reports and for enrolling', async () => {
    const collector = await startCollector();
    const old = await reported(collector);
    await new TestAgent(collector.now, 'web1').enrol(await reinstallString(collector, 'web1'));
    await old.round();
    expect((await old.send()).setAside).toMatchObject([{ code: 'KEY_REPLACED' }]);
    expect(await collector.db.selectFrom('refusals').select(['code', 'host_id']).execute()).toEqual([
      { code: 'KEY_REPLACED', host_id: old.host },
    ]);
    // What it is told stays the same wherever it asks.
    const at = collector.now().toISOString();
    const signer = readKey(old.state.file(readEnrolment(old.state).keyFile));
    const asks = { format: 'nachweis.policy-request/1', host: old.host, have: 0, at } as const;
    const last = { sequence: 2, envelopeDigest: 'a'.repeat(64) };
    const ends = { format: 'nachweis.decommission/1', host: old.host, last, at } as const;
    for (const [path, envelope] of [
      ['/v1/policy', await signPolicyRequest(nodeCrypto, signer, asks)],
      ['/v1/decommission', await signDecommission(nodeCrypto, signer, ends)],
    ] as const) {
      const reply = await post(collector.endpoint, path, JSON.stringify(envelope));
      expect([path, codeOf(reply)]).toEqual([path, 'KEY_REPLACED']);
    }
    expect((await hosts(collector))[0]?.retired_at).toBeNull();
  });

  it('may still be the same installation: what waits is signed anew with the new key', async () => {
    const collector = await startCollector();
    const agent = await reported(collector);
    await agent.round();
    await agent.enrol(await reinstallString(collector, 'web1'), true);
    await agent.round();
    expect((await agent.send()).receipts.map(({ sequence }) => sequence)).toEqual([3, 4]);
  });

  it('gets the same reply when the first one got lost, and is out of quarantine', async () => {
    const collector = await startCollector();
    const old = await reported(collector);
    await collector.db.updateTable('hosts').set({ quarantined_at: collector.now().toISOString() }).execute();
    const string = await reinstallString(collector, 'web1');
    const fresh = new TestAgent(collector.now, 'web1');
    await fresh.enrol(string);
    await expect(new TestAgent(collector.now, 'web1').enrol(string)).rejects.toThrow(/TOKEN_REFUSED/);
    await fresh.round();
    expect(await fresh.send()).toMatchObject({ waiting: 0, receipts: [{ host: old.host }] });
  });
});

describe('nobody takes over a host', () => {
  it('with an ordinary string: it makes a host of its own, beside the first', async () => {
    const collector = await startCollector();
    const old = await reported(collector);
    const thief = new TestAgent(collector.now, 'web1');
    await thief.enrol(stringFor(collector, await tokenFor(collector)));
    expect(thief.host).not.toBe(old.host);
    await old.round();
    expect((await old.send()).waiting).toBe(0);
    expect((await hosts(collector)).map(({ last_sequence }) => last_sequence).sort()).toEqual([0, 3]);
  });

  it('with the string of another host, one that ran out, or one of a host that was retired since', async () => {
    const collector = await startCollector();
    const old = await reported(collector);
    const string = await reinstallString(collector, 'web1');
    await expect(new TestAgent(collector.now, 'web2').enrol(string)).rejects.toThrow(/HOST_NAME_DIFFERS/);
    // It was not used up by that.
    await new TestAgent(collector.now, 'web1').enrol(string);
    const late = await reinstallString(collector, 'web1');
    collector.setTime(3601);
    await expect(new TestAgent(collector.now, 'web1').enrol(late)).rejects.toThrow(/TOKEN_REFUSED/);
    const retired = await reinstallString(collector, 'web1');
    await retire(collector, old.host);
    await expect(new TestAgent(collector.now, 'web1').enrol(retired)).rejects.toThrow(/TOKEN_REFUSED/);
    await expect(reinstallString(collector, 'web1')).rejects.toThrow(/NOT_FOUND/);
  });

  it('of the same name in another tenant', async () => {
    const collector = await startCollector();
    const mine = await reported(collector);
    const other = await collector.host('web1', 'other');
    await expect(hostToReinstall(collector.db, 'web1')).rejects.toThrow(/USAGE/);
    const found = await hostToReinstall(collector.db, 'web1', await collector.tenant('other'));
    expect([found.id, (await hostToReinstall(collector.db, mine.host)).id]).toEqual([other.id, mine.host]);
    await expect(hostToReinstall(collector.db, mine.host, await collector.tenant('other'))).rejects.toThrow(
      /NOT_FOUND/,
    );
  });
});
