/** The console in a real browser, against a running platform: signing in and out, what one sees, and what a stranger cannot do. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { artefactPath, startBrowser } from '../support/browser.ts';
import { journeyDatabase, runConsoleServer, skipJourney } from '../support/console-server.ts';
import { callFrom } from '../support/journey-steps.ts';
import { type OpenIdProvider, signInAtProvider, startOpenIdProvider } from '../support/openid-provider.ts';
import { openClient } from '../support/platform-client.ts';
import { type RunningPlatform, removeData } from '../support/run-platform.ts';
import { openLists, sortableLists } from '../support/sorted-lists.ts';

const database = journeyDatabase('embedded');
const skip = skipJourney(database);
const WAIT_MS = 20_000;

let server: RunningPlatform;
let browser: Browser;
let provider: OpenIdProvider;
/** What the pages asked of other hosts, and what they complained of. */
const strays: string[] = [];
const complaints: string[] = [];

before(async () => {
  if (skip !== false) return;
  provider = await startOpenIdProvider();
  [server, browser] = await Promise.all([runConsoleServer(database, { env: provider.env }), startBrowser()]);
});

after(async () => {
  if (skip !== false) return;
  await browser.close();
  await server.stop();
  removeData(server.dataDir);
  await provider.close();
});

async function openPage(context: BrowserContext, path: string): Promise<Page> {
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(server.http).origin) strays.push(request.url());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // That nobody is signed in yet, the browser reports by itself.
    if (message.type() === 'error' && !/ 40[13] /.test(message.text())) complaints.push(message.text());
  });
  await page.goto(new URL(path, server.http).href);
  return page;
}

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Access token').last().fill(token);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation').first().waitFor();
}

