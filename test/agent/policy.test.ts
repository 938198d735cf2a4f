/** What the agent takes for its policy and what it does with it, against a real collector. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { connect } from '../../agent/collector.ts';
import { fetchPolicy } from '../../agent/fetch-policy.ts';
import { readKey } from '../../agent/key.ts';
import { heldPolicy, mergeParams, takePolicy } from '../../agent/policy.ts';
import { makeRound } from '../../agent/run.ts';
import { readEnrolment } from '../../agent/state.ts';
import { defineCheck, pass } from '../../checks/check.ts';
import { evidence } from '../../checks/evidence.ts';
import { valueIn } from '../../checks/fact.ts';
import { grants } from '../../checks/facts/policy.ts';
import { memoryHost } from '../../checks/host-memory.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';
import { type Policy, policyDigest, signPolicy } from '../../shared/policy.ts';
import { apply, filesAt, grantYaml } from '../server/policy/world.ts';
import { newSigner, policy } from '../shared/policy-parts.ts';
import { startCollector } from '../support/collector.ts';
import { enrolledAgent, type TestAgent } from './agent-at.ts';

const text = { en: 'text', de: 'Text' };
/** Passes where there is a register, and says how long it would let passwords live. */
const registerCheck = defineCheck({
  id: 'access.test-register',
  title: text,
  why: text,
  remedy: text,
  severity: 'high',
  params: z.strictObject({ first: z.string().default('default'), second: z.string().default('default') }),
  needs: { grants },
  appliesTo: () => true,
  evaluate: ({ grants: register }, { first, second }) =>
    pass([
      evidence({
        source: 'policy',
        found: `${valueIn(register).map(({ subject }) => subject)} ${first} ${second}`,
        wanted: text,
      }),
    ]),
  references: [],
  examples: [],
});

/** An agent whose enrolment trusts a policy key of the test's own. */
async function world() {
  const collector = await startCollector();
  const agent = await enrolledAgent(collector);
  const { state } = agent;
  const key = newSigner();
  const file = state.file('enrolment.json');
  const written = JSON.parse(fs.readFileSync(file, 'utf8'));
  written.trust.policyKeys = [Buffer.from(key.publicKey).toString('base64')];
  fs.writeFileSync(file, JSON.stringify(written));
  const enrolment = readEnrolment(state);
  const now = collector.now();
  const at = (hours: number) => new Date(now.getTime() + hours * 3_600_000);
  const valid: Policy = policy({
    host: agent.host,
    number: 5,
    issuedAt: now.toISOString(),
    validUntil: at(24).toISOString(),
  });
  const sign = (change: Partial<Policy> = {}, signer = key) =>
    signPolicy(nodeCrypto, signer, { ...valid, ...change });
  const take = async (change: Partial<Policy> = {}, signer = key) =>
    takePolicy(state, enrolment, await sign(change, signer), now);
  return { collector, agent, state, enrolment, valid, sign, take, now, at };
}

describe('a policy that comes from the collector', () => {
  it('is kept as a file of root alone and known in the next round', async () => {
    const { agent, state, enrolment, valid, take, sign, now } = await world();
    expect((await heldPolicy(state, enrolment, now)).fact).toMatchObject({ state: 'absent' });
    await take();
    const held = await heldPolicy(state, enrolment, now);
    expect(held.fact).toMatchObject({ state: 'known', value: { number: 5, grants: valid.grants } });
    expect(held.digest).toBe(policyDigest(nodeCrypto, await sign()));
    const file = path.join(agent.directory, agent.host, 'policy.json');
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is refused when older, the same again with other words, or for another host; the one held stays', async () => {
    const { state, enrolment, take, now } = await world();
    await take();
    for (const number of [1, 4, 5])
      await expect(take({ number, grants: [] })).rejects.toThrow(/POLICY_REFUSED.*not above 5/);
    await expect(take({ number: 6, host: `h-${'9'.repeat(32)}` })).rejects.toThrow(/another host/);
    await expect(take({ number: 6, validUntil: now.toISOString() })).rejects.toThrow(/valid until/);
    await expect(take({ number: 6 }, newSigner())).rejects.toThrow('BAD_SIGNATURE');
    expect((await heldPolicy(state, enrolment, now)).fact).toMatchObject({ value: { number: 5 } });
    await take({ number: 6, grants: [] });
    expect((await heldPolicy(state, enrolment, now)).fact).toMatchObject({
      value: { number: 6, grants: [] },
    });
  });

  it('is refused when older even after the one held ran out', async () => {
    const { state, enrolment, take, sign, at } = await world();
    await take();
    const older = await sign({ number: 4, validUntil: at(100).toISOString() });
    await expect(takePolicy(state, enrolment, older, at(48))).rejects.toThrow('POLICY_REFUSED');
  });

  it('ends at its instant: grants are unknown then, parameters stay', async () => {
    const { state, enrolment, take, at } = await world();
    await take({ params: { 'access.test-register': { first: 'policy' } } });
    const end = at(24).getTime();
    const last = await heldPolicy(state, enrolment, new Date(end - 1));
    expect(last.fact.state).toBe('known');
    const over = await heldPolicy(state, enrolment, new Date(end));
    expect(over.fact).toMatchObject({
      state: 'unreadable',
      reason: { en: expect.stringContaining('valid until') },
    });
    expect(over.params).toEqual(last.params);
    expect(over.digest).toBe(last.digest);
  });

  it('is not believed when the file was changed, and the round goes on', async () => {
    const { agent, state, enrolment, take, now } = await world();
    await take();
    const file = path.join(agent.directory, agent.host, 'policy.json');
    const whole = JSON.parse(fs.readFileSync(file, 'utf8'));
    const payload = JSON.parse(Buffer.from(whole.payload, 'base64').toString());
    payload.grants[0].accounts = ['mallory'];
    const changed = { ...whole, payload: Buffer.from(JSON.stringify(payload)).toString('base64') };
    for (const content of [JSON.stringify(changed), '{', '', '{"payload":1}']) {
      fs.writeFileSync(file, content);
      const held = await heldPolicy(state, enrolment, now);
      expect([held.fact.state, held.params, held.digest]).toEqual(['unreadable', {}, null]);
    }
  });

  it('wins over the parameters of this machine, name by name', () => {
    const own = { a: { x: 1, y: 1 }, b: { x: 1 } };
    expect(mergeParams(own, { a: { y: 2, z: 2 }, c: { x: 2 } })).toEqual({
      a: { x: 1, y: 2, z: 2 },
      b: { x: 1 },
      c: { x: 2 },
    });
  });
});

