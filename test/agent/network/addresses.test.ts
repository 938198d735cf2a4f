/** Several addresses of one collector, IPv6, and names with both kinds of address: real collectors, real agents. */
import fs from 'node:fs';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../agent/collector.ts';
import { readConfigForm } from '../../../agent/config.ts';
import { openLink } from '../../../agent/link.ts';
import { readEnrolment } from '../../../agent/state.ts';
import { formatEnrolmentString, parseEnrolmentString } from '../../../shared/enrolment.ts';
import { startCollector } from '../../support/collector.ts';
import { temporaryDirectory } from '../../support/database.ts';
import { canUnshare } from '../../support/mount-namespace.ts';
import { runProgram } from '../../support/program-run.ts';
import { stringFor, TestAgent, tokenFor } from '../agent-at.ts';
import { oddCollector } from '../odd-collector.ts';
import { answering, identity } from './loopback.ts';

const DOWN = 'https://127.0.0.1:1';
const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

it('reads and writes strings with several addresses, and nothing odd between them', () => {
  const rest = `#${'A'.repeat(32)}.${'0'.repeat(64)}`;
  const both = parseEnrolmentString(`https://a.example.org:8443,https://[2001:db8::1]:8443/${rest}`);
  expect(both.addresses).toEqual(['https://a.example.org:8443', 'https://[2001:db8::1]:8443']);
  expect(parseEnrolmentString(formatEnrolmentString(both))).toEqual(both);
  for (const bad of [
    'https://a/,http://b/',
    'https://a,,https://b/',
    ',https://a/',
    'https://a,b/',
    'https://a/x',
  ])
    expect(() => parseEnrolmentString(`${bad}${rest}`), bad).toThrow(/ENROLMENT_STRING_INVALID/);
  const many = Array.from({ length: 6 }, (_, n) => `https://c${n}.example.org`).join(',');
  expect(() => parseEnrolmentString(`${many}/${rest}`)).toThrow(/ENROLMENT_STRING_INVALID/);
});

describe('two addresses', () => {
  it('are tried in order; the one that answered is remembered', async () => {
    const collector = await startCollector();
    const agent = new TestAgent(collector.now);
    const single = parseEnrolmentString(stringFor(collector, await tokenFor(collector)));
    await agent.enrol(formatEnrolmentString({ ...single, addresses: [DOWN, collector.endpoint.url] }));
    const enrolment = readEnrolment(agent.state);
    expect(enrolment).toMatchObject({ collector: DOWN, addresses: [DOWN, collector.endpoint.url] });
    const config = await readConfigForm(path.join(agent.directory, 'no-such-file'));
    const open = () => openLink({ state: agent.state, enrolment, config, environment: {}, language: 'en' });
    const link = open();
    expect(link.origin).toBe(DOWN);
    await expect(link.send({} as never)).rejects.toThrow(/BODY_INVALID/);
    await link.close();
    expect(open().origin).toBe(collector.endpoint.url);
    // agent.yaml wins over what was enrolled with, and an address that it does not list is forgotten.
    const other = openLink({
      ...{ state: agent.state, enrolment, environment: {}, language: 'en' },
      config: { ...config, addresses: ['https://collector.example.org'] },
    });
    expect(other.origin).toBe('https://collector.example.org');
  });

  it('are never two identities', async () => {
    const collector = await identity();
    const good = await answering(await collector.tls(['127.0.0.1']));
    const other = await identity();
    const foreign = await answering(await other.tls(['127.0.0.1']));
    const [there, elsewhere] = [`https://127.0.0.1:${good.port}`, `https://127.0.0.1:${foreign.port}`];
    const moved: string[] = [];
    const onMoved = (address: string) => void moved.push(address);
    const link = connect([elsewhere, there], collector.trust, 'en', { onMoved });
    await expect(link.send({} as never)).rejects.toThrow(/NOT_FOUND/);
    await link.close();
    expect([moved, foreign.paths]).toEqual([[there], []]);
    const lost = connect([elsewhere, DOWN], collector.trust, 'en');
    // The first is told: somebody else is worse than nobody.
    await expect(lost.send({} as never)).rejects.toThrow(/COLLECTOR_UNTRUSTED/);
    await lost.close();
  });

  it('of which one shows other keys do not stop an enrolment at the other, which sends it nothing', async () => {
    const collector = await startCollector();
    const odd = await oddCollector((_path, _body, trust) => ({ status: 200, body: trust }));
    const single = parseEnrolmentString(stringFor(collector, await tokenFor(collector)));
    const agent = new TestAgent(collector.now);
    await agent.enrol(formatEnrolmentString({ ...single, addresses: [odd.origin, collector.endpoint.url] }));
    expect(odd.requests.map((request) => request.path)).toEqual(['/v1/trust']);
    const both = formatEnrolmentString({ ...single, addresses: [DOWN, odd.origin] });
    await expect(new TestAgent(collector.now).enrol(both)).rejects.toThrow(/FINGERPRINT_MISMATCH/);
  });
});

describe.skipIf(!hasIPv6)('IPv6 [needs ::1]', () => {
  it('is spoken to a literal address', async () => {
    const collector = await startCollector({ config: { agents: { address: '::1', port: 0 } } });
    const url = collector.endpoint.url.replace('127.0.0.1', '[::1]');
    const agent = new TestAgent(collector.now);
    const single = parseEnrolmentString(stringFor(collector, await tokenFor(collector)));
    await agent.enrol(formatEnrolmentString({ ...single, addresses: [url] }));
    await agent.round();
    expect((await agent.send()).waiting).toBe(0);
  });

  it.skipIf(!canUnshare()).each([
    ['127.0.0.1', '::1'],
    ['::1', '127.0.0.1'],
  ])('a name with both kinds of address works when only %s answers', async (listens) => {
    const agents = { address: listens, port: 0, names: ['both.example.org'] };
    const collector = await startCollector({ config: { agents }, now: new Date() });
    const { port } = new URL(collector.endpoint.url);
    const directory = temporaryDirectory();
    fs.writeFileSync(path.join(directory, 'hosts'), '::1 both.example.org\n127.0.0.1 both.example.org\n');
    const single = parseEnrolmentString(stringFor(collector, await tokenFor(collector)));
    const string = formatEnrolmentString({ ...single, addresses: [`https://both.example.org:${port}`] });
    const main = path.join(import.meta.dirname, '../../../agent/main.ts');
    const enrol = `exec '${process.execPath}' '${main}' enrol --lang en --state '${directory}/state'`;
    const script = `mount --bind '${directory}/hosts' /etc/hosts && ${enrol}`;
    const { status, stderr } = await runProgram(['/usr/bin/unshare', '-m', '/bin/sh', '-c', script], {
      input: string,
    });
    expect([status, stderr]).toEqual([0, '']);
  });
});
