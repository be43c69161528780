/**
 * The console against those who mean it harm: names that are scripts, pages of other sites, what stays in caches and what the
 * browser is told to forbid.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { Browser, Locator, Page } from 'playwright-core';
import { artefactPath, startBrowser } from '../support/browser.ts';
import { type Noted, openConsole, signInTo } from '../support/console-page.ts';
import { consoleAddress, consolePagePaths } from '../support/console-pages.ts';
import { journeyDatabase, runConsoleServer, skipJourney } from '../support/console-server.ts';
import { callFrom } from '../support/journey-steps.ts';
import { openClient } from '../support/platform-client.ts';
import { type RunningPlatform, removeData } from '../support/run-platform.ts';

const database = journeyDatabase('embedded');
const skip = skipJourney(database);
const PAGE_MS = 10_000;
const NAMES = 24;
/** Built-in outlines of counties: nobody's secret, and large. */
const SAME_FOR_ALL = new Set(['/api/map-regions']);

let server: RunningPlatform;
let browser: Browser;

before(async () => {
  if (skip !== false) return;
  // Many requests in a short time are what this test is about.
  [server, browser] = await Promise.all([
    runConsoleServer(database, { env: { WAYMARK_RATE_LIMIT_PER_MINUTE: '0', WAYMARK_CONCURRENT_REQUESTS: '0' } }),
    startBrowser(),
  ]);
});

after(async () => {
  if (skip !== false) return;
  await browser.close();
  await server.stop();
  removeData(server.dataDir);
});

const ownPage = { 'content-type': 'application/json', 'x-waymark-console': '1' };

async function cookieOf(token: string | undefined): Promise<string> {
  const entered = await fetch(`${server.http}/session`, {
    method: 'POST',
    headers: ownPage,
    body: JSON.stringify({ accessToken: token }),
  });
  assert.equal(entered.status, 201);
  return entered.headers.get('set-cookie') ?? '';
}

const STRANGE = ':is(script, iframe, object, embed, base, [onerror], [onload])';
/** The page that shows a mail as it would look: in a frame where nothing runs, the only frame of the console. */
const PREVIEW_PATH = '/alerts/templates/:id';
const PREVIEW = 'iframe[sandbox=""]';

/** What stands on the page that the console did not put there, the frame of a mail's preview included. */
async function strangeElements(page: Page, path: string): Promise<string[]> {
  const textOf = (elements: Locator[]): Promise<string[]> =>
    Promise.all(
      elements.map((element) => element.evaluate((node: { outerHTML: string }) => node.outerHTML.slice(0, 200))),
    );
  const main = page.locator('main');
  if (path !== PREVIEW_PATH) return textOf(await main.locator(STRANGE).all());
  await main.locator(PREVIEW).waitFor();
  const mail = page.frameLocator(PREVIEW).locator('html');
  await mail.locator('table').first().waitFor();
  return textOf([...(await main.locator(`${STRANGE}:not(${PREVIEW})`).all()), ...(await mail.locator(STRANGE).all())]);
}

/** What would be noticed if it ran: it writes `harmed` into the window. */
const HARM = 'window.harmed=1';
const fragment = fc.constantFrom(
  `<script>${HARM}</script>`,
  `<img src=x onerror="${HARM}">`,
  `<svg onload="${HARM}">`,
  `"><iframe srcdoc="<script>parent.${HARM}</script>">`,
  `' onmouseover='${HARM}' x='`,
  `javascript:${HARM}`,
  `</title></textarea></style><script>${HARM}</script>`,
  `\${${HARM}}`,
  `{{constructor.constructor('${HARM}')()}}`,
  '<a href="https://evil.example/">x</a>',
  '<base href="https://evil.example/">',
  '&lt;b&gt; &amp; &#x3c;',
  '\u202egnirts\u202c',
  '\u2028',
);
/** Short enough for every name field; begins with what tests find it by. */
const hostileName = fc
  .tuple(fragment, fc.string({ unit: 'grapheme', maxLength: 6 }))
  .map(([worst, noise]) => `${worst} ${noise}`.trim());

