/**
 * The habits of the known client library (contract, marks [S]), on every operation of both documents. The platform lets so
 * few requests in that each operation is answered 429 as well; the client obeys Retry-After and repeats.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type ContractAnswer,
  type ContractCall,
  type ContractClient,
  createContractClient,
  nextPageOf,
  OPERATION_KEYS,
  type OperationKey,
  operationOf,
} from '../../support/contract-client.ts';
import { ADDRESS, createWorlds, type World, type Worlds } from '../../support/contract-world.ts';
import { startTimedPlatform, type TimedPlatform } from '../../support/timed-platform.ts';
import { OPERATION_ROWS } from './operation-rows.ts';

let platform: TimedPlatform;
let client: ContractClient;
let worlds: Worlds;

before(async () => {
  // So few requests that nearly every one is told to wait, and comes again.
  platform = await startTimedPlatform({ WAYMARK_DEMO: '0', WAYMARK_RATE_LIMIT_PER_MINUTE: '1' });
  client = createContractClient(platform.http, { wait: (seconds) => platform.letPass(seconds * 1_000) });
  worlds = createWorlds(platform, client);
});

after(() => platform.stop());

type Schema = {
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every key that the schema knows and the body lacks as null, and keys that it does not know, at every depth. */
function asSent(schema: Schema, body: unknown): unknown {
  if (!isObject(body) || !schema.properties) return body;
  const unset = Object.keys(schema.properties).filter((name) => !(name in body) && !schema.required?.includes(name));
  return {
    ...Object.fromEntries(unset.map((name) => [name, null])),
    ...Object.fromEntries(
      Object.entries(body).map(([name, value]) => [name, asSent(schema.properties?.[name] ?? {}, value)]),
    ),
    somethingNew: { of: ['a', 'later', 'version'] },
  };
}

for (const key of OPERATION_KEYS) {
  test(`${key}: null for what is unset, names of a later version, JSON as the type of nothing, 429`, async () => {
    const world = await worlds.newWorld(key);
    const { status, given } = await OPERATION_ROWS[key].succeed(world);
    const { request } = operationOf(key);
    const query = typeof given.query === 'object' ? given.query : {};
    const sent: ContractCall = {
      token: world.token,
      ...given,
      query: { ...query, somethingNew: 'true' },
      ...(request && { body: asSent(request, given.body) }),
    };
    // Whatever the token had left is gone.
    await client.call('GET /locations', { token: sent.token ?? world.token });
    const answer = await client.call(key, sent);
    assert.equal(answer.status, status, `${JSON.stringify(sent.body)}: ${answer.text}`);
    assert.ok(client.seen.get(key)?.has(429), 'it was told to wait');
  });
}

type ReadAndWrite = {
  read: OperationKey;
  write: OperationKey;
  params: (world: World) => Promise<Record<string, string>>;
};

/** Objects that are read, changed and sent back whole, with everything in them that only the server sets. */
const READ_AND_WRITE: readonly ReadAndWrite[] = [
  {
    read: 'GET /telephony/config/emergencyCallNotification',
    write: 'PUT /telephony/config/emergencyCallNotification',
    params: () => Promise.resolve({}),
  },
  {
    read: 'GET /telephony/config/locations/{locationId}/emergencyCallNotification',
    write: 'PUT /telephony/config/locations/{locationId}/emergencyCallNotification',
    params: async (world) => ({ locationId: await world.location() }),
  },
  {
    read: 'GET /telephony/config/locations/{locationId}/features/emergencyCallbackNumber',
    write: 'PUT /telephony/config/locations/{locationId}/features/emergencyCallbackNumber',
    params: async (world) => {
      const locationId = await world.newLocation();
      const { id: locationMemberId } = await world.newPerson(locationId);
      await world.must('PUT /telephony/config/locations/{locationId}/features/emergencyCallbackNumber', 204, {
        params: { locationId },
        body: { selected: 'LOCATION_MEMBER_NUMBER', locationMemberId },
      });
      return { locationId };
    },
  },
  {
    read: 'GET /locations/{locationId}',
    write: 'PUT /locations/{locationId}',
    params: async (world) => ({ locationId: await world.location() }),
  },
  {
    read: 'GET /telephony/config/locations/{locationId}',
    write: 'PUT /telephony/config/locations/{locationId}',
    params: async (world) => ({ locationId: await world.location() }),
  },
  {
    read: 'GET /people/{personId}',
    write: 'PUT /people/{personId}',
    params: async (world) => ({ personId: (await world.newPerson()).id }),
  },
  {
    read: 'GET /workspaces/{workspaceId}',
    write: 'PUT /workspaces/{workspaceId}',
    params: async (world) => ({ workspaceId: (await world.newWorkspace()).id }),
  },
  {
    read: 'GET /telephony/config/virtualLines/{virtualLineId}',
    write: 'PUT /telephony/config/virtualLines/{virtualLineId}',
    params: async (world) => ({ virtualLineId: (await world.newVirtualLine()).id }),
  },
  {
    read: 'GET /telephony/config/locations/{locationId}/huntGroups/{huntGroupId}',
    write: 'PUT /telephony/config/locations/{locationId}/huntGroups/{huntGroupId}',
    params: async (world) => {
      const { id: huntGroupId, locationId } = await world.newHuntGroup();
      return { locationId, huntGroupId };
    },
  },
];

