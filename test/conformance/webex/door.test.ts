/** Onboarding over the Webex-compatible door, from nothing, as an administrator with curl would do it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { webexOperations } from '../../../src/wire/webex/operations.generated.ts';
import { decodeResourceId, encodeResourceId } from '../../../src/wire/webex/resource-id.ts';
import { assertMatchesSchema, unknownFields } from '../../support/json-schema.ts';
import { type Answer, type Client, NEW_LOCATION, startWebexDoor, type WebexDoor } from '../../support/webex-door.ts';

const ORG_STATUS = 'telephony/config/redSky/status';
const STAGES = ['LOCATION_SETUP', 'ALERTS', 'NETWORK_ELEMENTS', 'ROUTING_ENABLED'] as const;
const UNKNOWN_LOCATION = encodeResourceId('LOCATION', '00000000-0000-4000-8000-000000000000');

let door: WebexDoor;

before(async () => {
  door = await startWebexDoor();
});

after(() => door.close());

function assertStatus(answer: Answer, status: number): Answer {
  assert.equal(answer.status, status, answer.text);
  return answer;
}

/** The answer is an error envelope (contract section 1); gives its descriptions. */
function assertProblem(answer: Answer, status: number): string {
  assertStatus(answer, status);
  const { message, errors, trackingId } = answer.body as {
    message: string;
    errors: { description: string }[];
    trackingId: string;
  };
  assert.ok(message.length > 0);
  assert.equal(trackingId, answer.headers.get('trackingid'));
  assert.ok(errors.length > 0);
  return errors.map((error) => error.description).join('\n');
}

/** The answer has exactly the contract's shape. */
function assertContract(answer: Answer, key: keyof typeof webexOperations): Answer {
  const responses: Readonly<Record<string, object | null>> = webexOperations[key].responses;
  const schema = responses[String(answer.status)];
  assert.notEqual(schema, undefined, `${key} does not answer ${answer.status}: ${answer.text}`);
  if (!schema) {
    assert.equal(answer.text, '');
    return answer;
  }
  assertMatchesSchema(schema, answer.body, key);
  assert.deepEqual(unknownFields(schema, answer.body), [], key);
  return answer;
}

async function addLocation(admin: Client, name: string, address: Partial<typeof NEW_LOCATION.address> = {}) {
  const body = { ...NEW_LOCATION, name, address: { ...NEW_LOCATION.address, ...address } };
  const answer = assertStatus(await admin('POST', 'locations', body), 201);
  assert.deepEqual(Object.keys(answer.body), ['id']);
  return String(answer.body['id']);
}

async function putStage(admin: Client, complianceStatus: string, path = ORG_STATUS): Promise<Answer> {
  return admin('PUT', path, { complianceStatus });
}

async function onboarded(...names: string[]) {
  const organization = await door.organization();
  assertStatus(await organization.admin('POST', 'telephony/config/redSky', { email: 'a@b.example' }), 201);
  const locations: string[] = [];
  for (const name of names) locations.push(await addLocation(organization.admin, name));
  return { ...organization, locations };
}

test('before an account: nothing is enabled and stages are a conflict (decision 6)', async () => {
  const { admin } = await door.organization();
  const account = assertContract(await admin('GET', 'telephony/config/redSky'), 'GET /telephony/config/redSky');
  assert.deepEqual(account.body, { enabled: false, locationsEnabled: false });
  const status = assertContract(await admin('GET', ORG_STATUS), 'GET /telephony/config/redSky/status');
  assert.deepEqual(status.body, { orgStatus: 'INITIALISE', complianceStatus: 'NON_COMPLIANT', adminExists: false });
  assert.match(assertProblem(await putStage(admin, 'LOCATION_SETUP'), 409), /no E911 account/);
  const location = await addLocation(admin, 'Early');
  const path = `telephony/config/locations/${location}/redSky/status`;
  assert.match(assertProblem(await putStage(admin, 'LOCATION_SETUP', path), 409), /no E911 account/);
});

