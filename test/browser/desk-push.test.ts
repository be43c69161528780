/**
 * Push messages in a real browser: what the sender sends is shown by the service worker of the desk. The browser maker's push
 * service alone is not there: DevTools hands over what ours received and decrypted.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser, CDPSession, Page } from 'playwright-core';
import type { AlertMessage } from '../../src/alerts/alert-message.ts';
import { newVapidSecret, vapidKey } from '../../src/alerts/push/vapid-key.ts';
import { createPushSender } from '../../src/alerts/senders/push-sender.ts';
import { DESK_FILES, DESK_HEADERS, renderAlertDesk } from '../../src/platform-api/pages/alert-desk.ts';
import { systemClock } from '../../src/support/clock.ts';
import { createOutgoingHttp } from '../../src/transport/outgoing-http.ts';
import { startBrowser } from '../support/browser.ts';
import { noDns } from '../support/dns-server.ts';
import { skipWithout } from '../support/parts.ts';
import { eventually } from '../support/platform-client.ts';
import { startPushService } from '../support/push-service.ts';

const skip = skipWithout('chromium');
const LIMIT_MS = 20_000;
const INCIDENT_ID = '11111111-1111-4111-8111-111111111111';

type Shown = { title: string; body: string; tag: string; stays: boolean; url: string };

const server = createServer((request, response) => {
  const file = DESK_FILES.find(({ path }) => path === request.url);
  if (file) response.writeHead(200, { 'content-type': file.contentType, ...DESK_HEADERS }).end(file.body);
  else if (request.url?.split('?')[0] === '/desk') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...DESK_HEADERS }).end(renderAlertDesk());
  } else response.writeHead(404).end('{}');
});
let origin = '';
let browser: Browser;
let page: Page;
let devtools: CDPSession;
let registrationId: string | undefined;

before(async () => {
  if (skip) return;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await startBrowser();
  const context = await browser.newContext({ permissions: ['notifications'] });
  page = await context.newPage();
  await page.goto(`${origin}/desk`);
  devtools = await context.newCDPSession(page);
  devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
    registrationId =
      registrations.find(({ scopeURL }) => scopeURL === `${origin}/desk`)?.registrationId ?? registrationId;
  });
  await devtools.send('ServiceWorker.enable');
  await page.getByLabel('Access token').fill('none is asked for here');
  await page.getByRole('button', { name: 'Open the desk' }).click();
  await page.evaluate('navigator.serviceWorker.ready.then(() => true)');
  await eventually('the registration of the service worker', LIMIT_MS, () => registrationId !== undefined);
});

after(async () => {
  if (skip) return;
  await browser.close();
  server.closeAllConnections();
  server.close();
});

// Scripts of pages are texts: the types of browsers are not those of this project.
const LIST_SHOWN = `navigator.serviceWorker.ready
  .then((registration) => registration.getNotifications())
  .then((all) => all.map(({ title, body, tag, requireInteraction, data }) =>
    ({ title, body, tag, stays: requireInteraction, url: data.url })))`;

const shown = (): Promise<Shown[]> => page.evaluate<Shown[]>(LIST_SHOWN);

async function deliver(data: string): Promise<void> {
  await devtools.send('ServiceWorker.deliverPushMessage', { origin, registrationId: registrationId ?? '', data });
}

test('what the sender sends is shown, once for an incident, and leads to the desk', { skip }, async () => {
  const service = await startPushService();
  const key = vapidKey(newVapidSecret());
  const { endpoint, keys } = service.subscribe(key.publicKey);
  const http = createOutgoingHttp({
    mayAsk: () => true,
    dns: { ...noDns, fromHostsFile: () => ['127.0.0.1'] },
    tls: { ca: Buffer.from(service.ca) },
  });
  const subscription = {
    id: 'own',
    organizationId: 'own',
    label: 'Front desk',
    subscribedBy: 'Sam',
    endpoint,
    ...keys,
    locationIds: null,
    minSeverity: 'critical' as const,
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2027-01-01T00:00:00.000Z',
  };
  const sender = createPushSender({
    key: () => key,
    find: () => subscription,
    onGone: () => Promise.resolve(),
    http,
    subject: null,
    clock: systemClock,
  });
  const message: AlertMessage = {
    key: 'ab'.repeat(32),
    kind: 'call-started',
    severity: 'emergency',
    organizationId: 'own',
    callId: INCIDENT_ID,
    incidentId: INCIDENT_ID,
    startedAt: '2026-03-05T18:30:15.000Z',
    endpoint: { channel: 'push', subscriptionId: 'own' },
    recipientId: null,
    label: 'Front desk',
    reasons: [],
    content: {
      channel: 'push',
      title: '911 CALL – <b>Ann</b>',
      body: 'Floor 3, Room 312\nCall back +15125550123',
      url: `${origin}/desk?incident=${INCIDENT_ID}`,
    },
    writtenAt: '2026-03-05T18:30:15.000Z',
  };
  try {
    for (const body of ['Floor 3', 'Floor 3, Room 312\nCall back +15125550123']) {
      const content = { ...message.content, body } as AlertMessage['content'];
      await sender.send({ ...message, content }, AbortSignal.timeout(LIMIT_MS));
      await deliver(service.received.at(-1)?.text ?? '');
    }
    const wanted = {
      title: '911 CALL – <b>Ann</b>',
      body: 'Floor 3, Room 312\nCall back +15125550123',
      tag: INCIDENT_ID,
      stays: true,
      url: `${origin}/desk?incident=${INCIDENT_ID}`,
    };
    await eventually('the notification', LIMIT_MS, async () =>
      (await shown()).some(({ body }) => body === wanted.body),
    );
    assert.deepEqual(await shown(), [wanted]);
  } finally {
    http.close();
    await service.close();
  }
});

test('a message leads nowhere but to this platform, and one that cannot be read still says that something happened', {
  skip,
}, async () => {
  await deliver(JSON.stringify({ title: 'Elsewhere', body: '', key: 'k1', url: 'https://example.com/desk' }));
  await deliver(JSON.stringify({ title: 'Script', body: '', key: 'k2', url: 'javascript:alert(1)' }));
  await deliver('not JSON');
  const all = await eventually('three notifications', LIMIT_MS, async () => {
    const now = await shown();
    return ['k1', 'k2', 'alert'].every((tag) => now.some((one) => one.tag === tag)) && now;
  });
  for (const { tag, url, stays } of all.filter((one) => one.tag !== INCIDENT_ID)) {
    assert.equal(url, `${origin}/desk`, tag);
    assert.equal(stays, false);
  }
});
