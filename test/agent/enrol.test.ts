/** Enrolment over real HTTPS: whom it believes, what it sends, and what is left when it goes wrong. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { formatEnrolmentString } from '../../shared/enrolment.ts';
import { startCollector } from '../support/collector.ts';
import { enrolledAgent, stringFor, TestAgent, tokenFor } from './agent-at.ts';
import { oddCollector } from './odd-collector.ts';

const token = 'A'.repeat(32);
const now = () => new Date('2026-06-01T08:00:00.000Z');
const names = (agent: TestAgent): string[] => fs.readdirSync(agent.directory).sort();

it('makes this machine a host of the tenant that the token belongs to', async () => {
  const collector = await startCollector();
  const agent = new TestAgent(collector.now);
  const enrolment = await agent.enrol(` ${stringFor(collector, await tokenFor(collector))}\n`);
  expect(enrolment).toMatchObject({ collector: collector.endpoint.url, tenant: 'example', name: 'web1' });
  expect(names(agent)).toEqual(['enrolment.json', 'format.json', enrolment.keyFile]);
  // The token is of no use any more, and kept nowhere.
  expect(fs.readFileSync(path.join(agent.directory, 'enrolment.json'), 'utf8')).not.toContain('token');
});

it('sends nothing to a collector whose keys are not those of the string', async () => {
  const odd = await oddCollector((_path, _body, trust) => ({ status: 200, body: trust }));
  const agent = new TestAgent(now);
  const string = formatEnrolmentString({ addresses: [odd.origin], token, fingerprint: '0'.repeat(64) });
  await expect(agent.enrol(string)).rejects.toThrow(/FINGERPRINT_MISMATCH/);
  expect(odd.requests).toEqual([{ method: 'GET', path: '/v1/trust', body: '' }]);
  expect(names(agent)).toEqual(['format.json']);
});

it('sends nothing to somebody in between who shows the right keys with another certificate', async () => {
  const real = await oddCollector(() => ({ status: 500 }));
  // Passes on the real bundle, which is public, but can't have a certificate of that authority.
  const between = await oddCollector(() => ({ status: 200, body: real.trust }));
  const agent = new TestAgent(now);
  const string = formatEnrolmentString({ addresses: [between.origin], token, fingerprint: real.fingerprint });
  await expect(agent.enrol(string)).rejects.toThrow(/COLLECTOR_UNTRUSTED/);
  expect(between.requests.map((request) => request.path)).toEqual(['/v1/trust']);
});

it.each([
  ['nobody listens', 'https://127.0.0.1:1', /COLLECTOR_UNREACHABLE.*ECONNREFUSED/],
  ['the name does not exist', 'https://collector.invalid', /COLLECTOR_NAME_UNKNOWN/],
])('says so when %s', async (_what, origin, said) => {
  const string = formatEnrolmentString({ addresses: [origin], token, fingerprint: '0'.repeat(64) });
  await expect(new TestAgent(now).enrol(string)).rejects.toThrow(said);
});

it('refuses what is no collector, and what is no string', async () => {
  const odd = await oddCollector(() => ({ status: 200, body: '<html>' }));
  const string = formatEnrolmentString({ addresses: [odd.origin], token, fingerprint: odd.fingerprint });
  await expect(new TestAgent(now).enrol(string)).rejects.toThrow(/COLLECTOR_ANSWER_INVALID/);
  await expect(new TestAgent(now).enrol('http://x/#y.z')).rejects.toThrow(/ENROLMENT_STRING_INVALID/);
});

it('goes on with the same key when the reply got lost, so that the token still counts', async () => {
  const collector = await startCollector();
  const agent = new TestAgent(collector.now);
  const string = stringFor(collector, await tokenFor(collector));
  const { host } = await agent.enrol(string);
  // As it was before the reply came: the key and the note of it, no enrolment.
  const { keyFile } = JSON.parse(fs.readFileSync(path.join(agent.directory, 'enrolment.json'), 'utf8'));
  const { createHash } = await import('node:crypto');
  const tokenHash = createHash('sha256')
    .update(string.split('#')[1]?.split('.')[0] ?? '')
    .digest('hex');
  fs.writeFileSync(path.join(agent.directory, 'enrolling.json'), JSON.stringify({ tokenHash, keyFile }));
  fs.rmSync(path.join(agent.directory, 'enrolment.json'));
  expect((await agent.enrol(string)).host).toBe(host);
});

it('is done once, and again only when that is wanted, with a new key', async () => {
  const collector = await startCollector();
  const agent = await enrolledAgent(collector);
  await agent.round();
  await agent.send();
  const before = JSON.parse(fs.readFileSync(path.join(agent.directory, 'enrolment.json'), 'utf8'));
  const string = stringFor(collector, await tokenFor(collector));
  await expect(agent.enrol(string)).rejects.toThrow(/ALREADY_ENROLLED/);
  const after = await agent.enrol(string, true);
  expect([after.host, after.keyFile]).not.toEqual([before.host, before.keyFile]);
  expect(fs.existsSync(path.join(agent.directory, before.keyFile))).toBe(false);
  // A new chain of its own; what the old one sent stays readable.
  await agent.round();
  expect(await agent.send()).toMatchObject({ receipts: [{ sequence: 1, host: after.host }] });
  expect(names(agent)).toContain(before.host);
});

it('keeps a refusal of the collector as it was said', async () => {
  const collector = await startCollector();
  const agent = new TestAgent(collector.now);
  await expect(agent.enrol(stringFor(collector, token))).rejects.toThrow(/TOKEN_REFUSED/);
  expect(() => agent.host).toThrow(/NOT_ENROLLED/);
});
