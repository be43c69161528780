import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { addOrganization, createSites, openTestDatabase, silentLogger } from '../../../test/support/alerts-fixture.ts';
import { noDns } from '../../../test/support/dns-server.ts';
import { type PushService, startPushService, type TestBrowser } from '../../../test/support/push-service.ts';
import { createAudit } from '../../audit/audit.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Database } from '../../storage/database.ts';
import { systemClock } from '../../support/clock.ts';
import { createOutgoingHttp } from '../../transport/outgoing-http.ts';
import { isPublicAddress } from '../../transport/public-address.ts';
import type { AlertMessage } from '../alert-message.ts';
import { createPush, type Push } from '../push/push.ts';
import { type AlertSender, SendError } from './alert-sender.ts';
import { createPushSender } from './push-sender.ts';

let database: Database;
let scope: Scope;
let push: Push;
let service: PushService;
let sender: AlertSender;
let browser: TestBrowser;
let id: string;
const sites = createSites();
const ended: (() => void)[] = [];

function senderWith(mayAsk: (address: string) => boolean, ca: string): AlertSender {
  const http = createOutgoingHttp({
    mayAsk,
    dns: { ...noDns, fromHostsFile: () => ['127.0.0.1'] },
    tls: { ca: Buffer.from(ca) },
  });
  ended.push(() => http.close());
  return createPushSender({
    key: () => push.key(),
    find: (organizationId, subscriptionId) => push.find(organizationId, subscriptionId),
    onGone: (subscription) => push.gone(subscription),
    http,
    subject: 'mailto:operator@waymark.example',
    clock: systemClock,
  });
}

async function load(): Promise<void> {
  for (const snapshot of push.snapshots) await snapshot.loadFromDatabase();
}

before(async () => {
  database = await openTestDatabase();
  scope = await addOrganization(database);
  const audit = createAudit({ database, clock: systemClock });
  push = createPush({
    database,
    audit,
    places: sites,
    clock: systemClock,
    logger: silentLogger,
    snapshotFolder: undefined,
  });
  await load();
  service = await startPushService();
  sender = senderWith(() => true, service.ca);
});

beforeEach(async () => {
  service.answerWith(undefined);
  browser = service.subscribe(push.publicKey());
  ({ id } = await push.subscribe(scope, { ...browser, label: 'Front desk' }));
  await load();
});

after(async () => {
  for (const end of ended) end();
  await service.close();
  await database.close();
});

function messageFor(subscriptionId: string, more: Partial<AlertMessage> = {}): AlertMessage {
  return {
    key: 'ab'.repeat(32),
    kind: 'call-started',
    severity: 'emergency',
    organizationId: scope.organizationId,
    callId: '00000000-0000-4000-8000-000000000001',
    incidentId: '00000000-0000-4000-8000-000000000001',
    startedAt: '2026-03-05T18:30:15.000Z',
    endpoint: { channel: 'push', subscriptionId },
    recipientId: null,
    label: 'Front desk',
    reasons: [],
    content: {
      channel: 'push',
      title: '911 call',
      body: 'Room 312 <b>"Ann"</b> 🚨',
      url: 'https://waymark.example/desk',
    },
    writtenAt: '2026-03-05T18:30:15.000Z',
    ...more,
  };
}

const send = (message: AlertMessage, by = sender) => by.send(message, AbortSignal.timeout(10_000));

async function failure(attempt: Promise<unknown>): Promise<SendError> {
  const error = await attempt.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof SendError, String(error));
  return error;
}

test('a message arrives at the browser, signed, urgent, for a while', async () => {
  const { response } = await send(messageFor(id));
  assert.match(response, /^201 https:/);
  const pushed = service.received.at(-1);
  assert.equal(pushed?.browser, browser.name);
  const said = JSON.parse(pushed?.text ?? '') as Record<string, unknown>;
  assert.equal(said['title'], '911 call');
  assert.equal(said['body'], 'Room 312 <b>"Ann"</b> 🚨');
  assert.equal(said['incidentId'], '00000000-0000-4000-8000-000000000001');
  assert.equal(pushed?.headers['urgency'], 'high');
  assert.ok(Number(pushed?.headers['ttl']) >= 3_600);
  const topic = String(pushed?.headers['topic']);
  assert.match(topic, /^[\w-]{32}$/);
  await send(messageFor(id));
  assert.equal(service.received.at(-1)?.headers['topic'], topic, 'the same message takes its own place');
  await send(messageFor(id, { key: 'cd'.repeat(32), severity: 'info' }));
  assert.notEqual(service.received.at(-1)?.headers['topic'], topic);
  assert.equal(service.received.at(-1)?.headers['urgency'], 'low');
});