test('POST redSky creates the account once and invites its administrator', async () => {
  const { admin, id } = await door.organization('Prairie Foods');
  const created = await admin('POST', 'telephony/config/redSky', {
    email: 'ada@prairie.example',
    orgPrefix: 'wxc-whs',
    partnerRedskyOrgId: door.partner.redskyOrgId,
    somethingNew: true,
  });
  assertContract(assertStatus(created, 201), 'POST /telephony/config/redSky');
  assert.equal(door.mails.at(-1)?.to, 'ada@prairie.example');
  const account = assertContract(await admin('GET', 'telephony/config/redSky'), 'GET /telephony/config/redSky');
  const stored = await door.accounts.readAccount(id);
  assert.deepEqual(account.body, {
    enabled: true,
    companyId: stored?.companyId,
    secret: '*****',
    locationsEnabled: false,
  });
  assert.equal(stored?.orgPrefix, 'wxc-whs');
  assert.match(assertProblem(await admin('POST', 'telephony/config/redSky', { email: 'a@b.example' }), 409), /already/);
});

test('bad accounts are refused by the name of the field, and nothing is stored', async () => {
  const { admin, id } = await door.organization();
  const mailed = door.mails.length;
  for (const [body, named] of [
    [{}, /email/],
    [{ email: 7 }, /email/],
    [{ email: 'nobody' }, /email/],
    [{ Email: 'a@b.example' }, /email/],
    [{ email: 'a@b.example', orgPrefix: 'cisco' }, /orgPrefix.*wxc/],
    [{ email: 'a@b.example', partnerRedskyOrgId: 'unknown' }, /partnerRedskyOrgId/],
    [[], /body/],
    ['{"email": "a@b.example"', /JSON/],
  ] as const) {
    assert.match(assertProblem(await admin('POST', 'telephony/config/redSky', body), 400), named);
  }
  assert.equal(await door.accounts.readAccount(id), undefined);
  assert.equal(door.mails.length, mailed);
});

test('stage by stage: the organization takes its locations along, and each stage switches on its own (decision 2)', async () => {
  const { admin, locations } = await onboarded('Branch', 'MainOffice');
  const parameters = async () =>
    assertContract(
      await admin('GET', `telephony/config/locations/${locations[0]}/redSky`),
      'GET /telephony/config/locations/{locationId}/redSky',
    ).body;
  const seen = [];
  for (const stage of STAGES) {
    const put = assertContract(await putStage(admin, stage), 'PUT /telephony/config/redSky/status');
    const got = assertContract(await admin('GET', ORG_STATUS), 'GET /telephony/config/redSky/status');
    assert.deepEqual(put.body, got.body);
    const again = await putStage(admin, stage);
    assert.equal(again.status, 200);
    assert.deepEqual(again.body, got.body);
    const { state, count } = got.body['locationsStatus'] as { state: string; count: number };
    assert.equal(count, 2);
    seen.push([got.body['orgStatus'], got.body['complianceStatus'], state, ...Object.values(await parameters())]);
  }
  assert.deepEqual(seen, [
    ['INITIALISE', 'NON_COMPLIANT', 'LOCATION_SETUP', false, false],
    ['INITIALISE', 'NON_COMPLIANT', 'ALERTS', false, false],
    ['INITIALISE', 'NON_COMPLIANT', 'NETWORK_ELEMENTS', true, false],
    ['ENABLED', 'COMPLIANT', 'ROUTING_ENABLE', true, true],
  ]);
  const account = await admin('GET', 'telephony/config/redSky');
  assert.equal(account.body['locationsEnabled'], true);
});

test('out of order is a conflict that names the stage expected next; another word is a bad request', async () => {
  const { admin } = await onboarded('MainOffice');
  assert.match(assertProblem(await putStage(admin, 'ALERTS'), 409), /LOCATION_SETUP is expected next/);
  assertStatus(await putStage(admin, 'LOCATION_SETUP'), 200);
  assert.match(assertProblem(await putStage(admin, 'ROUTING_ENABLED'), 409), /ALERTS is expected next/);
  for (const word of ['ROUTING_ENABLE', 'COMPLIANT', 'alerts', '']) {
    assert.match(assertProblem(await putStage(admin, word), 400), /complianceStatus.*LOCATION_SETUP/);
  }
  assert.match(assertProblem(await admin('PUT', ORG_STATUS, {}), 400), /complianceStatus/);
  assert.match(assertProblem(await admin('PUT', ORG_STATUS, { complianceStatus: null }), 400), /complianceStatus/);
});

