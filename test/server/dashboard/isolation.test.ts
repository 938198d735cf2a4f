/** Who may call what, and that no route shows or takes anything of another tenant. */
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuth } from '../../../server/auth/register.ts';
import { BrowserSession } from './browser-session.ts';
import { ids, NOW } from './seed.ts';
import { startDashboard, type TestDashboard } from './server.ts';

let dashboard: TestDashboard;
const sessions = new Map<string, BrowserSession>();

beforeAll(async () => {
  dashboard = await startDashboard();
  for (const tenant of [ids.ours, ids.theirs]) await endedPlace(tenant);
  for (const [name, role, tenantId] of [
    ['administrator', 'administrator', null],
    ['operations', 'operations', null],
    ['officer', 'officer', null],
    ['customer', 'customer', ids.ours],
    ['auditor', 'auditor', ids.ours],
    ['misplaced', 'customer', null],
  ] as const)
    sessions.set(
      name,
      await new BrowserSession(dashboard.origin).enter(await dashboard.invite({ name, role, tenantId })),
    );
});
/** A host that ended without a word: its erasure is owed. */
async function endedPlace(tenant: string): Promise<void> {
  const day = (days: number) => new Date(NOW.getTime() + days * 86_400_000).toISOString();
  await dashboard.db
    .insertInto('contract_hosts')
    .values({
      ...{ id: `c-old-${tenant}`, tenant_id: tenant, name: 'old', host_id: null, site: 'provider' },
      ...{ kind: 'server', backup: 0, patch: 0, since: day(-30), until: day(-2) },
    })
    .execute();
}
afterAll(() => dashboard.close());

function as(name: string): BrowserSession {
  const session = sessions.get(name);
  if (!session) throw new Error(`nobody is called ${name}`);
  return session;
}

/** What must never reach somebody of the other tenant. */
const theirs = [
  ids.theirs,
  'Beispiel AG',
  ids.theirHost,
  'shop.example.net',
  ids.theirAlert,
  'their-grant',
  'their-account',
  'their-package',
  'their-job',
];
const ours = [ids.ours, 'Mustermann GmbH', ids.web1, 'web1.example.org', ids.ourAlert];

interface Route {
  readonly method: string;
  readonly path: string;
  /** Every way in which it can be pointed at a tenant; `of` fills in the ids. */
  /** It takes more than an empty word and leaves something behind: media.test.ts shows that it works. */
  readonly changes?: true;
  readonly aims: readonly ((of: typeof foreign) => { path: string; body?: unknown })[];
}

const foreign = { tenant: ids.theirs as string, host: ids.theirHost as string };
const own = { tenant: ids.ours as string, host: ids.web1 as string };

