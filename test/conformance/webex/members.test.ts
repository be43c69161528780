/** Contract section 8 over HTTP: people, workspaces, virtual lines, hunt groups and numbers, from their making to their end. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { webexOperations } from '../../../src/wire/webex/operations.generated.ts';
import { decodeResourceId, encodeResourceId } from '../../../src/wire/webex/resource-id.ts';
import { assertMatchesSchema, unknownFields } from '../../support/json-schema.ts';
import { type Answer, type Client, NEW_LOCATION, startWebexDoor, type WebexDoor } from '../../support/webex-door.ts';

type Body = Record<string, unknown>;
type Key = keyof typeof webexOperations;

let door: WebexDoor;
let line = 0;
const nextNumber = () => `+1214555${String(1_000 + line++)}`;

before(async () => {
  door = await startWebexDoor();
});

after(() => door.close());

/** The answer has that status and exactly the contract's shape. */
function assertContract(answer: Answer, key: Key, status: number): Body {
  assert.equal(answer.status, status, answer.text);
  const responses: Readonly<Record<number, object | null>> = webexOperations[key].responses;
  const schema = responses[status];
  assert.notEqual(schema, undefined, `${key} does not answer ${status}`);
  if (schema) {
    assertMatchesSchema(schema, answer.body, key);
    assert.deepEqual(unknownFields(schema, answer.body), [], key);
  } else {
    assert.equal(answer.text, '');
  }
  return answer.body;
}

function assertProblem(answer: Answer, status: number, words: RegExp): void {
  assert.equal(answer.status, status, answer.text);
  const { errors } = answer.body as { errors: { description: string }[] };
  assert.match(errors.map(({ description }) => description).join('\n'), words);
}

async function site() {
  const organization = await door.organization();
  const { id } = await door.places.createLocation(organization.scope, { ...NEW_LOCATION, name: 'Dallas' });
  const { id: otherId } = await door.places.createLocation(organization.scope, { ...NEW_LOCATION, name: 'Austin' });
  return {
    ...organization,
    orgId: encodeResourceId('ORGANIZATION', organization.id),
    here: encodeResourceId('LOCATION', id),
    there: encodeResourceId('LOCATION', otherId),
    hereId: id,
  };
}

