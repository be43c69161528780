/** Emergency addresses on a running platform: what administrators give is where the next call is, and the trace says by which rule. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CallExplanation } from '../../src/calls/calls.ts';
import { openClient, type PlatformClient } from '../support/platform-client.ts';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';

let platform: TimedPlatform;
let client: PlatformClient;
let number: string;
let locationId: string;

before(async () => {
  platform = await startTimedPlatform();
  client = openClient(platform.http, platform.firstRun.tokens.fullAdmin ?? '');
  number = String(platform.firstRun.examples?.callerNumber);
  const { items } = await client.must<{ items: { number: string; locationId: string }[] }>(
    'GET',
    '/api/numbers?max=1000',
  );
  locationId = items.find((item) => item.number === number)?.locationId ?? '';
  assert.notEqual(locationId, '');
});

after(() => platform.stop());

const explain = () => client.must<CallExplanation>('GET', `/api/explain/call?from=${encodeURIComponent(number)}`);

const MIAMI = { address1: '12½ Collins Ave', city: 'Miami Beach', state: 'FL', postalCode: '33140', country: 'US' };

/** What a dereferenced location URI or a HELD answer says of the house. */
async function locate(): Promise<string> {
  const { companyId } = platform.firstRun;
  const response = await fetch(`${platform.http}/held/c/${companyId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/held+xml' },
    body: `<?xml version="1.0"?><locationRequest xmlns="urn:ietf:params:xml:ns:geopriv:held"><locationType exact="false">civic locationURI</locationType><device xmlns="urn:ietf:params:xml:ns:geopriv:held:id"><uri>tel:${number}</uri></device></locationRequest>`,
  });
  return response.text();
}

test('number before location before building; the trace, HELD and the location URI agree; taken away, all as before', async () => {
  const before = await explain();
  assert.match(before.location?.rule ?? '', /^address of .*, the location of the caller’s number$/);

  const location = `/v1/telephony/pstn/locations/${locationId}`;
  const { id } = await client.must<{ id: string }>('POST', `${location}/emergencyAddress`, MIAMI);
  const ofLocation = await explain();
  assert.match(ofLocation.location?.rule ?? '', /^emergency address of .*, the location of the caller’s number$/);
  assert.match(ofLocation.location?.text ?? '', /^12 ½ Collins Ave, Miami Beach, FL 33140/);
  assert.equal(ofLocation.location?.locationId, locationId);
  assert.equal(ofLocation.location?.shape, null, 'the location’s position is not where this address is');
  assert.match(ofLocation.destinations[0]?.name ?? '', /Miami-Dade/);
  assert.match(ofLocation.trace.find(({ step }) => step === 'attach-location')?.choice ?? '', /^location-address /);
  const held = await locate();
  assert.match(held, /Collins/);

  const numberPath = `/v1/telephony/pstn/numbers/${number}/emergencyAddress`;
  await client.must('PUT', numberPath, {
    emergencyAddress: {
      address1: '100 Congress Ave',
      address2: 'Fl 20',
      city: 'Austin',
      state: 'TX',
      postalCode: '78701',
      country: 'US',
    },
  });
  const own = await explain();
  assert.equal(own.location?.rule, `own emergency address of ${number}`);
  assert.match(own.location?.text ?? '', /^100 Congress Ave, Floor 20, Austin/);
  assert.match(own.destinations[0]?.name ?? '', /Travis/);
  const heldOwn = await locate();
  assert.match(heldOwn, /Congress/);
  const uri = /<locationURI>([^<]+)</.exec(heldOwn)?.[1] ?? '';
  const dereferenced = async () => (await fetch(uri)).text();
  assert.match(await dereferenced(), /Congress/);

  // The number's goes: what is on its way leads to the location's; that changes: to the new one.
  await client.must('PUT', numberPath, {});
  assert.match((await explain()).location?.rule ?? '', /^emergency address of /);
  assert.match(await dereferenced(), /Collins/);
  await client.must('PUT', `${location}/emergencyAddresses/${id}`, { address1: '14 Collins Ave' });
  assert.match(await dereferenced(), />14</);
});

test('what is known of the addresses is shown with how right each is', async () => {
  const { emergencyAddress, building, location, history } = await client.must<{
    emergencyAddress: { postalAddress: object; addressCheck: { level: string } };
    building: { addressCheck: object | null } | null;
    location: { addressCheck: { level: string | null } };
    history: unknown[];
  }>('GET', `/api/locations/${locationId}/addresses`);
  assert.deepEqual(emergencyAddress.postalAddress, { ...MIAMI, address1: '14 Collins Ave' });
  assert.equal(emergencyAddress.addressCheck.level, 'postal');
  assert.ok('level' in location.addressCheck);
  assert.ok(building === null || 'addressCheck' in building);
  assert.equal(history.length, 1);
  const ofNumber = await client.must<{ own: unknown; ownHistory: unknown[] }>(
    'GET',
    `/api/numbers/${encodeURIComponent(number)}/addresses`,
  );
  assert.equal(ofNumber.own, null);
  assert.equal(ofNumber.ownHistory.length, 1);
});

test('an address is checked by fields and by one line', async () => {
  type Checked = { level: string; address: { city: string; address1: string }; corrections: { field: string }[] };
  const byFields = await client.must<Checked>('POST', '/api/addresses/validate', { ...MIAMI, city: 'Maimi Beach' });
  const byText = await client.must<Checked>('POST', '/api/addresses/validate', {
    text: '12½ Collins Ave, Maimi Beach, FL 33140',
  });
  for (const { level, address, corrections } of [byFields, byText]) {
    assert.equal(level, 'postal');
    assert.equal(address.city, 'Miami Beach');
    assert.equal(address.address1, '12½ Collins Ave');
    assert.ok(corrections.some(({ field }) => field === 'city'));
  }
  assert.equal((await client.ask('POST', '/api/addresses/validate', { city: 5 })).status, 400);
  assert.equal((await client.ask('GET', '/api/locations/nonsense/addresses')).status, 404);
  assert.equal((await client.ask('GET', '/api/numbers/nonsense/addresses')).status, 404);
});