test('signing in: a wrong token is told, a right one opens the page that was asked for', { skip }, async () => {
  const context = await browser.newContext();
  try {
    const page = await openPage(context, '/calls');
    await page.getByLabel('Access token').last().fill('no such token');
    await page.keyboard.press('Enter');
    await page.getByText('These credentials let nobody in, or not any more.').waitFor();
    await signIn(page, server.firstRun().tokens.fullAdmin ?? '');
    await page.getByRole('heading', { name: 'Calls', level: 1 }).waitFor();
    const [cookie] = await context.cookies();
    assert.deepEqual([cookie?.httpOnly, cookie?.sameSite], [true, 'Strict']);
    assert.equal(await page.evaluate('document.cookie'), '', 'no script sees it');
    assert.equal(await page.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage }).length < 100'), true);

    await page.getByRole('button', { name: /Demonstration Company/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
  } finally {
    await context.close();
  }
});

test('signing in at an OpenID Connect provider, and out of it again', { skip }, async () => {
  const { organizationId = '', tokens } = server.firstRun();
  const operator = openClient(server.http, tokens.operator);
  const { id: stranger } = await operator.must<{ id: string }>('POST', '/api/organizations', { name: 'Nobody’s' });
  const { items: partners } = await operator.must<{ items: { id: string; isDefault: boolean }[] }>(
    'GET',
    '/api/partners',
  );
  const partner = partners.find(({ isDefault }) => isDefault)?.id;
  await provider.open(server.http, {
    ada: { roles: ['staff', 'e911-admins'], organization: organizationId, email: 'ada@demonstration.example' },
    eve: { roles: ['staff'], organization: organizationId, email: 'eve@demonstration.example' },
    pat: { roles: ['e911-partners'], organization: organizationId, partner, email: 'pat@reseller.example' },
  });
  const context = await browser.newContext({ viewport: { width: 1_400, height: 1_000 } });
  context.setDefaultTimeout(WAIT_MS);
  // Its pages would fetch their fonts from somewhere.
  await context.route(/^https:/, (route) => route.abort());
  const link = { name: 'Sign in with Example ID' };
  const session = (page: Page, organization = ''): Promise<[number, Record<string, unknown>]> =>
    page.evaluate(
      `fetch('/api/session${organization && `?orgId=${organization}`}').then(async (answer) => [answer.status, await answer.json()])`,
    );
  const signOutEverywhere = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: /^Account: / }).click();
    await page.getByRole('menuitem', { name: 'Sign out here and of Example ID' }).click();
    await page.getByRole('button', { name: 'Yes, sign me out' }).click();
    await page.getByRole('link', link).waitFor();
  };
  try {
    const page = await context.newPage();
    const complaintsHere: string[] = [];
    page.on('console', (message) => {
      const isOurs = message.location().url.startsWith(server.http);
      if (message.type() === 'error' && isOurs && !/ 40[13] /.test(message.text())) complaintsHere.push(message.text());
    });
    await page.goto(`${server.http}/calls?from-mail=a%20b#list`);
    await page.getByRole('link', link).waitFor();
    for (const [name, width, colorScheme] of [
      ['sign-in-openid', 1_400, 'light'],
      ['sign-in-openid-dark', 1_400, 'dark'],
      ['sign-in-openid-narrow', 360, 'light'],
    ] as const) {
      await page.setViewportSize({ width, height: 1_000 });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: artefactPath(`console/${name}.png`) });
    }
    await page.setViewportSize({ width: 1_400, height: 1_000 });

    // Somebody says no there.
    await page.getByRole('link', link).click();
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.getByText('The sign-in was cancelled').waitFor();
    await page.screenshot({ path: artefactPath('console/sign-in-cancelled.png') });

    // One comes back to where one wanted to be, signed in by a cookie like every other.
    const came = page.waitForRequest((request) => request.url().startsWith(`${server.http}/sign-in/openid/callback?`));
    await page.getByRole('link', link).click();
    await signInAtProvider(page, 'ada');
    await page.getByRole('heading', { name: 'Calls', level: 1 }).waitFor();
    assert.equal(page.url(), `${server.http}/calls?from-mail=a%20b#list`);
    const callback = (await came).url();
    assert.match(callback, /[?&]code=/);
    const cookies = (await context.cookies(server.http)).map(
      ({ name, httpOnly, sameSite }) => `${name} ${httpOnly} ${sameSite}`,
    );
    assert.deepEqual(new Set(cookies), new Set(['waymark true Strict', 'waymark-sign-in true Lax']));
    const [status, who] = await session(page);
    assert.deepEqual([status, who['label'], who['role']], [200, 'ada@demonstration.example', 'fullAdmin']);
    assert.equal((await session(page, stranger))[0], 403, 'of another organization nothing is seen');

    // Signed out by time while one types: one signs in in a tab of its own, and what was typed is still there.
    await page.goto(`${server.http}/trunks`);
    await page.getByRole('button', { name: 'Add trunk' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('Typed before the end');
    await page.getByLabel('Addresses').fill('192.0.2.204');
    const save = page.getByRole('dialog').getByRole('button', { name: 'Add trunk' });
    await context.clearCookies();
    await save.click();
    await page.getByText('Example ID opens in a new tab').waitFor();
    const [tab] = await Promise.all([context.waitForEvent('page'), page.getByRole('link', link).click()]);
    await signInAtProvider(tab, 'ada');
    await tab.getByText('you can close this tab').waitFor();
    await tab.close();
    await save.waitFor();
    assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Typed before the end');
    await save.click();
    await page.getByRole('row', { name: /Typed before the end/ }).waitFor();

    // What brought one in brings in nobody else, and nobody twice.
    const elsewhere = await browser.newContext();
    const other = await elsewhere.newPage();
    await other.goto(callback);
    await other.getByText('began in another browser').waitFor();
    await elsewhere.close();
    const replayed = await context.request.get(callback, { maxRedirects: 0 });
    assert.match(replayed.headers()['location'] ?? '', /^\/sign-in\?problem=expired&/);
    assert.equal(replayed.headers()['set-cookie'], undefined);

    // A link of another site signs nobody out; the menu does, here and there.
    await page.goto(`${provider.issuer}/nothing-there`);
    await page.evaluate(`location.assign('${server.http}/sign-in/openid/end')`);
    await page.getByRole('button', { name: /^Account: / }).waitFor();
    await signOutEverywhere(page);
    assert.equal((await session(page))[0], 401);

    // Whom nobody gave a role is told so, and the organization hears of it.
    await page.getByRole('link', link).click();
    await signInAtProvider(page, 'eve');
    await page.getByText('you have no role in Waymark yet').waitFor();
    await page.screenshot({ path: artefactPath('console/sign-in-no-access.png') });
    const own = openClient(server.http, tokens.fullAdmin ?? '');
    const { items } = await own.must<{ items: { subject: string }[] }>('GET', '/api/audit?action=sign-in.refused');
    assert.deepEqual(
      items.map(({ subject }) => subject),
      ['identity eve'],
    );
    await context.clearCookies();

    // A partner goes on to its customers, and to nobody else's.
    await page.goto(server.http);
    await page.getByRole('link', link).click();
    await signInAtProvider(page, 'pat');
    await page.getByRole('heading', { name: 'Demonstration Company', level: 1 }).waitFor();
    const customer = server.firstRun().fresh?.organizationId ?? '';
    assert.deepEqual([(await session(page, customer))[0], (await session(page, stranger))[0]], [200, 403]);
    await signOutEverywhere(page);
    assert.deepEqual(complaintsHere, []);
  } finally {
    await context.close();
  }
});

