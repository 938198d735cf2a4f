/**
 * Signing in over real HTTP and HTTPS: links, passwords, cookies, and what no other site may do. Over 300 lines,
 * because all of it shares one collector.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFirstUser, signInUrl } from '../../../server/auth/sign-in-link.ts';
import { BrowserSession } from '../dashboard/browser-session.ts';
import { NOW } from '../dashboard/seed.ts';
import { startDashboard, type TestDashboard } from '../dashboard/server.ts';

const PASSWORD = 'drei kleine Igel tanzen';
const HOUR = 3_600_000;
const later = (ms: number) => new Date(NOW.getTime() + ms);

let dashboard: TestDashboard;
beforeAll(async () => {
  dashboard = await startDashboard();
});
afterAll(() => dashboard.close());

const browser = () => new BrowserSession(dashboard.origin);

async function user(name: string): Promise<BrowserSession> {
  return browser().enter(await dashboard.invite({ name }), PASSWORD);
}

describe('sign-in link', () => {
  it('the first start makes the administrator and a link; later starts make none', async () => {
    const empty = await startDashboard({ seeded: false });
    try {
      const first = await createFirstUser(empty.db, 'de', NOW);
      expect(first).toBeDefined();
      expect(await createFirstUser(empty.db, 'de', NOW)).toBeUndefined();
      const session = new BrowserSession(empty.origin);
      await session.enter(first?.secret ?? '');
      const { body } = await session.ask('/api/session');
      expect(body.user).toEqual({
        name: 'admin',
        role: 'administrator',
        tenant: null,
        language: 'de',
        hasPassword: false,
      });
    } finally {
      await empty.close();
    }
  });

  it('works once, and being looked at does not use it up', async () => {
    const secret = await dashboard.invite({ name: 'once' });
    const url = new URL(signInUrl(dashboard.origin, secret));
    // What a link previewer can do: it never even has the part behind the #.
    expect(url.hash).toBe(`#${secret}`);
    for (let n = 0; n < 3; n++)
      await browser().ask(url.pathname, { headers: { 'x-nachweis': undefined, origin: undefined } });
    expect((await browser().enter(secret)).cookie).toBeDefined();
    const again = await browser().ask('/api/session/link', { method: 'POST', body: { secret } });
    expect([again.status, again.body.error.code]).toEqual([401, 'LINK_REFUSED']);
  });

  it('two who use it at the same moment: one gets in', async () => {
    const secret = await dashboard.invite({ name: 'race' });
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => browser().ask('/api/session/link', { method: 'POST', body: { secret } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
  });

  it('expires after 24 hours, and a newer one replaces it', async () => {
    const secret = await dashboard.invite({ name: 'late' });
    dashboard.setTime(later(24 * HOUR));
    const refused = await browser().ask('/api/session/link', { method: 'POST', body: { secret } });
    dashboard.setTime(NOW);
    expect(refused.body.error.code).toBe('LINK_REFUSED');
    expect((await browser().enter(secret)).cookie).toBeDefined();
  });

  it('ends the old password and every session: whoever needs a link lost them', async () => {
    const old = await user('lost');
    const { id } = await dashboard.db
      .selectFrom('users')
      .select('id')
      .where('name', '=', 'lost')
      .executeTakeFirstOrThrow();
    const { createSignInLink } = await import('../../../server/auth/sign-in-link.ts');
    const { secret } = await createSignInLink(dashboard.db, id, NOW);
    // Making one changes nothing yet.
    expect((await old.ask('/api/tenants')).status).toBe(200);
    await browser().enter(secret);
    expect((await old.ask('/api/tenants')).body.error.code).toBe('SIGNED_OUT');
    expect((await browser().signIn('lost', PASSWORD)).body.error.code).toBe('SIGN_IN_REFUSED');
  });

  it('is in no table and no log line, nor is any password or cookie', async () => {
    const secret = await dashboard.invite({ name: 'canary' });
    const session = await browser().enter(secret, PASSWORD);
    const tables = await Promise.all(
      (['users', 'sessions', 'sign_in_links'] as const).map((table) =>
        dashboard.db.selectFrom(table).selectAll().execute(),
      ),
    );
    const everything = JSON.stringify(tables) + dashboard.log.join('');
    const cookie = session.cookie?.split('=')[1] ?? 'none';
    for (const value of [secret, PASSWORD, cookie]) expect(everything).not.toContain(value);
  });
});

describe('password', () => {
  it('signs in after it was set, with the rules said in the language asked for', async () => {
    const session = await browser().enter(await dashboard.invite({ name: 'rules' }));
    const short = await session.ask('/api/session/password', {
      method: 'PUT',
      body: { password: 'zu kurz' },
      headers: { 'accept-language': 'de' },
    });
    expect([short.status, short.body.error.code]).toEqual([400, 'PASSWORD_TOO_SHORT']);
    expect(short.body.error.message).toContain('7 Zeichen');
    await session.ask('/api/session/password', { method: 'PUT', body: { password: PASSWORD } });
    expect((await browser().signIn('rules', PASSWORD)).body.user.name).toBe('rules');
  });

  it('unknown names, wrong passwords and users without one get the same answer', async () => {
    await user('known');
    await dashboard.invite({ name: 'fresh' });
    const answers = await Promise.all([
      browser().signIn('known', 'nicht das richtige'),
      browser().signIn('nobody', PASSWORD),
      browser().signIn('fresh', PASSWORD),
    ]);
    for (const { status, text } of answers) {
      expect(status).toBe(401);
      expect(text).toBe(answers[0]?.text);
    }
  });

  it('changing it needs the current one, ends other sessions and gives this one a new cookie', async () => {
    const here = await user('changer');
    const elsewhere = browser();
    await elsewhere.signIn('changer', PASSWORD);
    const before = here.cookie;
    const put = (body: unknown) => here.ask('/api/session/password', { method: 'PUT', body });
    const next = 'vier große Igel schlafen';
    expect((await put({ password: next })).body.error.code).toBe('PASSWORD_NOT_CONFIRMED');
    expect((await put({ current: 'falsch falsch', password: next })).body.error.code).toBe(
      'PASSWORD_NOT_CONFIRMED',
    );
    expect((await put({ current: PASSWORD, password: next })).status).toBe(200);
    expect(here.cookie).not.toBe(before);
    expect((await here.ask('/api/tenants')).status).toBe(200);
    expect((await elsewhere.ask('/api/tenants')).body.error.code).toBe('SIGNED_OUT');
    expect((await browser().signIn('changer', PASSWORD)).status).toBe(401);
  });

  it('a disabled user is out at once and does not get in again', async () => {
    const session = await user('disabled');
    await dashboard.db
      .updateTable('users')
      .set({ disabled_at: NOW.toISOString() })
      .where('name', '=', 'disabled')
      .execute();
    expect((await session.ask('/api/tenants')).body.error.code).toBe('SIGNED_OUT');
    expect((await browser().signIn('disabled', PASSWORD)).body.error.code).toBe('SIGN_IN_REFUSED');
  });

  it('a guesser has to wait, and is told how long', async () => {
    await user('guessed');
    let answer = await browser().signIn('guessed', 'falsch 1');
    for (let n = 2; n < 8 && answer.status === 401; n++)
      answer = await browser().signIn('guessed', `falsch ${n}`);
    expect([answer.status, answer.body.error.code]).toEqual([429, 'TOO_MANY_REQUESTS']);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    dashboard.setTime(later(HOUR));
    expect((await browser().signIn('guessed', PASSWORD)).status).toBe(200);
    dashboard.setTime(NOW);
  });

  it('refusals are logged with the user and the address, never with what was typed', async () => {
    await user('logged');
    const { id } = await dashboard.db
      .selectFrom('users')
      .select('id')
      .where('name', '=', 'logged')
      .executeTakeFirstOrThrow();
    const before = dashboard.log.length;
    await browser().signIn('logged', 'falsch falsch falsch');
    await browser().signIn('mein Passwort im falschen Feld', 'falsch falsch falsch');
    const lines = dashboard.log.slice(before).filter((line) => line.includes('sign-in refused'));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { code: 'SIGN_IN_REFUSED', user: id, address: '127.0.0.1' },
      { code: 'SIGN_IN_REFUSED', user: null, address: '127.0.0.1' },
    ]);
    expect(lines.join()).not.toContain('falsch');
  });

  it('an oversized password is refused before it is hashed', async () => {
    const { status } = await browser().signIn('known', 'x'.repeat(5000));
    expect(status).toBe(400);
  });
});

describe('session', () => {
  it('on plain http the cookie has a name with the port, and is out of reach of scripts and other sites', async () => {
    const session = await user('cookie');
    const { port } = new URL(dashboard.origin);
    expect(session.setCookie).toMatch(new RegExp(`^nachweis-loopback-${port}=[\\w-]{43};`));
    for (const part of ['HttpOnly', 'SameSite=Strict', 'Path=/', 'Max-Age=43200'])
      expect(session.setCookie).toContain(part);
    expect(session.setCookie).not.toContain('Domain');
  });

  it('on https it is a __Host- cookie, and Secure', async () => {
    const session = new BrowserSession(dashboard.secureOrigin, dashboard.authorities);
    await session.enter(await dashboard.invite({ name: 'https' }));
    const { port } = new URL(dashboard.secureOrigin);
    expect(session.setCookie).toMatch(new RegExp(`^__Host-nachweis-${port}=`));
    expect(session.setCookie).toContain('Secure');
    expect((await session.ask('/api/tenants')).status).toBe(200);
    // The one of the other listener is not taken here, nor the other way round.
    const other = browser();
    other.cookie = session.cookie;
    expect((await other.ask('/api/tenants')).body.error.code).toBe('SIGNED_OUT');
  });

  it('a cookie that was there before signing in is worth nothing afterwards', async () => {
    const attacker = await user('fixed');
    const victim = browser();
    victim.cookie = attacker.cookie;
    await victim.signIn('fixed', PASSWORD);
    expect(victim.cookie).not.toBe(attacker.cookie);
    expect((await attacker.ask('/api/tenants')).body.error.code).toBe('SIGNED_OUT');
    const invented = browser();
    invented.cookie = `nachweis-loopback-${new URL(dashboard.origin).port}=${'a'.repeat(43)}`;
    const planted = invented.cookie;
    await invented.signIn('fixed', PASSWORD);
    expect(invented.cookie).not.toBe(planted);
  });

  it('ends after four hours without a request, and after twelve in any case', async () => {
    const idle = await user('idle');
    const busy = browser();
    await busy.signIn('idle', PASSWORD);
    for (const hours of [3, 6, 9, 11.9]) {
      dashboard.setTime(later(hours * HOUR));
      expect((await busy.ask('/api/tenants')).status).toBe(200);
      if (hours > 4) expect((await idle.ask('/api/tenants')).body.error.code).toBe('SIGNED_OUT');
    }
    dashboard.setTime(later(12 * HOUR));
    expect((await busy.ask('/api/tenants')).body.error.code).toBe('SIGNED_OUT');
    dashboard.setTime(NOW);
  });

  it('signing out ends it on the server, not just in the browser', async () => {
    const session = await user('leaver');
    const { cookie } = session;
    await session.ask('/api/session', { method: 'DELETE' });
    expect(session.cookie).toBeUndefined();
    const copy = browser();
    copy.cookie = cookie;
    expect((await copy.ask('/api/tenants')).body.error.code).toBe('SIGNED_OUT');
  });
});

describe('other sites', () => {
  const body = { language: 'en' };
  const refused = [
    ['without the header of its own', { 'x-nachweis': undefined }],
    ['from another origin', { origin: 'https://evil.example.org' }],
    ['from no origin at all', { origin: 'null' }],
    ['from the same host over another protocol', { origin: 'SWAP' }],
    ['that the browser calls cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['that the browser calls same-site', { 'sec-fetch-site': 'same-site' }],
    ['as a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['as plain text', { 'content-type': 'text/plain' }],
  ] as const;

  it.each(refused)('a change %s is refused', async (_title, headers) => {
    const session = await user(`csrf ${_title}`);
    const swapped = dashboard.origin.replace('http:', 'https:');
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value === 'SWAP' ? swapped : value]),
    );
    const answer = await session.ask('/api/session/language', { method: 'PUT', body, headers: sent });
    expect([answer.status, answer.body.error.code]).toEqual([403, 'CSRF_REFUSED']);
    expect((await session.ask('/api/session')).body.user.language).toBe('de');
  });

  it('nobody can be signed in under a foreign account either', async () => {
    const answer = await browser().ask('/api/session', {
      method: 'POST',
      body: { name: 'known', password: PASSWORD },
      headers: { 'x-nachweis': undefined },
    });
    expect(answer.body.error.code).toBe('CSRF_REFUSED');
  });

  it('a preflight gets no permission', async () => {
    const { headers } = await browser().ask('/api/session', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example.org', 'access-control-request-headers': 'x-nachweis' },
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(headers['access-control-allow-headers']).toBeUndefined();
  });

  it('the same change by the dashboard itself goes through', async () => {
    const session = await user('own');
    await session.ask('/api/session/language', { method: 'PUT', body });
    expect((await session.ask('/api/session')).body.user.language).toBe('en');
  });
});
