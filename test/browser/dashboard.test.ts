/** The dashboard in a real browser: from the first sign-in link to a failed check's evidence, and what people do in it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ids } from '../server/dashboard/seed.ts';
import { startDashboard, type TestDashboard } from '../server/dashboard/server.ts';
import { describeWith } from '../support/programs.ts';
import { barriers, buildPages, enter, launch, open, PASSWORD, shot, visit } from './chromium.ts';

describeWith(['chromium'], 'dashboard', () => {
  let pages: Awaited<ReturnType<typeof buildPages>>;
  let dashboard: TestDashboard;
  let browser: Browser;

  beforeAll(async () => {
    pages = await buildPages();
    dashboard = await startDashboard({ pages: pages.directory });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await dashboard?.close();
    pages?.remove();
  });

  it('leads from the first sign-in link to the evidence of a failed check, in part by keyboard', async () => {
    const visitor = await visit(browser, dashboard.origin);
    const { page, context, complaints } = visitor;
    const secret = await dashboard.invite({ name: 'anna' });

    await page.goto(`${dashboard.origin}/link#${secret}`);
    await page.getByRole('heading', { name: 'Willkommen' }).waitFor();
    // The secret is out of the address bar before anybody can read it there, and nothing was used up yet.
    expect(page.url()).toBe(`${dashboard.origin}/link`);
    expect(await context.cookies()).toEqual([]);
    await shot(page, 'link');
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { name: 'Passwort festlegen' }).waitFor();
    await page.getByLabel('Neues Passwort').fill('zu kurz');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('PASSWORD_TOO_SHORT').waitFor();
    await shot(page, 'password');
    // The refusal is a 400, which Chromium mentions; that one is meant.
    expect(complaints.splice(0).every((line) => line.includes('400'))).toBe(true);
    await page.getByLabel('Neues Passwort').fill(PASSWORD);
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { level: 1, name: /4 Maßnahmen sind verletzt/ }).waitFor();
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });

    // The skip link is the first thing that the keyboard meets.
    await page.reload();
    await page.locator('main h1').waitFor();
    await page.keyboard.press('Tab');
    await page.getByRole('link', { name: 'Zum Inhalt springen' }).waitFor({ state: 'visible' });
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('content');

    await page.getByRole('link', { name: 'Anlage', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Die Anlage welches Auftraggebers?' }).waitFor();
    await page.getByRole('link', { name: 'Mustermann GmbH' }).focus();
    await page.keyboard.press('Enter');
    await page
      .getByRole('heading', { level: 1, name: /Technische und organisatorische Maßnahmen/ })
      .waitFor();
    await page.getByRole('link', { name: 'Zugang erst nach Anmeldung' }).focus();
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { level: 1, name: 'Zugang erst nach Anmeldung' }).waitFor();
    expect(page.url()).toContain('/annex/I.2.1/login-required?tenant=');
    const hosts = page.getByRole('region', { name: 'Systeme hinter dem Status' });
    await hosts
      .getByRole('row', { name: /web1\.example\.org/ })
      .getByRole('link', { name: /kommt mit leerem Passwort/ })
      .click();

    await page.getByRole('heading', { level: 1, name: 'web1.example.org' }).waitFor();
    const evidence = page.getByRole('table', { name: 'Beleg: login.empty-password' });
    await evidence.waitFor();
    expect(await evidence.getByRole('row').nth(1).innerText()).toMatch(
      /\/etc\/shadow:23\s+backup: leeres Passwortfeld\s+ein Passwort oder gesperrt/,
    );
    // A result opens and closes by keyboard.
    const summary = page.locator('[id="login.empty-password"] summary');
    await summary.focus();
    await page.keyboard.press('Space');
    await evidence.waitFor({ state: 'detached' });
    await page.keyboard.press('Space');
    await evidence.waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  const tenant = `?tenant=${ids.ours}`;

  it('sign-in has no barrier either, and says what is wrong with its code', async () => {
    const visitor = await visit(browser, dashboard.origin);
    const { page, complaints, context } = visitor;
    await enter(visitor, dashboard, { name: 'berta' });
    await page.getByRole('button', { name: 'Konto von berta' }).click();
    await page.getByRole('menuitem', { name: 'Abmelden' }).click();
    await page.getByRole('heading', { level: 1, name: 'Anmelden' }).waitFor();
    expect(await context.cookies()).toEqual([]);
    expect(await barriers(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await shot(page, 'sign-in');
    await page.getByLabel('Name').fill('berta');
    await page.getByLabel('Passwort', { exact: true }).fill('nicht das richtige');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('SIGN_IN_REFUSED').waitFor();
    await page.getByLabel('Passwort', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /verletzt/ }).waitFor();
    await context.close();
  });

  it('what is filtered, sorted and searched stands in the address and survives a reload', async () => {
    const visitor = await visit(browser, dashboard.origin);
    const { page, context } = visitor;
    await enter(visitor, dashboard, { name: 'clara' });
    await open(page, dashboard, '/hosts');
    await page.getByLabel('Suche').fill('example.org');
    await page.getByText('4 von 5 Systemen').first().waitFor();
    await page.getByRole('button', { name: 'Betriebssystem' }).click();
    await page.waitForURL(/sort=os/);
    await page.locator('table.hosts[aria-busy="false"] th[aria-sort="ascending"]').waitFor();
    await page.waitForLoadState('networkidle');
    const order = async () => page.locator('table.hosts tbody th').allInnerTexts();
    const before = await order();
    expect(new URL(page.url()).searchParams.get('q')).toBe('example.org');
    await page.reload();
    await page.locator('table.hosts').waitFor();
    expect(await order()).toEqual(before);
    expect(await page.getByRole('columnheader', { name: 'Betriebssystem' }).getAttribute('aria-sort')).toBe(
      'ascending',
    );
    await page.getByLabel('Suche').fill('gibt es nicht');
    await page.getByText('Kein System passt zu diesen Filtern.').waitFor();
    await context.close();
  });

  it('answers who still has a version, and hands the same out as CSV', async () => {
    const visitor = await visit(browser, dashboard.origin);
    const { page, context, complaints } = visitor;
    await enter(visitor, dashboard, { name: 'olga' });
    await open(page, dashboard, '/updates');
    await page.getByLabel('Suche').fill('openssl 3.0.11');
    await page.getByRole('heading', { level: 1, name: /^Noch auf 1 von \d+ Systemen\./ }).waitFor();
    const packages = page.locator('table.updates tbody tr');
    expect(await packages.count()).toBe(2);
    for (const row of await packages.all()) {
      const text = await row.innerText();
      expect(text).toMatch(/web1\.example\.org/);
      expect(text).toMatch(/3\.0\.11-1~deb12u2 → 3\.0\.15/);
      expect(text).not.toMatch(/web2/);
    }
    expect(await packages.nth(1).innerText()).toMatch(/libssl3\s+aus openssl/);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSV' }).click(),
    ]);
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(lines.slice(1).map((line) => line.split(',')[2])).toEqual(['openssl', 'libssl3']);
    await page.getByLabel('Suche').fill('openssl 3.0.15');
    await page.getByText('Dazu steht kein Sicherheitsupdate aus.').first().waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('language and appearance are chosen in the menu and stay', async () => {
    const visitor = await visit(browser, dashboard.origin);
    const { page, context, complaints } = visitor;
    await enter(visitor, dashboard, { name: 'dora' });
    await page.getByRole('button', { name: 'Konto von dora' }).click();
    await page.getByRole('menuitemradio', { name: 'Dunkel' }).click();
    await page.getByRole('button', { name: 'Konto von dora' }).click();
    await page.getByRole('menuitem', { name: 'English' }).click();
    await page.getByRole('heading', { level: 1, name: /clauses are violated/ }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: /clauses are violated/ }).waitFor();
    expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('a customer meets no other tenant and no way to enrol', async () => {
    const visitor = await visit(browser, dashboard.origin);
    const { page, context } = visitor;
    await enter(visitor, dashboard, { name: 'kundin', role: 'customer', tenantId: ids.ours });
    await page.getByRole('heading', { level: 1, name: /3 Maßnahmen sind verletzt/ }).waitFor();
    expect(await page.locator('.tenant-picker').count()).toBe(0);
    expect(await page.getByRole('link', { name: 'System anmelden' }).count()).toBe(0);
    expect(await page.content()).not.toContain('Beispiel AG');
    await open(page, dashboard, `/hosts/${ids.theirHost}`);
    await page.getByRole('alert').getByText('NOT_FOUND').waitFor();
    await context.close();
  });

  it('enrolling shows one line to paste, and the host once it is there', async () => {
    const visitor = await visit(browser, dashboard.origin);
    const { page, context } = visitor;
    await enter(visitor, dashboard, { name: 'emil' });
    await open(page, dashboard, `/enrol${tenant}`);
    await page.getByRole('button', { name: 'Zeichenkette erzeugen' }).click();
    const line = page.locator('pre', { hasText: 'https://' });
    await line.waitFor();
    expect(await line.innerText()).toMatch(/^https:\/\/\S+\/#[\w-]{32}\.[0-9a-f]{64}$/);
    await page.getByText('Wartet auf die Anmeldung').waitFor();
    await shot(page, 'enrol-line');
    const web2 = await dashboard.db
      .selectFrom('hosts')
      .selectAll()
      .where('id', '=', ids.web2)
      .executeTakeFirstOrThrow();
    const { NOW } = await import('../server/dashboard/seed.ts');
    await dashboard.db
      .insertInto('hosts')
      .values({
        ...web2,
        id: 'h-new1aaaaaaaaaaaaaaaaaa',
        name: 'new1.example.org',
        key_id: '9'.repeat(64),
        enrolled_at: new Date(NOW.getTime() + 1000).toISOString(),
        last_received_at: null,
        last_round_at: null,
      })
      .execute();
    await page.getByRole('link', { name: 'Neues System: new1.example.org' }).waitFor();
    await dashboard.db.deleteFrom('hosts').where('id', '=', 'h-new1aaaaaaaaaaaaaaaaaa').execute();
    await context.close();
  });

  it('with nothing there yet, it teaches the next step', async () => {
    const empty = await startDashboard({ seeded: false, pages: pages.directory });
    const visitor = await visit(browser, empty.origin);
    const { page, context, complaints } = visitor;
    try {
      await enter(visitor, empty, { name: 'first' });
      await page.getByText('Noch ist kein System angemeldet.').waitFor();
      // Nothing to judge is not the same as nothing violated.
      expect(await page.getByText('ist verletzt oder offen').isVisible()).toBe(false);
      expect(await barriers(page)).toEqual([]);
      await shot(page, 'empty');
      await page.getByRole('main').getByRole('link', { name: 'System anmelden' }).click();
      await page.getByText('nachweis-collector tenant add').waitFor();
      expect(complaints).toEqual([]);
    } finally {
      await context.close();
      await empty.close();
    }
  });

  it('when the collector does not answer it keeps the last state and says so', async () => {
    const visitor = await visit(browser, dashboard.origin);
    const { page, context } = visitor;
    await enter(visitor, dashboard, { name: 'frieda' });
    await page.clock.install();
    await open(page, dashboard, `/hosts/${ids.web1}`);
    await context.route('**/api/**', (route) => route.abort());
    const warning = page.getByText('Der Kollektor antwortet nicht');
    // What is asked again, and tried again, waits for the page's clock in between.
    for (let n = 0; n < 40 && !(await warning.isVisible()); n++) await page.clock.runFor(10_000);
    await warning.waitFor();
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('web1.example.org');
    await context.close();
  });

  it('allows no inline code: what is slipped into the page does not run', async () => {
    const { page, context, complaints } = await visit(browser, dashboard.origin);
    const response = await page.goto(dashboard.origin);
    const policy = response?.headers()['content-security-policy'] ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('unsafe');
    expect(policy).toMatch(/style-src 'self' 'nonce-[\w+/=]{24}'/);
    // Every load has a nonce of its own.
    const again = await page.goto(dashboard.origin);
    expect(again?.headers()['content-security-policy']).not.toBe(policy);
    expect(complaints).toEqual([]);
    const ran = await page.evaluate(`
      const script = document.createElement('script');
      script.textContent = 'window.slippedIn = true';
      document.head.append(script);
      document.body.insertAdjacentHTML('beforeend', '<img src="x" onerror="window.slippedIn = true">');
      new Promise((resolve) => setTimeout(() => resolve('slippedIn' in window), 300));
    `);
    expect(ran).toBe(false);
    expect(complaints.some((line) => line.includes('script-src'))).toBe(true);
    await context.close();
  });

  it('hashed files may be kept for ever, the page itself never without asking', async () => {
    const page = await fetch(dashboard.origin);
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const text = await page.text();
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect(text).not.toContain('__STYLE_NONCE__');
    const [, script = ''] = /src="(\/assets\/index-[^"]+\.js)"/.exec(text) ?? [];
    const file = await fetch(dashboard.origin + script);
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await fetch(`${dashboard.origin}/assets/color-scheme.js`)).headers.get('cache-control')).toBe(
      'no-cache',
    );
  });

  it('makes the picture of the README', async () => {
    const visitor = await visit(browser, dashboard.origin, {
      locale: 'en-GB',
      viewport: { width: 1280, height: 860 },
      deviceScaleFactor: 1.5,
    });
    await enter(visitor, dashboard, { name: 'picture' });
    await open(visitor.page, dashboard, `/${tenant}`);
    await shot(visitor.page, 'overview', false);
    const kept = join(import.meta.dirname, 'screenshots/overview.png');
    // Pixels differ between versions of Chromium: it is made anew when asked for, or when it is not there.
    if (process.env.NACHWEIS_UPDATE_SCREENSHOTS || !existsSync(kept))
      await visitor.page.screenshot({ path: kept, animations: 'disabled' });
    await visitor.context.close();
    expect(existsSync(kept)).toBe(true);
  });
});