test('the published example in shape and in state', async () => {
  const { admin, locations } = await onboarded('Branch', 'MainOffice');
  assertStatus(await putStage(admin, 'LOCATION_SETUP'), 200);
  const branch = `telephony/config/locations/${locations[0]}/redSky/status`;
  const put = assertContract(
    await putStage(admin, 'ALERTS', branch),
    'PUT /telephony/config/locations/{locationId}/redSky/status',
  );
  assert.deepEqual(put.body, {
    locationsStatus: { state: 'ALERTS', count: 1, locations: [{ id: locations[0], name: 'Branch' }] },
  });
  const status = assertContract(await admin('GET', ORG_STATUS), 'GET /telephony/config/redSky/status').body;
  assert.deepEqual(status['locationsStatus'], {
    state: 'LOCATION_SETUP',
    count: 2,
    locations: [{ id: locations[1], name: 'MainOffice' }],
  });
  const one = assertContract(
    await admin('GET', branch),
    'GET /telephony/config/locations/{locationId}/redSky/status',
  ).body;
  assert.deepEqual(one, { ...status, ...put.body });
});

test('a location created later starts at nothing and is named as the least advanced', async () => {
  const { admin } = await onboarded('MainOffice');
  for (const stage of STAGES) assertStatus(await putStage(admin, stage), 200);
  const late = await addLocation(admin, 'Late');
  const status = await admin('GET', ORG_STATUS);
  assert.equal(status.body['complianceStatus'], 'NON_COMPLIANT');
  assert.equal(status.body['orgStatus'], 'ENABLED');
  assert.deepEqual(status.body['locationsStatus'], {
    state: 'LOCATION_SETUP',
    count: 2,
    locations: [{ id: late, name: 'Late' }],
  });
  const path = `telephony/config/locations/${late}/redSky/status`;
  assert.match(assertProblem(await putStage(admin, 'ALERTS', path), 409), /LOCATION_SETUP is expected next/);
  for (const stage of STAGES) assertStatus(await putStage(admin, stage, path), 200);
  assert.equal((await admin('GET', ORG_STATUS)).body['complianceStatus'], 'COMPLIANT');
});

test('opting out and back, at both levels, is audited (decision 4)', async () => {
  const { admin, scope, locations } = await onboarded('A', 'B');
  for (const stage of STAGES) assertStatus(await putStage(admin, stage), 200);
  const pathB = `telephony/config/locations/${locations[1]}/redSky/status`;
  const outB = assertStatus(await putStage(admin, 'OPTED_OUT', pathB), 200).body['locationsStatus'];
  assert.equal((outB as { state: string }).state, 'OPTED_OUT');
  assert.equal((await admin('GET', ORG_STATUS)).body['complianceStatus'], 'NON_COMPLIANT');

  const out = assertContract(await putStage(admin, 'OPTED_OUT'), 'PUT /telephony/config/redSky/status').body;
  assert.equal(out['orgStatus'], 'OPTED_OUT');
  assert.equal(out['complianceStatus'], 'OPTED_OUT');
  assert.deepEqual(out['locationsStatus'], { count: 2, locations: [] });
  const parameters = await admin('GET', `telephony/config/locations/${locations[0]}/redSky`);
  assert.deepEqual(parameters.body, { integrationEnabled: false, routingEnabled: false });
  assert.match(assertProblem(await putStage(admin, 'ALERTS'), 409), /LOCATION_SETUP is expected next/);
  assert.match(assertProblem(await putStage(admin, 'LOCATION_SETUP', pathB), 409), /organization opted out/);

  const back = assertStatus(await putStage(admin, 'LOCATION_SETUP'), 200).body;
  assert.equal(back['orgStatus'], 'INITIALISE');
  assert.deepEqual(back['locationsStatus'], {
    state: 'LOCATION_SETUP',
    count: 2,
    locations: [{ id: locations[0], name: 'A' }],
  });
  assertStatus(await putStage(admin, 'LOCATION_SETUP', pathB), 200);
  const rows = await door.database.db
    .selectFrom('auditEntries')
    .select('action')
    .where('organizationId', '=', scope.organizationId)
    .where('action', 'like', 'compliance.%')
    .orderBy('sequence')
    .execute();
  assert.deepEqual(
    rows.map((row) => row.action.replace('compliance.', '')),
    [
      ...STAGES.map(() => 'organization-advanced'),
      'location-opted-out',
      'organization-opted-out',
      'organization-returned',
      'location-returned',
    ],
  );
});

