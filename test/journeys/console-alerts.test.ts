/** Alerts in the console, as the person who sets them up and the person who acts on them see it: a real platform, a real browser. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { artefactPath, startBrowser } from '../support/browser.ts';
import { journeyDatabase, runConsoleServer, skipJourney } from '../support/console-server.ts';
import { callFrom } from '../support/journey-steps.ts';
import { eventually, openClient, type PlatformClient } from '../support/platform-client.ts';
import { type RunningPlatform, removeData } from '../support/run-platform.ts';

const database = journeyDatabase('postgres');
const skip = skipJourney(database);
const WAIT_MS = 30_000;
/** What anybody may write into a name. */
const HOSTILE = 'Desk "><img src=x onerror=document.title=1>';

let server: RunningPlatform;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let client: PlatformClient;
let receiver: Server;
/** Bodies that the webhook got. */
const received: string[] = [];
const complaints: string[] = [];

before(async () => {
  if (skip !== false) return;
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      received.push(body);
      response.writeHead(200).end('thanks');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  [server, browser] = await Promise.all([
    runConsoleServer(database, { env: { WAYMARK_WEBHOOK_NETWORKS: '127.0.0.0/8' } }),
    startBrowser(),
  ]);
  client = openClient(server.http, server.firstRun().tokens.fullAdmin ?? '');
  [context, page] = await enter(server.firstRun().tokens.fullAdmin ?? '');
});

after(async () => {
  if (skip !== false) return;
  await browser.close();
  await server.stop();
  receiver.closeAllConnections();
  receiver.close();
  removeData(server.dataDir);
});

async function enter(token: string): Promise<[BrowserContext, Page]> {
  const opened = await browser.newContext({ viewport: { width: 1_400, height: 1_000 } });
  opened.setDefaultTimeout(WAIT_MS);
  const first = await opened.newPage();
  first.on('pageerror', (error) => complaints.push(String(error)));
  first.on('console', (message) => {
    // That nobody is signed in yet, and that something was refused, the browser reports by itself.
    if (message.type() === 'error' && !/ 4(0[0139]|12) /.test(message.text())) complaints.push(message.text());
  });
  await first.goto(`${server.http}/alerts`);
  await first.getByLabel('Access token').last().fill(token);
  await first.keyboard.press('Enter');
  await first.getByRole('heading', { name: 'Incidents', level: 1 }).waitFor();
  return [opened, first];
}

async function open(path: string, heading: string | RegExp): Promise<void> {
  await page.goto(server.http + path);
  await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
}

const button = (name: string | RegExp, exact = true) => page.getByRole('button', { name, exact });
const dialog = () => page.getByRole('dialog');
const picture = (name: string) => page.screenshot({ path: artefactPath(`console/alerts-${name}.png`), fullPage: true });

