/** Contract section 7 over HTTP: emergency addresses of locations and numbers, and their lookup. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { webexOperations } from '../../../src/wire/webex/operations.generated.ts';
import { decodeResourceId, encodeResourceId } from '../../../src/wire/webex/resource-id.ts';
import { assertMatchesSchema, unknownFields } from '../../support/json-schema.ts';
import { type Answer, type Client, NEW_LOCATION, startWebexDoor, type WebexDoor } from '../../support/webex-door.ts';

let door: WebexDoor;

before(async () => {
  door = await startWebexDoor();
});

after(() => door.close());

const MIAMI = {
  address1: '3487 Chase Ave',
  address2: 'Apt 112',
  city: 'Miami Beach',
  state: 'FL',
  postalCode: '33140',
  country: 'US',
};

function assertStatus(answer: Answer, status: number): Answer {
  assert.equal(answer.status, status, answer.text);
  return answer;
}

function problems(answer: Answer, status: number): string {
  assertStatus(answer, status);
  return (answer.body as { errors: { description: string }[] }).errors.map(({ description }) => description).join('\n');
}

async function addLocation(admin: Client): Promise<{ id: string; at: string }> {
  const id = String(assertStatus(await admin('POST', 'locations', NEW_LOCATION), 201).body['id']);
  return { id, at: `telephony/pstn/locations/${id}` };
}

type Found = typeof MIAMI & {
  meta: Record<string, string>;
  errors?: { code: string; title: string; detail: string }[];
};

async function lookUp(admin: Client, at: string, body: unknown): Promise<Found[]> {
  const answer = assertStatus(await admin('POST', `${at}/emergencyAddress/lookup`, body), 200);
  const schema = webexOperations['POST /telephony/pstn/locations/{locationId}/emergencyAddress/lookup'].responses[200];
  assertMatchesSchema(schema, answer.body, 'lookup');
  assert.deepEqual(unknownFields(schema, answer.body), []);
  return (answer.body as { addresses: Found[] }).addresses;
}

test('a lookup: the address itself where it is right; corrected and with errors where it is not; then what may be meant', async () => {
  const { admin } = await door.organization();
  const { at } = await addLocation(admin);

  const { meta, errors, ...address } = (await lookUp(admin, at, MIAMI))[0] as Found;
  assert.deepEqual(address, MIAMI);
  assert.equal(errors, undefined);
  assert.deepEqual(
    { ...meta, source: '' },
    {
      houseNumber: '3487',
      streetName: 'Chase Ave',
      country: 'US',
      state: 'FL',
      city: 'Miami Beach',
      zipCode: '33140',
      county: 'Miami-Dade County',
      level: 'postal',
      source: '',
    },
  );

  const [corrected] = await lookUp(admin, at, { ...MIAMI, city: 'Maimi Beach', state: 'Florida', country: 'USA' });
  assert.equal(corrected?.city, 'Miami Beach');
  assert.deepEqual(
    corrected?.errors?.map(({ code, title }) => `${code} ${title}`),
    ['WMA5001 COUNTRY_CORRECTED', 'WMA5001 STATE_CORRECTED', 'WMA5002 CITY_CORRECTED'],
  );
  assert.match(corrected?.errors?.[2]?.detail ?? '', /"Maimi Beach" became "Miami Beach": .*33140/);

  const [wrong, ...suggested] = await lookUp(admin, at, {
    ...MIAMI,
    city: 'Kansas City',
    state: 'KS',
    postalCode: '64106',
  });
  assert.equal(wrong?.meta['level'], 'syntax');
  assert.deepEqual(
    wrong?.errors?.map(({ title }) => title),
    ['STATE_POSTAL_MISMATCH'],
  );
  assert.equal(suggested[0]?.state, 'MO');
  assert.ok(suggested.every((one) => one.errors?.[0]?.title === 'SUGGESTED_ADDRESS'));
});

test('a lookup of nonsense is an answer, not a refusal; the published code names a street that is none', async () => {
  const { admin } = await door.organization();
  const { at } = await addLocation(admin);
  const titles = async (body: unknown) => (await lookUp(admin, at, body))[0]?.errors?.map(({ title }) => title) ?? [];
  assert.deepEqual(await titles({}), ['INVALID_STREET_ADDRESS']);
  assert.equal((await lookUp(admin, at, {}))[0]?.errors?.[0]?.code, 'PMP4004');
  assert.deepEqual(await titles({ address1: '1 Main St', city: 'X', state: 'Nowhere', country: 'US' }), [
    'STATE_UNKNOWN',
  ]);
  assert.deepEqual(await titles({ ...MIAMI, address1: 'PO Box 3' }), ['POST_OFFICE_BOX']);
  assert.deepEqual(await titles({ ...MIAMI, country: 'Ruritania' }), ['COUNTRY_UNKNOWN']);
  assert.deepEqual(
    await titles({ address1: null, address2: null, city: null, state: null, postalCode: null, country: null }),
    ['INVALID_STREET_ADDRESS'],
  );
  assert.match(problems(await admin('POST', `${at}/emergencyAddress/lookup`, { address1: 5 }), 400), /address1/);
  assert.match(
    problems(await admin('POST', `${at}/emergencyAddress/lookup`, { ...MIAMI, city: 'x'.repeat(5_000) }), 400),
    /city/,
  );
});

test('added, added again, changed: one address with one id', async () => {
  const organization = await door.organization();
  const { admin } = organization;
  const { id, at } = await addLocation(admin);
  const first = assertStatus(await admin('POST', `${at}/emergencyAddress`, MIAMI), 201);
  const addressId = String(first.body['id']);
  assert.ok(decodeResourceId('EMERGENCY_ADDRESS', addressId));
  const again = assertStatus(await admin('POST', `${at}/emergencyAddress`, { ...MIAMI, address2: 'Apt 113' }), 201);
  assert.equal(again.body['id'], addressId, 'a client that lost the answer gets the id again');
  const changed = await admin('PUT', `${at}/emergencyAddresses/${addressId}`, { address2: 'Apt 114' });
  assert.equal(assertStatus(changed, 204).text, '');
  const { emergencyAddress, history } = await door.places.readLocationAddresses(
    organization.scope,
    decodeResourceId('LOCATION', id) ?? '',
  );
  assert.deepEqual(emergencyAddress?.postalAddress, { ...MIAMI, address2: 'Apt 114' });
  assert.deepEqual(history.map(({ postalAddress }) => postalAddress.address2 ?? '').sort(), ['Apt 112', 'Apt 113']);
  assert.match(
    problems(await admin('POST', `${at}/emergencyAddress`, { ...MIAMI, address1: 'PO Box 3' }), 400),
    /address1: .*box/,
  );
  assert.match(problems(await admin('POST', `${at}/emergencyAddress`, { ...MIAMI, state: 'XX' }), 400), /state/);
  assert.match(problems(await admin('POST', `${at}/emergencyAddress`, {}), 400), /address1/);
  const unknown = encodeResourceId('EMERGENCY_ADDRESS', '00000000-0000-4000-8000-000000000000');
  for (const wrong of [unknown, id, 'nonsense']) {
    problems(await admin('PUT', `${at}/emergencyAddresses/${wrong}`, MIAMI), 404);
  }
});

test('a number’s own address: set with a raw plus or an escaped one, taken away by an empty body', async () => {
  const organization = await door.organization();
  const { admin } = organization;
  const { id } = await addLocation(admin);
  const locationId = decodeResourceId('LOCATION', id) ?? '';
  const number = '+13055550142';
  assertStatus(
    await admin('POST', `telephony/config/locations/${id}/numbers`, { phoneNumbers: [number], state: 'ACTIVE' }),
    201,
  );
  const find = async () => {
    for (const snapshot of [...door.places.snapshots, ...door.members.snapshots]) await snapshot.loadFromDatabase();
    return door.members.findEmergencyPlace(organization.id, locationId, number);
  };
  const path = (text: string) => `telephony/pstn/numbers/${text}/emergencyAddress`;

  assert.equal(assertStatus(await admin('PUT', path(number), { emergencyAddress: MIAMI }), 204).text, '');
  assert.equal((await find())?.address.UNIT, '112');
  assertStatus(
    await admin('PUT', path(encodeURIComponent(number)), { emergencyAddress: { ...MIAMI, address2: null } }),
    204,
  );
  assert.equal((await find())?.address.UNIT, undefined);
  assertStatus(await admin('PUT', path(number), {}), 204);
  assert.equal(await find(), undefined);
  assertStatus(await admin('PUT', path(number), { emergencyAddress: null }), 204);

  assert.match(problems(await admin('PUT', path(number), { emergencyAddress: {} }), 400), /emergencyAddress\.address1/);
  assert.match(
    problems(await admin('PUT', path(number), { emergencyAddress: { ...MIAMI, address1: 'PO Box 1' } }), 400),
    /emergencyAddress\.address1/,
  );
  const stranger = (await door.organization('Other')).admin;
  for (const [who, text] of [
    [stranger, number],
    [admin, '+13055550000'],
    [admin, 'nonsense'],
  ] as const) {
    problems(await who('PUT', path(text), { emergencyAddress: MIAMI }), 404);
  }
});

test('another organization’s location does not exist; a wrong role and no token are told so', async () => {
  const organization = await door.organization();
  const { at } = await addLocation(organization.admin);
  const stranger = (await door.organization('Other')).admin;
  for (const path of [`${at}/emergencyAddress`, `${at}/emergencyAddress/lookup`]) {
    problems(await stranger('POST', path, MIAMI), 404);
    problems(await (await organization.as('readOnlyAdmin'))('POST', path, MIAMI), 403);
    problems(await door.stranger('POST', path, MIAMI), 401);
    problems(await organization.admin('GET', path), 405);
  }
});
