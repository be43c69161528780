import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openMigratedDatabase } from '../../test/support/embedded-template.ts';
import { createAddresses } from '../addresses/addresses.ts';
import { createAudit } from '../audit/audit.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Database } from '../storage/database.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createPlaces, type NewLocation, type Places } from './places.ts';

const logger = createLogger('silent');
const clock = createManualClock();
let database: Database;
let places: Places;
let folder: string;
let use: string | null = null;

async function newScope(): Promise<Scope> {
  const id = randomUUID();
  await database.db.insertInto('organizations').values({ id, name: id, partnerId: null }).execute();
  return {
    organizationId: id,
    homeOrganizationId: id,
    tokenId: 'token',
    trackingId: 'track',
    role: 'fullAdmin',
    scopes: new Set(),
  };
}

function makePlaces(): Places {
  return createPlaces({
    database,
    audit: createAudit({ database, clock }),
    clock,
    logger,
    addresses: createAddresses(),
    snapshotFolder: folder,
    describeLocationUse: () => Promise.resolve(use),
  });
}

before(async () => {
  database = await openMigratedDatabase(logger);
  folder = await mkdtemp(join(tmpdir(), 'waymark-places-'));
  places = makePlaces();
});

after(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const dallas: NewLocation = {
  name: 'Dallas HQ',
  timeZone: 'America/Chicago',
  preferredLanguage: 'en_us',
  announcementLanguage: 'en_us',
  address: { address1: '100½ N Main St', city: 'Dallas', state: 'TX', postalCode: '75201', country: 'US' },
  latitude: '32.78',
  longitude: '-96.8',
  notes: 'first',
};

async function problemOf(work: Promise<unknown>): Promise<ProblemError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof ProblemError, String(error));
    return error;
  }
  return assert.fail('no problem');
}

test('a location is stored, found by part of its name, read, changed, audited and announced', async () => {
  const scope = await newScope();
  const created = await places.createLocation(scope, dallas);
  assert.equal(created.address.HNO, '100');
  assert.equal(created.address.HNS, '½');
  assert.deepEqual(created.position, { latitude: 32.78, longitude: -96.8 });
  assert.deepEqual(await places.getLocation(scope, created.id), created);

  await places.createLocation(scope, { ...dallas, name: '100%_sure', latitude: undefined, longitude: undefined });
  assert.equal((await places.listLocations(scope, { name: 'ALLAS' })).total, 1);
  assert.equal((await places.listLocations(scope, { name: '%_' })).total, 1, 'wildcards are letters');
  const paged = await places.listLocations(scope, { start: 1, max: 1, sort: '-name' });
  assert.deepEqual([paged.total, paged.items[0]?.name], [2, '100%_sure']);
  assert.equal((await places.listLocations(scope, { id: created.id })).items[0]?.id, created.id);
  assert.equal((await places.listLocations(scope, { id: 'nonsense' })).total, 0);

  clock.advance(1_000);
  const changed = await places.updateLocation(scope, created.id, {
    name: 'Dallas Tower',
    latitude: null,
    longitude: null,
  });
  assert.equal(changed.name, 'Dallas Tower');
  assert.equal(changed.position, undefined);
  assert.equal(changed.postalAddress.address1, '100½ N Main St');
  assert.notEqual(changed.updatedAt, created.updatedAt);

  const audit = await database.db
    .selectFrom('auditEntries')
    .select(['action', 'actor'])
    .where('organizationId', '=', scope.organizationId)
    .orderBy('sequence')
    .execute();
  assert.deepEqual(
    audit.map((entry) => entry.action),
    ['location.created', 'location.created', 'location.updated'],
  );
  const feed = await database.db
    .selectFrom('changeFeed')
    .select('kind')
    .where('organizationId', '=', scope.organizationId)
    .execute();
  assert.deepEqual(feed, [{ kind: 'locations' }, { kind: 'locations' }, { kind: 'locations' }]);
});

test('every fault of a location is named in one answer, and nothing is stored', async () => {
  const scope = await newScope();
  const problem = await problemOf(
    places.createLocation(scope, {
      name: ' ',
      timeZone: 'Mars/Base',
      preferredLanguage: '!',
      announcementLanguage: 'en_us',
      address: { address1: '', city: 'Toronto', state: 'TX', postalCode: '99', country: 'CA' },
      latitude: 91,
    }),
  );
  assert.equal(problem.kind, 'invalid');
  assert.deepEqual(
    problem.fields.map((field) => field.path),
    [
      'name',
      'timeZone',
      'preferredLanguage',
      'address.address1',
      'address.state',
      'address.postalCode',
      'longitude',
      'latitude',
    ],
  );
  assert.equal((await places.listLocations(scope, {})).total, 0);
});