test('a location outside the service area is exempt, a territory is not', async () => {
  const { admin } = await onboarded('Home');
  await addLocation(admin, 'San Juan', {
    address1: '1 Calle Fortaleza',
    city: 'San Juan',
    state: 'PR',
    postalCode: '00901',
    country: 'PR',
  });
  const abroad = await addLocation(admin, 'Berlin', {
    address1: 'Unter den Linden 1',
    city: 'Berlin',
    state: 'BE',
    postalCode: '10117',
    country: 'DE',
  });
  for (const stage of STAGES) assertStatus(await putStage(admin, stage), 200);
  const list = assertContract(
    await admin('GET', 'telephony/config/redSky/complianceStatus'),
    'GET /telephony/config/redSky/complianceStatus',
  ).body;
  assert.equal(list['complianceStatus'], 'COMPLIANT');
  const states = (list['locationsStatus'] as { locations: { name: string; state: string }[] }).locations;
  assert.deepEqual(
    states.map(({ name, state }) => [name, state]),
    [
      ['Berlin', 'EXEMPTED'],
      ['Home', 'COMPLIANT'],
      ['San Juan', 'COMPLIANT'],
    ],
  );
  const path = `telephony/config/locations/${abroad}/redSky/status`;
  assert.match(assertProblem(await putStage(admin, 'LOCATION_SETUP', path), 409), /exempt/);
});

test('the list of locations is paged and ordered by its own parameters', async () => {
  const { admin } = await onboarded('c', 'a', 'b');
  const list = async (query: string) => {
    const answer = assertStatus(await admin('GET', `telephony/config/redSky/complianceStatus?${query}`), 200);
    assertContract(answer, 'GET /telephony/config/redSky/complianceStatus');
    const { count, locations } = answer.body['locationsStatus'] as { count: number; locations: { name: string }[] };
    assert.equal(count, 3);
    return locations.map((location) => location.name).join('');
  };
  assert.equal(await list(''), 'abc');
  assert.equal(await list('order=locationName-desc'), 'cba');
  assert.equal(await list('order=locationState-asc&start=1&max=1'), 'b');
  assert.equal(await list('start=3'), '');
  for (const [query, name] of [
    ['order=name', 'order'],
    ['order=locationName-up', 'order'],
    ['start=-1', 'start'],
    ['start=1.5', 'start'],
    ['max=0', 'max'],
    ['max=many', 'max'],
  ] as const) {
    const answer = await admin('GET', `telephony/config/redSky/complianceStatus?${query}`);
    assert.match(assertProblem(answer, 400), new RegExp(name), query);
  }
});

