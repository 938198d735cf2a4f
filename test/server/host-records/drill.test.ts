/** POST /v1/records over real HTTPS: what a host says of its restore drills, and who is refused. */
import { describe, expect, it } from 'vitest';
import { fromHex, toHex, utf8 } from '../../../shared/bytes.ts';
import { canonicalJson } from '../../../shared/canonical.ts';
import { nodeCrypto } from '../../../shared/crypto-node.ts';
import { drillStatement, recordReceiptSchema } from '../../../shared/drill-statement.ts';
import { envelopeDigest } from '../../../shared/envelope.ts';
import { commitment, leafHash } from '../../../shared/merkle.ts';
import { recordSchema } from '../../../shared/record.ts';
import { startCollector, type TestCollector } from '../../support/collector.ts';
import { drillAt, drillSubmission, unequal } from '../../support/drill.ts';
import { codeOf, envelopeOf, newSigner, post, TestHost } from '../../support/host.ts';

const send = (collector: TestCollector, body: unknown) =>
  post(collector.endpoint, '/v1/records', JSON.stringify(body));
const nothingStored = async ({ db }: TestCollector) =>
  expect([
    await db.selectFrom('drills').selectAll().execute(),
    await db.selectFrom('records').selectAll().execute(),
    await db.selectFrom('log_leaves').selectAll().execute(),
  ]).toEqual([[], [], []]);

