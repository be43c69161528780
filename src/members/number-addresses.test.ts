import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { openMigratedDatabase } from '../../test/support/embedded-template.ts';
import { createAddresses } from '../addresses/addresses.ts';
import { createAudit } from '../audit/audit.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { createPlaces, type Places } from '../places/places.ts';
import type { Database } from '../storage/database.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createMembers, type Members } from './members.ts';

const logger = createLogger('silent');
const clock = createManualClock();
let database: Database;
let places: Places;
let members: Members;
let last = 100;

before(async () => {
  database = await openMigratedDatabase(logger);
  const audit = createAudit({ database, clock });
  const shared = { database, audit, clock, logger, addresses: createAddresses(), snapshotFolder: undefined };
  places = createPlaces(shared);
  members = createMembers({ ...shared, places });
});

after(() => database.close());

async function load(): Promise<void> {
  for (const snapshot of [...places.snapshots, ...members.snapshots]) await snapshot.loadFromDatabase();
}

/** An organization with two sites and a person at the first. */
async function addSite() {
  const organizationId = randomUUID();
  await database.db.insertInto('organizations').values({ id: organizationId, name: 'x', partnerId: null }).execute();
  const scope: Scope = {
    organizationId,
    homeOrganizationId: organizationId,
    tokenId: 'token',
    trackingId: 'track',
    role: 'fullAdmin',
    scopes: new Set(),
  };
  const site = {
    timeZone: 'America/New_York',
    preferredLanguage: 'en_us',
    announcementLanguage: 'en_us',
    address: { address1: '3487 Chase Ave', city: 'Miami Beach', state: 'FL', postalCode: '33140', country: 'US' },
    latitude: 25.8131,
    longitude: -80.13,
  };
  const { id: here } = await places.createLocation(scope, { ...site, name: 'Here' });
  const { id: there } = await places.createLocation(scope, { ...site, name: 'There' });
  last += 1;
  const number = `+13055550${last}`;
  const person = await members.createMember(scope, {
    kind: 'PEOPLE',
    locationId: here,
    firstName: 'Front',
    lastName: 'Desk',
    phoneNumber: number,
    extension: '1001',
  });
  return { scope, organizationId, here, there, number, person };
}

async function problemOf(work: Promise<unknown>): Promise<ProblemError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof ProblemError, String(error));
    return error;
  }
  assert.fail('nothing was refused');
}

test('a number’s own address wins over its location’s; taken away, the location’s applies again', async () => {
  const { scope, organizationId, here, number } = await addSite();
  const find = async (asked: string | undefined = number) => {
    await load();
    return members.findEmergencyPlace(organizationId, here, asked);
  };
  assert.equal(await find(), undefined);

  await places.setEmergencyAddress(scope, here, { address1: '3487 Chase Ave', address2: 'Lobby' });
  const ofLocation = await find();
  assert.deepEqual(ofLocation?.target, { kind: 'location-address', id: here });
  assert.match(ofLocation?.rule ?? '', /^emergency address of Here/);
  assert.deepEqual(ofLocation?.position, { latitude: 25.8131, longitude: -80.13 });

  await members.setNumberAddress(scope, number, { address1: '12½ Collins Ave', address2: 'Apt 9' });
  const own = await find();
  assert.equal(own?.target.kind, 'number-address');
  assert.equal(own?.rule, `own emergency address of ${number}`);
  assert.deepEqual([own?.address.HNO, own?.address.HNS, own?.address.UNIT, own?.address.PC], ['12', '½', '9', '33140']);
  assert.equal(own?.position, undefined);
  assert.equal((await find('+13055559999'))?.target.kind, 'location-address', 'other numbers have the location’s');
  assert.equal(members.findEmergencyPlace(organizationId, here)?.target.kind, 'location-address');

  clock.advance(1_000);
  await members.setNumberAddress(scope, number, null);
  assert.deepEqual((await find())?.target, ofLocation?.target);
  // A reference that is on its way still leads somewhere.
  const kept = members.placeOfNumberAddress(organizationId, own?.target.id ?? '');
  assert.deepEqual([kept?.locationId, kept?.place?.target.kind], [here, 'location-address']);

  clock.advance(1_000);
  await members.setNumberAddress(scope, number, { address1: '3487 Chase Ave' });
  const again = await find();
  assert.equal(again?.target.id, own?.target.id, 'its id stays');
  assert.deepEqual(again?.position, { latitude: 25.8131, longitude: -80.13 }, 'the location’s house');
  const { own: read, ownHistory, emergencyAddress } = await members.readNumberAddresses(scope, number);
  assert.equal(read?.addressCheck?.level, 'postal');
  assert.equal(emergencyAddress?.postalAddress.address2, 'Lobby');
  assert.deepEqual(
    ownHistory.map(({ postalAddress }) => postalAddress.address2),
    ['Apt 9'],
  );
});

