/**
 * The end of a host, from its own last report to the closing with a record: the process ends between every two steps
 * on its disk, and the same command goes on from there.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadCatalogue } from '../../server/catalogue/load.ts';
import { tenantMedia, tenantStatus } from '../../server/catalogue/tenant-status.ts';
import { closeHost } from '../../server/endings/end-host.ts';
import { setContract } from '../../server/enrol/contract-places.ts';
import { createEnrolment } from '../../server/enrol/enrolment-line.ts';
import { appendLeaf } from '../../server/log/append.ts';
import { readRecordFile } from '../../server/records/record-file.ts';
import { addRecord } from '../../server/records/store.ts';
import { CodedError } from '../../shared/errors.ts';
import { startCollector } from '../support/collector.ts';
import { contractBy } from '../support/contract.ts';
import { temporaryDirectory } from '../support/database.ts';
import { ownAgent } from './own-agent.ts';

class Crash extends Error {}

it('survives a crash at every step, retires the key once, and is closed with its record', async () => {
  const collector = await startCollector({ now: new Date() });
  const tenantId = await collector.tenant('example');
  const root = temporaryDirectory();
  await setContract(
    collector.db,
    {
      ...{ tenantId, name: 'localhost', site: 'provider', kind: 'server', backup: false, patch: false },
      since: collector.now().toISOString(),
    },
    contractBy(collector.now()),
  );
  const { line } = await createEnrolment(
    collector.db,
    {
      ...{ tenantId, uses: 1, hours: 24, collector: collector.endpoint.url },
      fingerprint: collector.fingerprint,
    },
    collector.now(),
  );
  const agent = await ownAgent(root, temporaryDirectory(), collector.now);
  const hostId = await agent.enrol(line);
  await agent.round();
  await agent.send();

  const seen = new Set<string | null | undefined>();
  let steps = 0;
  let done: Awaited<ReturnType<typeof agent.decommission>> | undefined;
  for (let crashAt = 0; !done && crashAt < 200; crashAt++) {
    let count = 0;
    try {
      done = await agent.decommission(() => {
        if (count++ === crashAt) throw new Crash();
      });
    } catch (error) {
      // Once everything is set aside there is nothing left to be done.
      if (error instanceof CodedError && error.code === 'DECOMMISSIONED') break;
      if (!(error instanceof Crash)) throw error;
      steps++;
      seen.add(await agent.unfinished());
    }
  }
  expect(steps).toBeGreaterThan(20);
  // What `nachweis status` says in between.
  expect(seen).toEqual(new Set([null, 'report-waits', 'key-not-retired']));
  await expect(agent.round()).rejects.toMatchObject({ code: 'DECOMMISSIONED' });
  await expect(agent.decommission()).rejects.toMatchObject({ code: 'DECOMMISSIONED' });

  const endings = await collector.db.selectFrom('host_endings').selectAll().execute();
  expect(endings.map(({ state, subject_id }) => [state, subject_id])).toEqual([['decommissioned', hostId]]);
  const leaves = await collector.db.selectFrom('log_leaves').select('type').execute();
  expect(leaves.filter(({ type }) => type === 'ending')).toHaveLength(1);

  const catalogue = await loadCatalogue();
  const clause = async () => {
    const { clauses } = await tenantStatus(collector.db, catalogue, tenantId, collector.now().toISOString());
    return clauses.find(({ id }) => id === 'II.1.1/erasure')?.status;
  };
  const alert = async () => {
    await collector.app.alerts.tick();
    const rows = collector.db.selectFrom('alerts').select('resolved_at');
    const [row] = await rows.where('check_id', '=', 'collector.erasure-recorded').execute();
    return row && (row.resolved_at === null ? 'open' : 'resolved');
  };
  expect([await clause(), await alert()]).toEqual(['unproven', undefined]);
  collector.setTime(14 * 86_400);
  expect([await clause(), await alert()]).toEqual(['violated', 'open']);

  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'log.pdf'), 'log');
  writeFileSync(
    join(directory, 'record.yaml'),
    `tenant: example
type: erasure
subject: localhost
scope: { host: localhost }
author: c.beispiel
attachments: [{ file: log.pdf }]
terms:
  kind: server
  host: ${hostId}
  at: '${collector.now().toISOString()}'
  disks:
    - serial: WD-1
      method: { standard: nist-800-88-r2, action: purge, tool: nvme format -s 1, next: reuse }
`,
  );
  const { record } = readRecordFile(join(directory, 'record.yaml'), collector.now());
  await closeHost(
    collector.db,
    { appendLeaf, obligationsOf: async (trx, tenant, at) => (await tenantMedia(trx, tenant, at)).owed },
    {
      ...{ hostId, author: 'c.beispiel', reason: '', now: collector.now() },
      addRecord: (trx, tenant) =>
        addRecord(trx, appendLeaf, { tenantId: tenant, record, now: collector.now() }),
    },
  );
  collector.setTime(3600);
  expect([await clause(), await alert()]).toEqual(['kept', 'resolved']);
});
