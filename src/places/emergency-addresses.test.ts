import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
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

before(async () => {
  database = await openMigratedDatabase(logger);
  places = createPlaces({
    database,
    audit: createAudit({ database, clock }),
    clock,
    logger,
    addresses: createAddresses(),
    snapshotFolder: undefined,
  });
});

after(() => database.close());

const miami: NewLocation = {
  name: 'Miami Beach',
  timeZone: 'America/New_York',
  preferredLanguage: 'en_us',
  announcementLanguage: 'en_us',
  address: { address1: '3487 Chase Ave', city: 'Miami Beach', state: 'FL', postalCode: '33140', country: 'US' },
  latitude: 25.8131,
  longitude: -80.13,
};

async function problemOf(work: Promise<unknown>): Promise<ProblemError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof ProblemError, String(error));
    return error;
  }
  assert.fail('nothing was refused');
}

async function load(): Promise<void> {
  for (const snapshot of places.snapshots) await snapshot.loadFromDatabase();
}

test('what is left out is the location’s; the form is made usual, the content stays as entered, and the check says both', async () => {
  const scope = await newScope();
  const { id } = await places.createLocation(scope, miami);
  const given = {
    address1: '12½ Collins Ave',
    address2: 'Fl 2',
    city: 'Maimi Beach',
    state: 'florida',
    country: 'usa',
  };
  const { validation, position } = await places.lookUpEmergencyAddress(scope, id, {
    ...given,
    postalCode: '331401234',
  });
  assert.equal(validation.address.city, 'Miami Beach');
  assert.equal(position, undefined);
  const own = await places.lookUpEmergencyAddress(scope, id, { address1: '3487 CHASE AVE', address2: 'Apt 112' });
  assert.equal(own.position?.latitude, 25.8131);

  const stored = await places.setEmergencyAddress(scope, id, { ...given, postalCode: '331401234' });
  assert.deepEqual(stored.postalAddress, {
    address1: '12½ Collins Ave',
    address2: 'Fl 2',
    city: 'Maimi Beach',
    state: 'FL',
    postalCode: '33140-1234',
    country: 'US',
  });
  assert.equal(stored.address.HNS, '½');
  assert.equal(stored.address.FLR, '2');
  assert.equal(stored.addressCheck.level, 'syntax');
  assert.equal(stored.addressCheck.checkedAt, new Date(clock.nowMs()).toISOString());
  assert.match(stored.addressCheck.source, /^waymark-postal\/1 of \d{4}-/);
  assert.ok(stored.addressCheck.corrections.some(({ field, to }) => field === 'city' && to === 'Miami Beach'));
  assert.equal(stored.position, undefined, 'another house is not where the location is');

  const street = await places.setEmergencyAddress(scope, id, { address1: '3487 chase ave', address2: 'Apt 112' });
  assert.equal(street.id, stored.id);
  assert.deepEqual(street.postalAddress, { ...miami.address, address1: '3487 chase ave', address2: 'Apt 112' });
  assert.deepEqual(street.position, { latitude: 25.8131, longitude: -80.13 });
});

test('a change keeps what it leaves out, an empty second line goes, and what was before stays known', async () => {
  const scope = await newScope();
  const location = await places.createLocation(scope, miami);
  const first = await places.setEmergencyAddress(scope, location.id, { address1: '1 Lincoln Rd', address2: 'Apt 1' });
  clock.advance(60_000);
  const second = await places.updateEmergencyAddress(scope, location.id, first.id, { address2: 'Apt 2' });
  assert.deepEqual([second.postalAddress.address1, second.postalAddress.address2], ['1 Lincoln Rd', 'Apt 2']);
  clock.advance(60_000);
  const third = await places.updateEmergencyAddress(scope, location.id, first.id, { address2: '' });
  assert.equal(third.postalAddress.address2, undefined);

  const fault = await problemOf(places.updateEmergencyAddress(scope, location.id, first.id, { city: 'Orlando' }));
  assert.deepEqual(fault.fields[0], { path: 'address1', message: 'is required' });

  const { emergencyAddress, building, history } = await places.readLocationAddresses(scope, location.id);
  assert.equal(emergencyAddress?.updatedAt, third.updatedAt);
  assert.equal(building, null);
  assert.deepEqual(
    history.map(({ postalAddress, validFrom, validTo }) => [postalAddress.address2, validFrom, validTo]),
    [
      ['Apt 2', second.updatedAt, third.updatedAt],
      ['Apt 1', first.updatedAt, second.updatedAt],
    ],
  );
});

test('memory follows the address, the location’s position, and the end of the location', async () => {
  const scope = await newScope();
  const { id } = await places.createLocation(scope, miami);
  await load();
  assert.equal(places.emergencyAddress(scope.organizationId, id), undefined);
  await places.setEmergencyAddress(scope, id, { address1: '3487 Chase Ave' });
  await load();
  assert.equal(places.emergencyAddress(scope.organizationId, id)?.position?.latitude, 25.8131);
  const kinds = await database.db
    .selectFrom('changeFeed')
    .select('kind')
    .where('organizationId', '=', scope.organizationId)
    .execute();
  assert.deepEqual(
    kinds.map(({ kind }) => kind),
    ['locations', 'emergency-addresses'],
  );
  await places.updateLocation(scope, id, { latitude: 25.9, longitude: -80.2 });
  await places.snapshots[0]?.loadFromDatabase();
  assert.equal(places.emergencyAddress(scope.organizationId, id)?.position?.latitude, 25.9, 'from the location alone');
  await places.removeLocation(scope, id);
  const gone = await database.db
    .selectFrom('changeFeed')
    .select('kind')
    .where('organizationId', '=', scope.organizationId)
    .orderBy('sequence')
    .execute();
  assert.deepEqual(
    gone.slice(3).map(({ kind }) => kind),
    ['emergency-addresses', 'compliance', 'notifications', 'locations'],
  );
  await load();
  assert.equal(places.emergencyAddress(scope.organizationId, id), undefined);
});

