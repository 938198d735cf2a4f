/** Attestations and waivers: stored, logged, and what they make of clauses. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCatalogue } from '../../../server/catalogue/load.ts';
import { tenantStatus } from '../../../server/catalogue/tenant-status.ts';
import { appendLeaf } from '../../../server/log/append.ts';
import { readRecordFile } from '../../../server/records/record-file.ts';
import { addRecord, listRecords, type NewRecord } from '../../../server/records/store.ts';
import { startCollector } from '../../support/collector.ts';
import { temporaryDirectory } from '../../support/database.ts';
import { apply, filesAt } from '../policy/world.ts';

const TRAINING = 'I.2.2/training';
const attestation: NewRecord = {
  type: 'attestation',
  scope: 'tenant',
  subject: 'data-protection-training',
  author: 'b.beispiel',
  approver: null,
  from: '2026-05-01T07:00:00.000Z',
  until: null,
  attachments: [],
  text: '',
  ends: null,
  holds: true,
};

async function world() {
  const collector = await startCollector();
  const catalogue = await loadCatalogue();
  const tenantId = await collector.tenant('example');
  return {
    collector,
    tenantId,
    add: (record: Partial<NewRecord> = {}, of = tenantId) =>
      collector.db.transaction().execute((trx) =>
        addRecord(trx, appendLeaf, {
          tenantId: of,
          record: { ...attestation, ...record },
          now: collector.now(),
        }),
      ),
    status: async (id: string, at = collector.now().toISOString(), of = tenantId) =>
      (await tenantStatus(collector.db, catalogue, of, at)).clauses.find((one) => one.id === id),
  };
}

describe('attestations', () => {
  it('make an organisational clause kept, until they run out at their instant', async () => {
    const { add, status } = await world();
    expect((await status(TRAINING))?.status).toBe('unproven');
    await add({ until: '2026-12-31T23:00:00.000Z' });
    expect((await status(TRAINING))?.status).toBe('kept');
    expect((await status(TRAINING, '2026-12-31T22:59:59.999Z'))?.status).toBe('kept');
    const ended = await status(TRAINING, '2026-12-31T23:00:00.000Z');
    expect([ended?.status, ended?.reason.en]).toEqual([
      'unproven',
      expect.stringContaining('2026-12-31 23:00'),
    ]);
  });

  it('have to be renewed when the annex says so, and count again once they are', async () => {
    const { collector, add, status } = await world();
    await add();
    expect((await status(TRAINING, '2027-05-01T06:59:59.999Z'))?.status).toBe('kept');
    expect((await status(TRAINING, '2027-05-01T07:00:00.000Z'))?.status).toBe('unproven');
    collector.setTime(new Date('2027-06-01T00:00:00.000Z'));
    await add({ from: '2027-05-20T00:00:00.000Z' });
    expect((await status(TRAINING))?.status).toBe('kept');
  });

  it('count for their own tenant alone', async () => {
    const { collector, add, status } = await world();
    await add({}, await collector.tenant('other'));
    expect((await status(TRAINING))?.status).toBe('unproven');
  });

  it('are never changed: what ends one is another record, with a leaf of its own', async () => {
    const { collector, tenantId, add, status } = await world();
    const { id } = await add();
    collector.setTime(60);
    await add({ ends: id, holds: false, text: 'signed too early' });
    expect((await status(TRAINING))?.status).toBe('unproven');
    expect(await listRecords(collector.db, tenantId)).toMatchObject([
      { id, logIndex: 0, endedAt: collector.now().toISOString() },
    ]);
    const leaves = await collector.db.selectFrom('log_leaves').select(['type', 'log_index']).execute();
    expect(leaves).toEqual([
      { type: 'record', log_index: 0 },
      { type: 'record', log_index: 1 },
    ]);
  });

  it('leave nothing behind when the transaction they are part of is undone', async () => {
    const { collector, tenantId } = await world();
    const failing = collector.db.transaction().execute(async (trx) => {
      await addRecord(trx, appendLeaf, { tenantId, record: attestation, now: collector.now() });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await collector.db.selectFrom('log_leaves').select('leaf').execute()).toEqual([]);
    expect(await listRecords(collector.db, tenantId)).toEqual([]);
  });
});

describe('waivers', () => {
  const CLAUSE = 'I.2.1/login-required';
  const waiver = {
    type: 'waiver',
    subject: 'login.empty-password',
    approver: 'c.beispiel',
    until: '2026-07-01T00:00:00.000Z',
  } as const;

  it('turn a failure into an exception for the hosts named, from when they were recorded to their end', async () => {
    const { collector, tenantId, add, status } = await world();
    for (const name of ['web1', 'web2', 'db1']) {
      const host = await collector.host(name);
      const results = { 'login.empty-password': 'fail' } as const;
      expect((await host.report(collector.endpoint, { results, at: collector.now() })).status).toBe(200);
    }
    const path = filesAt({ 'p.yaml': { tenant: 'example', groups: { web: ['web1', 'web2'] } } });
    await apply(collector.db, tenantId, path, collector.now());
    await add({ ...waiver, scope: { group: 'web' } });
    const basis = async (at?: string) =>
      Object.fromEntries(
        ((await status(CLAUSE, at))?.hosts ?? []).map(({ name, basis: all }) => [
          name,
          all.find((one) => one.kind === 'check' && one.check === 'login.empty-password')?.status,
        ]),
      );
    expect(await basis()).toEqual({ web1: 'waived', web2: 'waived', db1: 'violated' });
    // It was given the day before, but an exception begins when it is recorded.
    const before = new Date(collector.now().getTime() - 1).toISOString();
    expect((await basis(before)).web1).toBe('violated');
    expect((await basis('2026-07-01T00:00:00.000Z')).web1).toBe('violated');
  });
});

describe('a record as a file', () => {
  const NOW = new Date('2026-06-01T08:00:00.000Z');
  const file = (lines: string[]) => {
    const path = join(temporaryDirectory(), 'record.yaml');
    writeFileSync(path, `${lines.join('\n')}\n`);
    return path;
  };
  const head = ['tenant: example', 'type: waiver', 'subject: login.empty-password', 'author: anna'];

  it('is read with its times in UTC and its attachments as digests', () => {
    const path = file([
      ...head,
      'approver: bert',
      'until: 2026-07-01T00:00:00+02:00',
      'attachments: [{ file: mail.txt }]',
    ]);
    writeFileSync(join(path, '../mail.txt'), 'abc');
    expect(readRecordFile(path, NOW).record).toMatchObject({
      from: NOW.toISOString(),
      until: '2026-06-30T22:00:00.000Z',
      approver: 'bert',
      // SHA-256 of "abc", FIPS 180-2.
      attachments: [
        { name: 'mail.txt', sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' },
      ],
    });
  });

  it.each([
    ['a waiver that nobody approved', [...head, 'until: 2026-07-01T00:00:00Z'], /approver/],
    ['a waiver without an end', [...head, 'approver: bert'], /until/],
    ['an unknown member', [...head, 'approver: bert', 'untill: x'], /line \d.*untill/],
    ['a grant', ['tenant: example', 'type: grant', 'subject: x', 'author: y'], /type/],
    [
      'an attachment that is not there',
      [...head, 'approver: b', 'until: 2026-07-01T00:00:00Z', 'attachments: [{ file: x }]'],
      /ENOENT/,
    ],
  ])('%s is refused', (_name, lines, problem) => {
    expect(() => readRecordFile(file(lines), NOW)).toThrow(problem);
  });
});
