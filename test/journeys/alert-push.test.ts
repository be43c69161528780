/** A call reaches browsers by push: a real platform, and a push service that checks signatures and opens messages as a browser does. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { eventually, openClient, type PlatformClient } from '../support/platform-client.ts';
import { type PushService, startPushService } from '../support/push-service.ts';
import { openPhone } from '../support/sip-phone.ts';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';

const WAIT_MS = 30_000;
const folder = mkdtempSync(join(tmpdir(), 'waymark-push-'));
let service: PushService;
let platform: TimedPlatform;
let client: PlatformClient;

before(async () => {
  service = await startPushService();
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, service.ca);
  platform = await startTimedPlatform({ WAYMARK_WEBHOOK_NETWORKS: '127.0.0.0/8,::1/128', WAYMARK_WEBHOOK_CA: ca });
  client = openClient(platform.http, platform.firstRun.tokens.fullAdmin ?? '');
});

after(async () => {
  await platform.stop();
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

async function call(): Promise<void> {
  const phone = await openPhone({ target: { ...platform.sip, protocol: 'udp' } });
  const placed = phone.call({ from: platform.firstRun.examples?.['callerNumber'] ?? '' });
  assert.equal((await placed.final()).status, 200);
  await placed.ack();
  await placed.request('BYE');
  await phone.close();
}

type Receipt = { channel: string; recipient: string; state: string };

test('a call is told to the browsers that asked, of their organization and place; one that is gone is forgotten', async () => {
  const { publicKey } = await client.must<{ publicKey: string }>('GET', '/api/push-key');
  const [desk, elsewhere, gone, stranger] = [1, 2, 3, 4].map(() => service.subscribe(publicKey));
  assert.ok(desk && elsewhere && gone && stranger);
  const { items: locations } = await client.must<{ items: { id: string; name: string }[] }>('GET', '/v1/locations');
  const other = locations.at(-1)?.id;
  await client.must('POST', '/api/push-subscriptions', { ...pick(desk), label: 'Front desk' });
  await client.must('POST', '/api/push-subscriptions', { ...pick(elsewhere), locationIds: [other] });
  await client.must('POST', '/api/push-subscriptions', { ...pick(gone), endpoint: `${gone.endpoint}-gone` });
  const fresh = openClient(platform.http, platform.firstRun.fresh?.tokens.fullAdmin ?? '');
  await fresh.must('POST', '/api/push-subscriptions', pick(stranger));

  await call();
  const [pushed] = await eventually('the message', WAIT_MS, () => service.received.length > 0 && service.received);
  assert.equal(pushed?.browser, desk.name);
  assert.equal(pushed.headers['urgency'], 'high');
  const said = JSON.parse(pushed.text) as Record<string, string>;
  assert.match(said['title'] ?? '', /911/);
  assert.match(said['body'] ?? '', /301 W 2nd St/);
  assert.match(said['body'] ?? '', /\+15125550101/);
  assert.equal(said['severity'], 'emergency');

  const { items } = await client.must<{ items: { id: string }[] }>('GET', '/api/incidents');
  assert.equal(said['incidentId'], items[0]?.id);
  const situation = (): Promise<{ receipts: Receipt[] }> =>
    client.must('GET', `/api/incidents/${items[0]?.id}/situation`);
  const receipts = await eventually('receipts', WAIT_MS, async () => {
    const pushes = (await situation()).receipts.filter(({ channel }) => channel === 'push');
    return pushes.every(({ state }) => state === 'accepted' || state === 'exhausted') && pushes;
  });
  assert.deepEqual(receipts.map(({ recipient, state }) => `${recipient}: ${state}`).sort(), [
    'A browser: exhausted',
    'Front desk: accepted',
  ]);
  await eventually('the one that is gone is forgotten', WAIT_MS, async () => {
    const left = await client.must<{ items: unknown[] }>('GET', '/api/push-subscriptions');
    return left.items.length === 2;
  });
  assert.deepEqual(
    service.received.map(({ browser }) => browser),
    [desk.name],
  );
});

/** Types of events that a desk of this location alone has heard. */
async function typesHeardAt(locationId: string): Promise<string[]> {
  const scopes = ['waymark:read'];
  const wish = { label: 'Desk', role: 'locationAdmin', locationIds: [locationId], scopes };
  const { token } = await client.must<{ token: string }>('POST', '/api/tokens', wish);
  const answer = await fetch(`${platform.http}/api/events?follow=false`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(WAIT_MS),
  });
  assert.equal(answer.status, 200);
  return [...(await answer.text()).matchAll(/^event: (.*)$/gm)].map(([, type = '']) => type);
}

test('who listens for a location hears of its calls, incidents and alerts, and of nothing else', async () => {
  const { items } = await client.must<{ items: { locationId: string }[] }>('GET', '/api/incidents');
  const { items: locations } = await client.must<{ items: { id: string }[] }>('GET', '/v1/locations');
  const here = items[0]?.locationId ?? '';
  const plain = (id: string): string => Buffer.from(id, 'base64url').toString().split('/').at(-1) ?? '';
  const elsewhere = locations.map(({ id }) => plain(id)).find((id) => id !== here) ?? '';
  const heard = await eventually('every kind of event', WAIT_MS, async () => {
    const types = await typesHeardAt(here);
    return types.includes('alert.accepted') && types.includes('call.ended') && types;
  });
  for (const type of ['call.started', 'incident.opened']) assert.ok(heard.includes(type), `${type} in ${heard.join()}`);
  assert.deepEqual(await typesHeardAt(elsewhere), []);
});

function pick({ endpoint, keys }: { endpoint: string; keys: object }): object {
  return { endpoint, keys };
}
