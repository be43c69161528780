/** What is removed and brought back is as it was: in every reading of the API, for HELD, and whatever else went and came in between. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { FOLLOWERS } from '../../src/removals/removals.ts';
import { tablesGoneWith } from '../../src/storage/kept-removals.ts';
import { openTestDatabase } from '../support/alerts-fixture.ts';
import { askHeld } from '../support/journey-steps.ts';
import { skipWithout } from '../support/parts.ts';
import { eventually, openClient, type PlatformClient } from '../support/platform-client.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';

const ADDRESS = { address1: '1437 Bannock St', city: 'Denver', state: 'CO', postalCode: '80202', country: 'US' };
const V1 = '/v1/telephony/config';
const CHASSIS = '02:00:5e:00:45:01';
const RUNS = 6;
const WAIT_MS = 20_000;

type Items = { items: { id: string }[] };
/** How each thing is removed, by the path of its removal. */
type World = { client: PlatformClient; http: string; companyId: string; removals: string[] };

/** An organization with a thing of every kind, most of them named by others; what can go alone is among them. */
async function makeWorld(platform: TimedPlatform): Promise<World> {
  const operator = openClient(platform.http, platform.firstRun.tokens.operator);
  const { id: organizationId } = await operator.must<{ id: string }>('POST', '/api/organizations', { name: 'Round' });
  const made = { label: 'test', role: 'fullAdmin' };
  const { token } = await operator.must<{ token: string }>('POST', `/api/tokens?orgId=${organizationId}`, made);
  const client = openClient(platform.http, token);
  const make = async (path: string, body: object): Promise<string> =>
    (await client.must<{ id: string }>('POST', path, body)).id;
  const site = (name: string): Promise<string> =>
    make('/v1/locations', {
      name,
      timeZone: 'America/Denver',
      preferredLanguage: 'en_us',
      announcementLanguage: 'en_us',
      address: ADDRESS,
      latitude: '39.7392',
      longitude: '-104.9907',
    });
  await client.must('POST', `${V1}/redSky`, { email: 'admin@round.example' });
  const { companyId } = await client.must<{ companyId: string }>('GET', `${V1}/redSky`);
  const office = await site('Office');
  const empty = await site('Empty');
  const buildings: string[] = [];
  for (const at of [office, empty]) {
    await client.must('POST', `${V1}/locations/${at}/redSky/building`, { alertingEmail: 'guard@round.example' });
    await client.must('PUT', `${V1}/locations/${at}/emergencyCallNotification`, {
      emergencyCallNotificationEnabled: true,
      emailAddress: 'desk@round.example',
    });
  }
  // The stage of a location is what it completed itself.
  for (const complianceStatus of ['LOCATION_SETUP', 'ALERTS', 'NETWORK_ELEMENTS']) {
    await client.must('PUT', `${V1}/locations/${empty}/redSky/status`, { complianceStatus });
  }
  for (const at of [office, empty]) {
    const location = await client.must<object>('GET', `/v1/locations/${at}`);
    await client.must('POST', `${V1}/locations`, { ...location, announcementLanguage: 'en_us' });
    await client.must('POST', `/v1/telephony/pstn/locations/${at}/emergencyAddress`, ADDRESS);
  }
  await client.must('PUT', `${V1}/locations/${empty}/features/emergencyCallbackNumber`, {
    selected: 'LOCATION_NUMBER',
  });
  await client.must('DELETE', `${V1}/locations/${empty}`);
  const locations = (await client.must<Items>('GET', '/api/locations')).items.map(({ id }) => id);
  for (const { id } of (await client.must<Items>('GET', '/api/buildings')).items) buildings.push(id);

  const rooms: string[] = [];
  for (const [at, name] of ['Lobby', 'Lab', 'Attic', 'Cellar'].entries()) {
    rooms.push(
      await make('/api/response-locations', {
        locationId: locations[1],
        name,
        detail: { FLR: String(at), ROOM: name },
        elins: [`+1303555020${at}`],
        alertEmails: [`${name.toLowerCase()}@round.example`],
      }),
    );
  }
  await client.must('POST', `/api/response-locations/${rooms[3]}/merge`, { into: rooms[2] });
  const element = await make('/api/wire-map', {
    kind: 'switch-port',
    value: CHASSIS,
    port: 'Gi1/0/1',
    responseLocationId: rooms[1],
  });

  await client.must('POST', '/api/numbers', {
    locationId: locations[1],
    phoneNumbers: ['+13035550301', '+13035550302', '+13035550303'],
  });
  const member = (kind: string, firstName: string, extra: object): Promise<string> =>
    make('/api/members', { kind, locationId: locations[1], firstName, lastName: 'Round', ...extra });
  const ada = await member('PEOPLE', 'Ada', {
    extension: '301',
    phoneNumber: '+13035550301',
    email: 'ada@round.example',
  });
  const room = await member('PLACE', 'Room', { extension: '302', phoneNumber: '+13035550302' });
  const group = await member('HUNT_GROUP', 'Group', {
    extension: '303',
    agents: [{ memberId: ada }, { memberId: room }],
  });

  const recipients: string[] = [];
  for (const name of ['Desk', 'Guard']) {
    const endpoints = [{ channel: 'email', address: `${name}@round.example` }];
    recipients.push(await make('/api/alert-recipients', { name, endpoints }));
  }
  const watch = await make('/api/alert-groups', { name: 'Watch', recipientIds: recipients });
  const rule = await make('/api/alert-rules', {
    name: 'Lab calls',
    triggers: ['call-placed'],
    place: { kind: 'response-location', id: rooms[1] },
    steps: [{ recipientIds: [recipients[0]], groupIds: [watch] }],
  });
  // A number alone, with an emergency address of its own, and a webhook whose address and signing secret nobody reads again.
  await client.must('PUT', '/v1/telephony/pstn/numbers/%2B13035550303/emergencyAddress', {
    emergencyAddress: ADDRESS,
  });
  const gateway = await make('/api/alert-connections', {
    kind: 'webhook',
    name: 'Gateway',
    settings: { url: 'https://hook.round.example/in?token=kept-under-seal' },
  });
  const trunk = await make('/api/trunks', { name: 'Trunk', addresses: ['192.0.2.45'] });
  return {
    client,
    http: platform.http,
    companyId,
    removals: [
      ...locations.map((id) => `/v1/locations/${id}`),
      ...buildings.map((id) => `/api/buildings/${id}`),
      ...rooms.slice(0, 3).map((id) => `/api/response-locations/${id}`),
      `/api/wire-map/${element}`,
      ...[ada, room, group].map((id) => `/api/members/${id}`),
      ...recipients.map((id) => `/api/alert-recipients/${id}?force=true`),
      `/api/alert-groups/${watch}?force=true`,
      `/api/alert-rules/${rule}`,
      `/api/alert-connections/${gateway}`,
      `${V1}/locations/${locations[1]}/numbers#+13035550303`,
      `/api/trunks/${trunk}`,
    ],
  };
}

