/**
 * The console for everybody: axe looks at every page in both themes, one gets everywhere by keyboard, a partner acts for its
 * customers and for nobody else, and what happens shows up in browsers that are open.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { artefactPath, startBrowser } from '../support/browser.ts';
import { CONSOLE_WAIT_MS, type Noted, openConsole, signInTo } from '../support/console-page.ts';
import { consoleAddress, consolePagePaths } from '../support/console-pages.ts';
import { journeyDatabase, runConsoleServer, skipJourney } from '../support/console-server.ts';
import { askHeldAt, callFrom } from '../support/journey-steps.ts';
import { answerLate, readAgain, type Seen, seenAtRest } from '../support/late-answers.ts';
import { lookWhere } from '../support/look-where.ts';
import { eventually, openClient } from '../support/platform-client.ts';
import { type RunningPlatform, removeData } from '../support/run-platform.ts';

const database = journeyDatabase('postgres');
const skip = skipJourney(database);
const PAGE_MS = 10_000;
/** Nobody asks it anything before somebody goes there: its way is shown where one signs in. */
const PROVIDER = { WAYMARK_OIDC_ISSUER: 'https://id.example', WAYMARK_OIDC_CLIENT_ID: 'waymark-console' };
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let server: RunningPlatform;
let browser: Browser;
const noted: Noted = { strays: [], complaints: [] };

before(async () => {
  if (skip !== false) return;
  [server, browser] = await Promise.all([runConsoleServer(database, { env: PROVIDER }), startBrowser()]);
  // Something that pages show: a call, and a phone that nobody mapped.
  const { examples, tokens } = server.firstRun();
  const fullAdmin = tokens.fullAdmin ?? '';
  await callFrom(server, { from: examples?.['callerNumber'] ?? '', dialed: '911' });
  const { heldUrl } = await openClient(server.http, fullAdmin).must<{ heldUrl: string }>('GET', '/api/e911-account');
  await askHeldAt(heldUrl, { chassis: '02:00:5e:00:53:ee', port: 'nobody mapped this' });
  await eventually('a call that is listed', CONSOLE_WAIT_MS, async () => {
    const { items } = await openClient(server.http, fullAdmin).must<{ items: unknown[] }>('GET', '/api/incidents');
    return items.length > 0;
  });
});

after(async () => {
  if (skip !== false) return;
  await browser.close();
  await server.stop();
  removeData(server.dataDir);
});

const openAt = async (context: Parameters<typeof openConsole>[0], path: string): Promise<Page> =>
  openConsole(context, new URL(path, server.http).href, noted);

type Violation = { id: string; impact: string; nodes: { html: string; failureSummary: string }[] };

