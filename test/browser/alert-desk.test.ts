/** The alert desk in Chromium at a whole platform: a call is seen, heard, acknowledged and resolved. Pictures lie in test/artefacts/desk. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type BreakableProxy, startBreakableProxy } from '../support/breakable-proxy.ts';
import { artefactPath, startBrowser } from '../support/browser.ts';
import { type DeskPage, type DeskWish, openDesk } from '../support/desk-page.ts';
import { skipWithout } from '../support/parts.ts';
import { eventually, openClient } from '../support/platform-client.ts';
import { openPhone, type PhoneCall, type SipPhone } from '../support/sip-phone.ts';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';

const skip = skipWithout('chromium');
const LIMIT_MS = 30_000;
const HOSTILE = '<img src=x onerror=document.title=1> \u202Ereversed {{7*7}}';

let platform: TimedPlatform;
let line: BreakableProxy;
let browser: Browser;
let phone: SipPhone;
const desks: DeskPage[] = [];

before(async () => {
  if (skip) return;
  platform = await startTimedPlatform();
  line = await startBreakableProxy(platform.http);
  browser = await startBrowser();
  phone = await openPhone({ target: { ...platform.sip, protocol: 'udp' } });
  // Whoever calls over it is of this organization.
  await openClient(platform.http, fullAdmin()).must('POST', '/api/trunks', { name: 'Desk', addresses: ['127.0.0.1'] });
});

after(async () => {
  if (skip) return;
  await phone.close();
  await browser.close();
  await line.close();
  await platform.stop();
});

const knownNumber = (): string => platform.firstRun.examples?.['callerNumber'] ?? '';
const fullAdmin = (): string => platform.firstRun.tokens.fullAdmin ?? '';

async function desk(wish: Partial<DeskWish> = {}): Promise<DeskPage> {
  const opened = await openDesk(browser, { url: platform.http, token: fullAdmin(), ...wish });
  desks.push(opened);
  await opened.page.getByText('Connected', { exact: true }).waitFor();
  return opened;
}

/** A call by somebody who is not known here and calls itself so; without a name, one by the front desk of the demonstration. */
async function call(name?: string): Promise<PhoneCall> {
  const from = name === undefined ? knownNumber() : '+15125550177';
  const identity = name === undefined ? `<sip:${from}@${phone.sentBy}>` : `"${name}" <sip:${from}@${phone.sentBy}>`;
  const placed = phone.call({ from, headers: [{ name: 'P-Asserted-Identity', value: identity }] });
  assert.equal((await placed.final()).status, 200);
  await placed.ack();
  return placed;
}

async function hangUp(placed: PhoneCall): Promise<void> {
  assert.equal((await placed.request('BYE')).status, 200);
}

/** Everything that is open or acknowledged is settled, so that no test sees what another left. */
async function settleAll(): Promise<void> {
  const client = openClient(platform.http, fullAdmin());
  for (const state of ['open', 'acknowledged']) {
    const { items } = await client.must<{ items: { id: string }[] }>('GET', `/api/incidents?state=${state}`);
    for (const { id } of items) await client.must('POST', `/api/incidents/${id}/actions/resolve/invoke`, {});
  }
}

async function isHeard({ sound }: DeskPage): Promise<void> {
  const { tones } = await sound();
  await eventually('the alarm goes on', LIMIT_MS, async () => {
    const now = await sound();
    return now.isRunning && now.tones > tones;
  });
}

const alarmOf = ({ page }: DeskPage): Promise<string> => page.evaluate('document.documentElement.dataset.alarm');

