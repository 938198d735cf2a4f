/** What was ordered, who changed it and when; and that without an order nothing is violated. */
import { expect, it } from 'vitest';
import { loadCatalogue } from '../../server/catalogue/load.ts';
import { tenantStatus } from '../../server/catalogue/tenant-status.ts';
import { contractHistory, endContract, setContract } from '../../server/enrol/contract-places.ts';
import { startCollector } from '../support/collector.ts';
import { contractBy } from '../support/contract.ts';
import { result } from '../support/host.ts';

it('each change is a row and a leaf with its author, and only a commissioned service can be violated', async () => {
  const collector = await startCollector();
  const tenantId = await collector.tenant('example');
  const since = collector.now().toISOString();
  const set = (backup: boolean, author: string, osUser = false) =>
    setContract(
      collector.db,
      { tenantId, name: 'web-1', site: 'provider', kind: 'vm', backup, patch: false, since },
      { ...contractBy(collector.now(), author), osUser },
    );
  const catalogue = await loadCatalogue();
  const clause = async () => {
    const status = await tenantStatus(collector.db, catalogue, tenantId, collector.now().toISOString());
    return status.clauses.find(({ id }) => id === 'III/backup-os');
  };
  expect(await set(false, 'anna')).toBe('added');
  const host = await collector.host('web-1');
  const failing = [result('backup.configured', 'fail'), result('backup.recent', 'fail')];
  await host.report(collector.endpoint, { at: collector.now(), results: failing });
  // Not commissioned: it fails, is shown, and violates nothing.
  const informed = await clause();
  expect(informed?.status).toBe('not-commissioned');
  expect(informed?.hosts[0]?.basis.map((one) => one.status)).toContain('violated');

  collector.setTime(60);
  expect(await set(true, 'root', true)).toBe('changed');
  expect(await set(true, 'bert')).toBe('unchanged');
  expect((await clause())?.status).toBe('violated');
  collector.setTime(60);
  await endContract(
    collector.db,
    { tenantId, name: 'web-1', until: collector.now().toISOString() },
    contractBy(collector.now(), 'carl'),
  );
  const history = await contractHistory(collector.db, { tenantId, name: 'web-1' });
  expect(
    history.map(({ author, osUser, before, after }) => [author, osUser, before?.backup, after.backup]),
  ).toEqual([
    ['anna', false, undefined, false],
    ['root', true, false, true],
    ['carl', false, true, true],
  ]);
  expect(history.at(-1)?.after.until).toBe(collector.now().toISOString());
  const leaves = await collector.db.selectFrom('log_leaves').select('type').execute();
  expect(leaves.filter(({ type }) => type === 'contract')).toHaveLength(3);
  expect(await contractHistory(collector.db, { tenantId: await collector.tenant('other') })).toEqual([]);
});