test('a call shows up in a browser that is open, and its page tells how it was decided', { skip }, async () => {
  const context = await browser.newContext({ viewport: { width: 1_400, height: 1_000 } });
  try {
    const page = await openPage(context, '/');
    await signIn(page, server.firstRun().tokens.readOnlyAdmin ?? '');
    await page.getByText('Austin Headquarters').waitFor();
    await page.screenshot({ path: artefactPath('console/home.png') });
    const number = server.firstRun().examples?.['callerNumber'] ?? '';
    await callFrom(server, { from: number, dialed: '911' });
    const link = page.getByRole('row', { name: new RegExp(number.replace('+', '\\+')) }).getByRole('link');
    await link.click();
    await page.getByRole('heading', { name: 'How it was decided' }).waitFor();
    await page.getByText('choose-destination').waitFor();
    await page.screenshot({ path: artefactPath('console/call.png'), fullPage: true });
    for (const [name, setting] of [
      ['dark', { colorScheme: 'dark' }],
      ['narrow', { colorScheme: 'light' }],
    ] as const) {
      await page.emulateMedia(setting);
      if (name === 'narrow') await page.setViewportSize({ width: 360, height: 800 });
      await page.screenshot({ path: artefactPath(`console/call-${name}.png`), fullPage: true });
    }
  } finally {
    await context.close();
  }
});

test('every list that says so is ordered as a whole, both ways, and pages lose nothing', { skip }, async () => {
  const { fullAdmin = '', operator } = server.firstRun().tokens;
  const own = openLists(server.http, fullAdmin);
  const platform = openLists(server.http, operator);
  for (const name of ['Beta', 'alpha', 'Gamma']) {
    await own.client.must('POST', '/api/trunks', {
      name,
      addresses: [`192.0.2.${name.length}${name.charCodeAt(0) % 10}`],
    });
  }
  const lists = await sortableLists(server.http);
  assert.ok(lists.size > 20, [...lists.keys()].join(' '));
  for (const [path, words] of lists) {
    const reader = /psap|boundar/.test(path) ? platform : own;
    for (const word of words.filter((one) => !one.startsWith('-'))) {
      const up = await reader.keys(path, { sort: word }, 1_000);
      const down = await reader.keys(path, { sort: `-${word}` }, 1_000);
      assert.deepEqual(down, up.toReversed(), `${path} by ${word}`);
      assert.equal(new Set(up).size, up.length, `${path} by ${word}: each once`);
      const paged = await reader.keys(
        path,
        { sort: `-${word}` },
        Math.min(1_000, Math.max(1, Math.ceil(up.length / 3))),
      );
      assert.deepEqual(paged, down, `${path} by ${word} in pages`);
    }
    const { status, body } = await reader.client.ask<{ errors?: unknown }>('GET', `${path}?sort=nonsense`);
    assert.equal(status, 400, path);
    assert.match(JSON.stringify(body), /sort must be one of/, path);
  }
});

test('tokens, boundaries and the worklist are found by a part of their text, whatever stands in it', {
  skip,
}, async () => {
  const { fullAdmin = '', operator } = server.firstRun().tokens;
  type Found = { items: Record<string, unknown>[] };
  const found = async (token: string, path: string, text: string): Promise<Found['items']> => {
    const client = openClient(server.http, token);
    return (await client.must<Found>('GET', `${path}?${new URLSearchParams({ text, max: '1000' }).toString()}`)).items;
  };
  await openClient(server.http, fullAdmin).must('POST', '/api/tokens', {
    label: 'Reads 100% of it',
    role: 'readOnlyAdmin',
  });
  const labels = (items: Found['items']): unknown[] => items.map(({ label }) => label);
  assert.deepEqual(labels(await found(fullAdmin, '/api/tokens', '100% OF')), ['Reads 100% of it']);
  assert.deepEqual(labels(await found(fullAdmin, '/api/tokens', '100_')), [], 'signs of patterns are signs');
  const counties = await found(operator, '/api/psap-worklist', 'travis');
  assert.ok(counties.length > 0);
  for (const item of counties) assert.match(JSON.stringify([item['name'], item['psap']]), /travis/i);
  assert.deepEqual(await found(operator, '/api/psap-worklist', 'no county is called so'), []);
  assert.deepEqual(await found(operator, '/api/boundaries', 'no boundary is called so'), []);
});