test('refused: boxes, military post offices, states that are none, unknown and foreign places; each field is named', async () => {
  const scope = await newScope();
  const { id } = await places.createLocation(scope, miami);
  const refused = async (given: Record<string, string>, path: string) => {
    const problem = await problemOf(places.setEmergencyAddress(scope, id, given));
    assert.equal(problem.kind, 'invalid');
    assert.ok(
      problem.fields.some((field) => field.path === path),
      JSON.stringify(problem.fields),
    );
  };
  await refused({}, 'address1');
  await refused({ address1: 'PO Box 12' }, 'address1');
  await refused({ address1: '1 Main St', city: 'APO', state: 'AE', postalCode: '09021' }, 'city');
  await refused({ address1: '1 Main St', state: 'XX' }, 'state');
  await refused({ address1: '1 Main St', country: 'Ruritania' }, 'country');
  await refused({ address1: 'x'.repeat(300) }, 'address1');
  await refused({ address1: '1 Main St', postalCode: 'abc' }, 'postalCode');

  const stranger = await newScope();
  for (const [who, where] of [
    [stranger, id],
    [scope, randomUUID()],
    [scope, 'nonsense'],
  ] as const) {
    assert.equal(
      (await problemOf(places.setEmergencyAddress(who, where, { address1: '1 Main St' }))).kind,
      'not-found',
    );
    assert.equal((await problemOf(places.lookUpEmergencyAddress(who, where, {}))).kind, 'not-found');
    assert.equal((await problemOf(places.readLocationAddresses(who, where))).kind, 'not-found');
  }
  assert.equal((await problemOf(places.updateEmergencyAddress(scope, id, randomUUID(), {}))).kind, 'not-found');
  const elsewhere: Scope = { ...scope, role: 'locationAdmin', locationIds: new Set([randomUUID()]) };
  assert.equal((await problemOf(places.setEmergencyAddress(elsewhere, id, { address1: '1 A St' }))).kind, 'not-found');
});

test('an address that cannot be confirmed is kept, and says so', async () => {
  const scope = await newScope();
  const { id } = await places.createLocation(scope, miami);
  const { postalAddress, addressCheck } = await places.setEmergencyAddress(scope, id, {
    address1: '1 New Road',
    city: 'Newtown Heights',
    state: 'FL',
    postalCode: '33140',
  });
  assert.equal(postalAddress.city, 'Newtown Heights');
  assert.equal(addressCheck.level, 'syntax');
  assert.deepEqual(
    addressCheck.errors.map(({ title }) => title),
    ['CITY_UNKNOWN'],
  );
});

test('locations and buildings keep beside their address how right it is', async () => {
  const scope = await newScope();
  const right = await places.createLocation(scope, miami);
  assert.equal(right.addressCheck?.level, 'postal');
  const wrong = await places.createLocation(scope, {
    ...miami,
    name: 'Wrong',
    address: { ...miami.address, postalCode: '77002' },
  });
  assert.equal(wrong.addressCheck?.level, 'syntax');
  assert.deepEqual(
    wrong.addressCheck?.errors.map(({ title }) => title),
    ['STATE_POSTAL_MISMATCH'],
  );
  const changed = await places.updateLocation(scope, wrong.id, { address: miami.address });
  assert.equal(changed.addressCheck?.level, 'postal');
  assert.equal((await places.getLocation(scope, wrong.id)).addressCheck?.level, 'postal');

  const building = await places.createBuilding(scope, right.id, { alertingEmail: 'desk@example.com' });
  assert.deepEqual(building.addressCheck, right.addressCheck);
  const moved = await places.updateBuilding(scope, right.id, { address: { addressLine1: 'PO Box 7' } });
  assert.equal(moved.addressCheck?.isDispatchable, false);
});

test('every change is in the audit with what was before and after', async () => {
  const scope = await newScope();
  const { id } = await places.createLocation(scope, miami);
  const { id: addressId } = await places.setEmergencyAddress(scope, id, { address1: '1 Lincoln Rd' });
  await places.setEmergencyAddress(scope, id, { address1: '2 Lincoln Rd' });
  const entries = await createAudit({ database, clock }).list(scope.organizationId, { max: 10 });
  const found = entries.filter(({ action }) => action.startsWith('emergency-address'));
  assert.deepEqual(found.map(({ action }) => action).sort(), [
    'emergency-address.created',
    'emergency-address.updated',
  ]);
  assert.ok(JSON.stringify(found).includes('1 Lincoln Rd') && JSON.stringify(found).includes(addressId));
});
