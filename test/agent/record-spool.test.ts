/** Records on their way: on disk before they are sent, in order, nothing lost, nothing in the way. Real collector. */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { connect } from '../../agent/collector.ts';
import { readKey } from '../../agent/key.ts';
import { RecordSpool } from '../../agent/record-spool.ts';
import { sendRecords } from '../../agent/send-records.ts';
import { readEnrolment } from '../../agent/state.ts';
import { nodeCrypto } from '../../shared/crypto-node.ts';
import { drillStatement } from '../../shared/drill-statement.ts';
import { signEnvelope } from '../../shared/envelope.ts';
import { startCollector } from '../support/collector.ts';
import { drillAt } from '../support/drill.ts';
import { enrolledAgent, type TestAgent } from './agent-at.ts';

const spoolOf = (agent: TestAgent) => new RecordSpool(agent.state, agent.host);
const directoryOf = (agent: TestAgent, name: string) => `${agent.directory}/${agent.host}/${name}`;

async function signed(agent: TestAgent, at: Date, host = agent.host) {
  const { keyFile } = readEnrolment(agent.state);
  const statement = drillStatement(nodeCrypto, { host, agentVersion: '0.1.0', drill: drillAt(at) });
  return signEnvelope(nodeCrypto, readKey(agent.state.file(keyFile)), statement);
}

async function send(agent: TestAgent, origin?: string) {
  const { collector: home, trust } = readEnrolment(agent.state);
  const line = connect(origin ?? home, trust, 'en');
  try {
    return await sendRecords(spoolOf(agent), line, 'en');
  } finally {
    await line.close();
  }
}

describe('records', () => {
  it('wait on disk, go in order, and leave their receipts', async () => {
    const collector = await startCollector();
    const agent = await enrolledAgent(collector);
    expect(await send(agent)).toBeUndefined();
    const digests: string[] = [];
    for (const days of [3, 2, 1])
      digests.push(
        (
          await spoolOf(agent).append(
            await signed(agent, new Date(collector.now().getTime() - days * 86_400_000)),
          )
        ).digest,
      );
    expect(fs.statSync(`${directoryOf(agent, 'records')}/0000000001.json`).mode & 0o777).toBe(0o600);
    const sent = await send(agent);
    expect(sent).toMatchObject({ setAside: [], waiting: 0, problem: null });
    expect(sent?.receipts.map(({ envelopeDigest }) => envelopeDigest)).toEqual(digests);
    expect(fs.readdirSync(directoryOf(agent, 'records'))).toEqual([]);
    expect(fs.readdirSync(directoryOf(agent, 'record-receipts'))).toHaveLength(3);
    // A number is not given twice.
    expect((await spoolOf(agent).append(await signed(agent, collector.now()))).id).toBe(4);
  });

  it('stay where the collector can not be reached, and get the same place when the answer was lost', async () => {
    const collector = await startCollector();
    const agent = await enrolledAgent(collector);
    const envelope = await signed(agent, collector.now());
    await spoolOf(agent).append(envelope);
    expect(await send(agent, 'https://127.0.0.1:1')).toMatchObject({
      waiting: 1,
      receipts: [],
      problem: { code: expect.any(String) },
    });
    const first = await send(agent);
    // As after a crash between the receipt and the removal.
    await spoolOf(agent).append(envelope);
    const again = await send(agent);
    expect(again?.receipts[0]).toEqual(first?.receipts[0]);
    expect(await collector.db.selectFrom('drills').selectAll().execute()).toHaveLength(1);
  });

  it('that are refused for good are set aside, and those behind them go', async () => {
    const collector = await startCollector();
    const agent = await enrolledAgent(collector);
    const other = await collector.host('web2');
    await spoolOf(agent).append(await signed(agent, collector.now(), other.id));
    await spoolOf(agent).append(await signed(agent, collector.now()));
    fs.writeFileSync(`${directoryOf(agent, 'records')}/0000000003.json`, '{"half', { mode: 0o600 });
    await spoolOf(agent).append(await signed(agent, new Date(collector.now().getTime() - 1000)));
    expect(await send(agent)).toMatchObject({
      setAside: [{ id: 1, code: 'TENANT_MISMATCH' }],
      waiting: 0,
      receipts: [{ host: agent.host }, { host: agent.host }],
    });
    expect(fs.readdirSync(directoryOf(agent, 'refused')).sort()).toEqual([
      'record-0000000001-TENANT_MISMATCH.json',
      'record-0000000003-DAMAGED.json',
    ]);
  });

  it('of a host in quarantine wait until that is over', async () => {
    const collector = await startCollector();
    const agent = await enrolledAgent(collector);
    await spoolOf(agent).append(await signed(agent, collector.now()));
    await collector.db.updateTable('hosts').set({ quarantined_at: collector.now().toISOString() }).execute();
    expect(await send(agent)).toMatchObject({ waiting: 1, problem: { code: 'HOST_QUARANTINED' } });
    await collector.db.updateTable('hosts').set({ quarantined_at: null }).execute();
    expect(await send(agent)).toMatchObject({ waiting: 0, problem: null });
  });
});