const routes: readonly Route[] = [
  {
    method: 'get',
    path: '/api/overview',
    aims: [({ tenant }) => ({ path: `/api/overview?tenant=${tenant}` })],
  },
  { method: 'get', path: '/api/tenants', aims: [] },
  { method: 'get', path: '/api/checks', aims: [] },
  { method: 'get', path: '/api/annex', aims: [({ tenant }) => ({ path: `/api/annex?tenant=${tenant}` })] },
  {
    method: 'get',
    path: '/api/annex/clause',
    aims: [({ tenant }) => ({ path: `/api/annex/clause?tenant=${tenant}&clause=I.2.1/login-required` })],
  },
  { method: 'get', path: '/api/hosts', aims: [({ tenant }) => ({ path: `/api/hosts?tenant=${tenant}` })] },
  { method: 'get', path: '/api/hosts/{host}', aims: [({ host }) => ({ path: `/api/hosts/${host}` })] },
  {
    method: 'get',
    path: '/api/hosts/{host}/history',
    aims: [({ host }) => ({ path: `/api/hosts/${host}/history` })],
  },
  {
    method: 'post',
    path: '/api/hosts/{host}/reinstall',
    aims: [({ host }) => ({ path: `/api/hosts/${host}/reinstall`, body: {} })],
  },
  {
    method: 'get',
    path: '/api/access',
    aims: [
      ({ tenant }) => ({ path: `/api/access?tenant=${tenant}` }),
      ({ host }) => ({ path: `/api/access?host=${host}` }),
    ],
  },
  {
    method: 'get',
    path: '/api/updates',
    aims: [
      ({ tenant }) => ({ path: `/api/updates?tenant=${tenant}` }),
      ({ host }) => ({ path: `/api/updates?host=${host}` }),
    ],
  },
  {
    method: 'get',
    path: '/api/updates.csv',
    aims: [
      ({ tenant }) => ({ path: `/api/updates.csv?tenant=${tenant}` }),
      ({ host }) => ({ path: `/api/updates.csv?host=${host}` }),
    ],
  },
  {
    method: 'get',
    path: '/api/drills',
    aims: [
      ({ tenant }) => ({ path: `/api/drills?tenant=${tenant}` }),
      ({ host }) => ({ path: `/api/drills?host=${host}` }),
    ],
  },
  {
    method: 'get',
    path: '/api/drills.csv',
    aims: [
      ({ tenant }) => ({ path: `/api/drills.csv?tenant=${tenant}` }),
      ({ host }) => ({ path: `/api/drills.csv?host=${host}` }),
    ],
  },
  { method: 'get', path: '/api/media', aims: [({ tenant }) => ({ path: `/api/media?tenant=${tenant}` })] },
  {
    method: 'get',
    path: '/api/hosts/{host}/record-form',
    aims: [({ host }) => ({ path: `/api/hosts/${host}/record-form` })],
  },
  ...['records', 'close', 'missing'].map((name) => ({
    method: 'post',
    path: `/api/hosts/{host}/${name}`,
    changes: true as const,
    aims: [
      ({ host }: typeof foreign) => ({
        path: `/api/hosts/${host}/${name}`,
        body: { records: { record: 'x' }, close: {}, missing: { reason: 'x' } }[name],
      }),
    ],
  })),
  {
    method: 'get',
    path: '/api/records',
    aims: [({ tenant }) => ({ path: `/api/records?tenant=${tenant}` })],
  },
  { method: 'get', path: '/api/alerts', aims: [({ tenant }) => ({ path: `/api/alerts?tenant=${tenant}` })] },
  {
    method: 'post',
    path: '/api/enrolment',
    aims: [({ tenant }) => ({ path: '/api/enrolment', body: { tenant } })],
  },
];
/** About nobody but oneself. */
const personal = [
  'get /api/session',
  'post /api/session',
  'delete /api/session',
  'post /api/session/link',
  'put /api/session/password',
  'put /api/session/language',
];

const aimed = routes.flatMap(({ method, aims, changes }) =>
  aims.map((aim) => ({ method: method.toUpperCase(), aim, changes })),
);

async function call(who: string, method: string, { path, body }: { path: string; body?: unknown }) {
  return as(who).ask(path, { method, ...(body === undefined ? {} : { body }) });
}

it('every route of the API stands in the table of this test', async () => {
  const { body } = await as('administrator').ask('/api/openapi.json');
  const found = Object.entries<Record<string, unknown>>(body.paths)
    .filter(([path]) => path.startsWith('/api/') && path !== '/api/openapi.json')
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
  expect(found.sort()).toEqual(
    [...personal, ...routes.map(({ method, path }) => `${method} ${path}`)].sort(),
  );
});

it.each(aimed.map(({ method, aim }) => [method, aim(foreign).path, aim] as const))(
  '%s %s of another tenant is answered to a customer like what does not exist',
  async (method, _path, aim) => {
    const refused = await call('customer', method, aim(foreign));
    // Enrolment is the provider's: the role is refused before anybody looks at the tenant.
    const expected = method === 'POST' ? [403, 'FORBIDDEN'] : [404, 'NOT_FOUND'];
    expect([refused.status, refused.body.error.code]).toEqual(expected);
    const missing = await call('customer', method, aim({ tenant: 't-nowhere', host: 'h-nowhere' }));
    expect(missing.text).toBe(refused.text);
    for (const word of theirs) expect(refused.text).not.toContain(word);
  },
);

it.each(
  aimed.filter(({ changes }) => !changes).map(({ method, aim }) => [method, aim(own).path, aim] as const),
)('%s %s of their own tenant works, and shows nothing of another', async (method, _path, aim) => {
  const who = method === 'POST' ? 'operations' : 'customer';
  const { status, text } = await call(who, method, aim(own));
  expect(status, text).toBe(200);
  for (const word of theirs) expect(text).not.toContain(word);
});

