/** `explain` of a running platform in its four forms, over REST and on the command line, built-in and imported boundaries. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { explain } from '../../src/commands/explain-command.ts';
import type { Route } from '../../src/routing/routing.ts';
import { createApiClient } from '../../src/transport/api-client.ts';
import { openClient, type PlatformClient } from '../support/platform-client.ts';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';

type Explained = Route & { place: { foundBy: string; civic: unknown; shape: unknown } };

let platform: TimedPlatform;
let client: PlatformClient;

before(async () => {
  platform = await startTimedPlatform();
  client = openClient(platform.http, platform.firstRun.tokens.fullAdmin ?? '');
});

after(() => platform.stop());

const ask = (query: Record<string, string>) =>
  client.must<Explained>('GET', `/api/explain/route?${new URLSearchParams(query).toString()}`);

test('a point: boundary, version, data quality, distance', async () => {
  const answer = await ask({ lat: '29.7604', lon: '-95.3698' });
  assert.equal(answer.mapping.sourceId, 'us-county-48201');
  assert.equal(answer.quality, 'inside');
  assert.match(answer.boundary.version, /^[0-9a-f]{32}$/);
  assert.equal(answer.boundary.layer, 'waymark.default');
  assert.equal(answer.boundary.importId, null);
  assert.ok((answer.distanceToEdgeMeters ?? 0) > 1_000);
  assert.equal(answer.place.foundBy, 'point');
});

test('an address as people write it', async () => {
  const answer = await ask({ address: '901 Bagby St, Houston, TX 77002' });
  assert.equal(answer.mapping.sourceId, 'us-county-48201');
  assert.equal(answer.place.foundBy, 'address');
});

test('an emergency response location and a device in it lead to the same boundary', async () => {
  const { items } = await client.must<{
    items: { id: string; responseLocationId: string; kind: string; value: string }[];
  }>('GET', '/api/wire-map?max=200');
  const mac = String(platform.firstRun.examples?.mac);
  const element = items.find(({ kind, value }) => kind === 'mac' && value === mac);
  assert.ok(element, 'the demonstration maps its example device');
  const byErl = await ask({ erl: element.responseLocationId });
  const byDevice = await ask({ device: mac });
  assert.match(byErl.place.foundBy, /^emergency response location /);
  assert.match(byDevice.place.foundBy, /^mac: /);
  assert.equal(byDevice.mapping.sourceId, byErl.mapping.sourceId);
  assert.deepEqual(byDevice.place.civic, byErl.place.civic);
  const number = await ask({ device: String(platform.firstRun.examples?.callerNumber) });
  assert.match(number.place.foundBy, /^number: /);
});

test('what is not there, and what is asked in two ways at once, is told', async () => {
  for (const [query, status] of [
    ['erl=00000000-0000-4000-8000-000000000000', 404],
    ['erl=nonsense', 400],
    ['device=02:00:00:00:00:99', 404],
    ['lat=29.7604', 400],
    ['lat=29.7604&lon=-95.3&address=Houston', 400],
    ['lat=0&lon=-30', 404],
  ] as const) {
    assert.equal((await client.ask('GET', `/api/explain/route?${query}`)).status, status, query);
  }
});

test('the command line tells the same of each form', async () => {
  const api = createApiClient({ baseUrl: platform.http, token: platform.firstRun.tokens.fullAdmin ?? '' });
  const point = await explain(api, '', { dialed: '911', lat: '29.7604', lon: '-95.3698' });
  assert.match(point.join('\n'), /boundary us-county-48201 of waymark\.default, version [0-9a-f]{32}, of 20/);
  const device = await explain(api, '', { dialed: '911', device: String(platform.firstRun.examples?.mac) });
  assert.match(device.join('\n'), /found by mac: /);
  const address = await explain(api, '901 Bagby St, Houston, TX 77002', { dialed: '911' });
  assert.match(address.join('\n'), /found by address/);
});
