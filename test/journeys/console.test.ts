/** The console in a real browser, against a running platform: signing in and out, what one sees, and what a stranger cannot do. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { artefactPath, startBrowser } from '../support/browser.ts';
import { journeyDatabase, runConsoleServer, skipJourney } from '../support/console-server.ts';
import { callFrom } from '../support/journey-steps.ts';
import { type RunningPlatform, removeData } from '../support/run-platform.ts';

const database = journeyDatabase('embedded');
const skip = skipJourney(database);
const WAIT_MS = 20_000;

let server: RunningPlatform;
let browser: Browser;
/** What the pages asked of other hosts, and what they complained of. */
const strays: string[] = [];
const complaints: string[] = [];

before(async () => {
  if (skip !== false) return;
  [server, browser] = await Promise.all([runConsoleServer(database), startBrowser()]);
});

after(async () => {
  if (skip !== false) return;
  await browser.close();
  await server.stop();
  removeData(server.dataDir);
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