test('names are unique in an organization, whatever the case, and free in another', async () => {
  const scope = await newScope();
  const other = await newScope();
  const first = await places.createLocation(scope, dallas);
  const problem = await problemOf(places.createLocation(scope, { ...dallas, name: 'DALLAS  hq' }));
  assert.equal(problem.kind, 'conflict');
  assert.equal(problem.fields[0]?.path, 'name');
  await places.createLocation(other, dallas);
  const second = await places.createLocation(scope, { ...dallas, name: 'Second' });
  assert.equal((await problemOf(places.updateLocation(scope, second.id, { name: first.name }))).kind, 'conflict');
});

test('a longer name than calling allows is refused when calling is used', async () => {
  const scope = await newScope();
  const long = await places.createLocation(scope, { ...dallas, name: 'x'.repeat(81) });
  assert.equal((await problemOf(places.enableCalling(scope, long.id))).kind, 'invalid');
  assert.equal((await problemOf(places.createLocation(scope, { ...dallas, name: 'y'.repeat(257) }))).kind, 'invalid');
});

test('territories are accepted as country and as state; elsewhere the state is free', async () => {
  const scope = await newScope();
  const address = { address1: '123 Calle Luna', city: 'San Juan', state: 'PR', postalCode: '00901', country: 'PR' };
  const asCountry = await places.createLocation(scope, { ...dallas, name: 'a', address });
  const asState = await places.createLocation(scope, { ...dallas, name: 'b', address: { ...address, country: 'us' } });
  assert.deepEqual(asCountry.address, asState.address);
  assert.equal(asCountry.country, 'PR');
  const abroad = { address1: '1 Raffles Place', city: 'Singapore', state: '', postalCode: '048616', country: 'SG' };
  assert.equal((await places.createLocation(scope, { ...dallas, name: 'c', address: abroad })).address.country, 'SG');
  const wrong = await problemOf(
    places.createLocation(scope, { ...dallas, name: 'd', address: { ...address, state: 'TX' } }),
  );
  assert.equal(wrong.fields[0]?.path, 'address.state');
});

test('a building takes what it does not say from its location', async () => {
  const scope = await newScope();
  const location = await places.createLocation(scope, dallas);
  assert.equal((await problemOf(places.getBuilding(scope, location.id))).kind, 'not-found');
  const missing = await problemOf(places.createBuilding(scope, location.id, { alertingEmail: '' }));
  assert.equal(missing.fields[0]?.path, 'alertingEmail');

  const building = await places.createBuilding(scope, location.id, { alertingEmail: 'desk@example.com' });
  assert.equal(building.hasOwnAddress, false);
  assert.equal(building.address.RD, 'Main');
  assert.equal(
    (await problemOf(places.createBuilding(scope, location.id, { alertingEmail: 'a@example.com' }))).kind,
    'conflict',
  );

  const moved = await places.updateBuilding(scope, location.id, { address: { addressLine1: '7 Elm St' } });
  assert.equal(moved.postalAddress.city, 'Dallas');
  assert.equal(moved.alertingEmail, 'desk@example.com');
  const nameless = await problemOf(
    places.updateBuilding(scope, location.id, { address: { addressLine1: '7 Elm St', stateOrProvince: 'OK' } }),
  );
  assert.deepEqual(
    nameless.fields.map(({ path, message }) => `${path} ${message}`),
    ['address.city is required', 'address.zipOrPostalCode is required'],
    'a city means nothing in another state',
  );
  const structured = await places.updateBuilding(scope, location.id, { civic: { HNO: '9', HNS: 'B' } });
  assert.deepEqual([structured.address.HNO, structured.address.HNS, structured.address.RD], ['9', 'B', 'Elm']);
  assert.equal((await places.listBuildings(scope, {})).items[0]?.id, building.id);
});