const LISTS = [
  '/api/locations',
  '/api/buildings',
  '/api/response-locations',
  '/api/elins',
  '/api/wire-map',
  '/api/members',
  '/api/numbers',
  '/api/alert-recipients',
  '/api/alert-groups',
  '/api/alert-rules',
  '/api/alert-connections',
  '/api/trunks',
  '/api/compliance',
  '/v1/locations',
  '/v1/telephony/config/redSky/complianceStatus',
];

/** Everything that one can read of the organization, and where its phone is. */
async function readAll({ client, http, companyId, removals }: World): Promise<object> {
  const readings: Record<string, unknown> = {};
  for (const path of LISTS) readings[path] = await client.ask('GET', path);
  const { items: locations } = await client.must<Items>('GET', '/api/locations');
  for (const { id } of locations) {
    for (const path of [
      `/api/locations/${id}/addresses`,
      `/v1/locations/${id}`,
      `${V1}/locations/${id}`,
      `${V1}/locations/${id}/emergencyCallNotification`,
      `${V1}/locations/${id}/redSky/status`,
      `${V1}/locations/${id}/features/emergencyCallbackNumber`,
    ]) {
      readings[path] = await client.ask('GET', path);
    }
  }
  for (const removal of removals) {
    const [, number] = removal.split('#');
    const path =
      number === undefined ? (removal.split('?')[0] ?? '') : `/api/numbers/${encodeURIComponent(number)}/addresses`;
    readings[path] = await client.ask('GET', path);
  }
  const { status, xml } = await askHeld(http, { companyId, chassis: CHASSIS, port: 'Gi1/0/1' });
  readings['held'] = { status, xml: unique(xml) };
  return JSON.parse(JSON.stringify(readings, comparable)) as object;
}