it.each(
  routes.filter(({ method, path }) => method === 'get' && !path.includes('annex') && !path.includes('{')),
)(
  'without naming a tenant $path shows a customer and an auditor theirs, the provider all',
  async ({ path }) => {
    for (const who of ['customer', 'auditor']) {
      const { status, text } = await as(who).ask(path);
      expect(status).toBe(200);
      for (const word of theirs) expect(text).not.toContain(word);
      if (path !== '/api/checks') expect(ours.some((word) => text.includes(word))).toBe(true);
    }
    const { text } = await as('officer').ask(path);
    if (path !== '/api/checks') {
      expect(theirs.some((word) => text.includes(word))).toBe(true);
      expect(ours.some((word) => text.includes(word))).toBe(true);
    }
  },
);

it('an own host together with another tenant, or the other way round, is refused', async () => {
  for (const path of [
    `/api/hosts/${ids.web1}?tenant=${ids.theirs}`,
    `/api/hosts/${ids.theirHost}?tenant=${ids.ours}`,
    `/api/hosts/${ids.web1}/history?tenant=${ids.theirs}`,
  ])
    for (const who of ['customer', 'administrator'])
      expect((await as(who).ask(path)).status, `${who} ${path}`).toBe(404);
});

it('an id given twice does not slip past the guard', async () => {
  for (const path of [
    `/api/annex?tenant=${ids.ours}&tenant=${ids.theirs}`,
    `/api/hosts?tenant=${ids.theirs}&tenant=${ids.ours}`,
    `/api/overview?tenant[]=${ids.theirs}`,
    `/api/hosts?tenant=`,
  ]) {
    const { text } = await as('customer').ask(path);
    for (const word of theirs) expect(text, path).not.toContain(word);
  }
});

it("customers do not see the provider's channels, their errors, or alerts about the collector", async () => {
  for (const path of ['/api/overview', '/api/alerts']) {
    const { body, text } = await as('customer').ask(path);
    expect(body.channels).toEqual([]);
    expect(text).not.toContain('channel-failing');
    expect(text).not.toContain('webhook');
  }
  expect((await as('operations').ask('/api/alerts')).text).toContain('channel-failing');
});

describe('without a session', () => {
  it.each(routes)('$method $path is refused', async ({ method, path }) => {
    const answer = await new BrowserSession(dashboard.origin).ask(path.replace('{host}', ids.web1), {
      method: method.toUpperCase(),
      ...(method === 'post' ? { body: { tenant: ids.ours } } : {}),
    });
    expect([answer.status, answer.body.error.code]).toEqual([401, 'SIGNED_OUT']);
  });
});

describe('roles', () => {
  it.each(['officer', 'customer', 'auditor'])('%s may not enrol hosts', async (who) => {
    const { body } = await call(who, 'POST', { path: '/api/enrolment', body: { tenant: ids.ours } });
    expect(body.error.code).toBe('FORBIDDEN');
  });

  it.each(['administrator', 'operations'])('%s may', async (who) => {
    const { body } = await call(who, 'POST', { path: '/api/enrolment', body: { tenant: ids.ours, uses: 3 } });
    expect(body.line).toMatch(/^https:\/\/[^/]+\/#[\w-]{32}\.[0-9a-f]{64}$/);
    expect(body.expiresAt).toBe(new Date(NOW.getTime() + 24 * 3_600_000).toISOString());
    expect(body.tenant.id).toBe(ids.ours);
  });

  it('a customer whom nobody gave a tenant sees nothing, rather than everything', async () => {
    for (const { path } of routes.filter(({ method, path }) => method === 'get' && !path.includes('{')))
      expect((await as('misplaced').ask(path)).body.error.code, path).toBe('FORBIDDEN');
  });
});

describe('the guard stops the start of', () => {
  async function declare(url: string, config: object): Promise<unknown> {
    const app = Fastify();
    await createAuth(dashboard.db, () => NOW).register(app);
    return app.get(url, { config }, async () => 'secret');
  }

  it('a route that does not say who may call it', async () => {
    await expect(declare('/api/new', {})).rejects.toThrow('says nothing about access');
  });

  it('a route with an id whose owner nobody looks up', async () => {
    await expect(declare('/api/new/:record', { access: 'signed-in' })).rejects.toThrow(':record');
  });
});