test('a position is that of one house: it does not move out with the address, nor into a building elsewhere', async () => {
  const scope = await newScope();
  const { id, position } = await places.createLocation(scope, dallas);
  const here = await places.createBuilding(scope, id, { alertingEmail: 'desk@example.com' });
  assert.deepEqual(here.position, position);
  const sameHouse = { addressLine1: '100½ N Main St', addressLine2: 'Suite 4' };
  assert.deepEqual((await places.updateBuilding(scope, id, { address: sameHouse })).position, position);
  const elsewhere = { addressLine1: '1 Congress Ave', city: 'Austin', zipOrPostalCode: '78701' };
  assert.equal((await places.updateBuilding(scope, id, { address: elsewhere })).position, undefined);

  const inside = await places.updateLocation(scope, id, { address: { ...dallas.address, address2: 'Floor 2' } });
  assert.deepEqual(inside.position, position, 'another floor is the same house');
  const away = { address1: '1 Congress Ave', city: 'Austin', state: 'TX', postalCode: '78701', country: 'US' };
  assert.equal((await places.updateLocation(scope, id, { address: away })).position, undefined);
  const back = await places.updateLocation(scope, id, { address: dallas.address, latitude: 32.78, longitude: -96.8 });
  assert.deepEqual(back.position, position, 'told with the address, it is that of the address');
});

test('an emergency response location is the building with floor and room laid over it', async () => {
  const scope = await newScope();
  const location = await places.createLocation(scope, dallas);
  const input = { locationId: location.id, name: 'Floor 3 East', detail: { FLR: '3', ROOM: '312' } };
  assert.equal((await problemOf(places.createResponseLocation(scope, input))).kind, 'conflict');
  await places.createBuilding(scope, location.id, { alertingEmail: 'desk@example.com' });
  const erl = await places.createResponseLocation(scope, {
    ...input,
    shape: { type: 'circle', center: { latitude: 32.78, longitude: -96.8 }, radiusMeters: 10 },
    alertEmails: ['a@example.com', 'a@example.com'],
  });
  assert.equal(erl.civic.ROOM, '312');
  assert.equal(erl.civic.RD, 'Main');
  assert.deepEqual(erl.alertEmails, ['a@example.com']);
  assert.deepEqual(await places.getResponseLocation(scope, erl.id), erl);
  assert.equal(
    (await problemOf(places.createResponseLocation(scope, { ...input, name: 'FLOOR 3 east' }))).kind,
    'conflict',
  );

  const faults = await problemOf(
    places.updateResponseLocation(scope, erl.id, {
      detail: { RD: 'Other St' },
      shape: { type: 'circle', center: { latitude: 99, longitude: 0 }, radiusMeters: -1 },
      alertEmails: ['nobody'],
    }),
  );
  assert.deepEqual(
    faults.fields.map((field) => field.path),
    ['detail.RD', 'shape', 'shape.radiusMeters', 'alertEmails.0'],
  );
  const other = await places.createLocation(scope, { ...dallas, name: 'Depot' });
  const [depot, main] = (await places.listLocationOverviews(scope, {})).items.toSorted((a, b) =>
    a.name === 'Depot' ? -1 : Number(b.name === 'Depot'),
  );
  assert.deepEqual([depot?.id, depot?.building, depot?.responseLocations], [other.id, null, 0]);
  assert.deepEqual(
    [main?.id, main?.building?.alertingEmail, main?.responseLocations, main?.addressCheck],
    [location.id, 'desk@example.com', 1, location.addressCheck],
  );
  const found = async (text: string) => (await places.listLocationOverviews(scope, { text })).items.length;
  assert.deepEqual([await found('depot'), await found('N MAIN st'), await found('nowhere%')], [1, 2, 0]);

  const changed = await places.updateResponseLocation(scope, erl.id, { detail: { FLR: '4' }, shape: null });
  assert.equal(changed.civic.ROOM, undefined);
  assert.equal(changed.shape, undefined);
  assert.equal((await places.listResponseLocations(scope, { name: 'east', locationId: location.id })).total, 1);
  await places.removeResponseLocation(scope, erl.id);
  assert.equal((await problemOf(places.getResponseLocation(scope, erl.id))).kind, 'gone');
  assert.equal((await problemOf(places.removeResponseLocation(scope, erl.id))).kind, 'gone');
  assert.equal(
    (await problemOf(places.getResponseLocation(await newScope(), erl.id))).kind,
    'not-found',
    'no hint to others',
  );
});