for (const { read, write, params } of READ_AND_WRITE) {
  test(`${write}: what was read is sent back whole and changes nothing`, async () => {
    const world = await worlds.newWorld(write);
    const given: ContractCall = { params: await params(world), token: world.token };
    const query = 'callingData' in operationOf(read).query.properties ? { callingData: 'true' } : {};
    const first = await world.must(read, 200, { ...given, query });
    // A location's callback names its member inside locationMemberInfo; the SDK writes it as locationMemberId.
    const member = first.body['locationMemberInfo'];
    const back = isObject(member) ? { ...first.body, locationMemberId: member['memberId'] } : first.body;
    const [status] = Object.keys(operationOf(write).responses).map(Number);
    assert.ok(status !== undefined);
    await world.must(write, status, { ...given, body: back });
    const second = await world.must(read, 200, { ...given, query });
    assert.deepEqual(second.body, first.body);
  });
}

test('an e-mail address is taken away with null, and the next GET is without it', async () => {
  const world = await worlds.newWorld('Notes');
  const organizationKey = 'PUT /telephony/config/emergencyCallNotification';
  await world.must(organizationKey, 204, {
    body: {
      emergencyCallNotificationEnabled: false,
      allowEmailNotificationAllLocationEnabled: true,
      emailAddress: 'desk@waymark.example',
    },
  });
  await world.must(organizationKey, 204, {
    body: {
      emergencyCallNotificationEnabled: null,
      allowEmailNotificationAllLocationEnabled: null,
      emailAddress: null,
    },
  });
  const organization = await world.must('GET /telephony/config/emergencyCallNotification', 200);
  assert.equal('emailAddress' in organization.body, false);

  const params = { locationId: await world.location() };
  const locationKey = 'PUT /telephony/config/locations/{locationId}/emergencyCallNotification';
  await world.must(locationKey, 204, {
    params,
    body: { emergencyCallNotificationEnabled: true, emailAddress: 'site@waymark.example' },
  });
  const readKey = 'GET /telephony/config/locations/{locationId}/emergencyCallNotification';
  const before = await world.must(readKey, 200, { params });
  await world.must(locationKey, 204, { params, body: { ...before.body, emailAddress: null } });
  const { emailAddress: _, ...expected } = before.body;
  assert.deepEqual((await world.must(readKey, 200, { params })).body, expected);
});

test('configure() of a callback number sends selected always, null where it is not given', async () => {
  const world = await worlds.newWorld('Configure');
  const { id: personId } = await world.newPerson();
  const params = { personId };
  const body = { selected: null, locationMemberId: null, elinEnabled: true, elinForWebexAppEnabled: null };
  await world.must('PUT /telephony/config/people/{personId}/emergencyCallbackNumber', 204, { params, body });
  const { body: callback } = await world.must('GET /telephony/config/people/{personId}/emergencyCallbackNumber', 200, {
    params,
  });
  assert.equal(callback['elinEnabled'], true);
});

test('a number in a path has its + as it is, or as %2B', async () => {
  const world = await worlds.newWorld('Plus');
  const phoneNumber = await world.newFreeNumber();
  for (const written of [phoneNumber, phoneNumber.replace('+', '%2B'), phoneNumber.replace('+', '%2b')]) {
    await world.must('PUT /telephony/pstn/numbers/{phoneNumber}/emergencyAddress', 204, {
      params: { phoneNumber: written },
      body: { emergencyAddress: ADDRESS },
    });
  }
  for (const written of [phoneNumber, encodeURIComponent(phoneNumber)]) {
    const found = await world.must('GET /telephony/config/numbers', 200, { query: `phoneNumber=${written}` });
    assert.equal((found.body['phoneNumbers'] as unknown[]).length, 1, written);
  }
});

