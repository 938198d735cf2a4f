/** Enrolment over HTTPS: tokens, proof of possession, places in the contract. */

import { expect, it } from 'vitest';
import { endContract, setContract } from '../../server/enrol/contract-places.ts';
import { createToken } from '../../server/enrol/token.ts';
import { toHex, utf8 } from '../../shared/bytes.ts';
import { canonicalJson } from '../../shared/canonical.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';
import { enrolReplySchema, trustBundleSchema } from '../../shared/enrolment.ts';
import { commitment, leafHash } from '../../shared/merkle.ts';
import { startCollector, type TestCollector } from '../support/collector.ts';
import { contractBy } from '../support/contract.ts';
import { codeOf, get, newSigner, post, TestHost } from '../support/host.ts';
import { retire } from '../support/retire.ts';

const token = async (
  collector: TestCollector,
  more: { uses?: number; hours?: number; tenant?: string } = {},
) =>
  createToken(
    collector.db,
    {
      tenantId: await collector.tenant(more.tenant ?? 'example'),
      uses: more.uses ?? 1,
      hours: more.hours ?? 24,
    },
    collector.now(),
  );

const terms = { site: 'provider', backup: true, patch: false, since: '2026-01-01T00:00:00.000Z' } as const;
const places = ({ db }: TestCollector) =>
  db.selectFrom('contract_hosts').select(['tenant_id', 'name', 'host_id']).orderBy('tenant_id').execute();

it('the trust bundle is the one that the fingerprint names', async () => {
  const { endpoint, fingerprint } = await startCollector();
  const bundle = trustBundleSchema.parse((await get(endpoint, '/v1/trust')).body);
  expect(toHex(nodeCrypto.sha256(utf8(canonicalJson(bundle))))).toBe(fingerprint);
});

it('a host enrols under the tenant of its token, by its name in small letters', async () => {
  const collector = await startCollector();
  const host = new TestHost('Web-1.Example.ORG.');
  const reply = await host.enrol(collector.endpoint, await token(collector), collector.now());
  expect(reply.status, reply.text).toBe(201);
  expect(enrolReplySchema.parse(reply.body)).toMatchObject({
    tenant: 'example',
    name: 'web-1.example.org',
    enrolledAt: collector.now().toISOString(),
  });
  // Enrolled is not contracted.
  expect(await places(collector)).toEqual([]);
  expect(JSON.stringify(collector.logLines)).not.toContain((await host.enrolBody('x', new Date())).signature);
});

it('a token is good for so many hosts, for so long, and is nowhere to be read', async () => {
  const collector = await startCollector();
  const secret = await token(collector, { uses: 2, hours: 1 });
  const enrol = (name: string) => new TestHost(name).enrol(collector.endpoint, secret, collector.now());
  const replies = await Promise.all(['a', 'b', 'c', 'd'].map(enrol));
  expect(replies.map(({ status }) => status).sort()).toEqual([201, 201, 403, 403]);
  expect(replies.map(codeOf).filter((code) => code === 'TOKEN_REFUSED')).toHaveLength(2);
  const short = await token(collector, { hours: 1 });
  collector.setTime(3600);
  expect(codeOf(await new TestHost('late').enrol(collector.endpoint, short, collector.now()))).toBe(
    'TOKEN_REFUSED',
  );
  const dump = JSON.stringify([
    await collector.db.selectFrom('enrolment_tokens').selectAll().execute(),
    await collector.db.selectFrom('hosts').selectAll().execute(),
    collector.logLines,
  ]);
  expect(dump).not.toContain(secret);
  expect(dump).not.toContain(short);
});

it('refuses a key that was not proven, a clock ahead, and what is no name, and uses no token up', async () => {
  const collector = await startCollector();
  const secret = await token(collector);
  const host = new TestHost('web-1');
  const body = await host.enrolBody(secret, collector.now());
  const stolen = await new TestHost('web-1', newSigner()).enrolBody(secret, collector.now());
  const send = (value: unknown) => post(collector.endpoint, '/v1/enrol', JSON.stringify(value));
  expect(codeOf(await send({ ...body, signature: stolen.signature }))).toBe('BAD_SIGNATURE');
  expect(codeOf(await send({ ...body, request: { ...body.request, hostname: 'other' } }))).toBe(
    'BAD_SIGNATURE',
  );
  const ahead = new Date(collector.now().getTime() + 301_000);
  expect(codeOf(await send(await host.enrolBody(secret, ahead)))).toBe('CLOCK_AHEAD');
  for (const hostname of ['', '-', '../etc', 'a b', 'a\n', '<b>', 'x'.repeat(254)]) {
    const named = await host.enrolBody(secret, collector.now(), { hostname });
    expect(codeOf(await send(named)), hostname).toBe('BODY_INVALID');
  }
  expect(await collector.db.selectFrom('hosts').selectAll().execute()).toEqual([]);
  expect(await collector.db.selectFrom('enrolment_tokens').select('uses').execute()).toEqual([{ uses: 0 }]);
  expect((await send(body)).status).toBe(201);
});