test('removal: calling first, users first, building and ERLs with it', async () => {
  const scope = await newScope();
  const location = await places.createLocation(scope, { ...dallas, callingEnabled: true });
  await places.createBuilding(scope, location.id, { alertingEmail: 'desk@example.com' });
  await places.createResponseLocation(scope, { locationId: location.id, name: 'Lobby', detail: { LOC: 'Lobby' } });
  assert.match((await problemOf(places.removeLocation(scope, location.id))).message, /calling/);
  use = '3 members';
  assert.match((await problemOf(places.disableCalling(scope, location.id))).message, /3 members/);
  use = null;
  await places.disableCalling(scope, location.id);
  use = '1 number';
  assert.match(
    (await problemOf(places.removeLocation(scope, location.id))).message,
    /1 number, 1 emergency response location$/,
  );
  use = null;
  assert.match((await problemOf(places.removeLocation(scope, location.id))).message, /1 emergency response location$/);
  for (const erl of (await places.listResponseLocations(scope, {})).items) {
    await places.removeResponseLocation(scope, erl.id);
  }
  const range = { organizationId: scope.organizationId, range: '203.0.113.0/24', locationId: location.id };
  const added = { ...range, id: randomUUID(), description: '', createdAt: new Date(0) };
  await database.db.insertInto('addressRanges').values(added).execute();
  assert.equal(
    (await problemOf(places.removeLocation(scope, location.id))).message,
    'it is still in use: an address range of the organization names it',
  );
  await database.db.deleteFrom('addressRanges').where('id', '=', added.id).execute();
  await places.removeLocation(scope, location.id);
  assert.equal((await places.listLocations(scope, {})).total, 0);
  assert.equal((await places.listBuildings(scope, {})).total, 0);
  const { kind, message } = await problemOf(places.getLocation(scope, location.id));
  assert.deepEqual([kind, message], ['gone', `location ${location.id} was removed`]);
  assert.equal((await problemOf(places.getLocation(await newScope(), location.id))).kind, 'not-found');
});

test('calling at a location: switched on once, described, its routing prefix unique', async () => {
  const scope = await newScope();
  const { id } = await places.createLocation(scope, dallas);
  assert.equal((await problemOf(places.updateCalling(scope, id, { routingPrefix: '55' }))).kind, 'not-found');
  assert.equal((await problemOf(places.disableCalling(scope, id))).kind, 'not-found');
  const enabled = await places.enableCalling(scope, id, { name: 'Dallas Central', timeZone: 'America/New_York' });
  assert.deepEqual(
    [enabled.callingEnabled, enabled.name, enabled.timeZone],
    [true, 'Dallas Central', 'America/New_York'],
  );
  assert.equal((await problemOf(places.enableCalling(scope, id))).kind, 'conflict');
  const changed = await places.updateCalling(scope, id, { routingPrefix: '8055', callingLineName: 'Front desk' });
  assert.deepEqual([changed.routingPrefix, changed.callingLineName], ['8055', 'Front desk']);
  for (const routingPrefix of ['5', '12345678', '5a', '']) {
    assert.equal(
      (await problemOf(places.updateCalling(scope, id, { routingPrefix }))).fields[0]?.path,
      'routingPrefix',
    );
  }
  const other = await places.createLocation(scope, { ...dallas, name: 'Austin', callingEnabled: true });
  const taken = await problemOf(places.updateCalling(scope, other.id, { routingPrefix: '8055' }));
  assert.deepEqual([taken.kind, taken.fields[0]?.path], ['conflict', 'routingPrefix']);
  // What is done along fails: nothing of the change stays.
  const failing = places.updateCalling(scope, other.id, { routingPrefix: '8056' }, () =>
    Promise.reject(new ProblemError('invalid', 'no such number')),
  );
  assert.equal((await problemOf(failing)).kind, 'invalid');
  assert.equal((await places.getLocation(scope, other.id)).routingPrefix, undefined);
  await places.disableCalling(scope, id);
  assert.equal((await places.updateCalling(scope, other.id, { routingPrefix: '8055' })).routingPrefix, '8055');
});

test('nothing of one organization can be seen or touched by another, nor outside an administrator’s locations', async () => {
  const scope = await newScope();
  const other = await newScope();
  const location = await places.createLocation(scope, dallas);
  await places.createBuilding(scope, location.id, { alertingEmail: 'desk@example.com' });
  const erl = await places.createResponseLocation(scope, { locationId: location.id, name: 'Lobby', detail: {} });
  const attempts = [
    () => places.getLocation(other, location.id),
    () => places.updateLocation(other, location.id, { name: 'mine' }),
    () => places.removeLocation(other, location.id),
    () => places.getBuilding(other, location.id),
    () => places.createBuilding(other, location.id, { alertingEmail: 'evil@example.com' }),
    () => places.updateBuilding(other, location.id, { alertingEmail: 'evil@example.com' }),
    () => places.getResponseLocation(other, erl.id),
    () => places.updateResponseLocation(other, erl.id, { name: 'mine' }),
    () => places.removeResponseLocation(other, erl.id),
  ];
  for (const attempt of attempts) assert.equal((await problemOf(attempt())).kind, 'not-found');
  assert.equal((await places.listBuildings(other, {})).total, 0);
  assert.equal((await places.listResponseLocations(other, { locationId: location.id })).total, 0);

  const narrow: Scope = { ...scope, role: 'locationAdmin', locationIds: new Set([randomUUID()]) };
  assert.equal((await problemOf(places.getLocation(narrow, location.id))).kind, 'not-found');
  assert.equal((await places.listLocations(narrow, {})).total, 0);
  assert.deepEqual(await places.listLocationOverviews(narrow, {}), { items: [], total: 0 });
  assert.equal((await places.listResponseLocations(narrow, {})).total, 0);
});

