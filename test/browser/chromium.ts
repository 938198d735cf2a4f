/** Real Chromium on freshly built pages: what the browser complains about is collected, whatever a test looks at. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AxeBuilder } from '@axe-core/playwright';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import type { TestDashboard } from '../server/dashboard/server.ts';
import { programs } from '../support/programs.ts';

const project = join(import.meta.dirname, '../..');
const output = join(import.meta.dirname, 'output');

export const PASSWORD = 'drei kleine Igel tanzen';

/** Builds the pages as `npm run build:dashboard` does, but into a directory of the test's own. */
export async function buildPages(): Promise<{ directory: string; remove: () => void }> {
  const directory = mkdtempSync(join(tmpdir(), 'nachweis-pages-'));
  await promisify(execFile)(
    process.execPath,
    [
      join(project, 'node_modules/vite/bin/vite.js'),
      'build',
      '--config',
      'server/dashboard/vite.config.ts',
      '--outDir',
      directory,
      '--logLevel',
      'error',
    ],
    { cwd: project },
  );
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

export async function launch(): Promise<Browser> {
  mkdirSync(output, { recursive: true });
  return chromium.launch({
    executablePath: programs.chromium.path,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors and warnings, exceptions, violations of the page's policy, requests to other origins. */
  readonly complaints: string[];
}

export async function visit(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    locale: 'de-DE',
    colorScheme: 'light',
    viewport: { width: 1280, height: 900 },
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
    ...options,
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) complaints.push(`request: ${url}`);
  });
  await page.addInitScript({
    content: `document.addEventListener('securitypolicyviolation', (event) => {
      console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI);
    });`,
  });
  return { page, context, complaints };
}

/**
 * What axe finds and calls serious or critical, as `rule: selector`. Pages here have no frames, so it is run in the page
 * alone (its "legacy mode"): otherwise it opens a second page each time, only to bring together what frames said.
 */
export async function barriers(page: Page): Promise<string[]> {
  if (page.frames().length > 1) throw new Error('a page with frames: axe has to look into each');
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });
  const { violations } = await axe.analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
    );
}

/** Pixels by which the page is wider than the screen. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - window.innerWidth');

export const shot = (page: Page, name: string, fullPage = true) =>
  page.screenshot({ path: join(output, `${name}.png`), fullPage, animations: 'disabled' });

/** Signs in by a link and sets a password, as somebody new does. */
export async function enter(
  { page }: Visitor,
  { origin, invite }: TestDashboard,
  user: Parameters<TestDashboard['invite']>[0],
): Promise<void> {
  await page.goto(`${origin}/link#${await invite(user)}`);
  await page.locator('.gate').getByRole('button').click();
  await page.locator('input[autocomplete="new-password"]').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.locator('header.top').waitFor();
}

/** Goes to an address, with nothing left to load. */
export async function open(page: Page, { origin }: TestDashboard, path: string): Promise<void> {
  await page.goto(origin + path);
  await page.locator('main h1').waitFor();
  await page.waitForLoadState('networkidle');
}