/** Without what is new in every answer: the wire map tells when it last changed, and going back is a change. Rules that the settings make come in no order of their own. */
function comparable(this: unknown, key: string, value: unknown): unknown {
  if (key === 'trackingId') return undefined;
  if (key === 'updatedAt' && Object.hasOwn(Object(this), 'responseLocationName')) return undefined;
  return key === 'items' ? (value as { id: string }[]).toSorted((a, b) => (a.id < b.id ? -1 : 1)) : value;
}

/** Without what is new in every answer: references, and moments at which it was given. */
function unique(xml: string): string {
  return xml
    .replaceAll(/<locationURI>[^<]*</g, '<locationURI><')
    .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, 'MOMENT')
    .replaceAll(/(entity|id)="[^"]*"/g, '$1=""')
    .replaceAll(/<deviceID>[^<]*</g, '<deviceID><');
}

async function revisionOf(client: PlatformClient): Promise<number> {
  const { items } = await client.must<{ items: { revision: number }[] }>('GET', '/api/wire-map/versions?max=1');
  return items[0]?.revision ?? 0;
}

/** Removes what lets itself be removed, in this order, and brings it back the other way round. */
async function goAndComeBack(world: World, order: readonly number[]): Promise<number> {
  const { client, removals } = world;
  const ways: (() => Promise<unknown>)[] = [];
  for (const index of order) {
    const path = removals[index] ?? '';
    const revision = await revisionOf(client);
    const [from = '', number] = path.split('#');
    const { status } = await client.ask('DELETE', from, number === undefined ? undefined : { phoneNumbers: [number] });
    // Something names it, or it has gone with another.
    assert.ok([204, 404, 409, 410].includes(status), `${path}: ${status}`);
    if (status !== 204) continue;
    const id = number ?? path.split('?')[0]?.split('/').at(-1) ?? '';
    ways.push(() =>
      path.startsWith('/api/wire-map/')
        ? client.must('POST', '/api/wire-map/undo', { revision })
        : client.must('POST', `/api/removed/${id}/restore`),
    );
  }
  for (const bringBack of ways.toReversed()) await bringBack();
  return ways.length;
}

async function assertComesBack(platform: TimedPlatform): Promise<void> {
  const world = await makeWorld(platform);
  // What was told of before the world was complete is told once more.
  const whole = await eventually('a phone that is found', WAIT_MS, async () => {
    const readings = await readAll(world);
    return JSON.stringify(readings).includes('Lab') && (readings as { held: { status: number } }).held.status === 200
      ? readings
      : undefined;
  });
  let removed = 0;
  const all = world.removals.map((_path, index) => index);
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(all, { minLength: 1 }), async (order) => {
      platform.letPass(60_000);
      removed += await goAndComeBack(world, order);
      platform.letPass(60_000);
      assert.deepEqual(await readAll(world), whole);
    }),
    { numRuns: RUNS, seed: 45, endOnFailure: true },
  );
  // The way down to the last thing, whoever named whom.
  removed += await goAndComeBack(world, all.toReversed());
  platform.letPass(60_000);
  assert.deepEqual(await readAll(world), whole);
  assert.ok(removed > 2 * RUNS, `only ${removed} removals`);
}

let platform: TimedPlatform;
before(async () => {
  platform = await startTimedPlatform({ WAYMARK_PROBE_SECONDS: '0' });
});
after(() => platform.stop());

test('remove and restore is the identity, embedded', () => assertComesBack(platform));

const skip = skipWithout('postgresql');

test('remove and restore is the identity, on PostgreSQL', { skip }, async (t) => {
  const cluster: PostgresCluster = await startPostgresCluster();
  t.after(() => cluster.remove());
  const other = await startTimedPlatform({
    WAYMARK_PROBE_SECONDS: '0',
    WAYMARK_DATABASE_URL: await cluster.createDatabase(),
  });
  try {
    await assertComesBack(other);
  } finally {
    await other.stop();
  }
});

