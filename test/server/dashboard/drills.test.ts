/** The list of restore drills over the seed: who is due, what is shown, filters. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DrillsReply } from '../../../server/dashboard/api/drills.ts';
import { BrowserSession } from './browser-session.ts';
import { ids, NOW } from './seed.ts';
import { startDashboard, type TestDashboard } from './server.ts';

let dashboard: TestDashboard;
let session: BrowserSession;
beforeAll(async () => {
  dashboard = await startDashboard();
  session = await new BrowserSession(dashboard.origin).enter(await dashboard.invite({ name: 'officer' }));
});
afterAll(() => dashboard.close());

async function drills(query = ''): Promise<DrillsReply> {
  const { status, body, text } = await session.ask(`/api/drills${query}`);
  expect(status, text).toBe(200);
  return body;
}
const days = (ago: number) => new Date(NOW.getTime() - ago * 86_400_000).toISOString();

it('shows the newest first, with what was measured', async () => {
  const { drills: rows, total } = await drills(`?tenant=${ids.ours}`);
  expect(total).toBe(5);
  expect(rows.map(({ at }) => at)).toEqual([1, 2, 5, 40, 100].map(days));
  expect(rows[2]).toMatchObject({
    host: { id: ids.web1, name: 'web1.example.org' },
    tenant: { id: ids.ours },
    tool: 'restic',
    outcome: 'equal',
    bytes: 1_234_567,
    milliseconds: { firstByte: 900, restored: 8400 },
    named: [],
  });
  expect(rows[4]?.named).toEqual(['/etc/hostname', '/etc/ssh']);
});

it('filters, searches and pages', async () => {
  expect((await drills('?outcome=unequal')).drills.map(({ host }) => host.id)).toEqual([ids.web2]);
  expect((await drills('?tool=borg')).total).toBe(2);
  expect((await drills('?q=vault borgmatic')).total).toBe(1);
  expect((await drills('?q=%25')).total).toBe(0);
  expect((await drills('?size=2&page=2')).drills).toHaveLength(2);
  expect((await drills('?outcome=equal&tool=restic&q=web1')).medianMs).toBe(8400);
  expect((await drills('?outcome=error')).medianMs).toBeNull();
  expect((await session.ask('/api/drills?outcome=fine')).status).toBe(400);
});

it('comes as CSV: the whole list, with the same filters', async () => {
  const lines = async (query: string) => {
    const { status, text, headers } = await session.ask(`/api/drills.csv${query}`);
    expect([status, headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8']);
    return text.trimEnd().split('\r\n');
  };
  const all = await lines(`?tenant=${ids.ours}`);
  expect(all[0]).toMatch(/^tenant,host,began,.*,log position$/);
  expect(all).toHaveLength(6);
  const [, unequal = ''] = await lines('?outcome=unequal');
  const { drills: rows } = await drills('?outcome=unequal');
  expect(unequal.split(',').slice(1, 6)).toEqual([
    'web2.example.org',
    days(2),
    rows[0]?.receivedAt,
    'borg',
    'borgmatic.service',
  ]);
  expect(await lines('?q=hostname')).toEqual([all[0], expect.stringContaining(',/etc/hostname /etc/ssh,')]);
  expect((await session.ask('/api/drills.csv?outcome=fine')).status).toBe(400);
});

it('stands on the page of a host', async () => {
  const { body } = await session.ask(`/api/hosts/${ids.web1}`);
  expect(body.drills).toMatchObject({ last: { outcome: 'error', job: 'second' }, equal: { at: days(5) } });
  expect((await session.ask(`/api/hosts/${ids.db1}`)).body.drills).toEqual({ last: null, equal: null });
});

it('stands among the records of the tenant', async () => {
  const { body } = await session.ask(`/api/records?tenant=${ids.ours}&type=drill`);
  // The one of 100 days ago has run out.
  expect(body.records.map(({ subject }: { subject: string }) => subject).sort()).toEqual([
    'restore',
    'restore',
    'restore-error',
    'restore-unequal',
  ]);
});

it('says who is due: never, or gone wrong since; not whose contract has no backup', async () => {
  const { owed, proven, due } = await drills(`?tenant=${ids.ours}`);
  // web2 is not commissioned; mail has no agent; db1 was never drilled.
  expect(due.map(({ host, reason }) => [host.name, reason])).toEqual([
    ['db1.example.org', 'never'],
    ['mail.example.org', 'never'],
  ]);
  expect(proven).toBe(owed - 2);
  await dashboard.db
    .updateTable('contract_hosts')
    .set({ backup: 1 })
    .where('host_id', '=', ids.web2)
    .execute();
  const then = await drills(`?tenant=${ids.ours}`);
  expect(then.due[0]).toMatchObject({ host: { id: ids.web2 }, reason: 'unequal', equalAt: days(40) });
  const older = dashboard.db.updateTable('drills').set({ began_at: days(91) });
  await older.where('host_id', '=', ids.web1).where('outcome', '=', 'equal').execute();
  const later = await drills(`?host=${ids.web1}`);
  expect(later.due).toMatchObject([{ host: { id: ids.web1 }, reason: 'old', equalAt: days(91) }]);
  expect([later.owed, later.proven, later.total]).toEqual([1, 0, 3]);
});
