/** Contract section 8 over HTTP: locations, and calling at them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { webexOperations } from '../../../src/wire/webex/operations.generated.ts';
import { decodeResourceId, encodeResourceId } from '../../../src/wire/webex/resource-id.ts';
import { assertMatchesSchema, unknownFields } from '../../support/json-schema.ts';
import { type Answer, type Client, NEW_LOCATION, startWebexDoor, type WebexDoor } from '../../support/webex-door.ts';

const TELEPHONY = 'telephony/config/locations';

let door: WebexDoor;
let line = 0;

before(async () => {
  door = await startWebexDoor();
});

after(() => door.close());

function assertStatus(answer: Answer, status: number): Answer {
  assert.equal(answer.status, status, answer.text);
  return answer;
}

function assertProblem(answer: Answer, status: number, words: RegExp): void {
  assertStatus(answer, status);
  const { errors } = answer.body as { errors: { description: string }[] };
  assert.match(errors.map(({ description }) => description).join('\n'), words);
}

function assertContract(answer: Answer, key: keyof typeof webexOperations): Record<string, unknown> {
  const { responses } = webexOperations[key] as { responses: Record<string, object | null> };
  const schema = responses[String(answer.status)];
  assert.ok(schema, `${key}: ${answer.text}`);
  assertMatchesSchema(schema, answer.body, key);
  assert.deepEqual(unknownFields(schema, answer.body), [], key);
  return answer.body;
}

async function add(admin: Client, name: string): Promise<string> {
  return String(assertStatus(await admin('POST', 'locations', { ...NEW_LOCATION, name }), 201).body['id']);
}

async function enable(admin: Client, id: string, of: object = {}): Promise<Answer> {
  const { name } = assertStatus(await admin('GET', `locations/${id}`), 200).body;
  return admin('POST', TELEPHONY, { ...NEW_LOCATION, name, id, ...of });
}

/** What a running platform does after every write. */
async function catchUp(): Promise<void> {
  for (const room of [door.accounts, door.places, door.compliance, door.members]) {
    for (const snapshot of room.snapshots) await snapshot.loadFromDatabase();
  }
}

const namesOf = (answer: Answer, list: 'items' | 'locations') =>
  (answer.body[list] as { name: string }[]).map(({ name }) => name);