test('a number that moves leaves its address behind, and comes back to it', async () => {
  const { scope, organizationId, here, there, number, person } = await addSite();
  await members.setNumberAddress(scope, number, { address1: '1 Old Floor Rd' });
  await load();
  const { target } = members.findEmergencyPlace(organizationId, here, number) ?? {};
  await members.updateMember(scope, person.id, { locationId: there });
  await load();
  const caller = members.findByNumber(number);
  assert.equal(caller?.locationId, there);
  assert.equal(
    members.findEmergencyPlace(organizationId, there, number),
    undefined,
    'help must not go to the old floor',
  );
  assert.deepEqual(members.placeOfNumberAddress(organizationId, target?.id ?? ''), {
    locationId: there,
    place: undefined,
  });
  assert.equal((await members.readNumberAddresses(scope, number)).own, null);
});

test('refused: numbers that are none, of others, gone; addresses that cannot be; fields are named below the body', async () => {
  const { scope, here, number } = await addSite();
  const stranger = (await addSite()).scope;
  const kind = async (work: Promise<unknown>) => (await problemOf(work)).kind;
  assert.equal(await kind(members.setNumberAddress(stranger, number, { address1: '1 Main St' })), 'not-found');
  assert.equal(await kind(members.setNumberAddress(stranger, number, null)), 'not-found');
  assert.equal(await kind(members.readNumberAddresses(stranger, number)), 'not-found');
  for (const text of ['', 'nonsense', '+1', '+13055550000', '%00', 'x'.repeat(5_000)]) {
    assert.equal(await kind(members.setNumberAddress(scope, text, { address1: '1 Main St' })), 'not-found', text);
  }
  const elsewhere: Scope = { ...scope, role: 'locationAdmin', locationIds: new Set([randomUUID()]) };
  assert.equal(await kind(members.setNumberAddress(elsewhere, number, null)), 'not-found');
  const fault = await problemOf(members.setNumberAddress(scope, number, { address1: 'PO Box 5' }));
  assert.deepEqual(
    fault.fields.map(({ path }) => path),
    ['emergencyAddress.address1'],
  );
  assert.equal(await kind(members.setNumberAddress(scope, number, {})), 'invalid');

  const spare = `+1305556${last}0`.slice(0, 12);
  await members.addNumbers(scope, { locationId: here, phoneNumbers: [spare] });
  await members.setNumberAddress(scope, spare, { address1: '1 Main St' });
  await members.removeNumbers(scope, { locationId: here, phoneNumbers: [spare] });
  await load();
  assert.ok(['not-found', 'gone'].includes(await kind(members.setNumberAddress(scope, spare, null))));
});

test('the raw plus, a spelling with spaces, and a removal that removes nothing', async () => {
  const { scope, organizationId, here, number } = await addSite();
  const count = async () =>
    (
      await database.db
        .selectFrom('changeFeed')
        .select('sequence')
        .where('organizationId', '=', organizationId)
        .execute()
    ).length;
  const before = await count();
  await members.setNumberAddress(scope, number, null);
  assert.equal(await count(), before, 'nothing changed, nothing is told');
  await members.setNumberAddress(scope, `${number.slice(0, 5)} ${number.slice(5)}`, { address1: '1 Main St' });
  await load();
  assert.equal(members.findEmergencyPlace(organizationId, here, number)?.target.kind, 'number-address');
});