test('what is added while one reads a list page by page costs none of it', { skip }, async () => {
  const own = openLists(server.http, server.firstRun().tokens.fullAdmin ?? '');
  let added = 0;
  const add = async (): Promise<void> => {
    added += 1;
    await own.client.must('POST', '/api/trunks', { name: `AAA ${added}`, addresses: [`198.51.100.${added}`] });
  };
  for (const [path, sort] of [
    ['/api/trunks', 'name'],
    ['/api/audit', 'at'],
    ['/api/audit', '-at'],
  ] as const) {
    const before = await own.keys(path, { sort }, 1_000);
    let rounds = 3;
    const read = await own.keys(path, { sort }, Math.max(1, Math.ceil(before.length / 4)), async () => {
      if (rounds > 0) await add();
      rounds -= 1;
    });
    const seen = new Set(read);
    assert.deepEqual(
      before.filter((key) => !seen.has(key)),
      [],
      `${path} by ${sort}`,
    );
  }
  assert.ok(added > 3, 'rows were added between pages');
});

test('the words of the columns are words of the lists that the pages ask', { skip }, async () => {
  const lists = await sortableLists(server.http);
  const pages = fileURLToPath(new URL('../../console/src/pages', import.meta.url));
  let checked = 0;
  for (const name of readdirSync(pages, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.tsx')) continue;
    const source = readFileSync(join(pages, name), 'utf8');
    if (!source.includes('sortedBy(')) continue;
    const known = new Set(
      [...source.matchAll(/api\.GET\('([^']+)'/g)].flatMap(([, path = '']) => lists.get(path) ?? []),
    );
    const said = [...source.matchAll(/(?:\bsort: |usualSort=\{?)[^\n]*/g)].flatMap(([line]) =>
      [...line.matchAll(/(?:sort: |usualSort=|\? |: )['"](-?\w+)['"]/g)].map(([, word = '']) => word),
    );
    assert.ok(said.length > 0, `${name} has a column that sorts`);
    for (const word of said) assert.ok(known.has(word), `${name}: ${word} of ${[...known].join(' ')}`);
    checked += 1;
  }
  assert.ok(checked > 15, `${checked} pages`);
});

test('a table is sorted by a header, stays so, and saves all of itself', { skip }, async () => {
  const context = await browser.newContext({ viewport: { width: 1_400, height: 1_000 }, acceptDownloads: true });
  try {
    const own = openLists(server.http, server.firstRun().tokens.fullAdmin ?? '');
    await own.client.must('POST', '/api/trunks', { name: '=HYPERLINK("x"), bad', addresses: ['203.0.113.9'] });
    const page = await openPage(context, '/trunks');
    await signIn(page, server.firstRun().tokens.fullAdmin ?? '');
    const names = page.getByRole('rowheader');
    await page.getByRole('rowheader', { name: 'Beta' }).waitFor();
    const header = page.getByRole('columnheader', { name: /^Name/ });
    assert.equal(await header.getAttribute('aria-sort'), 'ascending', 'the order in which it comes');
    // By keyboard, as headers are sorted with a mouse anyway.
    await header.getByRole('button').press('Enter');
    await page.waitForURL(/sort=-name/);
    await page.getByRole('columnheader', { name: /^Name: sorted, downwards/ }).waitFor();
    const byName = await own.keys('/api/trunks', { sort: '-name' }, 25);
    await names.nth(byName.length - 1).waitFor();
    const shown = await names.allTextContents();
    await page.reload();
    await page.getByRole('columnheader', { name: /^Name: sorted, downwards/ }).waitFor();
    await page.getByRole('rowheader', { name: 'Beta' }).waitFor();
    assert.deepEqual(await names.allTextContents(), shown, 'a reload shows the same');
    await page.screenshot({ path: artefactPath('console/sorted.png') });

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'trunks.csv');
    const file = readFileSync(await download.path(), 'utf8');
    const rows: Record<string, string>[] = parse(file, { columns: true, bom: true });
    assert.deepEqual(
      rows.map((row) => row['Name']?.replace(/^'/, '')),
      shown,
      'every row, in the order that is shown',
    );
    assert.ok(
      rows.some((row) => row['Name'] === `'=HYPERLINK("x"), bad`),
      'no spreadsheet computes it',
    );
    assert.equal(Object.keys(rows[0] ?? {}).includes('Actions'), false);
  } finally {
    await context.close();
  }
});

test('what could not be read is not shown as nothing, and what did not arrive can be asked for again', {
  skip,
}, async () => {
  const context = await browser.newContext({ viewport: { width: 1_400, height: 1_000 } });
  context.setDefaultTimeout(WAIT_MS);
  try {
    // What fails here fails on purpose, and the browser reports it.
    const page = await context.newPage();
    const go = (path: string) => page.goto(new URL(path, server.http).href);
    await go('/');
    await signIn(page, server.firstRun().tokens.fullAdmin ?? '');

    await page.route('**/api/calls?**', (route) => route.fulfill({ status: 500, json: { message: 'it broke' } }));
    await go('/calls');
    await page.getByText('it broke').waitFor();
    await page.getByText('The list could not be read').waitFor();
    assert.equal(await page.getByText('No call yet').count(), 0);
    await page.screenshot({ path: artefactPath('console/list-unread.png') });
    await page.unroute('**/api/calls?**');

    await go('/places?page=9');
    await page.getByText('The list ends before this page.').waitFor();
    assert.equal(await page.getByText('No locations yet').count(), 0);
    await page.getByRole('button', { name: 'First page' }).click();
    await page.getByRole('link', { name: 'Austin Headquarters' }).waitFor();

    await go('/');
    await page.getByRole('heading', { name: 'Demonstration Company', level: 1 }).waitFor();
    await page.route('**/assets/calls-page*', (route) => route.abort());
    await page.getByRole('navigation').getByRole('link', { name: 'Calls', exact: true }).click();
    await page.getByText('That did not work').waitFor();
    await page.unroute('**/assets/calls-page*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Calls', level: 1 }).waitFor();
  } finally {
    await context.close();
  }
});

test('without a network a page says so, and nobody is signed out who is not', { skip }, async () => {
  const context = await browser.newContext({ viewport: { width: 1_400, height: 1_000 } });
  context.setDefaultTimeout(WAIT_MS);
  try {
    const page = await context.newPage();
    await page.goto(new URL('/calls', server.http).href);
    await signIn(page, server.firstRun().tokens.fullAdmin ?? '');
    await page.getByRole('heading', { name: 'Calls', level: 1 }).waitFor();
    await page.getByRole('link', { name: /\d/ }).or(page.getByText('No call yet')).first().waitFor();
    await context.setOffline(true);
    await page.getByText('The platform does not answer').waitFor();
    await page.getByRole('button', { name: /Demonstration Company/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByText('You are still signed in').waitFor();
    await context.setOffline(false);
    await page.getByText('The platform does not answer').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: /Demonstration Company/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
  } finally {
    await context.close();
  }
});

test('a session that ends takes nothing of what was typed; somebody else finds nothing of it', { skip }, async () => {
  const context = await browser.newContext({ viewport: { width: 1_400, height: 1_000 } });
  const { fullAdmin = '', readOnlyAdmin = '' } = server.firstRun().tokens;
  try {
    const page = await openPage(context, '/trunks');
    await signIn(page, fullAdmin);
    await page.getByRole('button', { name: 'Add trunk' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('Typed for an hour');
    await page.getByLabel('Addresses').fill('192.0.2.201');
    const save = page.getByRole('dialog').getByRole('button', { name: 'Add trunk' });
    await context.clearCookies();
    await save.click();
    await page.getByText('what you typed is still there').waitFor();
    // Nothing of the page is seen or reached meanwhile.
    assert.equal(await page.getByRole('navigation').or(page.getByRole('dialog')).count(), 0);
    assert.equal(await save.count(), 0);
    await page.screenshot({ path: artefactPath('console/session-ended.png') });
    await page.getByLabel('Access token').last().fill(fullAdmin);
    await page.keyboard.press('Enter');
    await save.waitFor();
    assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Typed for an hour');
    await save.click();
    await page.getByRole('row', { name: /Typed for an hour/ }).waitFor();

    await page.getByRole('button', { name: 'Add trunk' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('Left behind');
    await context.clearCookies();
    await page.getByLabel('Addresses').fill('192.0.2.202');
    await save.click();
    await page.getByText('what you typed is still there').waitFor();
    await page.getByLabel('Access token').last().fill(readOnlyAdmin);
    await page.keyboard.press('Enter');
    await page.getByRole('row', { name: /Typed for an hour/ }).waitFor();
    assert.equal(await page.getByRole('dialog').count(), 0);

    // A label is nobody's alone.
    const client = openClient(server.http, fullAdmin);
    const desks = await Promise.all(
      [1, 2].map(() =>
        client.must<{ token: string }>('POST', '/api/tokens', { label: 'Front desk', role: 'fullAdmin' }),
      ),
    );
    const [one, other] = desks.map(({ token }) => token);
    await context.clearCookies();
    await page.goto(`${server.http}/trunks`);
    await signIn(page, one ?? '');
    await page.getByRole('button', { name: 'Add trunk' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('Of one desk');
    await page.getByLabel('Addresses').fill('192.0.2.203');
    await context.clearCookies();
    await save.click();
    await page.getByText('what you typed is still there').waitFor();
    await page
      .getByLabel('Access token')
      .last()
      .fill(other ?? '');
    await page.keyboard.press('Enter');
    await page.getByRole('row', { name: /Typed for an hour/ }).waitFor();
    assert.equal(await page.getByRole('dialog').count(), 0);
  } finally {
    await context.close();
  }
});

test('the cookie alone changes nothing, and only from pages of this server', { skip }, async () => {
  const { tokens } = server.firstRun();
  const own = { 'content-type': 'application/json', 'x-waymark-console': '1' };
  const enter = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${server.http}/session`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ accessToken: tokens.fullAdmin }),
    });
  assert.equal((await enter({ 'content-type': 'application/json' })).status, 403, 'no header of ours');
  assert.equal((await enter({ ...own, 'content-type': 'text/plain' })).status, 415, 'what a form can send');
  const entered = await enter(own);
  assert.equal(entered.status, 201);
  const [cookie = ''] = (entered.headers.get('set-cookie') ?? '').split(';');
  const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: object): Promise<Response> =>
    fetch(`${server.http}${path}`, {
      method,
      headers: { cookie, ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
  assert.equal((await ask('GET', '/api/session')).status, 200);
  const trunk = { name: 'Forged', addresses: ['192.0.2.77'] };
  const forged = { 'content-type': 'application/json' };
  assert.equal((await ask('POST', '/api/trunks', forged, trunk)).status, 403);
  assert.equal((await ask('POST', '/api/trunks', { ...own, 'sec-fetch-site': 'cross-site' }, trunk)).status, 403);
  assert.equal((await ask('POST', '/api/trunks', own, trunk)).status, 201);
  // A token says more than a cookie: where both come, it decides.
  const both = await ask('POST', '/api/trunks', { ...forged, authorization: `Bearer ${tokens.readOnlyAdmin}` }, trunk);
  assert.equal(both.status, 403);
  assert.equal((await ask('POST', '/session/end', own)).status, 200);
  assert.equal((await ask('GET', '/api/session')).status, 401);
});

test('the document and its files: nothing from outside, cached as long as they stay the same', { skip }, async () => {
  const answer = await fetch(`${server.http}/calls/anything`, { headers: { 'accept-encoding': 'br' } });
  const policy = answer.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'.*script-src 'self';.*frame-ancestors 'none'/);
  assert.ok(!/script-src[^;]*(unsafe|http)/.test(policy));
  assert.equal(answer.headers.get('cache-control'), 'no-cache');
  const html = await answer.text();
  const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(html) ?? [];
  const file = await fetch(server.http + script, { headers: { 'accept-encoding': 'gzip' } });
  assert.deepEqual(
    [file.status, file.headers.get('cache-control'), file.headers.get('content-encoding')],
    [200, 'public, max-age=31536000, immutable', 'gzip'],
  );
  assert.equal((await fetch(`${server.http}/assets/no-such-file.js`)).status, 404);
  assert.equal((await fetch(`${server.http}/assets/..%2Findex.html`)).status, 404);
});

test('no page asked another host for anything, or complained', { skip }, () => {
  assert.deepEqual(strays, []);
  assert.deepEqual(complaints, []);
});