test('a webhook is set up, its secret is shown once, and a test message says what the other side said', {
  skip,
}, async () => {
  await open('/alerts/connections', 'Connections');
  await page.getByText('No connection yet.').waitFor();
  await button('Add connection').click();
  await dialog().getByLabel('Name').fill('Door system');
  await dialog().getByLabel('Address').fill('not an address');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await dialog().getByText('That did not work').waitFor();
  await dialog()
    .getByLabel('Address')
    .fill(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`);
  await dialog().getByRole('button', { name: 'Save' }).click();
  const secret = await dialog()
    .getByText(/^whsec_/)
    .textContent();
  await dialog().getByRole('button', { name: 'I have copied it' }).click();
  const row = page.getByRole('row', { name: /Door system/ });
  await row.getByText('In use').waitFor();
  await row.getByRole('button', { name: 'Send a test: Door system' }).click();
  await dialog().getByRole('button', { name: 'Send a test' }).click();
  await dialog()
    .getByText(/Taken after \d+ ms/)
    .waitFor();
  assert.equal(received.length, 1);
  await dialog().getByRole('button', { name: 'Cancel' }).first().click();
  assert.equal((await page.content()).includes(secret ?? 'none'), false, 'it is gone from the page');
  await picture('connections');
});

test('recipients, a group and a rule are made by hand; a schedule is read as a week; who would be told is known before', {
  skip,
}, async () => {
  await open('/alerts/recipients/new', 'Add recipient');
  await button('Save').click();
  await page.getByText('That did not work').waitFor();
  await page.getByLabel('Name', { exact: true }).fill(HOSTILE);
  await page.getByLabel('Way 1: E-mail address').fill('desk@example.com');
  await page.getByLabel('By a weekly plan').check();
  await page
    .getByRole('table', { name: /On duty/ })
    .getByRole('row', { name: /Mon 08:00–18:00/ })
    .waitFor();
  await button('Add a day that is different').click();
  await page.getByLabel('Other day 1', { exact: true }).fill('2026/12/25');
  await picture('recipient');
  await button('Save').click();
  await page.getByRole('link', { name: HOSTILE }).waitFor();
  assert.equal(await page.title().then((title) => title.startsWith('1')), false, 'a name is text');

  await button('Add recipient').click();
  await page.getByLabel('Name', { exact: true }).fill('Door system');
  await button(/Way 1: By/, false).click();
  await page.getByRole('option', { name: 'Webhook' }).click();
  await button(/Way 1: Webhook/, false).click();
  await page.getByRole('option', { name: 'Door system' }).click();
  await button('Save').click();
  await page.getByRole('link', { name: 'Door system' }).waitFor();
  await client.must('POST', '/api/alert-recipients', {
    name: 'Chief of security',
    endpoints: [{ channel: 'email', address: 'chief@example.com' }],
  });

  await open('/alerts/groups/new', 'Add group');
  await page.getByLabel('Name', { exact: true }).fill('Security');
  await button(/Find recipients/, false).click();
  await page.getByRole('option', { name: 'Door system' }).click();
  await page.keyboard.press('Escape');
  await button('Save').click();
  await page.getByRole('link', { name: 'Security' }).waitFor();

  await open('/alerts/rules/new', 'Add rule');
  await page.getByLabel('Rule', { exact: true }).fill('Every emergency call');
  await button(/Find groups/, false).click();
  await page.getByRole('option', { name: 'Security' }).click();
  await page.keyboard.press('Escape');
  await button('Add a later step').click();
  await page.getByLabel('Step 2: Minutes after it happened').fill('10');
  await button(/Find recipients/, false)
    .last()
    .click();
  await page.getByRole('option', { name: /Desk/ }).click();
  await page.getByRole('option', { name: 'Chief of security' }).click();
  await page.keyboard.press('Escape');
  await picture('rule');
  await button('Save').click();
  await page
    .getByRole('row', { name: /Every emergency call/ })
    .getByText('After 10 min')
    .waitFor();

  // A Sunday: the desk is not on duty.
  const [site] = server.firstRun().locations ?? [];
  await open(`/alerts/preview?locationId=${site?.id}&date=2026-11-22&time=12:00`, 'Who would be told');
  await page
    .getByRole('row', { name: /Door system/ })
    .getByText('At once')
    .waitFor();
  await page.getByRole('row', { name: /Desk/ }).getByText('is not on duty then').waitFor();
  await picture('preview');
  await open('/alerts/gaps', 'Who hears nothing');
  await page.getByText('Of an emergency call at any location somebody hears.').waitFor();
});

test('two who change one rule at the same time: the later one is told who was before, and neither loses anything unasked', {
  skip,
}, async () => {
  await open('/alerts/rules', 'Who is told');
  await page.getByRole('link', { name: 'Every emergency call' }).click();
  await page.getByLabel('Rule', { exact: true }).waitFor();
  const other = await context.newPage();
  await other.goto(page.url());
  await other.getByLabel('Rule', { exact: true }).fill('Every call for help');
  await other.getByRole('button', { name: 'Save', exact: true }).click();
  await other.getByRole('link', { name: 'Every call for help' }).waitFor();
  await other.close();
  await page.getByLabel('Step 2: Minutes after it happened').fill('5');
  await button('Save').click();
  const changed = page.getByRole('list', { name: 'What is different now' });
  await changed.getByText('Name: Every emergency call → Every call for help').waitFor();
  await picture('rule-changed-meanwhile');
  // Typed again over theirs, and once more, because somebody was before again.
  await button('Go on with mine').click();
  await page.getByText('Save again, and it replaces').waitFor();
  const { items } = await client.must<{ items: { id: string; name: string }[] }>('GET', '/api/alert-rules');
  const rule = items.find(({ name }) => name === 'Every call for help');
  await client.must('PATCH', `/api/alert-rules/${rule?.id}`, { name: 'Every emergency' });
  await button('Save').click();
  await changed.getByText('Name: Every emergency call → Every emergency').waitFor();
  await button('Go on with mine').click();
  await button('Save').click();
  await page
    .getByRole('row', { name: /Every emergency call/ })
    .getByText('After 5 min')
    .waitFor();
});

test('what is named by a rule is removed with it being said where, or not at all', { skip }, async () => {
  await open('/alerts/groups', 'Groups');
  await page.getByRole('link', { name: 'Security' }).click();
  await page.getByRole('heading', { name: 'Security', level: 1 }).waitFor();
  await button('Remove').click();
  await dialog().getByRole('button', { name: 'Remove', exact: true }).click();
  await dialog()
    .getByText(/Every emergency call/)
    .waitFor();
  await dialog().getByRole('button', { name: 'Cancel' }).first().click();
});

test('a drill is planned, started and watched; its messages have receipts', { skip }, async () => {
  await open('/alerts/drills', 'Drills');
  await button('Start a drill').click();
  await dialog().getByText('Door system (Webhook)').waitFor();
  await dialog()
    .getByLabel('Note')
    .fill(`Monthly drill ${'x'.repeat(300)}`);
  // While it is not known whom the new choice tells, nobody is shown and nothing is sent.
  const held = Promise.withResolvers<undefined>();
  await page.route('**/api/drills', async (route) => {
    await held.promise;
    await route.continue();
  });
  const choose = async (now: string, next: string): Promise<void> => {
    await dialog().getByRole('button', { name: now }).click();
    await page.getByRole('option', { name: next, exact: true }).click();
  };
  await choose('Emergency call', 'Test call (933)');
  await dialog().getByText('Door system (Webhook)').waitFor({ state: 'detached' });
  assert.equal(await dialog().getByRole('button', { name: 'Send the drill' }).isDisabled(), true);
  held.resolve(undefined);
  await page.unrouteAll({ behavior: 'wait' });
  await choose('Test call (933)', 'Emergency call');
  await dialog().getByText('Door system (Webhook)').waitFor();
  await dialog().getByRole('button', { name: 'Send the drill' }).click();
  await page
    .getByRole('row', { name: /Door system/ })
    .getByText('Accepted')
    .waitFor();
  await page.getByText('Monthly drill').first().waitFor();
  assert.ok(received.some((body) => /drill/i.test(body)));
  await picture('drill');
  await page.reload();
  await page
    .getByRole('row', { name: /Door system/ })
    .getByText('Accepted')
    .waitFor();
  // However long a title is, what one does with it is in sight; after it one goes on in the page.
  await open('/alerts?drill=true', 'Incidents');
  const acknowledge = page.getByRole('button', { name: /^Acknowledge: / }).first();
  await acknowledge.waitFor();
  const box = await acknowledge.boundingBox();
  assert.ok(box !== null && box.x + box.width <= 1_400, 'beside the title');
  await acknowledge.click();
  await dialog().getByRole('button', { name: 'Acknowledge' }).click();
  await page.locator('#content:focus').waitFor();
  await open('/alerts/receipts?channel=webhook', 'Messages sent');
  await page
    .getByRole('row', { name: /Door system/ })
    .first()
    .getByText('Accepted')
    .waitFor();
  await button('Send these again').click();
  await dialog().getByText('nothing waits to be sent again').waitFor();
  await dialog().getByRole('button', { name: 'Cancel' }).first().click();
});

test('a call shows up on the board and at the desk without a token; one acknowledges there, it is seen here', {
  skip,
}, async () => {
  await open('/alerts?drill=false', 'Incidents');
  await page.getByText('Live', { exact: true }).waitFor();
  const desk = await context.newPage();
  await desk.goto(`${server.http}/desk`);
  await desk.getByText('Connected', { exact: true }).waitFor();
  assert.equal(await desk.getByLabel('Access token').isVisible(), false);
  const number = server.firstRun().examples?.['callerNumber'] ?? '';
  await callFrom(server, { from: number, dialed: '911' });
  const row = page.getByRole('row', { name: new RegExp(number.replace('+', '\\+')) });
  await row.getByText('Open', { exact: true }).waitFor();
  await row.getByText(/More people are told/).waitFor();
  await picture('board');
  const card = desk.locator('#open .card').filter({ hasText: number });
  await card.waitFor();
  await card.getByRole('button', { name: 'Acknowledge' }).click();
  await desk.locator('#taken .card').filter({ hasText: number }).waitFor();
  await desk.close();
  await row.getByText('Acknowledged', { exact: true }).waitFor();

  await row.getByRole('link').click();
  await page.getByRole('heading', { name: 'Timeline' }).waitFor();
  await button('Resolve').click();
  await dialog().getByLabel('Note').fill('False alarm <b>at the door</b>');
  await dialog().getByRole('button', { name: 'Resolve' }).click();
  await page.getByText('False alarm <b>at the door</b>').first().waitFor();
  await button('Open again').waitFor();
  await picture('incident');
  const { items } = await client.must<{ items: { state: string }[] }>('GET', '/api/incidents?drill=false');
  assert.deepEqual(
    items.map(({ state }) => state),
    ['resolved'],
  );
});

test('a text is written with a preview, and put back to what it was', { skip }, async () => {
  await open('/alerts/templates/call-placed.sms.en', /Emergency call/);
  const text = page.getByLabel('Text', { exact: true });
  const standard = await text.inputValue();
  await text.fill('{{ no.such.fact }}');
  await page
    .getByText(/no\.such/)
    .nth(1)
    .waitFor();
  await text.fill('Help is needed: {{ callback.number }}');
  await page.getByText(/Help is needed: \+/).waitFor();
  await button('Save').click();
  await page.getByText('Your own text is sent.').waitFor();
  await picture('template');
  await button('Back to the standard text').click();
  await page.getByText('The standard text is sent. Change it').waitFor();
  assert.equal(await text.inputValue(), standard);
  await page.getByRole('button', { name: 'Back to this: 1' }).click();
  await page.getByText('Your own text is sent.').waitFor();
});

test('settings are kept; whoever may only read changes nothing', { skip }, async () => {
  await open('/alerts/settings', 'Alert settings');
  await page.getByLabel('Keep receipts and drills (days)').fill('10');
  await button('Save').click();
  await page.getByText('That did not work').waitFor();
  await page.getByLabel('Keep receipts and drills (days)').fill('400');
  await button('Save').click();
  await eventually('the settings', WAIT_MS, async () => {
    const { retentionDays } = await client.must<{ retentionDays: number | null }>('GET', '/api/alert-settings');
    return retentionDays === 400;
  });
  // Somebody else changes it while this tab is elsewhere: whoever comes back does not put back what they saw before.
  await page.getByRole('navigation').getByRole('link', { name: 'Incidents' }).click();
  await page.getByRole('heading', { name: 'Incidents', level: 1 }).waitFor();
  const settings = await client.must<object>('GET', '/api/alert-settings');
  await client.must('PUT', '/api/alert-settings', { ...settings, retentionDays: 500 });
  await page.getByRole('navigation').getByRole('link', { name: 'Alert settings' }).click();
  await page.getByLabel('Keep receipts and drills (days)').waitFor();
  assert.equal(await page.getByLabel('Keep receipts and drills (days)').inputValue(), '500');
  // And while it stands open: one is told what is different, and takes that or goes on.
  await client.must('PUT', '/api/alert-settings', { ...settings, retentionDays: 600 });
  await page.getByLabel('Keep receipts and drills (days)').fill('410');
  await button('Save').click();
  await page.getByText('Retention days: 500 → 600').waitFor();
  await picture('changed-meanwhile');
  await button('Take theirs').click();
  await eventually(
    'theirs',
    WAIT_MS,
    async () => (await page.getByLabel('Keep receipts and drills (days)').inputValue()) === '600',
  );
  await page.getByLabel('Keep receipts and drills (days)').fill('420');
  await button('Save').click();
  await eventually('the settings', WAIT_MS, async () => {
    const { retentionDays } = await client.must<{ retentionDays: number | null }>('GET', '/api/alert-settings');
    return retentionDays === 420;
  });
  const [reading, reader] = await enter(server.firstRun().tokens.readOnlyAdmin ?? '');
  await reader.getByRole('row', { name: /Emergency call/ }).waitFor();
  for (const [path, forbidden] of [
    ['/alerts', 'Resolve'],
    ['/alerts/rules', 'Add rule'],
    ['/alerts/drills', 'Start a drill'],
    ['/alerts/connections', 'Add connection'],
    ['/alerts/receipts', 'Send these again'],
  ] as const) {
    await reader.goto(server.http + path);
    await reader.getByRole('heading', { level: 1 }).waitFor();
    await reader.getByRole('row').nth(1).waitFor();
    assert.equal(await reader.getByRole('button', { name: forbidden }).count(), 0, path);
  }
  await reading.close();
});

test('every page fits a telephone and the dark', { skip }, async () => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 360, height: 800 });
  for (const name of [
    '',
    '/receipts',
    '/rules',
    '/preview',
    '/recipients',
    '/connections',
    '/templates',
    '/drills',
    '/settings',
  ]) {
    await page.goto(`${server.http}/alerts${name}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(width <= 360, `/alerts${name} is ${width} px wide`);
    await picture(`narrow${name.replace('/', '-')}`);
  }
});

test('no page complained', { skip }, () => {
  assert.deepEqual(complaints, []);
});