test('a body that is too long is cut, wherever a character ends; nothing larger than 4,096 octets leaves', async () => {
  for (const body of ['x'.repeat(50_000), '🚨'.repeat(5_000), '"\\\n'.repeat(5_000), '\ud83d'.repeat(5_000)]) {
    await send(messageFor(id, { content: { channel: 'push', title: 't'.repeat(9_000), body, url: '/desk' } }));
    const pushed = service.received.at(-1);
    assert.ok((pushed?.size ?? 0) <= 4_096);
    const said = JSON.parse(pushed?.text ?? '') as { body: string; url: string };
    assert.ok(said.body.length > 500);
    assert.equal(said.url, '/desk');
  }
});

test('a service that takes less gets the title alone (413)', async () => {
  service.answerWith((size) => (size > 1_000 ? { status: 413 } : { status: 201 }));
  await send(messageFor(id, { content: { channel: 'push', title: '911', body: 'x'.repeat(3_000), url: '/desk' } }));
  const said = JSON.parse(service.received.at(-1)?.text ?? '') as { title: string; body: string };
  assert.deepEqual([said.title, said.body], ['911', '']);
  service.answerWith(() => ({ status: 413 }));
  assert.equal((await failure(send(messageFor(id)))).isPermanent, true);
});

test('a subscription that is gone is taken away, in memory at once (RFC 8030 §7.3)', async () => {
  for (const status of [404, 410]) {
    const other = service.subscribe(push.publicKey());
    const { id: otherId } = await push.subscribe(scope, other);
    await load();
    service.answerWith(() => ({ status, body: 'gone' }));
    assert.equal((await failure(send(messageFor(otherId)))).isPermanent, true);
    assert.equal(push.find(scope.organizationId, otherId), undefined);
    assert.ok(!(await push.list(scope)).some((one) => one.id === otherId));
    assert.equal((await failure(send(messageFor(otherId)))).isPermanent, true);
  }
  assert.ok(push.find(scope.organizationId, id), 'others stay');
});

test('a service that is busy is asked again when it says so; other refusals are tried again', async () => {
  service.answerWith(() => ({ status: 429, headers: { 'retry-after': '17' } }));
  const busy = await failure(send(messageFor(id)));
  assert.deepEqual([busy.isPermanent, busy.retryAfterSeconds], [false, 17]);
  service.answerWith(() => ({ status: 503, headers: { 'retry-after': new Date(Date.now() + 60_000).toUTCString() } }));
  const away = await failure(send(messageFor(id)));
  assert.ok((away.retryAfterSeconds ?? 0) > 50 && (away.retryAfterSeconds ?? 0) <= 61);
  service.answerWith(() => ({ status: 302, headers: { location: 'https://localhost:1/' } }));
  const moved = await failure(send(messageFor(id)));
  assert.match(moved.message, /302/);
  service.answerWith(() => ({ status: 500, body: 'x'.repeat(100_000) }));
  const broken = await failure(send(messageFor(id)));
  assert.equal(broken.isPermanent, false);
  assert.ok(broken.message.length <= 200);
});

test('no message leaves for a private address, nor to a server whose certificate is not trusted', async () => {
  await assert.rejects(send(messageFor(id), senderWith(isPublicAddress, service.ca)), /may not be asked/);
  const count = service.received.length;
  const stranger = await startPushService();
  ended.push(() => void stranger.close());
  await assert.rejects(
    send(
      messageFor(id),
      senderWith(() => true, stranger.ca),
    ),
    /certificate|self-signed|issuer/i,
  );
  assert.equal(service.received.length, count);
});

test('a message of another organization finds no browser here', async () => {
  const other = await addOrganization(database);
  assert.equal((await failure(send(messageFor(id, { organizationId: other.organizationId })))).isPermanent, true);
});
