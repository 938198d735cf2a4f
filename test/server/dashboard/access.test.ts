/** Who can enter which host, as people get it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccessReply } from '../../../server/dashboard/api/access.ts';
import { KEY } from '../../shared/policy-parts.ts';
import { BrowserSession } from './browser-session.ts';
import { ids } from './seed.ts';
import { startDashboard, type TestDashboard } from './server.ts';

let dashboard: TestDashboard;
let customer: BrowserSession;
beforeAll(async () => {
  dashboard = await startDashboard();
  const session = new BrowserSession(dashboard.origin);
  customer = await session.enter(
    await dashboard.invite({ name: 'customer', role: 'customer', tenantId: ids.ours }),
  );
});
afterAll(() => dashboard.close());

async function ask(query = ''): Promise<AccessReply> {
  const { status, body, text } = await customer.ask(`/api/access${query}`);
  expect(status, text).toBe(200);
  return body;
}
const lines = ({ entries }: AccessReply) =>
  entries.map(({ host, entry }) => `${entry.account} ${entry.way} ${host.name.split('.')[0]}`);

describe('GET /api/access', () => {
  it('lists every way into every host, by account, with the grant that covers it', async () => {
    const body = await ask();
    expect(lines(body)).toEqual([
      '%admins sudo web1',
      '* su web1',
      'anna ssh-key web1',
      'anna sudo web1',
      'anna ssh-key web2',
      'root console web1',
      'ulf ssh-key web1',
      'ulf container-group web1',
    ]);
    expect([body.total, body.open, body.granted]).toEqual([8, 6, 2]);
    expect([body.hosts, body.withoutRegister]).toEqual([2, 1]);
    expect(body.hostsInReach).toBeGreaterThan(2);
    expect(body.entries[2]?.grant).toMatchObject({ subject: 'anna', party: 'provider' });
    expect(body.entries.map(({ register }) => register)).toEqual([
      true,
      true,
      true,
      true,
      false,
      true,
      true,
      true,
    ]);
    expect(body.gaps).toMatchObject([{ host: { id: ids.web1 }, source: '/etc/nsswitch.conf' }]);
  });

  it('filters by host, way, cover and words, and takes no pattern for one', async () => {
    expect(lines(await ask(`?host=${ids.web2}`))).toEqual(['anna ssh-key web2']);
    expect((await ask(`?host=${ids.web2}`)).host).toMatchObject({ id: ids.web2 });
    expect(lines(await ask('?way=sudo&covered=granted'))).toEqual(['anna sudo web1']);
    const open = await ask('?covered=open');
    expect([open.total, open.open, open.granted]).toEqual([6, 6, 2]);
    expect(lines(await ask('?q=DOCKER'))).toEqual(['ulf container-group web1']);
    expect(lines(await ask('?q=ulf+ssh'))).toEqual(['ulf ssh-key web1']);
    expect(lines(await ask(`?q=${encodeURIComponent(KEY)}`))).toHaveLength(3);
    expect(lines(await ask('?q=%25'))).toEqual(['%admins sudo web1']);
    expect(lines(await ask(`?q=${encodeURIComponent("' or 1=1 --")}`))).toEqual([]);
    expect((await customer.ask('/api/access?way=window')).status).toBe(400);
  });

  it('is cut into pages', async () => {
    const second = await ask('?size=5&page=2');
    expect([lines(second), second.total]).toEqual([
      ['root console web1', 'ulf ssh-key web1', 'ulf container-group web1'],
      8,
    ]);
  });
});