/** Every page, following Link verbatim. */
async function pages(admin: Client, first: string, list: 'items' | 'locations'): Promise<string[][]> {
  const found: string[][] = [];
  for (let next: string | undefined = first; next !== undefined; ) {
    const answer = assertStatus(await admin('GET', next), 200);
    found.push(namesOf(answer, list));
    next = /^<(?<url>[^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.groups?.['url'];
  }
  return found;
}

test('a location is read, changed in part, and keeps what the body leaves out or sends as null', async () => {
  const { admin } = await door.organization();
  const id = await add(admin, 'Dallas');
  const path = `locations/${id}`;
  const before = assertContract(await admin('GET', path), 'GET /locations/{locationId}');
  assert.equal(before['countryCode'], 'US');
  const address = { ...NEW_LOCATION.address, address1: '12 Elm St', city: 'Dallas', state: 'TX', postalCode: '75201' };
  assertStatus(await admin('PUT', path, { name: 'Dallas 2', timeZone: null, preferredLanguage: null }), 204);
  assertStatus(await admin('PUT', path, { address: { ...address, address2: null }, orgId: 'sent back' }), 204);
  assert.deepEqual(assertContract(await admin('GET', path), 'GET /locations/{locationId}'), {
    ...before,
    name: 'Dallas 2',
    address,
  });
  for (const [body, words] of [
    [{ name: '' }, /name/],
    [{ name: 'x'.repeat(257) }, /name/],
    [{ timeZone: 'Mars/Olympus' }, /timeZone/],
    [{ address: { city: 'Dallas' } }, /address/],
    [{ preferredLanguage: 7 }, /preferredLanguage/],
  ] as const) {
    assertProblem(await admin('PUT', path, body), 400, words);
  }
  await add(admin, 'Austin');
  assertProblem(await admin('PUT', path, { name: 'AUSTIN' }), 409, /name/);
});

test('what a change of a location names beyond the published fields is checked too', async () => {
  const { admin } = await door.organization();
  const id = await add(admin, 'Dallas');
  for (const [body, words] of [
    [{ notes: 5 }, /notes/],
    [{ latitude: [1], longitude: true }, /latitude/],
    [{ latitude: {}, longitude: '1' }, /latitude/],
    [{ announcementLanguage: 7 }, /announcementLanguage/],
  ] as const) {
    assertProblem(await admin('PUT', `locations/${id}`, body), 400, words);
  }
  assertStatus(
    await admin('PUT', `locations/${id}`, { notes: 'by the river', latitude: '32.78', longitude: -96.8 }),
    204,
  );
  const read = assertContract(await admin('GET', `locations/${id}`), 'GET /locations/{locationId}');
  assert.deepEqual([read['notes'], read['latitude'], read['longitude']], ['by the river', '32.78', '-96.8']);
});

test('locations are filtered by part of the name and by id, and paged by complete links', async () => {
  const { admin } = await door.organization();
  const ids = new Map<string, string>();
  for (const name of ['Austin North', 'Austin South', 'Boston', 'Dallas', 'El Paso']) {
    ids.set(name, await add(admin, name));
  }
  assertContract(await admin('GET', 'locations'), 'GET /locations');
  assert.deepEqual(await pages(admin, 'locations?max=2', 'items'), [
    ['Austin North', 'Austin South'],
    ['Boston', 'Dallas'],
    ['El Paso'],
  ]);
  assert.deepEqual(await pages(admin, 'locations?name=aUSTIN&max=1', 'items'), [['Austin North'], ['Austin South']]);
  assert.deepEqual(await pages(admin, `locations?id=${ids.get('Boston') ?? ''}`, 'items'), [['Boston']]);
  assert.deepEqual(namesOf(assertStatus(await admin('GET', 'locations?name=100%25'), 200), 'items'), []);
  assertProblem(await admin('GET', 'locations?id=nowhere'), 400, /id/);
  assertProblem(await admin('GET', 'locations?max=0'), 400, /max/);
});

test('calling: enabled with what the body says, listed in either direction, described, disabled', async () => {
  const { admin, scope } = await door.organization();
  const dallas = await add(admin, 'Dallas');
  const austin = await add(admin, 'Austin');
  const bare = await add(admin, 'Without calling');
  const enabled = await enable(admin, dallas, {
    name: 'Dallas Main',
    announcementLanguage: 'es_us',
    countryCode: 'US',
  });
  assert.deepEqual(assertContract(assertStatus(enabled, 201), 'POST /telephony/config/locations'), { id: dallas });
  assertStatus(await enable(admin, austin), 201);
  assertProblem(await enable(admin, austin), 409, /already enabled/);
  assert.deepEqual(await pages(admin, `${TELEPHONY}?max=1`, 'locations'), [['Austin'], ['Dallas Main']]);
  assert.deepEqual(await pages(admin, `${TELEPHONY}?order=desc`, 'locations'), [['Dallas Main', 'Austin']]);
  assert.deepEqual(await pages(admin, `${TELEPHONY}?name=MAIN`, 'locations'), [['Dallas Main']]);
  assertProblem(await admin('GET', `${TELEPHONY}?order=name`), 400, /order/);

  const phoneNumber = `+1214555${String(1000 + line++)}`;
  const locationId = decodeResourceId('LOCATION', dallas) ?? '';
  await door.members.addNumbers(scope, { locationId, phoneNumbers: [phoneNumber] });
  const path = `${TELEPHONY}/${dallas}`;
  const callingLineId = { name: 'Front desk', phoneNumber };
  assertStatus(await admin('PUT', path, { announcementLanguage: null, callingLineId, routingPrefix: '8055' }), 204);
  await catchUp();
  const described = {
    id: dallas,
    name: 'Dallas Main',
    announcementLanguage: 'es_us',
    callingLineId,
    routingPrefix: '8055',
    e911SetupRequired: true,
  };
  const key = 'GET /telephony/config/locations/{locationId}';
  assert.deepEqual(assertContract(await admin('GET', path), key), described);
  const list = assertContract(await admin('GET', TELEPHONY), 'GET /telephony/config/locations');
  assert.deepEqual((list['locations'] as unknown[])[1], described);

  // All of it or nothing: the number belongs to another location.
  const wrong = { callingLineId: { name: 'Back door', phoneNumber }, routingPrefix: '8056' };
  assertProblem(await admin('PUT', `${TELEPHONY}/${austin}`, wrong), 400, /callingLineId\.phoneNumber/);
  const other = assertContract(await admin('GET', `${TELEPHONY}/${austin}`), key);
  assert.deepEqual([other['callingLineId'], other['routingPrefix']], [{ name: 'Austin' }, undefined]);
  assertProblem(await admin('PUT', `${TELEPHONY}/${austin}`, { routingPrefix: '8055' }), 409, /routingPrefix/);
  const cleared = { callingLineId: { name: null, phoneNumber: null }, routingPrefix: null };
  assertStatus(await admin('PUT', path, cleared), 204);
  // Null takes away, but never the number on which calls are called back.
  const { routingPrefix: _gone, ...still } = described;
  const bared = { ...still, callingLineId: { name: 'Dallas Main', phoneNumber } };
  assert.deepEqual(assertContract(await admin('GET', path), key), bared);
  assertProblem(await admin('PUT', `${TELEPHONY}/${austin}`, { routingPrefix: 'ab' }), 400, /routingPrefix/);

  assertProblem(await admin('DELETE', path), 409, /1 number/);
  assertStatus(await admin('DELETE', `${TELEPHONY}/${austin}`), 204);
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const body = method === 'PUT' ? { routingPrefix: '77' } : undefined;
    assertProblem(await admin(method, `${TELEPHONY}/${austin}`, body), 410, /calling at location .* was removed/);
    assertProblem(await admin(method, `${TELEPHONY}/${bare}`, body), 404, /there is no calling at location/);
  }
  assertStatus(await enable(admin, austin), 201);
  assertStatus(await admin('GET', `${TELEPHONY}/${austin}`), 200);
});

test('E911 setup is required until emergency calls are routed, never outside its reach', async () => {
  const { admin } = await door.organization();
  assertStatus(await admin('POST', 'telephony/config/redSky', { email: 'a@b.example' }), 201);
  const here = await add(admin, 'Here');
  const abroad = await add(admin, 'Abroad');
  const address = { address1: '1 Raffles Place', city: 'Singapore', state: '', postalCode: '048616', country: 'SG' };
  assertStatus(await enable(admin, here), 201);
  assertStatus(await enable(admin, abroad, { address }), 201);
  const required = async () => {
    await catchUp();
    const { body } = assertStatus(await admin('GET', TELEPHONY), 200);
    return (body['locations'] as { e911SetupRequired: boolean }[]).map(({ e911SetupRequired }) => e911SetupRequired);
  };
  assert.deepEqual(await required(), [false, true]);
  for (const complianceStatus of ['LOCATION_SETUP', 'ALERTS', 'NETWORK_ELEMENTS', 'ROUTING_ENABLED']) {
    assertStatus(await admin('PUT', 'telephony/config/redSky/status', { complianceStatus }), 200);
  }
  assert.deepEqual(await required(), [false, false]);
});

test('enabling calling: bad bodies and ids of nothing or of others', async () => {
  const { admin } = await door.organization();
  const stranger = await door.organization();
  const id = await add(admin, 'Dallas');
  const foreign = await add(stranger.admin, 'Theirs');
  const body = { ...NEW_LOCATION, name: 'Dallas', id };
  for (const [wrong, words] of [
    [{ ...body, id: undefined }, /id/],
    [{ ...body, id: 'nowhere' }, /id/],
    [{ ...body, name: 'x'.repeat(81) }, /name/],
    [{ ...body, address: null }, /address/],
    [{ ...body, timeZone: 'Mars/Olympus' }, /timeZone/],
  ] as const) {
    assertProblem(await admin('POST', TELEPHONY, wrong), 400, words);
  }
  const unknown = encodeResourceId('LOCATION', '00000000-0000-4000-8000-000000000000');
  for (const missing of [unknown, foreign]) {
    assertProblem(await admin('POST', TELEPHONY, { ...body, id: missing }), 404, /there is no location/);
    for (const path of [`locations/${missing}`, `${TELEPHONY}/${missing}`]) {
      assertStatus(await admin('GET', path), 404);
      assertStatus(await admin('PUT', path, {}), 404);
      assertStatus(await admin('DELETE', path), 404);
    }
  }
});

test('a location is removed once nobody uses it, and is gone from then on', async () => {
  const { admin, scope } = await door.organization();
  const id = await add(admin, 'Dallas');
  const path = `locations/${id}`;
  const locationId = decodeResourceId('LOCATION', id) ?? '';
  assertStatus(await enable(admin, id), 201);
  const building = { alertingEmail: 'desk@example.com' };
  assertStatus(await admin('POST', `telephony/config/locations/${id}/redSky/building`, building), 201);
  const erl = await door.places.createResponseLocation(scope, { locationId, name: 'Lobby', detail: {} });
  const person = await door.members.createMember(scope, {
    kind: 'PEOPLE',
    locationId,
    firstName: 'Ada',
    lastName: 'Byron',
    extension: '101',
  });
  assertProblem(await admin('DELETE', path), 409, /calling must be disabled/);
  assertProblem(await admin('DELETE', `${TELEPHONY}/${id}`), 409, /1 member/);
  await door.members.removeMember(scope, person.id, 'PEOPLE');
  assertStatus(await admin('DELETE', `${TELEPHONY}/${id}`), 204);
  assertProblem(await admin('DELETE', path), 409, /1 emergency response location/);
  await door.places.removeResponseLocation(scope, erl.id);
  assert.equal(assertStatus(await admin('DELETE', path), 204).text, '');
  assertProblem(await admin('GET', path), 410, /was removed/);
  assertProblem(await admin('DELETE', path), 410, /was removed/);
  assertProblem(await admin('PUT', path, {}), 410, /was removed/);
  assertProblem(await admin('GET', `${TELEPHONY}/${id}/features/emergencyCallbackNumber`), 410, /was removed/);
  const stranger = await door.organization();
  assertStatus(await stranger.admin('GET', path), 404);
  assert.deepEqual(namesOf(assertStatus(await admin('GET', 'locations'), 200), 'items'), []);
});

test('a location administrator lists its locations alone', async () => {
  const { admin, as } = await door.organization();
  const near = await add(admin, 'Near');
  const far = await add(admin, 'Far');
  for (const id of [near, far]) assertStatus(await enable(admin, id), 201);
  const mine = await as('locationAdmin', { locationIds: [decodeResourceId('LOCATION', near) ?? ''] });
  assert.deepEqual(namesOf(assertStatus(await mine('GET', 'locations'), 200), 'items'), ['Near']);
  assert.deepEqual(namesOf(assertStatus(await mine('GET', TELEPHONY), 200), 'locations'), ['Near']);
  assertStatus(await mine('GET', `locations/${far}`), 404);
  assertStatus(await mine('GET', `${TELEPHONY}/${far}`), 404);
  for (const path of [`locations/${near}`, `${TELEPHONY}/${near}`]) assertStatus(await mine('DELETE', path), 403);
});