test('buildings: created once with an alert address, then changed', async () => {
  const { admin, locations, scope } = await onboarded('MainOffice');
  const path = `telephony/config/locations/${locations[0]}/redSky/building`;
  const address = {
    addressLine1: '170 West Tasman Dr',
    addressLine2: 'Building 6',
    city: 'San Jose',
    stateOrProvince: 'California',
    zipOrPostalCode: '95134',
    country: 'US',
  };
  assert.match(assertProblem(await admin('POST', path, { address }), 400), /alertingEmail/);
  // Fields that the contract does not name are ignored, whatever they hold.
  const extended = { ...address, extension: { level: 6 } };
  const created = await admin('POST', path, { alertingEmail: 'desk@b.example', address: extended });
  assertContract(assertStatus(created, 201), 'POST /telephony/config/locations/{locationId}/redSky/building');
  const changed = await admin('PUT', path, { address: { ...address, addressLine1: '300 E Tasman Dr' } });
  assertContract(assertStatus(changed, 204), 'PUT /telephony/config/locations/{locationId}/redSky/building');
  const id = decodeResourceId('LOCATION', locations[0] ?? '') ?? '';
  const building = await door.places.getBuilding(scope, id);
  assert.equal(building.alertingEmail, 'desk@b.example');
  assert.equal(building.postalAddress.address1, '300 E Tasman Dr');
  assertProblem(
    await admin('POST', path.replace(locations[0] ?? '', UNKNOWN_LOCATION), { alertingEmail: 'a@b.example' }),
    404,
  );
});

test('organization notification bears what the SDK sends (contract section 5)', async () => {
  const { admin } = await door.organization();
  const path = 'telephony/config/emergencyCallNotification';
  const get = async () =>
    assertContract(await admin('GET', path), 'GET /telephony/config/emergencyCallNotification').body;
  assert.deepEqual(await get(), {
    emergencyCallNotificationEnabled: false,
    allowEmailNotificationAllLocationEnabled: false,
  });
  const full = {
    emergencyCallNotificationEnabled: true,
    allowEmailNotificationAllLocationEnabled: true,
    emailAddress: 'desk@b.example',
  };
  assertContract(assertStatus(await admin('PUT', path, full), 204), 'PUT /telephony/config/emergencyCallNotification');
  assert.deepEqual(await get(), full);
  const partly = {
    emergencyCallNotificationEnabled: false,
    allowEmailNotificationAllLocationEnabled: null,
    emailAddress: null,
  };
  assertStatus(await admin('PUT', path, partly), 204);
  assert.deepEqual(await get(), {
    emergencyCallNotificationEnabled: false,
    allowEmailNotificationAllLocationEnabled: true,
  });
  assert.match(assertProblem(await admin('PUT', path, { emailAddress: 'nobody' }), 400), /emailAddress/);
  assert.match(
    assertProblem(await admin('PUT', path, { emergencyCallNotificationEnabled: 'yes' }), 400),
    /emergencyCallNotificationEnabled/,
  );
});

test('location notification: what was read can be sent back', async () => {
  const { admin, locations } = await onboarded('MainOffice');
  const path = `telephony/config/locations/${locations[0]}/emergencyCallNotification`;
  const get = async () =>
    assertContract(await admin('GET', path), 'GET /telephony/config/locations/{locationId}/emergencyCallNotification')
      .body;
  const before = await get();
  const sent = { ...before, emergencyCallNotificationEnabled: true, emailAddress: 'site@b.example' };
  assertStatus(await admin('PUT', path, sent), 204);
  assert.deepEqual(await get(), sent);
  assertStatus(await admin('PUT', path, { ...sent, emailAddress: null }), 204);
  assert.equal((await get())['emailAddress'], undefined);
  assertProblem(await admin('GET', path.replace(locations[0] ?? '', UNKNOWN_LOCATION)), 404);
});