test('ids are read in every form that clients keep', async () => {
  const world = await worlds.newWorld('Ids');
  const locationId = await world.location();
  const plain = Buffer.from(locationId, 'base64url').toString();
  const regional = plain.replace('://us/', '://urn:TEAM:us-west-2_r/');
  for (const written of [
    `${locationId}==`,
    encodeURIComponent(`${locationId}==`),
    Buffer.from(regional).toString('base64url'),
  ]) {
    const { body } = await world.must('GET /locations/{locationId}', 200, { params: { locationId: written } });
    assert.equal(body['id'], locationId);
  }
});

type List = {
  key: OperationKey;
  entries: string;
  /** Makes four entries. */
  fill: (world: World) => Promise<Record<string, string>>;
};

async function fourTimes(make: () => Promise<unknown>): Promise<void> {
  for (let made = 0; made < 4; made += 1) await make();
}

/** The lists of contract section 1 that page by Link. */
const LISTS: readonly List[] = [
  {
    key: 'GET /locations',
    entries: 'items',
    async fill(world) {
      await fourTimes(world.newBareLocation);
      return { name: 'site' };
    },
  },
  {
    key: 'GET /telephony/config/locations',
    entries: 'locations',
    async fill(world) {
      await fourTimes(world.newLocation);
      return { name: 'site', order: 'desc' };
    },
  },
  {
    key: 'GET /people',
    entries: 'items',
    async fill(world) {
      await fourTimes(world.newPerson);
      return { callingData: 'true', locationId: await world.location() };
    },
  },
  {
    key: 'GET /workspaces',
    entries: 'items',
    async fill(world) {
      await fourTimes(world.newWorkspace);
      return { locationId: await world.location() };
    },
  },
  {
    key: 'GET /telephony/config/virtualLines',
    entries: 'virtualLines',
    async fill(world) {
      await fourTimes(world.newVirtualLine);
      return { locationId: await world.location() };
    },
  },
  {
    key: 'GET /telephony/config/huntGroups',
    entries: 'huntGroups',
    async fill(world) {
      await fourTimes(world.newHuntGroup);
      return { name: 'group' };
    },
  },
  {
    key: 'GET /telephony/config/numbers',
    entries: 'phoneNumbers',
    async fill(world) {
      await fourTimes(world.newFreeNumber);
      return { locationId: await world.location(), available: 'true' };
    },
  },
];

const MOST_PAGES = 10;

for (const { key, entries, fill } of LISTS) {
  test(`${key}: Link is followed as it stands, until there is none`, async () => {
    const world = await worlds.newWorld(key);
    const query = await fill(world);
    const entriesOf = (answer: ContractAnswer): unknown[] => answer.body[entries] as unknown[];
    const whole = await world.must(key, 200, { query: { ...query, max: '100' } });
    assert.equal(nextPageOf(whole), undefined);
    assert.equal(entriesOf(whole).length, 4);
    for (const max of [1, 3]) {
      let page = await world.must(key, 200, { query: { ...query, max: String(max) } });
      const found = [...entriesOf(page)];
      for (let pages = 1; ; pages += 1) {
        assert.ok(pages <= MOST_PAGES);
        const next = nextPageOf(page);
        if (next === undefined) break;
        page = await client.follow(key, next, world.token);
        assert.equal(page.status, 200, page.text);
        assert.ok(entriesOf(page).length > 0 && entriesOf(page).length <= max);
        found.push(...entriesOf(page));
      }
      assert.deepEqual(found, entriesOf(whole));
    }
  });
}

test('every list that pages by Link is among them; the compliance list pages by start and max alone', async () => {
  const paging = OPERATION_KEYS.filter((key) => 'start' in operationOf(key).query.properties);
  const listed = LISTS.map(({ key }) => key);
  const complianceKey = 'GET /telephony/config/redSky/complianceStatus';
  assert.deepEqual([...listed, complianceKey].sort(), [...paging].sort());

  const world = await worlds.newWorld('Compliance');
  await fourTimes(world.newBareLocation);
  const found: unknown[] = [];
  for (const start of ['0', '1', '3']) {
    const max = start === '0' ? '1' : '2';
    const page = await world.must(complianceKey, 200, { query: { start, max, order: 'locationName' } });
    assert.equal(nextPageOf(page), undefined);
    const { count, locations } = page.body['locationsStatus'] as { count: number; locations: { id: string }[] };
    assert.equal(count, 4);
    found.push(...locations.map(({ id }) => id));
  }
  assert.equal(new Set(found).size, 4);
});
