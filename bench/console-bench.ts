import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Plan, QUICK } from './measure.ts';
import { type PlatformUnderTest, startPlatform } from './platform-under-test.ts';
import { type PostgresUnderTest, startPostgres } from './postgres-under-test.ts';
import type { Row } from './row.ts';
import { askAs, demonstrationId, importRows, ownErl } from './wire-map-bench.ts';
import { elementAt } from './wire-map-elements.ts';

const CHROMIUM = '/usr/bin/chromium';
const ASSETS = fileURLToPath(new URL('../console/dist/assets', import.meta.url));
const WAIT_MS = 60_000;
const ELEMENTS = 1_000_000;
const QUICK_ELEMENTS = 20_000;
const PLACES = 5_000;
const QUICK_PLACES = 500;
const FEW_PLACES = 50;
/** Enough to page through. */
const FEW_ELEMENTS = 1_000;
const STEP = 100_000;
/** Rows on a page of the console, unless one likes it otherwise. */
const PAGE_ROWS = 25;
/** Not the one that stands first anyway. */
const KINDS = ['MAC address', 'Switch port', 'Addresses'];

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
 * Milliseconds from a click or a key to the answer on the screen, as the page itself measures them: until the frame in which rows
 * other than those of before are painted.
 */
async function timeInteraction(page: Page, act: () => Promise<void>): Promise<number> {
  await page.evaluate(`(() => {
    const rows = () => document.querySelector('main table tbody')?.innerText ?? '';
    const before = rows();
    window.measured = new Promise((done, failed) => {
      setTimeout(() => failed(new Error('the rows did not change')), ${WAIT_MS});
      let from = 0;
      for (const type of ['pointerdown', 'keydown', 'input']) {
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

async function openWireMap(page: Page, platform: PlatformUnderTest, query = ''): Promise<void> {
  await page.goto(new URL(`/wire-map${query}`, platform.http).href);
  await page.getByRole('row').nth(5).waitFor();
}

/**
 * Pages of the wire map whose answers have arrived since the browser opened it last, by their first row: whether a page was read
 * ahead is looked at, not supposed.
 */
function watchPages(page: Page) {
  const arrived = new Set<number>();
  page.on('requestfinished', (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname === '/api/wire-map') arrived.add(Number(searchParams.get('start')));
  });
  return {
    forget: () => arrived.clear(),
    hasArrived: (start: number) => arrived.has(start),
    async untilArrived(start: number): Promise<void> {
      while (!arrived.has(start)) await page.waitForEvent('requestfinished');
    },
  };
}

/** Paging through the wire map, narrowing it, ordering and searching it, in a browser. */
async function timeWireMap(
  browser: Browser,
  platform: PlatformUnderTest,
  organizationId: string,
  elements: number,
  rounds: number,
) {
  const context = await browser.newContext({ viewport: { width: 1_400, height: 1_400 } });
  try {
    await context.addInitScript(`sessionStorage.setItem('waymark.organization', ${JSON.stringify(organizationId)})`);
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    const pages = watchPages(page);
    await page.goto(new URL('/wire-map', platform.http).href);
    await signIn(page, platform);
    await page.getByRole('row').nth(5).waitFor();
    const search = page.getByRole('searchbox', { name: 'Search' }).first();
    const timed = async (prepare: string | null, act: (round: number) => Promise<void>): Promise<number> => {
      const took: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        if (prepare !== null) await openWireMap(page, platform, prepare);
        took.push(await timeInteraction(page, () => act(round)));
      }
      return median(took);
    };
    const ahead: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await pages.untilArrived((round + 1) * PAGE_ROWS);
      ahead.push(await timeInteraction(page, () => page.getByRole('button', { name: 'Next page' }).first().click()));
    }
    /** To the page before the one that an address leads to, which nobody has read yet. */
    const timeBack = async (numberAt: (round: number) => number): Promise<number> => {
      const took: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        pages.forget();
        await openWireMap(page, platform, `?page=${numberAt(round)}`);
        if (pages.hasArrived((numberAt(round) - 2) * PAGE_ROWS)) throw new Error('the page before was read ahead');
        took.push(
          await timeInteraction(page, () => page.getByRole('button', { name: 'Previous page' }).first().click()),
        );
      }
      return median(took);
    };
    const paging = await timeBack((round) => round + 3);
    const far = await timeBack((round) => Math.floor(elements / PAGE_ROWS / 2) + round * 2);
    // Two directions, turned round in turn.
    await openWireMap(page, platform);
    // By keyboard: where headers stay in sight one stands over the other.
    const header = page.getByRole('columnheader', { name: /^Element/ }).getByRole('button');
    const sorting = await timed(null, () => header.press('Enter'));
    const kinds: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await openWireMap(page, platform);
      await page
        .getByRole('button', { name: /Every kind/ })
        .first()
        .click();
      const option = page.getByRole('option', { name: KINDS[round % KINDS.length] ?? '' });
      kinds.push(await timeInteraction(page, () => option.click()));
    }
    // A device among the first elements, which are there in both runs; beginnings; and out of the middle of a port's name.
    const searching = await timed('', (round) => search.fill(elementAt(round * 10 + 7).value));
    const beginnings = await timed('', (round) => search.fill(elementAt(round * 10 + 7).value.slice(0, 14)));
    const parts = await timed('', (round) => search.fill(`1/0/${round + 11}`));
    const ordered = await timed('?sort=-value', (round) => search.fill(`1/0/${round + 11}`));
    return { ahead: median(ahead), paging, far, sorting, kinds: median(kinds), searching, beginnings, parts, ordered };
  } finally {
    await context.close();
  }
}

/** An organization with so many locations all over the country; they come from SQL, and the change feed is told of them. */
async function createPlaces(platform: PlatformUnderTest, postgres: PostgresUnderTest, count: number): Promise<string> {
  const ask = askAs(platform);
  const { id } = await ask<{ id: string }>('POST', '/api/organizations', JSON.stringify({ name: `${count} sites` }));
  await postgres.query(
    `insert into locations (id, organization_id, name, name_key, time_zone, preferred_language, announcement_language,
       address, latitude, longitude, calling_enabled, created_at, updated_at)
     select gen_random_uuid(), $1, 'Site ' || n, 'site ' || n, 'America/Chicago', 'en_us', 'en_us',
       jsonb_build_object('address1', n || ' Elm St', 'city', 'Dallas', 'state', 'TX', 'postalCode', '75201', 'country', 'US'),
       26 + 22 * (n * 0.6180339887 % 1), -122 + 50 * (n * 0.7548776662 % 1), true, now(), now()
     from generate_series(1, $2::int) n`,
    [id, count],
  );
  await postgres.query('analyze');
  await postgres.query(`insert into change_feed (kind, organization_id) values ('locations', $1)`, [id]);
  await postgres.query(`select pg_notify('waymark_changes', 'locations')`);
  return id;
}

/** Milliseconds from the click on “Map” until the map rests with all places on it, in a browser that never showed one. */
async function timeMap(
  browser: Browser,
  platform: PlatformUnderTest,
  organizationId: string,
  places: number,
  rounds: number,
): Promise<number> {
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const context = await browser.newContext({ viewport: { width: 1_400, height: 1_000 } });
    try {
      await context.addInitScript(`sessionStorage.setItem('waymark.organization', ${JSON.stringify(organizationId)})`);
      const page = await context.newPage();
      page.setDefaultTimeout(WAIT_MS);
      await page.goto(new URL('/places', platform.http).href);
      await signIn(page, platform);
      await page.getByRole('row').nth(5).waitFor();
      await page.evaluate(`(() => {
        let from = 0;
        addEventListener('pointerdown', () => { from = performance.now(); }, { capture: true, once: true });
        window.measured = new Promise((done, failed) => {
          setTimeout(() => failed(new Error('the map does not rest')), ${WAIT_MS});
          new MutationObserver((_changes, observer) => {
            if (document.querySelector('[data-drawn="${places}"]') === null) return;
            observer.disconnect();
            done(performance.now() - from);
          }).observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-drawn'] });
        });
      })()`);
      await page.getByRole('button', { name: 'Map', exact: true }).first().click();
      took.push(await page.evaluate<number>('window.measured'));
    } finally {
      await context.close();
    }
  }
  return median(took);
}

/**
 * What the console costs a browser: script on the wire of the start page, how long the map of all counties takes with thousands of
 * places, and the wire map of a million elements to answer. The peer of the times is the same page with little on it, in the same run.
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
        const places = plan === QUICK ? QUICK_PLACES : PLACES;
        const fewPlaces = await createPlaces(platform, postgres, FEW_PLACES);
        const manyPlaces = await createPlaces(platform, postgres, places);
        const fewOnMap = await timeMap(browser, platform, fewPlaces, FEW_PLACES, rounds);
        const manyOnMap = await timeMap(browser, platform, manyPlaces, places, rounds);
        const organizationId = await demonstrationId(platform);
        const ask = askAs(platform, organizationId);
        const erl = await ownErl(ask);
        await importRows(ask, 0, FEW_ELEMENTS, 1, erl);
        const few = await timeWireMap(browser, platform, organizationId, FEW_ELEMENTS, rounds);
        for (let from = FEW_ELEMENTS; from < elements; from += STEP) {
          await importRows(ask, from, Math.min(from + STEP, elements), 1, erl);
        }
        const many = await timeWireMap(browser, platform, organizationId, elements, rounds);
        const row = (metric: string, value: number, unit: string, note?: string): Row => ({
          bench: 'console',
          metric,
          value: Math.round(value),
          unit,
          peer: null,
          ratio: null,
          ...(note !== undefined && { note }),
        });
        const timed = (
          metric: string,
          value: number,
          peer: number,
          { peerName = '1,000 elements', note = '' }: { peerName?: string; note?: string } = {},
        ): Row => ({
          ...row(metric, value, 'ms', `peer ${Math.round(peer)} ms${note}`),
          peer: peerName,
          ratio: Number((value / peer).toFixed(3)),
        });
        const TYPED = { note: '; 250 ms of them wait for the end of typing' };
        return [
          row('start-brotli', start.brotli / 1_000, 'kB', `${start.files} scripts; aim: under 600`),
          row('start-gzip', start.gzip / 1_000, 'kB', `${start.files} scripts`),
          timed(`map-of-${places}`, manyOnMap, fewOnMap, { peerName: `${FEW_PLACES} places` }),
          timed(`next-page-of-${elements}`, many.ahead, few.ahead, { note: '; read ahead' }),
          timed(`page-of-${elements}`, many.paging, few.paging, { note: '; not read ahead' }),
          timed(`page-amid-${elements}`, many.far, few.far, { note: '; half-way in, not read ahead' }),
          timed(`sort-of-${elements}`, many.sorting, few.sorting),
          timed(`kind-of-${elements}`, many.kinds, few.kinds),
          timed(`search-in-${elements}`, many.searching, few.searching, TYPED),
          timed(`search-beginning-in-${elements}`, many.beginnings, few.beginnings, TYPED),
          timed(`search-part-in-${elements}`, many.parts, few.parts, TYPED),
          timed(`search-part-ordered-in-${elements}`, many.ordered, few.ordered, TYPED),
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