it('asked again after its reply got lost, a host gets the same answer; a clone with another token does not', async () => {
  const collector = await startCollector();
  const host = new TestHost('web-1');
  const secret = await token(collector);
  const first = await host.enrol(collector.endpoint, secret, collector.now());
  expect((await host.enrol(collector.endpoint, secret, collector.now())).body).toEqual(first.body);
  const clone = await host.enrol(collector.endpoint, await token(collector), collector.now());
  expect(codeOf(clone)).toBe('ENROLMENT_CONFLICT');
  expect(await collector.db.selectFrom('hosts').selectAll().execute()).toHaveLength(1);
});

const by = contractBy(new Date('2026-06-01T08:00:00.000Z'));

it('a host takes its place in the contract of its own tenant only', async () => {
  const collector = await startCollector();
  const [mine, other] = [await collector.tenant('example'), await collector.tenant('other')];
  await setContract(collector.db, { tenantId: mine, name: 'web-1', ...terms }, by);
  await setContract(collector.db, { tenantId: other, name: 'web-1', ...terms }, by);
  const host = await collector.host('WEB-1', 'other');
  expect(await places(collector)).toEqual([
    { tenant_id: mine, name: 'web-1', host_id: null },
    { tenant_id: other, name: 'web-1', host_id: host.id },
  ]);
});

it('a contract made afterwards finds its host, and is changed in place', async () => {
  const collector = await startCollector();
  const tenantId = await collector.tenant('example');
  const host = await collector.host('web-1');
  expect(await setContract(collector.db, { tenantId, name: 'web-1', ...terms }, by)).toBe('added');
  expect(await setContract(collector.db, { tenantId, name: 'web-1', ...terms, patch: true }, by)).toBe(
    'changed',
  );
  expect(await collector.db.selectFrom('contract_hosts').select(['host_id', 'patch']).execute()).toEqual([
    { host_id: host.id, patch: 1 },
  ]);
  await endContract(collector.db, { tenantId, name: 'web-1', until: '2026-07-01T00:00:00.000Z' }, by);
  expect(await setContract(collector.db, { tenantId, name: 'web-1', ...terms }, by)).toBe('added');
});

it('a token does not push a living host out of its place; retiring it hands the place on', async () => {
  const collector = await startCollector();
  const tenantId = await collector.tenant('example');
  await setContract(collector.db, { tenantId, name: 'web-1', ...terms }, by);
  const first = await collector.host('web-1');
  const second = await collector.host('web-1');
  expect((await places(collector))[0]?.host_id).toBe(first.id);
  await retire(collector, first.id);
  expect((await places(collector))[0]?.host_id).toBe(second.id);
  expect(codeOf(await first.report(collector.endpoint, { at: collector.now() }))).toBe('HOST_RETIRED');
  await retire(collector, second.id);
  expect((await places(collector))[0]?.host_id).toBeNull();
  // Who did it, and when, is a leaf of the log; it was done once.
  await expect(retire(collector, second.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const endings = await collector.db.selectFrom('host_endings').selectAll().orderBy('log_index').execute();
  expect(endings.map(({ state, subject_id, author }) => [state, subject_id, author])).toEqual([
    ['retired', first.id, 'c.beispiel'],
    ['retired', second.id, 'c.beispiel'],
  ]);
  const leaves = await collector.db
    .selectFrom('log_leaves')
    .selectAll()
    .where('type', '=', 'ending')
    .execute();
  expect(leaves.map(({ log_index }) => log_index)).toEqual(endings.map(({ log_index }) => log_index));
  const [leaf] = leaves;
  const random = Uint8Array.from(Buffer.from(leaf?.random ?? '', 'hex'));
  const hash = leafHash(
    nodeCrypto,
    commitment(nodeCrypto, random, 'ending', utf8(endings[0]?.content ?? '')),
  );
  expect(leaf?.leaf).toBe(Buffer.from(hash).toString('hex'));
});

it('is slowed down for who tries too often', async () => {
  const collector = await startCollector();
  const codes = new Set<string>();
  for (let n = 0; n < 35; n++) codes.add(codeOf(await post(collector.endpoint, '/v1/enrol', '{}')));
  expect([...codes]).toEqual(['BODY_INVALID', 'TOO_MANY_REQUESTS']);
  const reply = await post(collector.endpoint, '/v1/enrol', '{}');
  expect(reply.status).toBe(429);
  expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
  // Reports are not held up by it.
  expect(codeOf(await post(collector.endpoint, '/v1/reports', '{}'))).toBe('BODY_INVALID');
});
