/** What the API says about the seeded tenants. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkTexts } from '../../../server/dashboard/check-texts.ts';
import { BrowserSession } from './browser-session.ts';
import { ago, ids, NOW } from './seed.ts';
import { startDashboard, type TestDashboard } from './server.ts';

let dashboard: TestDashboard;
let staff: BrowserSession;
beforeAll(async () => {
  dashboard = await startDashboard();
  staff = await new BrowserSession(dashboard.origin).enter(await dashboard.invite({ name: 'staff' }));
});
afterAll(() => dashboard.close());

async function get(path: string) {
  const { status, body, text } = await staff.ask(path);
  expect(status, text).toBe(200);
  expect(body.asOf).toBe(NOW.toISOString());
  return body;
}

describe('overview', () => {
  it('counts hosts by freshness, results by outcome, and what changed within 24 hours', async () => {
    const body = await get(`/api/overview?tenant=${ids.ours}`);
    expect(body.hosts).toEqual({ fresh: 2, stale: 1, waiting: 0, missing: 1 });
    expect(body.outcomes.fail).toBe(4);
    expect(body.outcomes.unknown).toBe(3);
    // That db1 failed 43 hours ago is not of today; first sightings that pass are no news.
    expect(body.today).toMatchObject({ worse: 3, better: 0, other: 0, since: ago(24) });
    expect(body.today.changes.map((one: { check: { id: string } }) => one.check.id).sort()).toEqual([
      'login.empty-password',
      'login.sshd-permit-root-login',
      'patch.security-updates',
    ]);
  });

  it('has every clause in exactly one count, and what is violated first among what needs attention', async () => {
    const body = await get('/api/overview');
    const annex = await get(`/api/annex?tenant=${ids.ours}`);
    const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
    expect(sum(annex.counts)).toBe(annex.clauses.length);
    expect(sum(body.clauses)).toBe(2 * annex.clauses.length);
    expect(body.tenants.map(({ name }: { name: string }) => name)).toEqual([
      'Beispiel AG',
      'Mustermann GmbH',
    ]);
    const statuses = body.attention.map(({ status }: { status: string }) => status);
    expect(statuses[0]).toBe('violated');
    expect(statuses.lastIndexOf('violated')).toBeLessThan(statuses.indexOf('unproven'));
  });
});

describe('annex', () => {
  it('says for a violated clause how many hosts are behind it, and what it rests on', async () => {
    const { clauses } = await get(`/api/annex?tenant=${ids.ours}`);
    const clause = clauses.find(({ id }: { id: string }) => id === 'I.2.1/login-required');
    expect(clause).toMatchObject({
      section: 'I.2.1',
      status: 'violated',
      scope: 'host',
      assessed: 4,
      total: 4,
    });
    expect(clause.hosts.violated).toBe(1);
    const ground = clause.grounds.find(
      ({ what }: { what: { check?: { id: string } } }) => what.check?.id === 'login.empty-password',
    );
    expect(ground.status).toBe('violated');
    // web1 fails, web2 passes, db1 is stale, mail has no agent.
    expect(ground.hosts).toEqual({ violated: 1, unproven: 2, waived: 0, kept: 1, 'not-applicable': 0 });
  });

  it('goes from a clause down to each host and its result, the worst first', async () => {
    const body = await get(`/api/annex/clause?tenant=${ids.ours}&clause=I.2.1/login-required`);
    expect(body.sections.map(({ id }: { id: string }) => id)).toEqual(['I', 'I.2', 'I.2.1']);
    expect(body.hosts.map(({ name, status }: Record<string, string>) => [name, status])).toEqual([
      ['web1.example.org', 'violated'],
      ['db1.example.org', 'unproven'],
      ['mail.example.org', 'unproven'],
      ['web2.example.org', 'unproven'],
    ]);
    const [web1, db1, mail] = body.hosts;
    expect(mail.id).toBeNull();
    const of = (host: typeof web1) =>
      host.basis.find(
        ({ what }: { what: { check?: { id: string } } }) => what.check?.id === 'login.empty-password',
      );
    expect(of(web1)).toMatchObject({ status: 'violated', outcome: 'fail', stale: false });
    expect(of(web1).reason.de).toBe('Das Konto backup kann sich ohne Passwort anmelden.');
    // A stale pass is no proof, and says so.
    expect(of(db1)).toMatchObject({ status: 'unproven', outcome: 'pass', stale: true });
  });

  it('knows no clause of another name', async () => {
    const { status } = await staff.ask(`/api/annex/clause?tenant=${ids.ours}&clause=I.9/nothing`);
    expect(status).toBe(404);
  });
});

describe('hosts', () => {
  const names = (body: { hosts: { name: string }[] }) => body.hosts.map(({ name }) => name);

  it('come with the most failures first, and with what is contracted but silent', async () => {
    const body = await get('/api/hosts');
    expect(names(body)).toEqual([
      'web1.example.org',
      'db1.example.org',
      'shop.example.net',
      'web2.example.org',
      'mail.example.org',
    ]);
    expect([body.total, body.totalHosts]).toEqual([5, 5]);
    expect(body.hosts[0].outcomes).toEqual({ pass: 13, fail: 3, unknown: 1, 'not-applicable': 1 });
    expect(body.hosts[4]).toMatchObject({ id: null, freshness: 'missing' });
  });

  it.each([
    ['q=trixie', ['web2.example.org']],
    ['q=EXAMPLE.ORG%20web', ['web1.example.org', 'web2.example.org']],
    ['q=beispiel', ['shop.example.net']],
    ['q=%25', []],
    ["q='%20or%201=1--", []],
    ['freshness=stale', ['db1.example.org']],
    ['outcome=fail', ['web1.example.org', 'db1.example.org', 'shop.example.net']],
    ['outcome=fail&check=patch.security-updates', ['web1.example.org', 'shop.example.net']],
    ['check=no.such-check', []],
    [
      'sort=name',
      ['db1.example.org', 'mail.example.org', 'shop.example.net', 'web1.example.org', 'web2.example.org'],
    ],
    ['sort=name&order=desc&size=2', ['web2.example.org', 'web1.example.org']],
    ['sort=name&size=2&page=3', ['web2.example.org']],
    ['sort=name&size=2&page=9', []],
  ])('%s', async (query, expected) => {
    expect(names(await get(`/api/hosts?${query}`))).toEqual(expected);
  });

  it.each(['page=0', 'size=100000', 'sort=password_hash', 'outcome=good'])('%s is refused', async (query) => {
    const { status, body } = await staff.ask(`/api/hosts?${query}`);
    expect([status, body.error.code]).toEqual([400, 'BODY_INVALID']);
  });

  it('one of them tells its results with evidence, why, remedy and the clauses they decide', async () => {
    const body = await get(`/api/hosts/${ids.web1}`);
    expect(body.host).toMatchObject({
      name: 'web1.example.org',
      freshness: 'fresh',
      contract: { site: 'provider', backup: true, patch: true },
      machine: { kernel: '6.1.0-37-amd64' },
    });
    const result = body.results.find(({ check }: { check: string }) => check === 'login.empty-password');
    expect(result.outcome).toBe('fail');
    expect(result.since).toBe(ago(3.4));
    expect(result.evidence[0]).toMatchObject({ source: '/etc/shadow', line: 23 });
    expect(result.about.remedy).toEqual(checkTexts.get('login.empty-password')?.remedy);
    expect(result.clauses).toContainEqual({
      id: 'I.2.1/login-required',
      title: expect.anything(),
      decides: true,
    });
    expect(body.clauses.find(({ id }: { id: string }) => id === 'I.2.1/login-required').status).toBe(
      'violated',
    );
    expect(body.reports).toEqual([
      {
        sequence: 1,
        roundAt: ago(0.4),
        receivedAt: ago(0.4),
        logIndex: 0,
        documentDigest: 'd'.repeat(64),
      },
    ]);
  });

  it('history comes newest first, by check and by page', async () => {
    const all = await get(`/api/hosts/${ids.web1}/history?size=5`);
    expect(all.total).toBe(21);
    expect(all.history).toHaveLength(5);
    expect(all.history[0]).toMatchObject({ from: 'pass', to: 'fail' });
    const one = await get(`/api/hosts/${ids.web1}/history?check=login.empty-password`);
    expect(one.history.map(({ from, to }: Record<string, string>) => [from, to])).toEqual([
      ['pass', 'fail'],
      [null, 'pass'],
    ]);
  });

  it('a stored result that can not be read spoils no page', async () => {
    const broken = { host_id: ids.web2, check_id: 'access.uid-zero' };
    const before = await dashboard.db
      .selectFrom('results')
      .select('result')
      .where('host_id', '=', broken.host_id)
      .where('check_id', '=', broken.check_id)
      .executeTakeFirstOrThrow();
    const set = (result: string) =>
      dashboard.db
        .updateTable('results')
        .set({ result })
        .where('host_id', '=', broken.host_id)
        .where('check_id', '=', broken.check_id)
        .execute();
    await set('{"half');
    const { results } = await get(`/api/hosts/${ids.web2}`);
    const result = results.find(({ check }: { check: string }) => check === broken.check_id);
    expect(result.evidence).toEqual([]);
    expect(result.reason.de).toContain('nicht lesbar');
    await set(before.result);
  });
});

describe('alerts', () => {
  it('open ones come newest first with host, check, reason and what was sent', async () => {
    const body = await get(`/api/alerts?tenant=${ids.ours}`);
    const alert = body.alerts.find(({ id }: { id: string }) => id === ids.ourAlert);
    expect(alert).toMatchObject({
      kind: 'check-failing',
      severity: 'critical',
      host: { id: ids.web1, name: 'web1.example.org' },
      check: { id: 'login.empty-password' },
      reason: { de: 'Das Konto backup kann sich ohne Passwort anmelden.' },
      deliveries: [{ channel: 'webhook', change: 'opened', sentAt: ago(3) }],
    });
    const opened = body.alerts.map(({ openedAt }: { openedAt: string }) => openedAt);
    expect(opened).toEqual([...opened].sort().reverse());
  });

  it('resolved ones are kept, with the checks a summary counted', async () => {
    const body = await get(`/api/alerts?state=resolved&tenant=${ids.ours}`);
    expect(body.alerts).toHaveLength(1);
    expect(body.alerts[0]).toMatchObject({
      kind: 'host-failing',
      resolvedAt: ago(300),
      reason: { de: 'Alle sind wieder bestanden.' },
    });
    expect(body.alerts[0].checks.map(({ cleared }: { cleared: boolean }) => cleared)).toEqual([true, true]);
  });
});

it('checks say what they decide and inform', async () => {
  const { checks } = await get('/api/checks');
  const check = checks.find(({ id }: { id: string }) => id === 'login.empty-password');
  expect(check.decides).toContain('I.2.1/login-required');
  expect(checks.some(({ id }: { id: string }) => id === 'collector.coverage')).toBe(true);
});

describe('pages', () => {
  it('what the API says is not to be kept in a cache', async () => {
    const { headers } = await staff.ask('/api/overview');
    expect(headers['cache-control']).toBe('no-store');
  });

  it('what is no page stays an error, whoever asks', async () => {
    for (const path of [
      '/api/nothing',
      '/v1/nothing',
      '/assets/nothing.js',
      '/assets/..%2f..%2f..%2fpackage.json',
    ]) {
      const { status, text } = await staff.ask(path);
      expect(status, path).toBe(404);
      expect(text).not.toContain('<html');
    }
  });
});