test('whatever things are called: no page runs it, asks anybody for it, or loses it', { skip }, async (t) => {
  const { tokens, locations, examples, organizationId = '' } = server.firstRun();
  const token = tokens.fullAdmin ?? '';
  const own = openClient(server.http, token);
  const operator = openClient(server.http, tokens.operator);
  const seed = Number(process.env['FC_SEED'] ?? 933);
  t.diagnostic(`FC_SEED=${seed}`);
  const names = fc.sample(hostileName, { numRuns: NAMES, seed });
  const first = locations?.[0]?.id ?? '';
  const locationId = Buffer.from(first, 'base64url').toString().split('/').at(-1) ?? '';
  const made = new Map<string, number>();
  let taken = 0;
  const name = (): string => names[taken++ % names.length] ?? '';
  /** What is refused for its name harms nobody; that something is taken is checked below. */
  async function make(path: string, bodyOf: (index: number) => object, client = own): Promise<string | undefined> {
    let id: string | undefined;
    for (let index = 0; index < 4; index += 1) {
      const { body, status } = await client.ask<{ id?: string }>('POST', path, bodyOf(index));
      assert.ok(status < 500, `${path}: ${status}`);
      if (status >= 300) continue;
      made.set(path, (made.get(path) ?? 0) + 1);
      id = body.id ?? id;
    }
    return id;
  }
  const address = { address1: '301 W 2nd St', city: 'Austin', state: 'TX', postalCode: '78701', country: 'US' };
  await make('/v1/locations', () => ({
    name: name(),
    timeZone: 'America/Chicago',
    preferredLanguage: 'en_us',
    announcementLanguage: 'en_us',
    address: { ...address, address2: name() },
  }));
  const erl = await make('/api/response-locations', (index) => ({
    locationId,
    name: `${name()} ${index}`,
    detail: { FLR: `7${index}`, LOC: name() },
  }));
  await make('/api/members', (index) => ({
    kind: 'PEOPLE',
    locationId,
    firstName: name(),
    lastName: name(),
    extension: String(8_800 + index),
  }));
  await make('/api/wire-map', (index) => ({
    kind: 'mac',
    value: `02:00:5e:00:77:0${index}`,
    responseLocationId: erl ?? '',
    description: name(),
  }));
  await make('/api/trunks', (index) => ({ name: name(), addresses: [`192.0.2.9${index}`] }));
  await make('/api/tokens', () => ({ label: name(), role: 'readOnlyAdmin' }));
  const recipient = await make('/api/alert-recipients', (index) => ({
    name: `${name()} ${index}`,
    endpoints: [{ channel: 'email', address: `hostile${index}@example.com` }],
  }));
  await make('/api/alert-groups', (index) => ({ name: `${name()} ${index}`, recipientIds: [recipient ?? ''] }));
  await make('/api/alert-rules', (index) => ({
    name: `${name()} ${index}`,
    triggers: ['drill'],
    steps: [{ recipientIds: [recipient ?? ''], groupIds: [] }],
  }));
  await make('/api/alert-connections', (index) => ({
    name: `${name()} ${index}`,
    kind: 'chat',
    settings: { flavour: 'slack', url: 'https://hooks.slack.com/services/x' },
  }));
  await make('/api/psaps', () => ({ name: name(), uri: 'sip:psap@psap.example' }), operator);
  await make('/api/organizations', () => ({ name: name() }), operator);
  t.diagnostic([...made].map(([path, count]) => `${path} ${count}`).join(', '));
  const kinds = [...made.keys()];
  assert.ok(kinds.length >= 10, `names of many kinds are taken: ${kinds.join(' ')}`);
  await callFrom(server, { from: examples?.['callerNumber'] ?? '', dialed: '911' });

  const noted: Noted = { strays: [], complaints: [] };
  const harmed: string[] = [];
  const seen: string[] = [];
  const context = await browser.newContext({ viewport: { width: 1_400, height: 2_000 } });
  try {
    // Not in the frame of a mail's preview, which may keep nothing.
    await context.addInitScript(
      `if (window === top) sessionStorage.setItem('waymark.organization', ${JSON.stringify(organizationId)})`,
    );
    const page = await openConsole(context, server.http, noted);
    page.setDefaultTimeout(PAGE_MS);
    page.on('dialog', (dialog) => {
      harmed.push(`${page.url()}: a dialog`);
      void dialog.dismiss();
    });
    await signInTo(page, tokens.operator);
    for (const path of consolePagePaths()) {
      await page.goto(await consoleAddress(server.http, path, token));
      await page.getByRole('heading', { level: 1 }).first().waitFor();
      await page.locator(':text-is("Loading"):visible').first().waitFor({ state: 'detached' });
      if ((await page.evaluate('window.harmed')) !== undefined) harmed.push(path);
      const strange = await strangeElements(page, path);
      if (strange.length > 0) harmed.push(`${path}: nobody put there ${strange.join(' ')}`);
      seen.push(await page.locator('body').innerText());
    }
    await page.goto(new URL('/settings/tokens', server.http).href);
    await page.getByRole('row').nth(5).waitFor();
    await page.screenshot({ path: artefactPath('console/hostile-names.png') });
  } finally {
    await context.close();
  }
  assert.deepEqual(harmed, []);
  assert.deepEqual(
    noted,
    { strays: [], complaints: [] },
    'nothing was asked for, and the policy had nothing to forbid',
  );
  // As it was written, not as somebody read it.
  const shown = ['<script', '<img', '<svg'].filter((start) => names.some((one) => one.startsWith(start)));
  const all = seen.join('\n');
  for (const start of shown) assert.ok(all.includes(start), `${start}… is shown as text`);
});

