/** Pending security updates of all hosts, as people get them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UpdatesReply } from '../../../server/dashboard/api/updates.ts';
import { applyUpdates } from '../../../server/status/apply-updates.ts';
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

async function ask(query = ''): Promise<UpdatesReply> {
  const { status, body, text } = await customer.ask(`/api/updates${query}`);
  expect(status, text).toBe(200);
  return body;
}
const lines = ({ packages }: UpdatesReply) =>
  packages.map(({ name, rows }) => `${name}: ${rows.map(({ host }) => host.name.split('.')[0]).join(' ')}`);

describe('GET /api/updates', () => {
  it('lists packages with their hosts, what is due first in front', async () => {
    const body = await ask();
    expect(lines(body)).toEqual(['openssl: web1 web2', 'linux-image-amd64: web2', 'libssl3: web1']);
    expect([body.total, body.updates, body.hosts, body.overdue, body.hostsKnown]).toEqual([3, 4, 2, 1, 2]);
    expect(body.packages[0]).toMatchObject({ severity: 'critical', hosts: 2, overdue: 1 });
    expect(body.packages[0]?.rows.map(({ overdue, entry }) => [overdue, entry.fate])).toEqual([
      [true, 'held'],
      [false, 'installable'],
    ]);
  });

  it('answers who still has a version, what is overdue, and what one host needs', async () => {
    // Built from the source openssl, too; 3.0.15 is only on offer.
    expect(lines(await ask('?q=openssl+3.0.11'))).toEqual(['openssl: web1', 'libssl3: web1']);
    expect(lines(await ask('?q=openssl+3.0'))).toEqual(['openssl: web1 web2', 'libssl3: web1']);
    expect(lines(await ask('?q=libssl3+3.0.11'))).toEqual(['libssl3: web1']);
    expect(lines(await ask('?q=3.0.14+web2.example'))).toEqual(['openssl: web2']);
    for (const q of ['openssl 3.0.1', '3.0.15', 'arch', 'candidate', 'amd64 openssl', 'since', 'held'])
      expect(lines(await ask(`?q=${encodeURIComponent(q)}`)), q).toEqual([]);
    expect(lines(await ask('?due=overdue'))).toEqual(['openssl: web1']);
    expect(lines(await ask('?severity=high'))).toEqual(['linux-image-amd64: web2']);
    expect(lines(await ask('?q=WEB2'))).toEqual(['openssl: web2', 'linux-image-amd64: web2']);
    expect(lines(await ask(`?host=${ids.web1}`))).toEqual(['openssl: web1', 'libssl3: web1']);
    for (const q of ['%', "' or 1=1 --"])
      expect(lines(await ask(`?q=${encodeURIComponent(q)}`)), q).toEqual([]);
    expect((await customer.ask('/api/updates?severity=dire')).status).toBe(400);
  });

  it('finds advisories and the holes they close, and says on how many hosts the list is not complete', async () => {
    const entry = {
      ...{ name: 'openssl-libs', source: 'openssl', arch: 'x86_64', origin: 'baseos' },
      ...{ installed: '1:3.0.7-27.el9', candidate: '1:3.0.7-28.el9_4' },
      ...{ advisories: ['RHSA-2026:1234'], severity: 'high' as const, fate: 'installable' as const },
    };
    const cves = { 'RHSA-2026:1234': ['CVE-2026-4711', 'CVE-2026-4712'] };
    const doubt = { en: 'one source is missing', de: 'eine Quelle fehlt' };
    const store = (list: Parameters<typeof applyUpdates>[2]) =>
      dashboard.db.transaction().execute((trx) => applyUpdates(trx, ids.db1, list));
    await store({ manager: 'dnf', entries: [entry], more: 0, cves, doubt });
    for (const q of [
      'CVE-2026-4712',
      'rhsa-2026:1234',
      'openssl 3.0.7',
      'openssl-libs-1:3.0.7-27.el9.x86_64',
    ])
      expect(lines(await ask(`?q=${encodeURIComponent(q)}`)), q).toEqual(['openssl-libs: db1']);
    expect((await ask('?q=CVE-2026-4712')).packages[0]?.rows[0]?.cves).toEqual(cves['RHSA-2026:1234']);
    for (const q of ['CVE-2026-471299', '3.0.7-28', 'openssl 1'])
      expect(lines(await ask(`?q=${encodeURIComponent(q)}`)), q).toEqual([]);
    expect(await ask()).toMatchObject({ hostsKnown: 3, hostsUnsure: 1 });
    const { text } = await customer.ask('/api/updates.csv?q=openssl+3.0.7');
    expect(text.split('\r\n')[1]).toContain(
      ',openssl-libs,openssl,x86_64,1:3.0.7-27.el9,1:3.0.7-28.el9_4,baseos,RHSA-2026:1234,CVE-2026-4711 CVE-2026-4712,high,',
    );
    expect((await customer.ask('/api/updates.csv?q=candidate')).text.split('\r\n')).toHaveLength(2);
    await store(undefined);
    expect((await ask()).hostsUnsure).toBe(0);
  });

  it('says how long those waited that were installed, the slowest host first', async () => {
    const { latency } = await ask();
    expect(latency?.slowest.length).toBeGreaterThan(0);
    expect(latency?.slowest[0]).toMatchObject({ median: 1.4, worst: 9.2, limit: 7, window: 90 });
    expect([latency?.updates, latency?.within]).toEqual([31, 29].map((n) => n * (latency?.hosts ?? 0)));
    expect((await ask(`?host=${ids.web1}`)).latency?.hosts).toBe(1);
  });

  it('is cut into pages of packages', async () => {
    const second = await ask('?size=2&page=2');
    expect([lines(second), second.total]).toEqual([['libssl3: web1'], 3]);
  });

  it('comes as CSV, in which nothing is taken for a formula', async () => {
    const entry = {
      ...{ name: '=cmd|calc', arch: '', installed: '1,0', candidate: '"2"', origin: 'x' },
      ...{ advisories: [], severity: 'low' as const, fate: 'installable' as const },
    };
    await dashboard.db
      .transaction()
      .execute((trx) => applyUpdates(trx, ids.db1, { manager: 'dnf', entries: [entry], more: 0 }));
    const { status, text, headers } = await customer.ask('/api/updates.csv?q=calc');
    expect(status).toBe(200);
    expect(headers['content-type']).toContain('text/csv');
    const rows = text.split('\r\n');
    expect(rows[0]).toContain('tenant,host,package');
    expect(rows[1]).toContain(`,'=cmd|calc,'=cmd|calc,,"1,0","""2""",x,,,low,installable,,,no`);
    expect((await customer.ask('/api/updates.csv')).text.split('\r\n')).toHaveLength(7);
  });
});
