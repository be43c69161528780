import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Plan, QUICK } from './measure.ts';
import { type PlatformUnderTest, startPlatform } from './platform-under-test.ts';
import { startPostgres } from './postgres-under-test.ts';
import type { Row } from './row.ts';
import { askAs, demonstrationId, importRows, ownErl } from './wire-map-bench.ts';
import { elementAt } from './wire-map-elements.ts';

const CHROMIUM = '/usr/bin/chromium';
const ASSETS = fileURLToPath(new URL('../console/dist/assets', import.meta.url));
const WAIT_MS = 60_000;
const ELEMENTS = 1_000_000;
const QUICK_ELEMENTS = 20_000;
/** Enough to page through. */
const FEW_ELEMENTS = 1_000;
const STEP = 100_000;

type Loaded = { brotli: number; gzip: number; files: number };

/** The bytes of a script as it goes over the wire; small ones are not packed. */
function wireBytes(name: string, ending: '.br' | '.gz'): number {
  const packed = join(ASSETS, name + ending);
  return readFileSync(existsSync(packed) ? packed : join(ASSETS, name)).length;
}

/** Which scripts a browser loads that was never here, until the page is there. */
async function loadPage(browser: Browser, platform: PlatformUnderTest, path: string): Promise<Loaded> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const scripts = new Set<string>();
    page.on('request', (request) => {
      const name = /\/assets\/([^/?]+\.m?js)$/.exec(new URL(request.url()).pathname)?.[1];
      if (name !== undefined) scripts.add(name);
    });
    await page.goto(new URL(path, platform.http).href);
    await signIn(page, platform);
    await page.getByRole('heading', { level: 1 }).first().waitFor({ timeout: WAIT_MS });
    await page.waitForLoadState('load');
    const sum = (ending: '.br' | '.gz'): number => [...scripts].reduce((all, name) => all + wireBytes(name, ending), 0);
    return { brotli: sum('.br'), gzip: sum('.gz'), files: scripts.size };
  } finally {
    await context.close();
  }
}

async function signIn(page: Page, { operatorToken }: PlatformUnderTest): Promise<void> {
  await page.getByLabel('Access token').last().fill(operatorToken, { timeout: WAIT_MS });
  await page.keyboard.press('Enter');
}

/**
 * Milliseconds from a click or a key to the answer on the screen, as the page itself measures them: until rows other than those
 * of before are drawn.
 */
async function timeInteraction(page: Page, act: () => Promise<void>): Promise<number> {
  await page.evaluate(`(() => {
    const rows = () => document.querySelector('main table tbody')?.innerText ?? '';
    const before = rows();
    window.measured = new Promise((done, failed) => {
      setTimeout(() => failed(new Error('the rows did not change')), ${WAIT_MS});
      let from = 0;
      for (const type of ['pointerdown', 'input']) {
        addEventListener(type, () => { from = performance.now(); }, { capture: true, once: true });
      }
      const look = () => {
        const now = rows();
        if (from > 0 && now !== before && !/^\\s*Loading\\s*$/.test(now)) {
          requestAnimationFrame(() => done(performance.now() - from));
        } else requestAnimationFrame(look);
      };
      look();
    });
  })()`);
  await act();
  return page.evaluate<number>('window.measured');
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Paging through the wire map, narrowing it and searching it, in a browser. */
async function timeWireMap(browser: Browser, platform: PlatformUnderTest, organizationId: string, rounds: number) {
  const context = await browser.newContext({ viewport: { width: 1_400, height: 1_400 } });
  try {
    await context.addInitScript(`sessionStorage.setItem('waymark.organization', ${JSON.stringify(organizationId)})`);
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(new URL('/wire-map', platform.http).href);
    await signIn(page, platform);
    await page.getByRole('row').nth(5).waitFor();
    const paging: number[] = [];
    const searching: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const next = page.getByRole('button', { name: 'Next page' }).first();
      paging.push(await timeInteraction(page, () => next.click()));
    }
    for (let round = 0; round < rounds; round += 1) {
      await page.goto(new URL('/wire-map', platform.http).href);
      await page.getByRole('row').nth(5).waitFor();
      const search = page.getByRole('searchbox', { name: 'Search' }).first();
      // A device among the first elements, which are there in both runs.
      const { value } = elementAt(round * 10 + 7);
      searching.push(await timeInteraction(page, () => search.fill(value)));
    }
    const parts: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await page.goto(new URL('/wire-map', platform.http).href);
      await page.getByRole('row').nth(5).waitFor();
      const search = page.getByRole('searchbox', { name: 'Search' }).first();
      // Out of the middle of a port's name, which no index of the database begins with.
      parts.push(await timeInteraction(page, () => search.fill(`1/0/${round + 11}`)));
    }
    return { paging: median(paging), searching: median(searching), parts: median(parts) };
  } finally {
    await context.close();
  }
}

/**
 * What the console costs a browser: script on the wire of the start page, and how long the wire map of a million elements takes to
 * answer. The peer of the times is the same table with a thousand elements, in the same run.
 */
export async function benchConsole(plan: Plan): Promise<Row[]> {
  if (!existsSync(ASSETS) || readdirSync(ASSETS).length === 0)
    throw new Error('the console is not built: npm run build');
  const elements = plan === QUICK ? QUICK_ELEMENTS : ELEMENTS;
  const rounds = plan === QUICK ? 3 : 9;
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  try {
    const postgres = await startPostgres();
    try {
      const platform = await startPlatform({ WAYMARK_DATABASE_URL: postgres.url });
      try {
        const start = await loadPage(browser, platform, '/');
        const organizationId = await demonstrationId(platform);
        const ask = askAs(platform, organizationId);
        const erl = await ownErl(ask);
        await importRows(ask, 0, FEW_ELEMENTS, 1, erl);
        const few = await timeWireMap(browser, platform, organizationId, rounds);
        for (let from = FEW_ELEMENTS; from < elements; from += STEP) {
          await importRows(ask, from, Math.min(from + STEP, elements), 1, erl);
        }
        const many = await timeWireMap(browser, platform, organizationId, rounds);
        const row = (metric: string, value: number, unit: string, note?: string): Row => ({
          bench: 'console',
          metric,
          value: Math.round(value),
          unit,
          peer: null,
          ratio: null,
          ...(note !== undefined && { note }),
        });
        const timed = (metric: string, value: number, peer: number): Row => ({
          ...row(
            metric,
            value,
            'ms',
            `peer ${Math.round(peer)} ms${metric.startsWith('search') ? '; 250 ms of them wait for the end of typing' : ''}`,
          ),
          peer: '1,000 elements',
          ratio: Number((value / peer).toFixed(3)),
        });
        return [
          row('start-brotli', start.brotli / 1_000, 'kB', `${start.files} scripts; aim: under 600`),
          row('start-gzip', start.gzip / 1_000, 'kB', `${start.files} scripts`),
          timed(`page-of-${elements}`, many.paging, few.paging),
          timed(`search-in-${elements}`, many.searching, few.searching),
          timed(`search-part-in-${elements}`, many.parts, few.parts),
        ];
      } finally {
        await platform.stop();
      }
    } finally {
      await postgres.stop();
    }
  } finally {
    await browser.close();
  }
}
