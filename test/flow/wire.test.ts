/** What an hour in which nothing changed costs on the wire, for a host with a policy. */
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { connect } from '../../agent/collector.ts';
import { fetchPolicy } from '../../agent/fetch-policy.ts';
import { readKey } from '../../agent/key.ts';
import { sendWaiting } from '../../agent/send.ts';
import { readEnrolment } from '../../agent/state.ts';
import { enrolledAgent } from '../agent/agent-at.ts';
import { apply, filesAt, grantYaml } from '../server/policy/world.ts';
import { startCollector } from '../support/collector.ts';
import { countingRelay, wireLimits } from '../support/counting-relay.ts';

it('an unchanged report and its receipt are all that travels', async () => {
  const collector = await startCollector();
  const agent = await enrolledAgent(collector);
  const relay = await countingRelay(collector.endpoint.url, join(collector.directory, 'keys'));
  onTestFinished(() => relay.close());
  const sending = async () => {
    await agent.round();
    const { state } = agent;
    const enrolment = readEnrolment(state);
    const to = connect(relay.url, enrolment.trust, 'en');
    const signer = readKey(state.file(enrolment.keyFile));
    const about = { state, collector: to, signer, clock: collector.now, language: 'en' } as const;
    const sent = await sendWaiting({ ...about, spool: agent.spool, random: () => 1, now: true });
    const policy = await fetchPolicy({ ...about, enrolment, wanted: sent.policyNumber });
    await to.close();
    expect(sent.waiting).toBe(0);
    return { policy, ...relay.taken() };
  };
  await sending();
  const tenantId = await collector.tenant('example');
  await apply(
    collector.db,
    tenantId,
    filesAt({ 'p.yaml': { tenant: 'example', grants: [grantYaml('anna')] } }),
    collector.now(),
  );
  // Told by the receipt that there is something new, it asks; told that there is not, it does not.
  expect((await sending()).policy).toEqual({ number: 1 });
  collector.setTime(3600);
  const { policy, sent, received } = await sending();
  expect(policy).toBeUndefined();
  expect(received.toString()).toContain('nachweis-policy: 1');
  expect(sent.toString().match(/^(?:POST|GET) .*/gm)).toEqual(['POST /v1/reports HTTP/1.1']);
  expect(sent.length).toBeLessThan(wireLimits.sent);
  expect(received.length).toBeLessThan(wireLimits.received);
  expect(received.toString()).not.toMatch(/content-security|x-frame|ratelimit/i);
  // A week on it is renewed before it runs out.
  collector.setTime(8 * 86_400);
  expect((await sending()).policy).toEqual({ number: 2 });
});