test('what stands in the way is said, and nothing has changed; stages that were given up do not come back; nothing stays for ever', async () => {
  platform.letPass(60_000);
  const operator = openClient(platform.http, platform.firstRun.tokens.operator);
  const { id: organizationId } = await operator.must<{ id: string }>('POST', '/api/organizations', { name: 'Way' });
  const made = { label: 'test', role: 'fullAdmin' };
  const { token } = await operator.must<{ token: string }>('POST', `/api/tokens?orgId=${organizationId}`, made);
  const client = openClient(platform.http, token);
  const site = { timeZone: 'America/Denver', preferredLanguage: 'en_us', announcementLanguage: 'en_us' };
  const create = async (name: string): Promise<string> => {
    const body = { name, ...site, address: ADDRESS };
    const { id } = await client.must<{ id: string }>('POST', '/v1/locations', body);
    return id;
  };
  const idOf = async (name: string): Promise<string> => {
    const { items } = await client.must<{ items: { id: string; name: string }[] }>('GET', '/api/locations');
    return items.find((one) => one.name === name)?.id ?? '';
  };
  await client.must('POST', `${V1}/redSky`, { email: 'admin@way.example' });
  await create('Office');
  const office = await idOf('Office');
  await client.must('POST', '/api/buildings', { locationId: office, alertingEmail: 'guard@way.example' });
  for (const complianceStatus of ['LOCATION_SETUP', 'ALERTS']) {
    await client.must('PUT', `${V1}/locations/${office}/redSky/status`, { complianceStatus });
  }
  await client.must('DELETE', `/v1/locations/${office}`);

  // Its name was given away.
  const other = await create('Office');
  const refused = await client.ask<{ message: string }>('POST', `/api/removed/${office}/restore`);
  assert.equal(refused.status, 409);
  assert.match(refused.body.message, /Office cannot be brought back: another location has its name/);
  assert.equal((await client.ask('GET', `/v1/locations/${office}`)).status, 410);
  await client.must('DELETE', `/v1/locations/${other}`);

  // The organization left meanwhile, and came back.
  await client.must('PUT', `${V1}/redSky/status`, { complianceStatus: 'OPTED_OUT' });
  await client.must('PUT', `${V1}/redSky/status`, { complianceStatus: 'LOCATION_SETUP' });
  await client.must('POST', `/api/removed/${office}/restore`);
  assert.equal((await client.ask('POST', `/api/removed/${office}/restore`)).status, 404);
  const ahead = await client.ask('PUT', `${V1}/locations/${office}/redSky/status`, {
    complianceStatus: 'NETWORK_ELEMENTS',
  });
  assert.equal(ahead.status, 409);
  await client.must('PUT', `${V1}/locations/${office}/redSky/status`, { complianceStatus: 'LOCATION_SETUP' });

  // A rule is not back when all whom it told are gone: it would seem to watch.
  const make = async (path: string, body: object): Promise<string> =>
    (await client.must<{ id: string }>('POST', path, body)).id;
  const desk = await make('/api/alert-recipients', {
    name: 'Desk',
    endpoints: [{ channel: 'email', address: 'desk@way.example' }],
  });
  const steps = [{ recipientIds: [desk] }];
  const rule = await make('/api/alert-rules', { name: 'Watch', triggers: ['call-placed'], steps });
  await client.must('DELETE', `/api/alert-rules/${rule}`);
  await client.must('DELETE', `/api/alert-recipients/${desk}`);
  const silent = await client.ask<{ message: string }>('POST', `/api/removed/${rule}/restore`);
  assert.equal(silent.status, 409);
  assert.match(silent.body.message, /whom the rule "Watch" told is gone/);
  assert.equal((await client.ask('GET', `/api/alert-rules/${rule}`)).status, 410);
  await client.must('POST', `/api/removed/${desk}/restore`);
  await client.must('POST', `/api/removed/${rule}/restore`);
  const { steps: again } = await client.must<{ steps: { recipientIds: string[] }[] }>(
    'GET',
    `/api/alert-rules/${rule}`,
  );
  assert.deepEqual(again[0]?.recipientIds, [desk]);

  // Whoever is called back on somebody's number is not, once that one is elsewhere: help would be sent elsewhere.
  const annex = await create('Annex');
  const person = (firstName: string, extension: string): Promise<string> =>
    make('/api/members', { kind: 'PEOPLE', locationId: office, firstName, lastName: 'Way', extension });
  const [ada, bob] = [await person('Ada', '301'), await person('Bob', '302')];
  const choice = { selected: 'LOCATION_MEMBER_NUMBER', locationMemberId: bob };
  await client.must('PUT', `${V1}/people/${ada}/emergencyCallbackNumber`, choice);
  await client.must('DELETE', `/api/members/${ada}`);
  await client.must('PATCH', `/api/members/${bob}`, { locationId: annex });
  const elsewhere = await client.ask<{ message: string }>('POST', `/api/removed/${ada}/restore`);
  assert.equal(elsewhere.status, 409);
  assert.match(elsewhere.body.message, /Bob Way, on whose number it was called back, is at another location/);
  await client.must('DELETE', `/api/members/${bob}`);
  const nobody = await client.ask<{ message: string }>('POST', `/api/removed/${ada}/restore`);
  assert.match(nobody.body.message, /the one on whose number it was called back is gone/);
  await client.must('POST', `/api/removed/${bob}/restore`);
  await client.must('PATCH', `/api/members/${bob}`, { locationId: office });
  await client.must('POST', `/api/removed/${ada}/restore`);
  for (const id of [ada, bob]) await client.must('DELETE', `/api/members/${id}`);

  // A room whose building has become part of another.
  const email = { alertingEmail: 'guard@way.example' };
  const wing = await make('/api/buildings', { locationId: annex, ...email });
  const house = (await client.must<Items>('GET', `/api/buildings?locationId=${office}`)).items[0]?.id ?? '';
  const [den, loft] = [
    await make('/api/response-locations', { locationId: annex, name: 'Den', detail: { ROOM: 'Den' } }),
    await make('/api/response-locations', { locationId: annex, name: 'Loft', detail: { ROOM: 'Loft' } }),
  ];
  await client.must('DELETE', `/api/response-locations/${den}`);
  await client.must('POST', `/api/buildings/${wing}/merge`, { into: house });
  await client.must('POST', `/api/removed/${den}/restore`);
  for (const id of [den, loft]) {
    const room = await client.must<{ buildingId: string }>('GET', `/api/response-locations/${id}`);
    assert.equal(room.buildingId, house);
  }
  await client.must('DELETE', `/v1/locations/${annex}`);

  // No id at all, and what no database keeps.
  for (const id of ['nothing', '%00', 'x'.repeat(1_000)]) {
    assert.ok([400, 404].includes((await client.ask('POST', `/api/removed/${id}/restore`)).status), id);
  }
  for (const query of ['text=%00', 'locationId=%00', 'start=999999999&max=2']) {
    assert.ok([200, 400].includes((await client.ask('GET', `/api/removed?${query}`)).status), query);
  }

  // A building whose location is gone; and then it has been too long.
  const { items } = await client.must<Items>('GET', '/api/buildings');
  const building = items[0]?.id ?? '';
  await client.must('DELETE', `/api/buildings/${building}`);
  await client.must('DELETE', `/v1/locations/${office}`);
  const orphan = await client.ask<{ message: string }>('POST', `/api/removed/${building}/restore`);
  assert.match(orphan.body.message, /its location is gone; bring that back first/);
  await client.must('POST', `/api/removed/${office}/restore`);
  await client.must('POST', `/api/removed/${building}/restore`);
  await client.must('DELETE', `/api/buildings/${building}`);
  platform.putForward(31 * 86_400_000);
  assert.deepEqual(await client.must<Items>('GET', '/api/removed'), { items: [] });
  assert.equal((await client.ask('POST', `/api/removed/${building}/restore`)).status, 404);
});

test('every table whose rows go with something is followed by a snapshot', async () => {
  const database = await openTestDatabase();
  try {
    for (const row of [
      { table: 'locations', along: ['buildings_location'] },
      { table: 'buildings', along: ['response_locations_building'] },
      { table: 'response_locations', along: ['response_locations_survivor'] },
      { table: 'members' },
      { table: 'alert_recipients', along: ['alert_group_members_recipient', 'alert_rule_targets_recipient'] },
      { table: 'alert_groups', along: ['alert_rule_targets_group'] },
      { table: 'alert_rules' },
      { table: 'alert_connections' },
      { table: 'member_numbers', key: 'number' },
      { table: 'trunks' },
    ]) {
      for (const table of await tablesGoneWith(database.db, row))
        assert.ok(FOLLOWERS[table], `${table} (${row.table})`);
    }
  } finally {
    await database.close();
  }
});