test('locations: created, listed page by page over Link, found by name and id, read', async () => {
  const { admin, id: organizationId, locations } = await onboarded('One', 'Two', 'Three');
  const names: string[] = [];
  let next: string | undefined = 'locations?max=2';
  while (next !== undefined) {
    const answer: Answer = assertStatus(await admin('GET', next), 200);
    for (const item of answer.body['items'] as { name: string }[]) names.push(item.name);
    next = /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
  }
  assert.deepEqual(names, ['One', 'Three', 'Two']);
  const search = async (query: string) =>
    ((await admin('GET', `locations?${query}`)).body['items'] as { name: string }[]).map((item) => item.name);
  assert.deepEqual(await search('name=TH'), ['Three']);
  assert.deepEqual(await search(`id=${locations[1]}`), ['Two']);
  assert.match(assertProblem(await admin('GET', 'locations?id=nothing'), 400), /id/);
  const one = assertStatus(await admin('GET', `locations/${locations[0]}`), 200);
  assert.deepEqual(one.body, {
    id: locations[0],
    name: 'One',
    orgId: encodeResourceId('ORGANIZATION', organizationId),
    timeZone: NEW_LOCATION.timeZone,
    preferredLanguage: NEW_LOCATION.preferredLanguage,
    address: NEW_LOCATION.address,
    countryCode: 'US',
  });
  const withPosition = {
    ...NEW_LOCATION,
    name: 'Point',
    latitude: '37.408',
    longitude: -121.953,
    notes: 'by the river',
  };
  const point = assertStatus(await admin('POST', 'locations', withPosition), 201);
  const read = (await admin('GET', `locations/${String(point.body['id'])}`)).body;
  assert.deepEqual([read['latitude'], read['longitude'], read['notes']], ['37.408', '-121.953', 'by the river']);
  assertProblem(await admin('GET', `locations/${UNKNOWN_LOCATION}`), 404);
  assertProblem(await admin('GET', 'locations/nothing'), 404);
  const { address1: _missing, ...incomplete } = NEW_LOCATION.address;
  assert.match(
    assertProblem(await admin('POST', 'locations', { ...NEW_LOCATION, address: incomplete }), 400),
    /address1/,
  );
  assert.match(assertProblem(await admin('POST', 'locations', { ...NEW_LOCATION, timeZone: 'Mars' }), 400), /timeZone/);
});

test('numbers show location, owner and main number', async () => {
  const { admin, scope, locations } = await onboarded('MainOffice');
  const locationId = decodeResourceId('LOCATION', locations[0] ?? '') ?? '';
  const person = await door.members.createMember(scope, {
    kind: 'PEOPLE',
    locationId,
    firstName: 'Ada',
    lastName: 'Byron',
    phoneNumber: '+14085550101',
    extension: '101',
  });
  await door.members.addNumbers(scope, {
    locationId,
    phoneNumbers: ['+14085550100', '+18005550199'],
    mainNumber: '+14085550100',
  });
  const location = { id: locations[0], name: 'MainOffice' };
  const all = assertStatus(await admin('GET', 'telephony/config/numbers'), 200);
  assert.deepEqual(all.body['phoneNumbers'], [
    {
      phoneNumber: '+14085550100',
      state: 'ACTIVE',
      mainNumber: true,
      tollFreeNumber: false,
      location,
      isServiceNumber: false,
    },
    {
      phoneNumber: '+14085550101',
      extension: '101',
      state: 'ACTIVE',
      phoneNumberType: 'PRIMARY',
      mainNumber: false,
      tollFreeNumber: false,
      location,
      owner: { id: encodeResourceId('PEOPLE', person.id), type: 'PEOPLE', firstName: 'Ada', lastName: 'Byron' },
      elinEnabled: false,
      isServiceNumber: false,
    },
    {
      phoneNumber: '+18005550199',
      state: 'ACTIVE',
      mainNumber: false,
      tollFreeNumber: true,
      location,
      isServiceNumber: false,
    },
  ]);
  const found = await admin('GET', 'telephony/config/numbers?phoneNumber=+14085550101');
  assert.equal((found.body['phoneNumbers'] as unknown[]).length, 1);
  const first = await admin('GET', 'telephony/config/numbers?max=2');
  assert.match(first.headers.get('link') ?? '', /start=2/);
});

test('tokens: missing, wrong, expired and foreign', async () => {
  const { as, id } = await door.organization();
  const other = await door.organization();
  for (const client of [door.stranger, door.intruder]) {
    const answer = await client('GET', ORG_STATUS);
    assertProblem(answer, 401);
    assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/);
  }
  const shortLived = await as('fullAdmin', { lifetimeSeconds: 60 });
  assertStatus(await shortLived('GET', ORG_STATUS), 200);
  door.clock.advance(60_000);
  assertProblem(await shortLived('GET', ORG_STATUS), 401);
  const orgId = encodeResourceId('ORGANIZATION', id);
  assert.match(assertProblem(await other.admin('GET', `${ORG_STATUS}?orgId=${orgId}`), 403), /orgId/);
  assert.match(assertProblem(await other.admin('GET', `${ORG_STATUS}?orgId=nonsense`), 400), /orgId/);
  const partner = await other.as('partnerAdmin', { partnerId: door.partner.id });
  assertStatus(await partner('GET', `${ORG_STATUS}?orgId=${orgId}`), 200);
});