test('pages of another site at the same address change nothing with the cookie, and read nothing', {
  skip,
}, async () => {
  const { tokens } = server.firstRun();
  const own = openClient(server.http, tokens.fullAdmin ?? '');
  const trunks = async (): Promise<string> => JSON.stringify(await own.must('GET', '/api/trunks'));
  // Another port of the same host: to `SameSite` it is the same site, so that the browser sends the cookie.
  const evil = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<form id="form" method="post" enctype="text/plain" action="${server.http}/api/trunks">
      <input name='{"name":"Forged","addresses":["192.0.2.66"],"x":"' value='"}'></form>`);
  });
  evil.listen(0, '127.0.0.1');
  await once(evil, 'listening');
  const address = `http://127.0.0.1:${(evil.address() as AddressInfo).port}/`;
  const context = await browser.newContext();
  try {
    const page = await openConsole(context, server.http, { strays: [], complaints: [] });
    await signInTo(page, tokens.fullAdmin ?? '');
    const before = await trunks();
    const other = await context.newPage();
    await other.goto(address);
    const outcome = (body: string, headers: string): Promise<unknown> =>
      other.evaluate(
        `fetch('${server.http}/api/trunks', { method: '${body === '' ? 'GET' : 'POST'}', credentials: 'include', headers: ${headers}${body} }).then((answer) => answer.text(), () => 'kept from it')`,
      );
    const forged = `, body: '{"name":"Forged","addresses":["192.0.2.66"]}'`;
    for (const headers of [
      '{}',
      `{ 'content-type': 'application/json' }`,
      `{ 'content-type': 'application/json', 'x-waymark-console': '1' }`,
    ]) {
      assert.equal(await outcome(forged, headers), 'kept from it', headers);
    }
    assert.equal(await outcome('', '{}'), 'kept from it', 'what is there is not read either');
    const [answer] = await Promise.all([
      other.waitForResponse((response) => response.url().endsWith('/api/trunks')),
      other.evaluate(`document.getElementById('form').submit()`),
    ]);
    assert.ok([403, 415].includes(answer.status()), `${answer.status()}`);
    assert.equal(await trunks(), before, 'nothing was changed');
    // Nor does it get the console into a frame of its own.
    const framing = await context.newPage();
    await framing.goto(address);
    await framing.evaluate(
      `new Promise((done) => { const frame = document.createElement('iframe'); frame.src = '${server.http}/'; frame.onload = done; document.body.append(frame); })`,
    );
    const frame = framing.frames().find((one) => one !== framing.mainFrame());
    assert.ok(!frame?.url().startsWith(server.http), `in a frame: ${frame?.url() ?? 'nothing'}`);
  } finally {
    await context.close();
    evil.closeAllConnections();
    evil.close();
  }
});

test('no answer stays in a cache, no cookie is seen by scripts, and the document says what is forbidden', {
  skip,
}, async () => {
  const { tokens } = server.firstRun();
  const setCookie = await cookieOf(tokens.operator);
  assert.match(setCookie, /; HttpOnly/i);
  assert.match(setCookie, /; SameSite=Strict/i);
  assert.match(setCookie, /; Path=\//i);
  assert.doesNotMatch(setCookie, /; Domain=/i);
  const [cookie = ''] = setCookie.split(';');

  const description = (await (await fetch(`${server.http}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const lists = Object.entries(description.paths)
    .filter(([path, methods]) => methods['get'] && /^\/(api|v1)\//.test(path) && !path.includes('{'))
    .map(([path]) => path);
  assert.ok(lists.length > 40, `${lists.length} operations`);
  for (const path of lists) {
    const answer = await fetch(`${server.http}${path}${path === '/api/events' ? '?follow=false' : ''}`, {
      headers: { cookie },
    });
    await answer.arrayBuffer();
    const wanted = SAME_FOR_ALL.has(path) ? /^private, max-age=\d+$/ : /no-store/;
    assert.match(answer.headers.get('cache-control') ?? '', wanted, path);
    assert.equal(answer.headers.get('set-cookie'), null, path);
  }
  for (const path of consolePagePaths()) {
    const answer = await fetch(new URL(path.replaceAll(/:\w+/g, 'any'), server.http));
    const html = await answer.text();
    assert.equal(answer.status, 200, path);
    assert.deepEqual(
      Object.fromEntries(
        ['cache-control', 'x-content-type-options', 'referrer-policy', 'cross-origin-opener-policy'].map((header) => [
          header,
          answer.headers.get(header),
        ]),
      ),
      {
        'cache-control': 'no-cache',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      },
      path,
    );
    const policy = answer.headers.get('content-security-policy') ?? '';
    for (const part of ["default-src 'none'", "script-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"]) {
      assert.ok(policy.split('; ').includes(part), `${path}: ${policy}`);
    }
    assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)|\son\w+=|javascript:/i, `${path}: no script in the document`);
  }
});