test('a call is seen and heard until somebody takes it on by a key; every other desk sees who did', {
  skip,
}, async (t) => {
  const first = await desk();
  await first.page.getByText('Nothing is open.').waitFor();
  await first.page.screenshot({ path: artefactPath('desk/empty.png') });
  assert.equal(await alarmOf(first), 'none');
  const second = await desk({ token: platform.firstRun.tokens.readOnlyAdmin ?? '', colorScheme: 'dark' });
  const strangers = await desk({ token: platform.firstRun.fresh?.tokens.fullAdmin ?? '' });

  const startedMs = performance.now();
  const placed = await call();
  const card = first.page.locator('#open .card');
  await card.waitFor({ timeout: LIMIT_MS });
  t.diagnostic(`on the desk ${Math.round(performance.now() - startedMs)} ms after the INVITE`);
  await second.page.locator('#open .card').waitFor();
  await card.getByText('Talking to').waitFor();
  await isHeard(first);
  assert.equal(await alarmOf(first), 'emergency');
  assert.match(await first.page.title(), /^\(1\)/);
  const [text = ''] = await first.cards('open');
  for (const wanted of ['EMERGENCY', '911 call', knownNumber(), 'Call back', 'Nobody has acknowledged yet']) {
    assert.ok(text.includes(wanted), `${wanted} in ${text}`);
  }
  await card.getByText(/\d+ of \d+ told|Nobody was told yet/).waitFor();
  await first.page.screenshot({ path: artefactPath('desk/one-call.png') });
  await second.page.screenshot({ path: artefactPath('desk/one-call-dark.png') });
  assert.equal(
    await first.page
      .locator('#announcer')
      .textContent()
      .then((said) => said?.includes('911 call')),
    true,
  );
  assert.deepEqual(await strangers.cards('open'), [], 'of another organization');

  await first.page.keyboard.press('ArrowDown');
  await first.page.keyboard.press('a');
  await first.page.locator('#taken .card').waitFor();
  await second.page.locator('#taken .card').getByText('Acknowledged by').waitFor();
  await eventually(
    'silence',
    LIMIT_MS,
    async () => (await alarmOf(first)) === 'none' && (await alarmOf(second)) === 'none',
  );
  assert.deepEqual(await first.cards('open'), []);

  await hangUp(placed);
  await second.page.locator('#taken .card').getByText('Ended').waitFor();
  await first.page.locator('#taken .card').focus();
  await first.page.keyboard.press('r');
  await first.page.getByRole('dialog').getByRole('textbox').fill('Somebody went there: <b>false alarm</b>');
  await first.page.getByRole('dialog').getByRole('button', { name: 'Resolve' }).click();
  await first.page.locator('#settled .card').getByText('Resolved by').waitFor();
  await second.page.locator('#settled .card').getByText('Resolved by').waitFor();

  await second.page.locator('#settled .card').getByRole('button', { name: 'Open again' }).click();
  await second.page.locator('#warnings').getByText('That did not work').waitFor();
  assert.equal((await second.cards('settled')).length, 1, 'who may only read changes nothing');
  for (const { faults, close } of [first, second, strangers]) {
    assert.deepEqual(
      faults.filter((fault) => !fault.includes('status of 40')),
      [],
    );
    await close();
  }
});

test('a desk whose line is cut says so, comes back by itself and has missed nothing', { skip }, async () => {
  await settleAll();
  const { page, cards, close } = await desk({ url: line.url });
  line.cut();
  await page.getByText('Not connected: new emergencies are not shown here').waitFor();
  await page.screenshot({ path: artefactPath('desk/not-connected.png') });
  const placed = await call('While nobody listened');
  await hangUp(placed);
  assert.deepEqual(await cards('open'), []);
  line.mend();
  await page.locator('#open .card').getByText('While nobody listened').waitFor({ timeout: LIMIT_MS });
  await page.getByText('Not connected').first().waitFor({ state: 'hidden' });
  const again = await call('After that');
  await page.locator('#open .card').getByText('After that').waitFor({ timeout: LIMIT_MS });
  await hangUp(again);
  await close();
  await settleAll();
});

test('a desk that may not sound says so until it may; silence holds for what is there alone', { skip }, async () => {
  const { page, sound, close } = await desk();
  await page.evaluate('heard.contexts[0].suspend()');
  await page.getByText('The sound is off').waitFor();
  const placed = await call('Unheard');
  await page.locator('#open .card').waitFor();
  await page.screenshot({ path: artefactPath('desk/sound-off.png') });
  await page.getByRole('button', { name: 'Turn the sound on' }).click();
  await page.getByText('The sound is off').waitFor({ state: 'detached' });
  await isHeard({ sound } as DeskPage);
  await page.keyboard.press('s');
  await eventually('silence', LIMIT_MS, async () => (await alarmOf({ page } as DeskPage)) === 'none');
  assert.equal(await page.locator('#open .card').count(), 1, 'it stays open');
  const other = await call('Heard again');
  await eventually('the next one sounds', LIMIT_MS, async () => (await alarmOf({ page } as DeskPage)) === 'emergency');
  await isHeard({ sound } as DeskPage);
  await hangUp(placed);
  await hangUp(other);
  await close();
  await settleAll();
});