describe('fetching', () => {
  async function fetchFor(agent: TestAgent) {
    const { state } = agent;
    const enrolment = readEnrolment(state);
    const collector = connect(enrolment.collector, enrolment.trust, 'en');
    const signer = readKey(state.file(enrolment.keyFile));
    const clock = agent.clock;
    return fetchPolicy({ state, enrolment, collector, signer, clock, language: 'en' }).finally(() =>
      collector.close(),
    );
  }

  async function round(agent: TestAgent) {
    const { state } = agent;
    const held = await heldPolicy(state, readEnrolment(state), agent.clock());
    const tree = { files: { '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n' } };
    const summary = await makeRound({
      state,
      host: { ...memoryHost(tree), policy: held.fact },
      policy: held,
      checks: [registerCheck],
      config: { interval: 3600, params: { 'access.test-register': { first: 'own', second: 'own' } } },
      clock: agent.clock,
      monotonic: () => 0,
    });
    const id = agent.spool.waiting().at(-1) ?? 0;
    const entry = await agent.spool.read(id);
    const document = JSON.parse(agent.spool.document(summary.digest) ?? '');
    return { digest: entry?.statement.predicate.policyDigest, result: document.results[0] };
  }

  it('brings grants and parameters into the next round, whose report names the policy', async () => {
    const collector = await startCollector();
    const agent = await enrolledAgent(collector);
    const before = await round(agent);
    expect(before).toMatchObject({ digest: null, result: { outcome: 'unknown' } });
    expect(await fetchFor(agent)).toBeUndefined();

    const params = [{ scope: { host: 'web1' }, checks: {} }];
    const path = filesAt({ 'p.yaml': { tenant: 'example', params, grants: [grantYaml('anna')] } });
    await apply(collector.db, await collector.tenant('example'), path, collector.now());
    expect(await fetchFor(agent)).toEqual({ number: 1 });
    expect(await fetchFor(agent)).toBeUndefined();

    const after = await round(agent);
    expect(after.result).toMatchObject({ outcome: 'pass', evidence: [{ found: 'anna own own' }] });
    const { envelope_digest } = await collector.db
      .selectFrom('policies')
      .select('envelope_digest')
      .executeTakeFirstOrThrow();
    expect(after.digest).toBe(envelope_digest);

    // Fifteen days without a collector: the policy has run out.
    collector.setTime(15 * 86_400);
    const late = await round(agent);
    expect(late).toMatchObject({ digest: envelope_digest, result: { outcome: 'unknown' } });
    expect(await fetchFor(agent)).toEqual({ number: 2 });
    expect((await round(agent)).result.outcome).toBe('pass');
  });

  it('says why it was refused, and keeps no report from being sent', async () => {
    const collector = await startCollector();
    const agent = await enrolledAgent(collector);
    await agent.round();
    const held = agent.clock;
    Object.assign(agent, { clock: () => new Date(held().getTime() + 400_000) });
    expect(await fetchFor(agent)).toMatchObject({ problem: { code: 'POLICY_REQUEST_INVALID' } });
    expect((await agent.send()).receipts).toHaveLength(1);
  });
});