test('memory gives what the database has, after a change, and after a restart from disk', async () => {
  const scope = await newScope();
  const location = await places.createLocation(scope, dallas);
  const building = await places.createBuilding(scope, location.id, { alertingEmail: 'desk@example.com' });
  const erl = await places.createResponseLocation(scope, {
    locationId: location.id,
    name: 'Lobby',
    detail: { FLR: '1' },
  });
  const { organizationId } = scope;
  const [snapshot] = places.snapshots;
  assert.ok(snapshot);
  assert.equal(places.location(organizationId, location.id), undefined);
  await snapshot.apply([{ sequence: 1, kind: 'places', organizationId }]);
  assert.deepEqual(places.location(organizationId, location.id), location);
  assert.deepEqual(places.building(organizationId, location.id), building);
  assert.deepEqual(places.buildingById(organizationId, building.id), building);
  assert.deepEqual(places.responseLocation(organizationId, erl.id), erl);
  assert.equal(places.responseLocation(randomUUID(), erl.id), undefined);

  await places.updateLocation(scope, location.id, {
    address: { address1: '5 Oak Ave', city: 'Waco', state: 'TX', postalCode: '76701', country: 'US' },
  });
  await snapshot.apply([{ sequence: 2, kind: 'locations', organizationId }]);
  assert.equal(places.responseLocation(organizationId, erl.id)?.civic.A3, 'Waco', 'an ERL follows its location');
  await snapshot.save();

  const restarted = makePlaces();
  assert.equal(await restarted.snapshots[0]?.loadFromDisk(), true);
  assert.deepEqual(restarted.locationsOf(organizationId), places.locationsOf(organizationId));
  assert.deepEqual(restarted.responseLocation(organizationId, erl.id), places.responseLocation(organizationId, erl.id));
  await snapshot.loadFromDatabase();
  assert.deepEqual(places.locationsOf(organizationId), restarted.locationsOf(organizationId));
});

test('an organization of more than one page of locations is in memory as a whole, in the order of names', async () => {
  const scope = await newScope();
  const count = 520;
  const name = (index: number): string => `Site ${String(index).padStart(4, '0')}`;
  await database.executeSql(
    `insert into locations (id, organization_id, name, name_key, time_zone, preferred_language, announcement_language,
       address, calling_enabled, created_at, updated_at)
     select gen_random_uuid(), $1, 'Site ' || lpad(n::text, 4, '0'), 'site ' || lpad(n::text, 4, '0'), 'America/Chicago',
       'en_us', 'en_us', '{"address1": "1 Elm St", "city": "Dallas", "state": "TX", "postalCode": "75201", "country": "US"}',
       true, now(), now() from generate_series(0, $2::int - 1) n`,
    [scope.organizationId, count],
  );
  const [snapshot] = places.snapshots;
  await snapshot?.apply([{ sequence: 1, kind: 'locations', organizationId: scope.organizationId }]);
  const inMemory = places.locationsOf(scope.organizationId);
  assert.deepEqual(
    inMemory.map((location) => location.name),
    Array.from({ length: count }, (_, index) => name(index)),
  );
  const erls: string[] = [];
  // What stands in the last location of a page and in the first of the next is there too.
  for (const index of [249, 250, 519]) {
    const location = inMemory[index];
    assert.ok(location);
    await places.createBuilding(scope, location.id, { alertingEmail: `b${index}@sites.example` });
    const erl = await places.createResponseLocation(scope, {
      locationId: location.id,
      name: 'Third floor',
      detail: { FLR: '3' },
    });
    erls.push(erl.id);
  }
  await snapshot?.apply([{ sequence: 2, kind: 'places', organizationId: scope.organizationId }]);
  for (const index of [249, 250, 519]) {
    const location = inMemory[index];
    assert.ok(location);
    const building = places.building(scope.organizationId, location.id);
    assert.equal(building?.alertingEmail, `b${index}@sites.example`);
  }
  for (const id of erls) assert.equal(places.responseLocation(scope.organizationId, id)?.civic.FLR, '3');
});
