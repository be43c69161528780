/**
 * The published examples over HTTP: every request as it is printed, every answer in the shape that is printed, both ways:
 * no name missing and none beside. Ids, numbers, addresses and credentials are those of an organization that is in the
 * state which the example shows.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type ContractCall, createContractClient, OPERATION_KEYS, operationOf } from '../../support/contract-client.ts';
import { ADDRESS, BUILDING_ADDRESS, createWorlds, type World, type Worlds } from '../../support/contract-world.ts';
import { startTimedPlatform, type TimedPlatform } from '../../support/timed-platform.ts';

let platform: TimedPlatform;
let worlds: Worlds;

before(async () => {
  platform = await startTimedPlatform({ WAYMARK_DEMO: '0' });
  worlds = createWorlds(platform, createContractClient(platform.http));
});

after(() => platform.stop());

type Json = Record<string, unknown>;
type Example = {
  method: string;
  path: string;
  requestExamples: { name?: string; example: Json }[];
  responseExamples: { name?: string; status: string; example: Json }[];
};

/** What stands in for the ids and credentials of an example. */
type Prepared = { params?: Record<string, string>; replace?: Json; bodies?: Json[] };

const folder = new URL('./examples/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));

function readExample(name: string): Example {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Example;
}

/** Every name in a value with the kind of what stands there, lists as one entry. */
function shapeOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((entry) => shapeOf(entry, `${path}[]`)))].sort();
  if (typeof value !== 'object' || value === null) return [`${path}: ${value === null ? 'null' : typeof value}`];
  return Object.entries(value)
    .flatMap(([name, inner]) => shapeOf(inner, `${path}.${name}`))
    .sort();
}

/** What the contract leaves open (section 7, `meta: obj`): more may stand there than an example shows. */
const OPEN = '.addresses[].meta.';

function assertShape(answer: unknown, published: unknown, what: string): void {
  const expected = shapeOf(published);
  const found = shapeOf(answer).filter((line) => !line.startsWith(OPEN) || expected.includes(line));
  assert.deepEqual(found, expected, what);
}

async function locationOf(world: World): Promise<Prepared> {
  return { params: { locationId: await world.location() } };
}

/** An account whose organization has two locations, as the examples of statuses have. */
async function twoLocations(world: World): Promise<Prepared> {
  await world.account();
  await world.newLocation();
  return locationOf(world);
}

const CALLBACKS = {
  personId: {
    key: 'PUT /telephony/config/people/{personId}/emergencyCallbackNumber',
    make: (world: World, at: string) => world.newPerson(at),
  },
  workspaceId: {
    key: 'PUT /telephony/config/workspaces/{workspaceId}/emergencyCallbackNumber',
    make: (world: World, at: string) => world.newWorkspace(at),
  },
  virtualLineId: {
    key: 'PUT /telephony/config/virtualLines/{virtualLineId}/emergencyCallbackNumber',
    make: (world: World, at: string) => world.newVirtualLine(at),
  },
} as const;

/** A member whose location has a callback number of its own, with another member to answer for it. */
async function withCallbacks(world: World, param: keyof typeof CALLBACKS): Promise<Prepared> {
  const locationId = await world.location();
  const backup = await world.newWorkspace(locationId);
  await world.must('PUT /telephony/config/locations/{locationId}/features/emergencyCallbackNumber', 204, {
    params: { locationId },
    body: { selected: 'LOCATION_MEMBER_NUMBER', locationMemberId: backup.id },
  });
  const { key, make } = CALLBACKS[param];
  const params = { [param]: (await make(world, locationId)).id };
  await world.must(key, 204, { params, body: { selected: 'LOCATION_MEMBER_NUMBER', locationMemberId: backup.id } });
  return { params, replace: { locationMemberId: backup.id } };
}

const member =
  (param: keyof typeof CALLBACKS) =>
  (world: World): Promise<Prepared> =>
    withCallbacks(world, param);

