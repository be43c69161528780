/** Places in a real browser, against a running platform: locations found, made, corrected, filled and shown on the map. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { artefactPath, startBrowser } from '../support/browser.ts';
import { skipWithout } from '../support/parts.ts';
import { openClient } from '../support/platform-client.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';

const skip = skipWithout('chromium');
const WAIT_MS = 20_000;

let server: RunningPlatform;
let browser: Browser;
/** What the pages asked of other hosts, and what they complained of. */
const strays: string[] = [];
const complaints: string[] = [];

before(async () => {
  if (skip !== false) return;
  [server, browser] = await Promise.all([runPlatform(), startBrowser()]);
});

after(async () => {
  if (skip !== false) return;
  await browser.close();
  await server.stop();
  removeData(server.dataDir);
});

/** A signed-in page. */
async function openPage(context: BrowserContext, path: string, token: string | undefined): Promise<Page> {
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(server.http).origin) strays.push(request.url());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // That nobody is signed in yet, and what was refused on purpose, the browser reports by itself.
    if (message.type() === 'error' && !/ 40\d /.test(message.text())) complaints.push(message.text());
  });
  await page.goto(new URL(path, server.http).href);
  await page
    .getByLabel('Access token')
    .last()
    .fill(token ?? '');
  await page.keyboard.press('Enter');
  await page.getByRole('navigation').first().waitFor();
  return page;
}

async function withPage(
  path: string,
  token: string | undefined,
  work: (page: Page) => Promise<void>,
  options: { width?: number; height?: number } = {},
): Promise<void> {
  const viewport = { width: options.width ?? 1_400, height: options.height ?? 1_000 };
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce' });
  try {
    await work(await openPage(context, path, token));
  } finally {
    await context.close();
  }
}

/** As it is, in the dark, and on a phone. */
async function picture(page: Page, name: string): Promise<void> {
  const shoot = (suffix: string) =>
    page.screenshot({ path: artefactPath(`console/${name}${suffix}.png`), fullPage: true });
  await shoot('');
  await page.emulateMedia({ colorScheme: 'dark' });
  await shoot('-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  const before = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 800 });
  await shoot('-narrow');
  if (before) await page.setViewportSize(before);
}

test('locations are found by name and address, and each says how far it has come', { skip }, async () => {
  await withPage('/places', server.firstRun().tokens.readOnlyAdmin, async (page) => {
    const austin = page.getByRole('row', { name: /Austin Headquarters/ });
    await austin.getByText('Routed', { exact: true }).waitFor();
    await picture(page, 'places');
    assert.equal(await page.getByRole('button', { name: 'Add a location' }).count(), 0, 'a reader adds nothing');
    await page.getByRole('searchbox', { name: 'Search' }).fill('no such street');
    await page.getByText('Nothing matches').waitFor();
    await page.getByRole('button', { name: 'Clear the search' }).click();
    await page.getByRole('searchbox', { name: 'Search' }).fill('w 2nd');
    await page.waitForURL(/text=w/);
    await austin.getByRole('link', { name: 'Austin Headquarters' }).click();
    await page.getByRole('heading', { name: 'Austin Headquarters', level: 1 }).waitFor();
    await page.locator('.map-host[data-ready=true]').waitFor();
    await picture(page, 'location');
  });
});

test('the map shows the counties and every location that has a position', { skip }, async () => {
  await withPage('/places?view=map', server.firstRun().tokens.readOnlyAdmin, async (page) => {
    await page.getByRole('heading', { name: 'Locations on the map' }).waitFor();
    await page.getByText(/\d on the map/).waitFor();
    await page.locator('.map-host[data-ready=true]').waitFor();
    await picture(page, 'places-map');
  });
});