/** What axe finds, in words. */
async function lookWithAxe(page: Page, rules: object): Promise<string[]> {
  const found = await page.evaluate<Violation[]>(
    `axe.run(document, ${JSON.stringify({ ...rules, resultTypes: ['violations'] })}).then(({ violations }) => violations)`,
  );
  return found.flatMap(({ id, nodes }) =>
    nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${html.slice(0, 300)} ${failureSummary.slice(0, 300)}`),
  );
}

const EVERYTHING = {
  runOnly: {
    type: 'tag',
    values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  },
};
/** What a theme can break. */
const COLOURS = { runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } };

const WIDE = { width: 1_400, height: 1_000 };
const NARROW = { width: 360, height: 800 };
/** How much of a page may move while it loads: what Core Web Vitals call good. */
const MOST_SHIFTED = 0.1;
/** What a page must not do while what it asked for comes late, in the worst order. */
function faultsOf({ headings, jumps, shifted, takenBack }: Seen): string[] {
  const faults: string[] = [];
  if (shifted > MOST_SHIFTED) faults.push(`jumps by ${shifted.toFixed(3)}: ${jumps.join('; ')}`);
  // It may say more as it knows more.
  const isGrowing = headings.every((heading, at) => heading !== '' && heading.startsWith(headings[at - 1] ?? ''));
  if (!isGrowing) faults.push(`is called ${headings.map((heading) => `“${heading}”`).join(', then ')}`);
  for (const text of takenBack) faults.push(`says what it takes back: ${text}`);
  return faults;
}

/** What reaches beyond the right edge of the window, from the outside in. */
const BEYOND = `[...document.querySelectorAll('body *')]
  .filter((element) => element.getBoundingClientRect().right > innerWidth)
  .slice(0, 12)
  .map((element) => element.tagName + ' ' + element.className + ' ' + element.textContent.slice(0, 30))
  .join('; ')`;

test('axe finds nothing on any page, in both themes', { skip }, async (t) => {
  const { operator, fullAdmin = '' } = server.firstRun().tokens;
  // The operator sees every page; here for the organization that has something to show.
  const asOrganization = `if (window === top) sessionStorage.setItem('waymark.organization', ${JSON.stringify(server.firstRun().organizationId)})`;
  const context = await browser.newContext({ viewport: WIDE, reducedMotion: 'reduce' });
  try {
    await context.addInitScript(asOrganization);
    const page = await openAt(context, '/sign-in?problem=no-access&to=/');
    page.setDefaultTimeout(PAGE_MS);
    await page.getByRole('link', { name: 'Sign in with single sign-on' }).waitFor();
    await page.getByText('you have no role in Waymark yet').waitFor();
    await page.evaluate(AXE);
    assert.deepEqual(await lookWithAxe(page, EVERYTHING), [], 'signing in');
    await signInTo(page, operator);
    const storageState = await context.storageState();
    await context.close();
    const paths = consolePagePaths();
    assert.ok(paths.includes('/') && paths.includes('/settings/tokens') && paths.length > 10, paths.join(' '));
    const addresses: [path: string, address: string][] = [];
    for (const path of paths) addresses.push([path, await consoleAddress(server.http, path, fullAdmin)]);
    // By day as a large window, where axe looks at it in both themes; at night as a telephone, which no page is wider than.
    const wide = async (page: Page, path: string): Promise<string[]> => {
      const found = await lookWhere(page, path);
      await page.evaluate(AXE);
      found.push(...(await lookWithAxe(page, EVERYTHING)));
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.locator('body.awsui-dark-mode').waitFor();
      return [...found, ...(await lookWithAxe(page, COLOURS))];
    };
    const narrow = async (page: Page): Promise<string[]> =>
      (await page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth'))
        ? []
        : [`is wider than the window: ${await page.evaluate<string>(BEYOND)}`];
    const looks = [
      { viewport: WIDE, colorScheme: 'light', look: wide },
      { viewport: NARROW, colorScheme: 'dark', look: narrow },
    ] as const;
    const left = looks.flatMap((how) => addresses.map(([path, address]) => ({ ...how, path, address })));
    const faults: string[] = [];
    const lookAtWhatIsLeft = async (): Promise<void> => {
      const context = await browser.newContext({ storageState, reducedMotion: 'reduce' });
      try {
        await context.addInitScript(asOrganization);
        await answerLate(context);
        const page = await openAt(context, '/');
        page.setDefaultTimeout(PAGE_MS);
        for (let next = left.shift(); next !== undefined; next = left.shift()) {
          const { address, colorScheme, look, path, viewport } = next;
          const found = async (): Promise<string[]> => {
            await page.setViewportSize(viewport);
            await page.emulateMedia({ colorScheme });
            await page.goto(address);
            const seen = await seenAtRest(page);
            await page.locator(':text-is("Loading"):visible').first().waitFor({ state: 'detached' });
            return [...faultsOf(seen), ...(await look(page, path))];
          };
          const where = `${path}, ${colorScheme}, ${viewport.width} px`;
          for (const fault of await found().catch((error: unknown) => [String(error)]))
            faults.push(`${where}: ${fault}`);
        }
      } finally {
        await context.close();
      }
    };
    await Promise.all([lookAtWhatIsLeft(), lookAtWhatIsLeft()]);
    t.diagnostic(`${paths.length} pages`);
    assert.deepEqual(faults, []);
  } finally {
    await context.close();
  }
});

test('a page about something that is not there says so, and goes on saying it', { skip }, async () => {
  const context = await browser.newContext({ viewport: WIDE });
  try {
    await answerLate(context);
    const page = await openAt(context, '/');
    await signInTo(page, server.firstRun().tokens.fullAdmin ?? '');
    const headings: [path: string, headings: string[]][] = [];
    const looksAgain: string[] = [];
    const paths = consolePagePaths().filter((path) => path.includes(':'));
    assert.ok(paths.length > 5, paths.join(' '));
    for (const path of paths) {
      const id = randomUUID();
      await page.goto(new URL(path.replace(/:\w+/, id), server.http).href);
      await seenAtRest(page);
      // What was not found is looked for again by itself.
      if ((await readAgain(page)).some((asked) => asked.includes(id))) looksAgain.push(path);
      headings.push([path, (await seenAtRest(page)).headings]);
    }
    assert.deepEqual(
      headings,
      paths.map((path) => [path, ['This is not here']]),
    );
    assert.ok(looksAgain.includes('/alerts/incidents/:id') && looksAgain.includes('/places/:id'), looksAgain.join(' '));
  } finally {
    await context.close();
  }
});

test('rooms of a floor that could not be read leave the tree as it stands while they are looked for again', {
  skip,
}, async () => {
  const context = await browser.newContext({ viewport: WIDE });
  try {
    await answerLate(context);
    const page = await openAt(context, '/');
    const token = server.firstRun().tokens.fullAdmin ?? '';
    await signInTo(page, token);
    const isOfFloor = (url: URL): boolean =>
      url.pathname === '/api/response-locations' && url.searchParams.has('floor');
    await page.route(isOfFloor, (route) => route.fulfill({ status: 404, json: { message: 'No such floor.' } }));
    await page.goto(await consoleAddress(server.http, '/places/:id', token));
    await page.getByText('No such floor.').waitFor();
    await seenAtRest(page);
    await page.evaluate(`(() => {
      const tree = () => [...document.querySelectorAll('#content table tbody tr')].length;
      const says = () => document.querySelector('#content').innerText.includes('No such floor.');
      const rows = tree();
      window.lost = [];
      new MutationObserver(() => {
        if (tree() < rows) window.lost.push('rows');
        if (!says()) window.lost.push('what failed');
      }).observe(document, { subtree: true, childList: true, characterData: true });
    })()`);
    const asked = await readAgain(page);
    assert.ok(asked.includes('/api/response-locations'), asked.join(' '));
    assert.deepEqual(await page.evaluate('[...new Set(window.lost)]'), []);
  } finally {
    await context.close();
  }
});

test('everything can be reached by keyboard, and one sees where one is', { skip }, async () => {
  const context = await browser.newContext({ viewport: { width: 1_400, height: 1_000 } });
  try {
    const page = await openAt(context, '/settings/tokens');
    await signInTo(page, server.firstRun().tokens.fullAdmin ?? '');
    await page.getByRole('heading', { name: 'Access tokens', level: 1 }).waitFor();
    // The first stop leads past the navigation.
    await page.evaluate('document.activeElement?.blur()');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to content');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate('document.activeElement.id'), 'content');

    const stops: string[] = [];
    const unseen: string[] = [];
    for (let stop = 0; stop < 12; stop += 1) {
      await page.keyboard.press('Tab');
      // Of the element or of what the components draw around it.
      const { name, isSeen } = await page.evaluate<{ name: string; isSeen: boolean }>(`(() => {
        const at = document.activeElement;
        const { width, height, top, bottom } = at.getBoundingClientRect();
        const drawn = (element, part) => {
          const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element, part);
          return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
        };
        const near = [at, at.parentElement, ...at.children].filter(Boolean);
        const isMarked = near.some((element) => [null, '::before', '::after'].some((part) => drawn(element, part)));
        const isWithin = width > 0 && height > 0 && bottom > 0 && top < innerHeight;
        return { name: at.getAttribute('aria-label') ?? at.textContent ?? at.tagName, isSeen: isMarked && isWithin };
      })()`);
      stops.push(name);
      if (!isSeen) unseen.push(name);
    }
    assert.ok(stops.includes('Make a token'), stops.join(' | '));
    assert.deepEqual(unseen, [], 'every stop is marked and on the screen');

    // Whatever it is, a few letters lead there; a key in the page, too.
    await page.keyboard.press('Control+k');
    const finder = page.getByRole('combobox', { name: 'Find anything' });
    await eventually('the finder', CONSOLE_WAIT_MS, () =>
      page.evaluate<boolean>(`document.activeElement?.getAttribute('aria-label') === 'Find anything'`),
    );
    await page.keyboard.type('Austin Head');
    await page.getByRole('option', { name: /^Austin Headquarters/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Austin Headquarters', level: 1 }).waitFor();
    await finder.waitFor({ state: 'detached' });
    // Whoever presses Enter before anything is found goes to the first of it; rooms say where they are.
    const openFinder = async (): Promise<void> => {
      await page.keyboard.press('Control+k');
      await eventually('the finder', CONSOLE_WAIT_MS, () =>
        page.evaluate<boolean>(`document.activeElement?.getAttribute('aria-label') === 'Find anything'`),
      );
    };
    await openFinder();
    await page.keyboard.type('floor 1 lobby');
    await page.getByRole('option', { name: /^Austin floor 1 lobby\s+Austin Headquarters/ }).waitFor();
    await page.keyboard.press('Escape');
    await finder.waitFor({ state: 'detached' });
    await openFinder();
    await page.keyboard.type('Houston Pl');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Houston Plant', level: 1 }).waitFor();
    await finder.waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Ctrl', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    // How one likes to look at a list stays so in this browser.
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.getByRole('heading', { name: 'Calls', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Columns and rows' }).press('Enter');
    await page.getByRole('dialog').getByLabel('50 rows').check();
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.match(String(await page.evaluate(`localStorage.getItem('waymark.table.calls')`)), /"pageSize":50/);
    const asks = page.waitForRequest((request) => /\/api\/calls\?.*max=50/.test(request.url()));
    await page.reload();
    await asks;
    // Where a closed dialog is in the document, keys do the same.
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await page.getByRole('heading', { name: 'Members', level: 1 }).waitFor();
    await page.locator('[role="dialog"]').first().waitFor({ state: 'attached' });
    await page.keyboard.press('Control+k');
    await finder.waitFor();
    await page.keyboard.press('Escape');
    await finder.waitFor({ state: 'detached' });
    await page.goto(new URL('/settings/tokens', server.http).href);
    await page.getByRole('heading', { name: 'Access tokens', level: 1 }).waitFor();

    // A token from name to end without a mouse: made, shown once, gone when it is closed.
    await page.getByRole('button', { name: 'Make a token' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await eventually('a field to write in', CONSOLE_WAIT_MS, async () =>
      Boolean(await page.evaluate(`document.activeElement.matches('[role=dialog] input')`)),
    );
    await page.keyboard.type('By keyboard');
    for (let stop = 0; stop < 6; stop += 1) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate('document.activeElement.textContent')) === 'Make a token') break;
    }
    await page.keyboard.press('Enter');
    const shown = page.getByRole('dialog', { name: 'New access token' });
    await shown.waitFor();
    const token = /wm_[\w-]+/.exec(await shown.innerText())?.[0] ?? '';
    assert.equal((await openClient(server.http, token).ask('GET', '/api/session')).status, 200);
    await page.screenshot({ path: artefactPath('console/token-made.png') });
    await page.keyboard.press('Escape');
    assert.ok(await shown.isVisible(), 'Escape does not lose what is shown once');
    await shown.getByRole('button', { name: 'I have copied it' }).press('Enter');
    await page.getByRole('row', { name: /By keyboard/ }).waitFor();
    assert.ok(!(await page.content()).includes(token), 'it is not shown again');

    await page.getByRole('button', { name: 'Actions for By keyboard' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('row', { name: /By keyboard.*Revoked/ }).waitFor();
    assert.equal((await openClient(server.http, token).ask('GET', '/api/session')).status, 401);

    await page.goto(new URL('/settings/audit?action=token.*', server.http).href);
    await page.getByRole('link', { name: /Show token\.revoked/ }).press('Enter');
    await page.getByRole('dialog', { name: 'token.revoked' }).waitFor();
  } finally {
    await context.close();
  }
});

test('on a Mac, Ctrl+K is left to whoever writes; Cmd+K finds', { skip }, async () => {
  const context = await browser.newContext();
  try {
    await context.addInitScript(`Object.defineProperty(navigator, 'platform', { get: () => 'MacIntel' })`);
    const page = await openAt(context, '/members');
    await signInTo(page, server.firstRun().tokens.fullAdmin ?? '');
    const field = page.getByRole('searchbox', { name: 'Search' });
    await field.fill('some text');
    const isLeft = `(() => {
      const event = new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true, cancelable: true });
      return document.activeElement.dispatchEvent(event);
    })()`;
    assert.equal(await page.evaluate(isLeft), true, 'it cuts the rest of the line');
    assert.equal(await page.getByRole('combobox', { name: 'Find anything' }).count(), 0);
    await field.press('Meta+k');
    await page.getByRole('combobox', { name: 'Find anything' }).waitFor();
  } finally {
    await context.close();
  }
});

test('a partner acts for a customer in one tab; other organizations stay closed, whatever stands in the address', {
  skip,
}, async () => {
  const { tokens, fresh } = server.firstRun();
  const customer = fresh?.organizationId ?? '';
  const operator = openClient(server.http, tokens.operator);
  const stranger = await operator.must<{ id: string }>('POST', '/api/organizations', { name: 'Nobody’s customer' });
  const { items: foreign } = await operator.must<{ items: { id: string }[] }>(
    'GET',
    `/api/calls?orgId=${server.firstRun().organizationId ?? ''}`,
  );
  const context = await browser.newContext({ viewport: { width: 360, height: 800 } });
  try {
    const page = await openAt(context, '/');
    await signInTo(page, tokens.partnerAdmin ?? '');
    await page.getByRole('heading', { name: 'Demonstration Company', level: 1 }).waitFor();
    await page.setViewportSize({ width: 1_400, height: 1_000 });
    await page.getByRole('button', { name: /^Account: / }).click();
    await page.getByRole('menuitem', { name: 'Organization' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /^Organization/ }).click();
    await page.getByRole('option', { name: /Fresh Company/ }).waitFor();
    assert.equal(await page.getByRole('option', { name: /Nobody/ }).count(), 0, 'only customers are offered');
    await page.getByRole('option', { name: /Fresh Company/ }).click();
    await dialog.getByRole('button', { name: 'Switch' }).click();
    await page.getByRole('heading', { name: 'Fresh Company', level: 1 }).waitFor();
    await page.getByText('Acting for Fresh Company').waitFor();
    await page.screenshot({ path: artefactPath('console/acting.png') });

    // Kept in this tab over a reload, and seen on a narrow screen; another tab is one's own.
    await page.setViewportSize({ width: 360, height: 800 });
    await page.reload();
    await page.getByText('Acting for Fresh Company').waitFor();
    const other = await openAt(context, '/');
    await other.getByRole('heading', { name: 'Demonstration Company', level: 1 }).waitFor();
    await other.close();

    // What belongs to an organization that one does not act for does not exist, whatever the address says.
    const [call] = foreign;
    assert.ok(call, 'there is a call of the demonstration');
    for (const address of [`/calls/${call.id}`, `/calls/${call.id}?orgId=${server.firstRun().organizationId ?? ''}`]) {
      await page.goto(new URL(address, server.http).href);
      await page.getByText('That did not work').waitFor();
      assert.ok(!(await page.content()).includes(server.firstRun().examples?.['callerNumber'] ?? 'no number'), address);
    }
    const session = (organizationId: string): Promise<number> =>
      page.evaluate<number>(`fetch('/api/session?orgId=${organizationId}').then(({ status }) => status)`);
    assert.deepEqual([await session(customer), await session(stranger.id)], [200, 403]);

    // Somebody writes another organization into the tab's memory: the platform refuses, one is back at one's own.
    await page.evaluate(`sessionStorage.setItem('waymark.organization', '${stranger.id}')`);
    await page.goto(new URL('/', server.http).href);
    await page.getByRole('heading', { name: 'Demonstration Company', level: 1 }).waitFor();
    assert.equal(await page.getByText('Acting for').count(), 0);
  } finally {
    await context.close();
  }
});

test('whoever administers one location sees nothing of another, whatever stands in the address', { skip }, async () => {
  const { tokens, locations = [] } = server.firstRun();
  const full = openClient(server.http, tokens.fullAdmin ?? '');
  const { items: sites } = await full.must<{ items: { id: string; name: string }[] }>('GET', '/api/locations');
  const own = sites.find(({ name }) => name === locations[0]?.name);
  const other = sites.find(({ name }) => name === locations[1]?.name);
  assert.ok(own && other, 'the demonstration has two');
  type Room = { id: string; name: string; locationId: string };
  const { items: rooms } = await full.must<{ items: Room[] }>('GET', `/api/response-locations?locationId=${other.id}`);
  const otherRooms = rooms.filter(({ locationId }) => locationId === other.id);
  const element = await full.must<{ value: string }>('POST', '/api/wire-map', {
    kind: 'mac',
    value: '02:00:5e:00:53:0e',
    responseLocationId: otherRooms[0]?.id,
    description: 'Of the other location',
  });
  const whole = await full.ask('GET', `/api/wire-map?locationId=${other.id}`);
  assert.ok(JSON.stringify(whole.body).includes(element.value), 'there is something to see');
  const context = await browser.newContext({ viewport: { width: 1_400, height: 1_000 } });
  try {
    const page = await openAt(context, `/places/${own.id}`);
    page.setDefaultTimeout(PAGE_MS);
    await signInTo(page, tokens.locationAdmin ?? '');
    await page.getByRole('heading', { name: own.name, level: 1 }).waitFor();
    const hidden = [other.name, element.value, 'Of the other location'];
    const seesNothing = async (address: string): Promise<void> => {
      const text = await page.locator('main').innerText();
      for (const secret of hidden) assert.ok(!text.includes(secret), `${address} shows ${secret}`);
    };

    // A page about it says what one about a location that nobody has says.
    for (const tab of ['', '?tab=rooms', `?locationId=${own.id}`]) {
      const address: string = `/places/${other.id}${tab}`;
      await page.goto(new URL(address, server.http).href);
      await page.getByText('That did not work').first().waitFor();
      assert.equal(await page.getByRole('heading', { name: other.name }).count(), 0, address);
      await seesNothing(address);
    }
    await page.screenshot({ path: artefactPath('console/not-ones-location.png') });

    // Lists that are narrowed to it by the address are empty, or refused.
    for (const path of ['/wire-map', '/calls', '/alerts', '/members', '/places']) {
      const address = `${path}?locationId=${other.id}`;
      await page.goto(new URL(address, server.http).href);
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await page.locator('main :text-is("Loading"):visible').first().waitFor({ state: 'detached' });
      await seesNothing(address);
    }
    // Nor does the platform answer the page where it asks by itself.
    const asked = (path: string): Promise<{ status: number; text: string }> =>
      page.evaluate(
        `fetch(${JSON.stringify(path)}).then(async (answer) => ({ status: answer.status, text: await answer.text() }))`,
      );
    for (const path of [
      `/api/locations/${other.id}`,
      `/api/wire-map?locationId=${other.id}`,
      `/api/wire-map?responseLocationId=${otherRooms[0]?.id}`,
      `/api/response-locations?locationId=${other.id}`,
      `/api/calls?locationId=${other.id}`,
    ]) {
      const { status, text } = await asked(path);
      assert.ok([200, 403, 404].includes(status), `${path}: ${status}`);
      for (const secret of hidden) assert.ok(!text.includes(secret), `${path} tells ${secret}`);
    }
  } finally {
    await context.close();
  }
});

test('a second browser sees a call and its alert arrive, told by the platform', { skip }, async () => {
  const number = server.firstRun().examples?.['callerNumber'] ?? '';
  const contexts = await Promise.all([browser.newContext(), browser.newContext()]);
  try {
    const [first, second] = await Promise.all(contexts.map((context) => openAt(context, '/')));
    assert.ok(first && second);
    await signInTo(first, server.firstRun().tokens.fullAdmin ?? '');
    // Its clock stands, so that it never looks by itself: what it shows it was told.
    await second.clock.install();
    const hears = second.waitForResponse((response) => response.url().includes('/api/events'));
    await second
      .getByLabel('Access token')
      .last()
      .fill(server.firstRun().tokens.readOnlyAdmin ?? '');
    await second.keyboard.press('Enter');
    const see = async (page: Page, text: string | RegExp): Promise<void> => {
      const found = page.getByText(text).first();
      let leftMs = 4_500;
      await eventually(`“${text}”`, CONSOLE_WAIT_MS, async () => {
        if (await found.isVisible()) return true;
        // Less than it would wait before it looks by itself.
        if (page === second && leftMs > 0) await second.clock.runFor(50);
        leftMs -= 50;
        return false;
      });
    };
    await see(second, 'No emergency call is under way.');
    await hears;
    const calling = callFrom(server, { from: number, dialed: '911', holdMs: 6_000 });
    await see(second, 'Under way');
    await second.screenshot({ path: artefactPath('console/home-live.png') });
    await first
      .getByRole('row', { name: /Under way/ })
      .getByRole('link')
      .first()
      .click();
    await first.getByRole('heading', { name: 'Who was told' }).waitFor();
    await first.getByText('Accepted').first().waitFor();
    await calling;
    await see(second, 'No emergency call is under way.');
  } finally {
    for (const context of contexts) await context.close();
  }
});

test('no page asked another host for anything, or complained', { skip }, () => {
  assert.deepEqual(noted, { strays: [], complaints: [] });
});