/** How the organization gets into the state of an example, by the example's file. */
const PREPARE: Readonly<Record<string, (world: World) => Promise<Prepared>>> = {
  'addemergencyaddresstolocation.json': locationOf,
  'create-a-redsky-building-address-and-alert-email-for-a-locat.json': locationOf,
  // Coordinates are told of the location's own house; the second answer is that of an address which had to be corrected.
  'emergencyaddresslookup.json': async (world) => {
    const address = {
      address1: '3487 Chase Ave',
      city: 'Miami Beach',
      state: 'FL',
      postalCode: '33140',
      country: 'US',
    };
    const { body } = await world.must('POST /locations', 201, {
      body: {
        name: 'Miami Beach',
        timeZone: 'America/New_York',
        preferredLanguage: 'en_us',
        announcementLanguage: 'en_us',
        address,
        latitude: '25.8131',
        longitude: '-80.1300',
      },
    });
    const apartment = { ...address, address2: 'Apt 112' };
    return { params: { locationId: String(body['id']) }, bodies: [apartment, { ...apartment, city: 'Maimi Beach' }] };
  },
  'get-a-location-emergency-call-notification.json': async (world) => {
    const prepared = await locationOf(world);
    const body = { emergencyCallNotificationEnabled: true, emailAddress: 'callback@waymark.example' };
    await world.must('PUT /telephony/config/emergencyCallNotification', 204, { body });
    await world.must('PUT /telephony/config/locations/{locationId}/emergencyCallNotification', 204, {
      ...prepared,
      body,
    });
    return prepared;
  },
  'get-a-location-emergency-callback-number.json': async (world) => {
    const locationId = await world.location();
    const params = { locationId };
    const phoneNumber = await world.newFreeNumber(locationId);
    await world.must('PUT /telephony/config/locations/{locationId}', 204, {
      params,
      body: { callingLineId: { name: 'Example', phoneNumber } },
    });
    const { id: locationMemberId } = await world.newPerson(locationId);
    await world.must('PUT /telephony/config/locations/{locationId}/features/emergencyCallbackNumber', 204, {
      params,
      body: { selected: 'LOCATION_MEMBER_NUMBER', locationMemberId },
    });
    return { params };
  },
  'get-a-locations-redsky-compliance-status.json': twoLocations,
  'get-a-locations-redsky-emergency-calling-parameters.json': locationOf,
  'get-a-persons-emergency-callback-number.json': member('personId'),
  'get-a-workspace-emergency-callback-number.json': member('workspaceId'),
  'get-an-organization-emergency-call-notification.json': async (world) => {
    await world.must('PUT /telephony/config/emergencyCallNotification', 204, {
      body: { emergencyCallNotificationEnabled: true, emailAddress: 'callback@waymark.example' },
    });
    return {};
  },
  'get-dependencies-for-a-hunt-group-emergency-callback-number.json': async (world) => ({
    params: { huntGroupId: (await world.newHuntGroup()).id },
  }),
  'get-dependencies-for-a-virtual-line-emergency-callback-numbe.json': member('virtualLineId'),
  'get-the-organization-compliance-status-for-a-redsky-account.json': twoLocations,
  'get-the-virtual-lines-emergency-callback-settings.json': member('virtualLineId'),
  'login-to-a-redsky-admin-account.json': async (world) => {
    const { email, password } = await world.admin();
    const { body } = await world.must('GET /telephony/config/redSky/status', 200);
    return { replace: { email, password, redSkyOrgId: body['redSkyOrgId'] } };
  },
  'retrieve-a-persons-emergency-callback-number-dependencies.json': member('personId'),
  'retrieve-redsky-account-details-for-an-organization.json': twoLocations,
  'retrieve-workspace-emergency-callback-number-dependencies.json': member('workspaceId'),
  'update-a-location-emergency-call-notification.json': locationOf,
  'update-a-location-emergency-callback-number.json': async (world) => ({
    ...(await locationOf(world)),
    replace: { locationMemberId: (await world.newPerson()).id },
  }),
  'update-a-locations-redsky-compliance-status.json': twoLocations,
  'update-a-persons-emergency-callback-number.json': member('personId'),
  'update-a-redsky-building-address-for-a-location.json': async (world) => {
    const prepared = await locationOf(world);
    await world.must('POST /telephony/config/locations/{locationId}/redSky/building', 201, {
      ...prepared,
      body: { alertingEmail: 'guard@waymark.example', address: BUILDING_ADDRESS },
    });
    return prepared;
  },
  'update-a-virtual-lines-emergency-callback-settings.json': member('virtualLineId'),
  'update-a-workspace-emergency-callback-number.json': member('workspaceId'),
  'update-an-organization-emergency-call-notification.json': () => Promise.resolve({}),
  'update-redsky-service-settings.json': async (world) => {
    const { email, password, companyId } = await world.admin();
    return { replace: { email, password, companyId, secret: await world.newSecret() } };
  },
  'update-the-organization-redsky-accounts-compliance-status.json': twoLocations,
  'updateemergencyaddressforphonenumber.json': async (world) => ({
    params: { phoneNumber: await world.newFreeNumber() },
  }),
  'updateemergencyaddressoflocation.json': async (world) => {
    const locationId = await world.location();
    const { body } = await world.must('POST /telephony/pstn/locations/{locationId}/emergencyAddress', 201, {
      params: { locationId },
      body: ADDRESS,
    });
    return { params: { locationId, addressId: String(body['id']) } };
  },
};

function replaced(example: Json | undefined, replace: Json = {}): Json | undefined {
  return example && { ...example, ...Object.fromEntries(Object.entries(replace).filter(([name]) => name in example)) };
}

async function replay(name: string, world: World): Promise<void> {
  const example = readExample(name);
  const key = OPERATION_KEYS.find((one) => one === `${example.method} ${example.path}`);
  assert.ok(key, `${example.method} ${example.path}`);
  const prepare = PREPARE[name];
  assert.ok(prepare, `${name} has no state to be replayed in`);
  const prepared = await prepare(world);
  const documented = Number(Object.keys(operationOf(key).responses)[0]);
  const rounds = Math.max(1, example.requestExamples.length, example.responseExamples.length);
  for (let round = 0; round < rounds; round += 1) {
    const request = example.requestExamples[round] ?? example.requestExamples[0];
    const response = example.responseExamples[round] ?? example.responseExamples[0];
    const body = prepared.bodies?.[round] ?? replaced(request?.example, prepared.replace);
    const given: ContractCall = {
      ...(prepared.params && { params: prepared.params }),
      ...(body && { body }),
    };
    const answer = await world.must(key, response ? Number(response.status) : documented, given);
    if (response) assertShape(answer.body, response.example, `${response.name ?? ''} ${answer.text}`);
    else assert.equal(answer.text, '');
  }
}

for (const name of names) {
  test(`replayed: ${name}`, async () => {
    await replay(name, await worlds.newWorld(name));
  });
}

test('every published example has its state', () => {
  assert.deepEqual(Object.keys(PREPARE).sort(), names.sort());
});
