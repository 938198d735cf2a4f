/** POST /v1/policy over real HTTPS: who gets what, and who is refused. */
import { describe, expect, it } from 'vitest';
import { fromBase64, fromUtf8 } from '../../../shared/bytes.ts';
import { canonicalJson } from '../../../shared/canonical.ts';
import { nodeCrypto } from '../../../shared/crypto-node.ts';
import { openPolicy, type Policy, policyDigest, signPolicyRequest } from '../../../shared/policy.ts';
import { startCollector, type TestCollector } from '../../support/collector.ts';
import { codeOf, get, newSigner, post, type Reply, type TestHost } from '../../support/host.ts';
import { apply, filesAt, grantYaml } from './world.ts';

const DAY = 86_400;

async function ask(
  collector: TestCollector,
  host: TestHost,
  more: { have?: number; at?: Date; id?: string; signer?: TestHost['signer'] } = {},
): Promise<Reply> {
  const { have = 0, at = collector.now(), id = host.id, signer = host.signer } = more;
  const request = { format: 'nachweis.policy-request/1', host: id, have, at: at.toISOString() } as const;
  const envelope = await signPolicyRequest(nodeCrypto, signer, request);
  return post(collector.endpoint, '/v1/policy', JSON.stringify(envelope));
}

/** The policy in an answer, verified as an agent does. */
async function policyIn(collector: TestCollector, host: TestHost, reply: Reply): Promise<Policy> {
  expect(codeOf(reply)).toBe('status 200');
  const trust = (await get(collector.endpoint, '/v1/trust')).body;
  return openPolicy(nodeCrypto, reply.body.policy, trust.policyKeys.map(fromBase64), host.id);
}

const files = (...subjects: string[]) =>
  filesAt({ 'p.yaml': { tenant: 'example', grants: subjects.map((name) => grantYaml(name)) } });

async function world() {
  const collector = await startCollector();
  const host = await collector.host('web1');
  const tenantId = await collector.tenant('example');
  const applied = (...subjects: string[]) =>
    apply(collector.db, tenantId, files(...subjects), collector.now());
  return { collector, host, applied };
}

describe('POST /v1/policy', () => {
  it('gives nothing while nobody has set anything', async () => {
    const { collector, host } = await world();
    expect((await ask(collector, host)).body).toEqual({ policy: null });
  });

  it('gives a signed policy, logged, with a number that rises when the content changes', async () => {
    const { collector, host, applied } = await world();
    await applied('anna');
    const reply = await ask(collector, host);
    const first = await policyIn(collector, host, reply);
    expect(first).toMatchObject({ number: 1, host: host.id, grants: [{ subject: 'anna' }] });
    expect(Date.parse(first.validUntil) - Date.parse(first.issuedAt)).toBe(14 * DAY * 1000);
    // Asked again without having got it: the very same bytes; with it: nothing.
    expect((await ask(collector, host)).text).toBe(reply.text);
    expect((await ask(collector, host, { have: 1 })).body).toEqual({ policy: null });
    await applied('anna', 'bert');
    expect((await policyIn(collector, host, await ask(collector, host, { have: 1 }))).number).toBe(2);
    const leaves = await collector.db
      .selectFrom('policies')
      .innerJoin('log_leaves', 'log_leaves.log_index', 'policies.log_index')
      .select(['type', 'content_ref', 'envelope', 'envelope_digest'])
      .orderBy('number')
      .execute();
    expect(leaves.map(({ type, content_ref: ref }) => [type, ref])).toEqual([
      ['policy', `policy:${host.id}:1`],
      ['policy', `policy:${host.id}:2`],
    ]);
    expect(leaves[0]?.envelope).toBe(canonicalJson(reply.body.policy));
    expect(leaves[0]?.envelope_digest).toBe(policyDigest(nodeCrypto, reply.body.policy));
  });

  it('makes a new one while half of its time is left', async () => {
    const { collector, host, applied } = await world();
    await applied('anna');
    await ask(collector, host);
    collector.setTime(7 * DAY - 1);
    expect((await ask(collector, host, { have: 1 })).body.policy).toBeNull();
    collector.setTime(1);
    const second = await policyIn(collector, host, await ask(collector, host, { have: 1 }));
    expect([second.number, second.issuedAt]).toEqual([2, collector.now().toISOString()]);
  });

  it('goes on behind the number that the host has, as after a restored backup', async () => {
    const { collector, host, applied } = await world();
    await applied('anna');
    expect((await policyIn(collector, host, await ask(collector, host, { have: 41 }))).number).toBe(42);
  });

  it('gives a host nothing of another tenant', async () => {
    const { collector, host, applied } = await world();
    await applied('anna');
    const other = await collector.host('web1', 'other');
    expect((await ask(collector, other)).body).toEqual({ policy: null });
    const path = filesAt({ 'p.yaml': { tenant: 'other', grants: [grantYaml('carl')] } });
    await apply(collector.db, await collector.tenant('other'), path, collector.now());
    const { grants } = await policyIn(collector, other, await ask(collector, other));
    expect(grants?.map(({ subject }) => subject)).toEqual(['carl']);
    expect(await policyIn(collector, host, await ask(collector, host))).toMatchObject({
      grants: [{ subject: 'anna' }],
    });
  });

  it('refuses a key that nobody has, another host, a request from another time, and a retired host', async () => {
    const { collector, host, applied } = await world();
    await applied('anna');
    const other = await collector.host('web2');
    expect(codeOf(await ask(collector, host, { signer: newSigner() }))).toBe('BAD_SIGNATURE');
    expect(codeOf(await ask(collector, host, { id: other.id }))).toBe('TENANT_MISMATCH');
    const at = (seconds: number) => new Date(collector.now().getTime() + seconds * 1000);
    expect(codeOf(await ask(collector, host, { at: at(-301) }))).toBe('POLICY_REQUEST_INVALID');
    expect(codeOf(await ask(collector, host, { at: at(301) }))).toBe('POLICY_REQUEST_INVALID');
    expect(codeOf(await ask(collector, host, { at: at(-299) }))).toBe('status 200');
    await collector.db
      .updateTable('hosts')
      .set({ retired_at: at(0).toISOString() })
      .execute();
    expect(codeOf(await ask(collector, host))).toBe('HOST_RETIRED');
  });

  it('takes no report for a request, nor one whose signature is of another', async () => {
    const { collector, host } = await world();
    const { submission } = await host.build({ at: collector.now() });
    expect(codeOf(await post(collector.endpoint, '/v1/policy', JSON.stringify(submission.envelope)))).toBe(
      'BODY_INVALID',
    );
    const request = { format: 'nachweis.policy-request/1', host: host.id, have: 0 } as const;
    const [a, b] = await Promise.all(
      [0, 1].map((second) =>
        signPolicyRequest(nodeCrypto, host.signer, {
          ...request,
          at: new Date(collector.now().getTime() + second * 1000).toISOString(),
        }),
      ),
    );
    expect(fromUtf8(fromBase64(a?.payload ?? ''))).toContain(host.id);
    const mixed = JSON.stringify({ ...a, signatures: b?.signatures });
    expect(codeOf(await post(collector.endpoint, '/v1/policy', mixed))).toBe('BAD_SIGNATURE');
  });

  it('makes one policy for two who ask at once', async () => {
    const { collector, host, applied } = await world();
    await applied('anna');
    const replies = await Promise.all([1, 2, 3, 4].map(() => ask(collector, host)));
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(await collector.db.selectFrom('policies').select('number').execute()).toEqual([{ number: 1 }]);
  });
});