test('a desk of one location sees what happens there alone', { skip }, async () => {
  const client = openClient(platform.http, fullAdmin());
  const { items } = await client.must<{ items: { id: string }[] }>('GET', '/v1/locations');
  const placed = await call();
  const found = await eventually('its incident', LIMIT_MS, async () => {
    const { items: open } = await client.must<{ items: { id: string; locationId: string }[] }>(
      'GET',
      '/api/incidents?state=open',
    );
    return open[0];
  });
  const plain = (id: string): string => Buffer.from(id, 'base64url').toString().split('/').at(-1) ?? '';
  const elsewhere = items.map(({ id }) => plain(id)).find((id) => id !== found.locationId) ?? '';
  const tokenFor = async (locationId: string): Promise<string> => {
    const scopes = ['waymark:read', 'waymark:write'];
    const wish = { label: 'Desk', role: 'locationAdmin', locationIds: [locationId], scopes };
    return (await client.must<{ token: string }>('POST', '/api/tokens', wish)).token;
  };
  const here = await desk({ token: await tokenFor(found.locationId) });
  const there = await desk({ token: await tokenFor(elsewhere) });
  await here.page.locator('#open .card').getByText('Talking to').waitFor();
  await hangUp(placed);
  await here.page.locator('#open .card').getByText('Ended').waitFor();
  await here.page.goto(`${platform.http}/desk?incident=${found.id}`);
  await here.page.locator(`#incident-${found.id}:focus`).waitFor();
  assert.deepEqual(await there.cards('open'), []);
  await here.page.locator('#open .card').getByRole('button', { name: 'Acknowledge' }).click();
  await here.page.locator('#taken .card').getByText('Acknowledged by Desk').waitFor();
  await here.close();
  await there.close();
  await settleAll();
});

test('names and addresses are text, whatever is in them', { skip }, async () => {
  const { page, faults, close } = await desk();
  const placed = await call(HOSTILE);
  const who = page.locator('#open .card span.who');
  await who.waitFor();
  assert.match((await who.textContent()) ?? '', /<img src=x onerror=document\.title=1>.*\{\{7\*7\}\}/);
  assert.equal(await page.locator('main img').count(), 0);
  assert.match(await page.title(), /^\(1\) Alert desk$/);
  assert.deepEqual(faults, []);
  await assert.rejects(page.evaluate("document.body.innerHTML = '<p>'"), /TrustedHTML|Trusted/);
  await hangUp(placed);
  await close();
  await settleAll();
});

test('many calls at once, and a drill among them that looks like none', { skip }, async () => {
  const opened = await desk({ width: 1_920, height: 1_080 });
  const { page } = opened;
  const [place] = platform.firstRun.locations ?? [];
  const client = openClient(platform.http, fullAdmin());
  await client.must('POST', '/api/drills', { locationId: place?.id, trigger: 'call-placed', note: 'Monthly drill' });
  await page.locator('#open .card').getByText('Drill – no emergency').waitFor({ timeout: LIMIT_MS });
  const placed = await Promise.all(Array.from({ length: 12 }, (_, at) => call(`Caller ${at}`)));
  await page.locator('#open .card').nth(12).waitFor({ timeout: LIMIT_MS });
  await eventually('every card tells of its call', LIMIT_MS, async () => {
    const cards = await opened.cards('open');
    return cards.filter((card) => card.includes('Talking to')).length === 12 && cards;
  });
  const cards = await opened.cards('open');
  assert.equal(new Set(cards.map((card) => /Caller \d+/.exec(card)?.[0])).size, 13);
  assert.match(cards.at(-1) ?? '', /DRILL – NO EMERGENCY/, 'real ones stand before drills');
  assert.doesNotMatch(cards.at(-1) ?? '', /^EMERGENCY/m);
  await page.screenshot({ path: artefactPath('desk/many.png'), fullPage: true });
  for (const one of placed) await hangUp(one);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const second = await page.evaluate<number>(
    "[...document.querySelectorAll('#open .card')].indexOf(document.activeElement)",
  );
  assert.equal(second, 1);
  await opened.close();
  await settleAll();
});

test('everything fits: a telephone, a wall, a name of 5,000 characters', { skip }, async () => {
  const placed = [await call('W'.repeat(5_000)), await call('مرحبا بالعالم'), await call('🚨'.repeat(40))];
  for (const [name, width, height] of [
    ['telephone', 360, 780],
    ['notebook', 1366, 768],
    ['wall', 3_840, 2_160],
  ] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, close } = await desk({ width, height, colorScheme });
      await page.locator('#open .card').nth(2).waitFor();
      await page.locator('#open .card').nth(2).getByText('Talking to').waitFor();
      const path = artefactPath(`desk/${name}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: name === 'telephone' });
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      assert.ok(overflow <= 0, `${name}: ${overflow} px too wide`);
      const small = await page.evaluate<number>(
        "[...document.querySelectorAll('.bar button, .card button')].filter((one) => one.offsetParent && one.offsetHeight < 32).length",
      );
      assert.equal(small, 0, `${name}: buttons that a finger misses`);
      await close();
    }
  }
  for (const one of placed) await hangUp(one);
  await settleAll();
});