test('organizations never see each other’s locations', async () => {
  const mine = await onboarded('Mine');
  const { admin } = await onboarded('Theirs');
  const location = mine.locations[0] ?? '';
  for (const [method, path, body] of [
    ['GET', `locations/${location}`, undefined],
    ['GET', `telephony/config/locations/${location}/redSky`, undefined],
    ['GET', `telephony/config/locations/${location}/redSky/status`, undefined],
    ['PUT', `telephony/config/locations/${location}/redSky/status`, { complianceStatus: 'LOCATION_SETUP' }],
    ['POST', `telephony/config/locations/${location}/redSky/building`, { alertingEmail: 'a@b.example' }],
    ['GET', `telephony/config/locations/${location}/emergencyCallNotification`, undefined],
    ['PUT', `telephony/config/locations/${location}/emergencyCallNotification`, { emailAddress: 'a@b.example' }],
  ] as const) {
    assertProblem(await admin(method, path, body), 404);
  }
});

test('each role may do what the contract lists, and no more (contract section 1)', async () => {
  const { as, locations } = await onboarded('Mine', 'Other');
  const [mine = '', other = ''] = locations;
  const own = decodeResourceId('LOCATION', mine) ?? '';
  const roles = {
    fullAdmin: await as('fullAdmin'),
    userAdmin: await as('userAdmin'),
    readOnlyAdmin: await as('readOnlyAdmin'),
    locationAdmin: await as('locationAdmin', { locationIds: [own] }),
  };
  const notification = `telephony/config/locations/${mine}/emergencyCallNotification`;
  const table = [
    ['GET', 'telephony/config/redSky', undefined, [200, 200, 200, 200]],
    ['GET', ORG_STATUS, undefined, [200, 200, 200, 403]],
    ['PUT', ORG_STATUS, { complianceStatus: 'LOCATION_SETUP' }, [200, 403, 403, 403]],
    ['GET', `telephony/config/locations/${mine}/redSky`, undefined, [200, 200, 200, 403]],
    ['GET', 'telephony/config/emergencyCallNotification', undefined, [200, 200, 200, 403]],
    ['PUT', 'telephony/config/emergencyCallNotification', {}, [204, 204, 403, 403]],
    ['GET', notification, undefined, [200, 200, 200, 200]],
    ['PUT', notification, {}, [204, 204, 403, 204]],
    ['GET', notification.replace(mine, other), undefined, [200, 200, 200, 404]],
    ['PUT', notification.replace(mine, other), {}, [204, 204, 403, 404]],
    ['GET', 'telephony/config/numbers', undefined, [200, 403, 200, 200]],
    ['POST', 'locations', {}, [400, 403, 403, 403]],
  ] as const;
  for (const [method, path, body, expected] of table) {
    const seen = [];
    for (const client of Object.values(roles)) seen.push((await client(method, path, body)).status);
    assert.deepEqual(seen, expected, `${method} ${path}`);
  }
});

test('wrong method, wrong media type, unknown path, tracking id', async () => {
  const { admin } = await door.organization();
  assertProblem(await admin('DELETE', ORG_STATUS), 405);
  assertProblem(await admin('PUT', ORG_STATUS, '<xml/>', { 'content-type': 'text/xml' }), 415);
  assertProblem(await admin('GET', 'telephony/config/redSky/nothing'), 404);
  const tracked = await admin('GET', ORG_STATUS, undefined, { trackingid: 'SIMPLE_1234' });
  assert.equal(tracked.headers.get('trackingid'), 'SIMPLE_1234');
  assert.match(tracked.headers.get('content-type') ?? '', /^application\/json/);
});
