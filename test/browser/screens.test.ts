/**
 * Every screen in a real browser: axe finds no barrier, nothing sticks out, the browser complains of nothing. Each is loaded
 * once in each language and looked at there in one appearance on a desk and in the other on a phone, so that the two
 * languages together have all four; they are walked side by side.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ids, NOW } from '../server/dashboard/seed.ts';
import { mediaIds, seedMedia } from '../server/dashboard/seed-media.ts';
import { startDashboard, type TestDashboard } from '../server/dashboard/server.ts';
import { describeWith } from '../support/programs.ts';
import { barriers, buildPages, enter, launch, open, overflow, shot, visit } from './chromium.ts';

const desk = { width: 1280, height: 900 };
const wide = { width: 1600, height: 1000 };
const phone = { width: 390, height: 844 };

const tenant = `?tenant=${ids.ours}`;
const screens: readonly (readonly [name: string, path: string, act?: (page: Page) => Promise<void>])[] = [
  ['overview', '/'],
  ['overview-tenant', `/${tenant}`],
  ['annex', `/annex${tenant}`],
  ['annex-choose', '/annex'],
  ['clause', `/annex/I.2.1/login-required${tenant}`],
  ['clause-erasure', `/annex/II.1.1/erasure${tenant}`],
  ['clause-disposal', `/annex/II.1.1/media-disposal${tenant}`],
  ['hosts', '/hosts'],
  ['hosts-ended', '/hosts?life=ended'],
  ['host', `/hosts/${ids.web1}`],
  ['host-stale', `/hosts/${ids.db1}`],
  ['host-media', `/hosts/${mediaIds.server}`],
  ['host-media-form', `/hosts/${mediaIds.server}`, openForm],
  ['host-missing', `/hosts/${mediaIds.missing}`],
  ['host-closed', `/hosts/${mediaIds.closed}`],
  ['alerts', '/alerts'],
  ['alerts-resolved', '/alerts?state=resolved'],
  ['updates', '/updates'],
  ['updates-search', '/updates?q=openssl+3.0.11'],
  ['access', '/access'],
  ['access-host', `/access?host=${ids.web1}&covered=open`],
  ['drills', '/drills'],
  ['drills-tenant', `/drills${tenant}&outcome=unequal`],
  ['drills-host', `/drills?host=${ids.web2}`],
  ['drills-none', '/drills?q=nirgends'],
  ['records', '/records'],
  ['records-ended', '/records?state=ended&q=bert'],
  ['enrol', '/enrol'],
  ['account', '/account'],
  ['not-found', '/nowhere'],
];

async function openForm(page: Page): Promise<void> {
  await page.locator('section[aria-labelledby="media"]').getByRole('button').click();
  await page.locator('.ending-form textarea').first().waitFor();
  await page.waitForLoadState('networkidle');
}

describeWith(['chromium'], 'every screen', () => {
  let pages: Awaited<ReturnType<typeof buildPages>>;
  let dashboard: TestDashboard;
  let browser: Browser;

  beforeAll(async () => {
    pages = await buildPages();
    dashboard = await startDashboard({ pages: pages.directory });
    await seedMedia(dashboard.db, { tenant: ids.ours, now: NOW });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await dashboard?.close();
    pages?.remove();
  });

  describe.concurrent('side by side', () => {
    it.each([
      ['de', 'light', 'dark'],
      ['en', 'dark', 'light'],
    ] as const)(
      'in %s, %s on a desk and %s on a phone: no barrier, no complaint, nothing sticks out',
      async (language, onDesk, onPhone) => {
        const visitor = await visit(browser, dashboard.origin, {
          locale: language === 'de' ? 'de-DE' : 'en-GB',
          colorScheme: onDesk,
          viewport: desk,
        });
        const { page, complaints, context } = visitor;
        const html = page.locator('html');
        const look = async (name: string, scheme: typeof onDesk | typeof onPhone, device: string) => {
          expect(await html.getAttribute('data-mantine-color-scheme'), name).toBe(scheme);
          expect(await barriers(page), `${name} (${device})`).toEqual([]);
          await within(name, scheme, device);
        };
        const within = async (name: string, scheme: string, device: string) => {
          expect(await overflow(page), `${name} (${device})`).toBeLessThanOrEqual(0);
          await shot(page, `${name}-${language}-${scheme}-${device}`);
        };
        await enter(visitor, dashboard, { name: `viewer ${language}` });
        for (const [name, path, act] of screens) {
          await page.emulateMedia({ colorScheme: onDesk });
          await page.setViewportSize(desk);
          await open(page, dashboard, path);
          await act?.(page);
          expect(await html.getAttribute('lang'), name).toBe(language);
          await look(name, onDesk, 'desktop');
          // What is laid out differently with more room is looked at for its room.
          await page.setViewportSize(wide);
          await within(name, onDesk, 'wide');
          await page.setViewportSize(phone);
          await page.emulateMedia({ colorScheme: onPhone });
          await html.and(page.locator(`[data-mantine-color-scheme="${onPhone}"]`)).waitFor();
          await look(name, onPhone, 'phone');
        }
        expect(complaints).toEqual([]);
        await context.close();
      },
      600_000,
    );
  });
});