describe('a restore drill', () => {
  it('is stored as it was signed, with a record of its tenant and one leaf that names those bytes', async () => {
    const collector = await startCollector();
    const { db } = collector;
    const host = await collector.host('web-1.example.org');
    const drill = drillAt(collector.now());
    const body = await drillSubmission(host, drill);
    collector.setTime(60);
    const reply = await send(collector, body);
    expect(codeOf(reply)).toBe('status 200');
    const receipt = recordReceiptSchema.parse(reply.body);
    const digest = envelopeDigest(nodeCrypto, body.envelope);
    expect(receipt).toMatchObject({
      host: host.id,
      envelopeDigest: digest,
      receivedAt: collector.now().toISOString(),
    });
    const row = await db.selectFrom('drills').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({
      host_id: host.id,
      record_id: receipt.record,
      outcome: 'equal',
      tool: 'restic',
      job: 'etc',
    });
    expect(row.envelope).toBe(canonicalJson(body.envelope));
    expect(JSON.parse(row.drill)).toEqual(drill);
    const stored = await db.selectFrom('records').selectAll().executeTakeFirstOrThrow();
    const record = recordSchema.parse(JSON.parse(stored.content));
    expect(record).toMatchObject({
      type: 'drill',
      subject: 'restore',
      scope: { host: 'web-1.example.org' },
      from: drill.at,
      attachments: [{ sha256: digest }],
    });
    expect(Date.parse(record.until ?? '') - Date.parse(record.from)).toBe(90 * 86_400_000);
    const leaf = await db.selectFrom('log_leaves').selectAll().executeTakeFirstOrThrow();
    const random = fromHex(leaf.random ?? '');
    expect([leaf.log_index, leaf.leaf]).toEqual([receipt.log.index, receipt.log.leaf]);
    expect(leaf.leaf).toBe(
      toHex(leafHash(nodeCrypto, commitment(nodeCrypto, random, 'record', utf8(stored.content)))),
    );
  });

  it('sent twice, or at once, has one place in the log, also after the host was retired', async () => {
    const collector = await startCollector();
    const host = await collector.host('web-1');
    const body = await drillSubmission(host, drillAt(collector.now()));
    const first = await send(collector, body);
    collector.setTime(3600);
    const again = await Promise.all([1, 2].map(() => send(collector, body)));
    await collector.db.updateTable('hosts').set({ retired_at: collector.now().toISOString() }).execute();
    for (const reply of [...again, await send(collector, body)]) expect(reply.body).toEqual(first.body);
    expect(await collector.db.selectFrom('log_leaves').selectAll().execute()).toHaveLength(1);
  });

  it('may have waited for weeks, and one that ended badly is kept as well, under another subject', async () => {
    const collector = await startCollector();
    const host = await collector.host('web-1');
    const old = new Date(collector.now().getTime() - 60 * 86_400_000);
    expect(codeOf(await send(collector, await drillSubmission(host, drillAt(old))))).toBe('status 200');
    const bad = drillAt(collector.now(), unequal);
    expect(codeOf(await send(collector, await drillSubmission(host, bad)))).toBe('status 200');
    const subjects = await collector.db
      .selectFrom('records')
      .select('subject')
      .orderBy('log_index')
      .execute();
    expect(subjects.map(({ subject }) => subject)).toEqual(['restore', 'restore-unequal']);
  });

  it('is refused from a key that nobody enrolled, with the same answer as a false signature', async () => {
    const collector = await startCollector();
    const host = await collector.host('web-1');
    const stranger = new TestHost('web-1', newSigner());
    const drill = drillAt(collector.now());
    const unknown = await send(collector, await drillSubmission(stranger, drill, { host: host.id }));
    const { envelope } = await drillSubmission(host, drill);
    const [signature] = envelope.signatures;
    const forged = await send(collector, {
      envelope: { ...envelope, payload: Buffer.from('{}').toString('base64'), signatures: [signature] },
    });
    expect([unknown.status, codeOf(unknown)]).toEqual([401, 'BAD_SIGNATURE']);
    expect(forged.text).toBe(unknown.text);
    await nothingStored(collector);
  });

  it("is refused in another host's name, of the same tenant or of another", async () => {
    const collector = await startCollector();
    const host = await collector.host('web-1');
    const drill = drillAt(collector.now());
    for (const other of [await collector.host('web-2'), await collector.host('shop', 'other')]) {
      const reply = await send(collector, await drillSubmission(other, drill, { host: host.id }));
      expect([reply.status, codeOf(reply)]).toEqual([403, 'TENANT_MISMATCH']);
    }
    await nothingStored(collector);
  });

  it('is refused from a retired host, one in quarantine, and from the future', async () => {
    const collector = await startCollector();
    const host = await collector.host('web-1');
    const at = collector.now().toISOString();
    const body = await drillSubmission(host, drillAt(collector.now()));
    const { db } = collector;
    await db.updateTable('hosts').set({ retired_at: at }).execute();
    expect(codeOf(await send(collector, body))).toBe('HOST_RETIRED');
    await db.updateTable('hosts').set({ retired_at: null, quarantined_at: at }).execute();
    expect(codeOf(await send(collector, body))).toBe('HOST_QUARANTINED');
    await db.updateTable('hosts').set({ quarantined_at: null }).execute();
    const ahead = await drillSubmission(host, drillAt(new Date(collector.now().getTime() + 301_000)));
    expect(codeOf(await send(collector, ahead))).toBe('CLOCK_AHEAD');
    await nothingStored(collector);
    expect(codeOf(await send(collector, body))).toBe('status 200');
  });

  it('is refused where it contradicts itself, or is something else', async () => {
    const collector = await startCollector();
    const host = await collector.host('web-1');
    const drill = drillAt(collector.now());
    const about = { host: host.id, agentVersion: '0.1.0', drill };
    const statement = drillStatement(nodeCrypto, about);
    const changed = (more: object) => ({
      ...statement,
      predicate: { ...statement.predicate, drill: { ...drill, ...more } },
    });
    for (const [said, code] of [
      [changed({ files: { ...drill.files, different: 1 } }), 'STATEMENT_INVALID'],
      [changed({ files: { ...drill.files, source: 0, record: 0 } }), 'STATEMENT_INVALID'],
      [changed({ bytes: 0 }), 'STATEMENT_INVALID'],
      [changed({ outcome: 'unequal' }), 'STATEMENT_INVALID'],
      [changed({ job: 'two\nlines' }), 'STATEMENT_INVALID'],
      [changed({ content: 'root:x' }), 'STATEMENT_INVALID'],
      [changed({ snapshot: { ...drill.snapshot, id: 'other' } }), 'DIGEST_MISMATCH'],
      [{ ...statement, predicateType: 'urn:nachweis:report:1' }, 'STATEMENT_INVALID'],
      [{ ...statement, predicateType: 7 }, 'STATEMENT_INVALID'],
      ['just text', 'STATEMENT_INVALID'],
    ] as const)
      expect(
        codeOf(await send(collector, { envelope: await envelopeOf(host.signer, said) })),
        JSON.stringify(said),
      ).toBe(code);
    // Nor is a drill taken for a report.
    const report = { envelope: await envelopeOf(host.signer, statement) };
    expect(codeOf(await post(collector.endpoint, '/v1/reports', JSON.stringify(report)))).toBe(
      'STATEMENT_INVALID',
    );
    await nothingStored(collector);
  });
});