/** Follows Link as the SDK does, from page to page. */
async function readAll(client: Client, path: string, key: string): Promise<Body[]> {
  const all: Body[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const answer: Answer = await client('GET', next);
    assert.equal(answer.status, 200, answer.text);
    all.push(...(answer.body[key] as Body[]));
    next = /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  return all;
}

test('a person: made, found, changed, removed and gone', async () => {
  const { admin, orgId, here } = await site();
  const number = nextNumber();
  const created = assertContract(
    await admin('POST', 'people?callingData=true', {
      emails: ['ada@b.example'],
      firstName: 'Ada',
      lastName: 'Byron',
      roles: ['cm9sZQ'],
      locationId: here,
      extension: '101',
      phoneNumbers: [
        { type: 'mobile', value: '+12145559999' },
        { type: 'work', value: number },
      ],
    }),
    'POST /people',
    200,
  );
  const { id } = created;
  assert.deepEqual(created, {
    id,
    orgId,
    displayName: 'Ada Byron',
    firstName: 'Ada',
    lastName: 'Byron',
    emails: ['ada@b.example'],
    roles: ['cm9sZQ'],
    type: 'person',
    locationId: here,
    extension: '101',
    phoneNumbers: [{ type: 'work', value: number, primary: true }],
  });
  const { locationId: _, extension: __, phoneNumbers: ___, ...plain } = created;
  const path = `people/${String(id)}`;
  assert.deepEqual(assertContract(await admin('GET', path), 'GET /people/{personId}', 200), plain);
  for (const query of ['', '?email=ADA@b.example', '?displayName=ada', `?id=${String(id)}`, `?locationId=${here}`]) {
    const found = assertContract(await admin('GET', `people${query}`), 'GET /people', 200);
    assert.deepEqual(found['items'], [plain], query);
  }
  for (const query of ['email=nobody@b.example', 'displayName=byron']) {
    assert.deepEqual((await admin('GET', `people?${query}`)).body['items'], [], query);
  }
  const changed = assertContract(
    await admin('PUT', `${path}?callingData=true`, {
      ...created,
      lastName: 'Lovelace',
      displayName: null,
      extension: '102',
    }),
    'PUT /people/{personId}',
    200,
  );
  assert.deepEqual(changed, { ...created, lastName: 'Lovelace', displayName: 'Ada Lovelace', extension: '102' });
  const without = await admin('PUT', `${path}?callingData=true`, { phoneNumbers: [] });
  assert.deepEqual(without.body['phoneNumbers'], []);
  assertContract(await admin('DELETE', path), 'DELETE /people/{personId}', 204);
  for (const method of ['GET', 'DELETE'] as const) assertProblem(await admin(method, path), 410, /removed/);
  assertProblem(await admin('PUT', path, {}), 410, /removed/);
});

test('bad people are refused by the name of the field in the body', async () => {
  const { admin, here } = await site();
  const good = { emails: ['ada@b.example'], displayName: 'Ada', locationId: here };
  const [work, other] = ['+12145550101', '+12145550102'].map((value) => ({ type: 'work', value }));
  for (const [change, named] of [
    [{ emails: ['nobody'] }, /emails/],
    [{ displayName: null }, /displayName/],
    [{ displayName: ' ' }, /firstName|displayName/],
    [{ locationId: null }, /locationId/],
    [{ locationId: 'nowhere' }, /locationId/],
    [{ extension: '12ab' }, /extension/],
    [{ extension: '911' }, /extension/],
    [{ phoneNumbers: [{ type: 'work', value: 'twelve' }] }, /phoneNumbers/],
    [{ phoneNumbers: [work, other] }, /phoneNumbers/],
  ] as const) {
    assertProblem(await admin('POST', 'people', { ...good, ...change }), 400, named);
  }
  const nowhere = encodeResourceId('LOCATION', '00000000-0000-4000-8000-000000000000');
  assertProblem(await admin('POST', 'people', { ...good, locationId: nowhere }), 404, /location/);
  assertProblem(await admin('GET', 'people?id=nobody'), 400, /id/);
  assert.equal((await admin('POST', 'people', good)).status, 200);
  assertProblem(await admin('POST', 'people', good), 409, /emails/);
});

test('people/me: the person of the token, or the program that it is (decision 35)', async () => {
  const { admin, as, scope, orgId, hereId } = await site();
  const { id } = await door.members.createMember(scope, {
    kind: 'PEOPLE',
    locationId: hereId,
    firstName: 'Ada',
    extension: '101',
  });
  const program = assertContract(await admin('GET', 'people/me'), 'GET /people/me', 200);
  assert.deepEqual(
    { ...program, id: '' },
    {
      id: '',
      orgId,
      displayName: 'fullAdmin',
      emails: [],
      roles: [Buffer.from('ciscospark://us/ROLE/id_full_admin').toString('base64url')],
      type: 'appuser',
    },
  );
  assert.notEqual(decodeResourceId('PEOPLE', String(program['id'])), null);
  const ada = await as('readOnlyAdmin', { personId: id });
  const person = assertContract(await ada('GET', 'people/me?callingData=true'), 'GET /people/me', 200);
  assert.deepEqual(
    [person['id'], person['type'], person['displayName'], person['extension']],
    [encodeResourceId('PEOPLE', id), 'person', 'Ada', '101'],
  );
  await door.members.removeMember(scope, id);
  assert.equal((await ada('GET', 'people/me')).status, 401);
});

test('pages of people: at most 100 with callingData, and Link leads through all of them', async () => {
  const { admin, scope, hereId } = await site();
  for (let place = 0; place < 103; place++) {
    await door.members.createMember(scope, { kind: 'PEOPLE', locationId: hereId, firstName: `P${place}` });
  }
  const first = await admin('GET', 'people?callingData=true&max=1000');
  assert.equal((first.body['items'] as unknown[]).length, 100);
  const all = await readAll(admin, 'people?callingData=true&max=40', 'items');
  assert.equal(new Set(all.map(({ id }) => id)).size, 103);
  assert.equal(((await admin('GET', 'people?max=1000')).body['items'] as unknown[]).length, 103);
});

test('a workspace: made, found, changed, without calling, removed', async () => {
  const { admin, orgId, here, there } = await site();
  const [number, extension] = [nextNumber(), '201'];
  const webexCalling = { phoneNumber: number, extension, locationId: here };
  const created = assertContract(
    await admin('POST', 'workspaces', {
      displayName: 'Lobby',
      supportedDevices: 'phones',
      calling: { type: 'webexCalling', webexCalling: { ...webexCalling, licenses: ['x'] } },
    }),
    'POST /workspaces',
    201,
  );
  const { id } = created;
  assert.deepEqual(created, {
    id,
    orgId,
    locationId: here,
    displayName: 'Lobby',
    supportedDevices: 'phones',
    calling: { type: 'webexCalling', webexCalling },
  });
  const path = `workspaces/${String(id)}`;
  assert.deepEqual(assertContract(await admin('GET', path), 'GET /workspaces/{workspaceId}', 200), created);
  for (const [query, found] of [
    ['', 1],
    ['?calling=webexCalling&displayName=lobby', 1],
    [`?locationId=${here}`, 1],
    ['?calling=none', 0],
    ['?calling=freeCalling', 0],
    [`?locationId=${there}`, 0],
  ] as const) {
    const { items } = assertContract(await admin('GET', `workspaces${query}`), 'GET /workspaces', 200);
    assert.equal((items as unknown[]).length, found, query);
  }
  const update = 'PUT /workspaces/{workspaceId}';
  const renamed = assertContract(await admin('PUT', path, { displayName: 'Hall' }), update, 200);
  assert.deepEqual(renamed, { ...created, displayName: 'Hall' });
  const off = assertContract(await admin('PUT', path, { ...renamed, calling: { type: 'none' } }), update, 200);
  assert.deepEqual(off['calling'], { type: 'none' });
  assertProblem(
    await admin('PUT', path, { locationId: there, calling: { type: 'webexCalling', webexCalling } }),
    400,
    /calling\.webexCalling\.locationId/,
  );
  assertProblem(await admin('POST', 'workspaces', { displayName: 'Nowhere' }), 400, /locationId/);
  const twelve = { type: 'webexCalling', webexCalling: { phoneNumber: 'twelve' } };
  assertProblem(
    await admin('POST', 'workspaces', { displayName: 'A', locationId: here, calling: twelve }),
    400,
    /calling\.webexCalling\.phoneNumber/,
  );
  assertContract(await admin('DELETE', path), 'DELETE /workspaces/{workspaceId}', 204);
  assertProblem(await admin('GET', path), 410, /removed/);
});

test('a virtual line: made, found, changed, removed', async () => {
  const { admin, here, there } = await site();
  const number = nextNumber();
  const created = assertContract(
    await admin('POST', 'telephony/config/virtualLines', {
      firstName: 'Front',
      lastName: 'Desk',
      locationId: here,
      phoneNumber: number,
      extension: '301',
    }),
    'POST /telephony/config/virtualLines',
    201,
  );
  const path = `telephony/config/virtualLines/${String(created['id'])}`;
  const stored = {
    id: created['id'],
    firstName: 'Front',
    lastName: 'Desk',
    number: { external: number, extension: '301', primary: true },
    location: { id: here, name: 'Dallas' },
  };
  const readKey = 'GET /telephony/config/virtualLines/{virtualLineId}';
  assert.deepEqual(assertContract(await admin('GET', path), readKey, 200), stored);
  for (const [query, found] of [
    ['', [stored]],
    [`?locationId=${there}&locationId=${here}&phoneNumber=${encodeURIComponent(number)}`, [stored]],
    [`?id=${String(created['id'])}`, [stored]],
    [`?locationId=${there}`, []],
  ] as const) {
    const list = await admin('GET', `telephony/config/virtualLines${query}`);
    assert.deepEqual(assertContract(list, 'GET /telephony/config/virtualLines', 200)['virtualLines'], found, query);
  }
  const update = 'PUT /telephony/config/virtualLines/{virtualLineId}';
  assertContract(await admin('PUT', path, { lastName: 'Gate', phoneNumber: null }), update, 204);
  assert.deepEqual((await admin('GET', path)).body, { ...stored, lastName: 'Gate' });
  assertProblem(await admin('PUT', path, { lastName: 'x'.repeat(31) }), 400, /lastName/);
  assertContract(await admin('DELETE', path), 'DELETE /telephony/config/virtualLines/{virtualLineId}', 204);
  assertProblem(await admin('GET', path), 410, /removed/);
});

test('a hunt group: made, found, changed, removed, and nowhere but at its location', async () => {
  const { admin, scope, here, there, hereId } = await site();
  const { id: adaId } = await door.members.createMember(scope, {
    kind: 'PEOPLE',
    locationId: hereId,
    firstName: 'Ada',
  });
  const ada = encodeResourceId('PEOPLE', adaId);
  const callPolicies = { policy: 'WEIGHTED', noAnswer: { nextAgentEnabled: true } };
  const created = assertContract(
    await admin('POST', `telephony/config/locations/${here}/huntGroups`, {
      name: 'Reception',
      extension: '401',
      callPolicies: { ...callPolicies, waitingEnabled: null },
      agents: [{ id: ada, weight: '100' }],
    }),
    'POST /telephony/config/locations/{locationId}/huntGroups',
    201,
  );
  const path = `telephony/config/locations/${here}/huntGroups/${String(created['id'])}`;
  const listed = {
    id: created['id'],
    name: 'Reception',
    locationId: here,
    locationName: 'Dallas',
    extension: '401',
    enabled: true,
  };
  const readKey = 'GET /telephony/config/locations/{locationId}/huntGroups/{huntGroupId}';
  const detail = { ...listed, callPolicies, agents: [{ id: ada, weight: '100' }] };
  assert.deepEqual(assertContract(await admin('GET', path), readKey, 200), detail);
  for (const [query, found] of [
    ['', [listed]],
    ['?name=CEPT', [listed]],
    ['?phoneNumber=401', [listed]],
    [`?locationId=${here}`, [listed]],
    [`?locationId=${there}`, []],
    ['?phoneNumber=%2B12145550000', []],
  ] as const) {
    const list = await admin('GET', `telephony/config/huntGroups${query}`);
    assert.deepEqual(assertContract(list, 'GET /telephony/config/huntGroups', 200)['huntGroups'], found, query);
  }
  assertProblem(await admin('GET', 'telephony/config/huntGroups?phoneNumber=12ab'), 400, /phoneNumber/);
  const update = 'PUT /telephony/config/locations/{locationId}/huntGroups/{huntGroupId}';
  assertContract(await admin('PUT', path, { name: 'Front', enabled: false, agents: [] }), update, 204);
  const changed = { ...detail, name: 'Front', enabled: false, agents: [] };
  assert.deepEqual((await admin('GET', path)).body, changed);
  assertProblem(await admin('PUT', path, { agents: [{ id: 'nobody' }] }), 400, /agents\.0\.id/);
  assertProblem(await admin('PUT', path, { name: ' ' }), 400, /^name/m);
  const elsewhere = path.replace(here, there);
  for (const method of ['GET', 'DELETE'] as const) assertProblem(await admin(method, elsewhere), 404, /hunt group/);
  assertProblem(await admin('PUT', elsewhere, {}), 404, /hunt group/);
  const deleteKey = 'DELETE /telephony/config/locations/{locationId}/huntGroups/{huntGroupId}';
  assertContract(await admin('DELETE', path), deleteKey, 204);
  assertProblem(await admin('GET', path), 410, /removed/);
});

test('numbers by every filter; numbers of a location in and out of service, and away', async () => {
  const { admin, scope, here, there, hereId } = await site();
  const [a, b, c] = [nextNumber(), nextNumber(), nextNumber()];
  const inventory = `telephony/config/locations/${here}/numbers`;
  const addKey = 'POST /telephony/config/locations/{locationId}/numbers';
  const more = { state: 'INACTIVE', numberType: 'DID', numberUsageType: 'SERVICE' };
  for (let time = 0; time < 2; time++) {
    assertContract(await admin('POST', inventory, { phoneNumbers: [a, b], ...more }), addKey, 201);
  }
  assertProblem(
    await admin('POST', `telephony/config/locations/${there}/numbers`, { phoneNumbers: [a] }),
    409,
    /in use/,
  );
  const person = await door.members.createMember(scope, {
    kind: 'PEOPLE',
    locationId: hereId,
    firstName: 'Ada',
    phoneNumber: c,
    extension: '501',
  });
  const lobby = { kind: 'PLACE', locationId: hereId, firstName: 'Lobby', extension: '502' } as const;
  await door.members.createMember(scope, lobby);
  const ownerId = encodeResourceId('PEOPLE', person.id);
  const found = async (query: string) => {
    const answer = await admin('GET', `telephony/config/numbers?${query}`);
    const { phoneNumbers } = assertContract(answer, 'GET /telephony/config/numbers', 200);
    return (phoneNumbers as Body[]).map(({ phoneNumber, extension }) => phoneNumber ?? extension);
  };
  for (const [query, expected] of [
    ['', [a, b, c, '502']],
    [`locationId=${here}`, [a, b, c, '502']],
    [`locationId=${there}`, []],
    [`phoneNumber=${a}`, [a]],
    ['available=true', [a, b]],
    ['available=false', [c, '502']],
    ['ownerType=PLACE', ['502']],
    ['ownerType=CALL_QUEUE', []],
    [`ownerId=${ownerId}`, [c]],
    ['numberType=NUMBER', [a, b, c]],
    ['numberType=EXTENSION', ['502']],
    ['state=INACTIVE', [a, b]],
    ['state=ACTIVE', [c, '502']],
    ['start=1&max=2', [b, c]],
  ] as const) {
    assert.deepEqual(await found(query), expected, query);
  }
  const pages = await readAll(admin, 'telephony/config/numbers?max=1&available=false', 'phoneNumbers');
  assert.deepEqual(
    pages.map(({ owner }) => (owner as Body)['firstName']),
    ['Ada', 'Lobby'],
  );
  for (const query of ['ownerId=nobody', 'numberType=FAX', 'state=BUSY', 'available=maybe', 'phoneNumber=12ab']) {
    const [name = ''] = query.split('=');
    assertProblem(await admin('GET', `telephony/config/numbers?${query}`), 400, new RegExp(name));
  }
  const stateKey = 'PUT /telephony/config/locations/{locationId}/numbers';
  assertContract(await admin('PUT', inventory, { phoneNumbers: [a] }), stateKey, 204);
  assert.deepEqual(await found('state=INACTIVE'), [b]);
  const [shown] = (await admin('GET', `telephony/config/numbers?phoneNumber=${a}`)).body['phoneNumbers'] as Body[];
  assert.deepEqual([shown?.['state'], shown?.['isServiceNumber']], ['ACTIVE', true]);
  assertProblem(await admin('PUT', inventory, { phoneNumbers: [c], action: 'DEACTIVATE' }), 409, /Ada/);
  assertProblem(await admin('DELETE', inventory, { phoneNumbers: [a, c] }), 409, /Ada/);
  const removeKey = 'DELETE /telephony/config/locations/{locationId}/numbers';
  assertContract(await admin('DELETE', inventory, { phoneNumbers: [a, b] }), removeKey, 204);
  assert.deepEqual(await found('numberType=NUMBER'), [c]);
  assertProblem(await admin('DELETE', inventory, { phoneNumbers: [a] }), 400, /phoneNumbers/);
});

test('whoever others are called back on stays until they are not', async () => {
  const { admin, scope, hereId } = await site();
  const add = (firstName: string) =>
    door.members.createMember(scope, { kind: 'PEOPLE', locationId: hereId, firstName, phoneNumber: nextNumber() });
  const [ada, bob] = [await add('Ada'), await add('Bob')];
  const callback = `telephony/config/people/${encodeResourceId('PEOPLE', bob.id)}/emergencyCallbackNumber`;
  const path = `people/${encodeResourceId('PEOPLE', ada.id)}`;
  const locationMemberId = encodeResourceId('PEOPLE', ada.id);
  assert.equal((await admin('PUT', callback, { selected: 'LOCATION_MEMBER_NUMBER', locationMemberId })).status, 204);
  assertProblem(await admin('DELETE', path), 409, /Bob/);
  assertProblem(await admin('PUT', path, { phoneNumbers: [] }), 409, /Bob/);
  assert.equal((await admin('PUT', callback, { selected: 'DIRECT_LINE' })).status, 204);
  assert.equal((await admin('DELETE', path)).status, 204);
});

test('organizations and location administrators see and change their own alone', async () => {
  const { as, scope, here, there, hereId } = await site();
  const other = await door.organization();
  const { id } = await door.members.createMember(scope, { kind: 'PEOPLE', locationId: hereId, firstName: 'Ada' });
  const { id: groupId } = await door.members.createMember(scope, {
    kind: 'HUNT_GROUP',
    locationId: hereId,
    firstName: 'Group',
    extension: '601',
  });
  const person = `people/${encodeResourceId('PEOPLE', id)}`;
  const group = `telephony/config/locations/${here}/huntGroups/${encodeResourceId('HUNT_GROUP', groupId)}`;
  for (const path of [person, group]) {
    assertProblem(await other.admin('GET', path), 404, /./);
    assertProblem(await other.admin('PUT', path, {}), 404, /./);
    assertProblem(await other.admin('DELETE', path), 404, /./);
  }
  // The same person as a workspace is nobody.
  assertProblem(await other.admin('GET', `workspaces/${encodeResourceId('PLACE', id)}`), 404, /./);
  const elsewhere = await as('locationAdmin', { locationIds: [decodeResourceId('LOCATION', there) ?? ''] });
  assertProblem(await elsewhere('PUT', group, { name: 'Mine' }), 404, /./);
  assert.deepEqual((await elsewhere('GET', 'telephony/config/huntGroups')).body['huntGroups'], []);
  assert.deepEqual((await elsewhere('GET', 'telephony/config/numbers')).body['phoneNumbers'], []);
  const mine = await as('locationAdmin', { locationIds: [hereId] });
  assert.equal((await mine('PUT', group, { name: 'Mine' })).status, 204);
});
