/** Devices that move about, on a running platform: asked for their address, located by it, routed as decision 11 says. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CallExplanation } from '../../src/calls/calls.ts';
import type { LocationExplanation } from '../../src/location/location.ts';
import { eventually, openClient, type PlatformClient } from '../support/platform-client.ts';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';
import { assertValid } from '../support/xml-schemas.ts';

let platform: TimedPlatform;
let client: PlatformClient;
let number: string;

before(async () => {
  platform = await startTimedPlatform();
  client = openClient(platform.http, platform.firstRun.tokens.fullAdmin ?? '');
  number = String(platform.firstRun.examples?.callerNumber);
});

after(() => platform.stop());

const HOME = '198.51.100.77';
const TORONTO = { address1: '100 Queen St W', city: 'Toronto', state: 'ON', postalCode: 'M5H 2N2', country: 'CA' };

function request(inner: string): string {
  return (
    '<?xml version="1.0"?><locationRequest xmlns="urn:ietf:params:xml:ns:geopriv:held"><locationType>any</locationType>' +
    `${inner}</locationRequest>`
  );
}

function device(inner: string): string {
  return `<device xmlns="urn:ietf:params:xml:ns:geopriv:held:id">${inner}</device>`;
}

async function held(inner: string): Promise<string> {
  const response = await fetch(`${platform.http}/held/c/${platform.firstRun.companyId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/held+xml' },
    body: request(inner),
  });
  const xml = await response.text();
  assertValid('held', xml);
  return xml;
}

const softphone = (address: string): string => device(`<uri>tel:${number}</uri><ip v="4">${address}</ip>`);

test('a self-registered address in Canada: HELD, its location URI, the call through the Canadian relay; then it is purged', async () => {
  const path = `/api/devices/${encodeURIComponent(`tel:${number}`)}`;
  const asked = await client.must<{ needsAddress: boolean }>('GET', `${path}/address?publicAddress=${HOME}`);
  assert.equal(asked.needsAddress, true);
  const registered = await client.must<{ addressCheck: { level: string } }>('PUT', `${path}/address`, {
    address: TORONTO,
    network: { publicAddress: HOME },
  });
  assert.equal(registered.addressCheck.level, 'postal');

  const answer = await held(softphone(HOME));
  assert.match(answer, /Queen/);
  const uri = /<locationURI>([^<]+)</.exec(answer)?.[1] ?? '';
  assertValid('held', await (await fetch(uri)).text());
  const call = await client.must<CallExplanation>(
    'GET',
    `/api/explain/call?from=${encodeURIComponent(number)}&geolocation=${encodeURIComponent(uri)}`,
  );
  assert.ok(call.flags.includes('nomadic-canada'), call.flags.join());
  assert.match(call.location?.rule ?? '', /self-registered address, found by address that the device registered/);
  assert.match(call.destinations[0]?.name ?? '', /Relay centre Canada/);

  const elsewhere = await held(softphone('198.51.100.78'));
  assert.match(elsewhere, /code="locationUnknown".*its address must be asked/s);
  const told = await client.must<{ useCount: number }>('POST', '/api/location-uris/describe', { uri });
  assert.equal(typeof told.useCount, 'number');

  await client.must('DELETE', path);
  assert.match(await (await fetch(uri)).text(), /locationUnknown/);
  const after = await client.must<{ needsAddress: boolean }>('GET', `${path}/address?publicAddress=${HOME}`);
  assert.equal(after.needsAddress, true);
});

test('an unmapped access point is offered, mapped in one step, and explained with what lost', async () => {
  const wifi =
    '<measurements xmlns="urn:ietf:params:xml:ns:geopriv:lm"><wifi xmlns="urn:ietf:params:xml:ns:geopriv:lm:wifi">' +
    '<ap serving="true"><bssid>02-00-5E-00-53-07</bssid></ap></wifi></measurements>';
  const phone = device(`<uri>tel:${number}</uri>`) + wifi;
  await held(phone);
  type Unmapped = { id: string; kind: string; value: string; rule: string | null };
  const found = await eventually(
    'an unmapped access point',
    20_000,
    async () => (await client.must<{ items: Unmapped[] }>('GET', '/api/wire-map/unmapped?kind=bssid')).items[0],
  );
  assert.deepEqual([found.value, found.rule], ['02:00:5e:00:53:07', 'number']);
  const csv = await fetch(`${platform.http}/api/wire-map/unmapped/export`, {
    headers: { authorization: `Bearer ${platform.firstRun.tokens.fullAdmin}` },
  });
  assert.match(await csv.text(), /bssid,02:00:5e:00:53:07,/);
  const erls = await client.must<{ items: { id: string }[] }>('GET', '/api/response-locations');
  const responseLocationId = erls.items[0]?.id;
  await client.must('POST', `/api/wire-map/unmapped/${found.id}/map`, { responseLocationId });
  assert.equal((await client.must<{ items: Unmapped[] }>('GET', '/api/wire-map/unmapped?kind=bssid')).items.length, 0);

  const why = await client.must<LocationExplanation>('POST', '/api/explain/location', {
    request: request(phone),
    sourceAddress: HOME,
  });
  assert.ok(why.found);
  assert.deepEqual(
    [why.rule, why.target.id, why.trust, why.confidencePercent, why.ageSeconds],
    ['bssid', responseLocationId, 80, 90, 0],
  );
  assert.deepEqual(
    why.candidates.map(({ rule }) => rule),
    ['number'],
  );
  const override = `/api/devices/${encodeURIComponent('cc:cc:cc:cc:cc:77')}/override`;
  await client.must('PUT', override, { responseLocationId });
  assert.match(await held(device('<mac>CC-CC-CC-CC-CC-77</mac>')), /<presence/);
  await client.must('DELETE', override);
  assert.match(await held(device('<mac>CC-CC-CC-CC-CC-77</mac>')), /locationUnknown/);
});
