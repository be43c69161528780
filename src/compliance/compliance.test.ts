import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { addLocation } from '../../test/support/add-location.ts';
import { addOrganization, openTestDatabase, silentLogger } from '../../test/support/alerts-fixture.ts';
import type { E911Account } from '../accounts/e911-accounts.ts';
import { createAudit } from '../audit/audit.ts';
import type { Scope } from '../domain/scope.ts';
import { STAGES } from '../domain/stage.ts';
import type { PlaceLocation } from '../places/places.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Database } from '../storage/database.ts';
import { newId } from '../support/ids.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { type Compliance, createCompliance } from './compliance.ts';

let database: Database;
let compliance: Compliance;
let placed = new Map<string, PlaceLocation[]>();

before(async () => {
  database = await openTestDatabase();
  const clock = createManualClock();
  const account = (organizationId: string) => ({ organizationId, enabled: true }) as E911Account;
  compliance = createCompliance({
    database,
    audit: createAudit({ database, clock }),
    clock,
    logger: silentLogger,
    snapshotFolder: undefined,
    accounts: { account, readAccount: (organizationId) => Promise.resolve(account(organizationId)) },
    places: {
      location: (organizationId, id) => placed.get(organizationId)?.find((one) => one.id === id),
      readLocationBriefs: (_db, organizationId, id) =>
        Promise.resolve((placed.get(organizationId) ?? []).filter((one) => id === undefined || one.id === id)),
    },
  });
});

after(() => database.close());

async function organizationWith(count: number, country = 'US'): Promise<{ scope: Scope; ids: string[] }> {
  const scope = await addOrganization(database);
  const locations = Array.from(
    { length: count },
    (_, index) => ({ id: newId(), name: `L${index}`, country }) as PlaceLocation,
  );
  placed = new Map(placed).set(scope.organizationId, locations);
  // One row in full, the others after it: only that they exist counts here.
  const first = await addLocation(database, scope, locations[0]?.id);
  await sql`
    insert into locations (id, organization_id, name, name_key, time_zone, preferred_language, announcement_language, address,
      calling_enabled, created_at, updated_at)
    select other, organization_id, other::text, other::text, time_zone, preferred_language, announcement_language, address,
      calling_enabled, created_at, updated_at
    from locations, unnest(${locations.slice(1).map(({ id }) => id)}::uuid[]) as other
    where id = ${first}::uuid
  `.execute(database.db);
  return { scope, ids: locations.map((location) => location.id) };
}

async function applyChanges(scope: Scope): Promise<void> {
  await compliance.snapshots[0]?.apply([{ sequence: 1, kind: 'compliance', organizationId: scope.organizationId }]);
}

test('calls see the standing from memory, as the database has it', async () => {
  const { scope, ids } = await organizationWith(2);
  const [first = '', second = ''] = ids;
  const standing = (locationId: string | null) => compliance.standing(scope.organizationId, locationId);
  assert.equal(standing(first).locationCompleted, null);
  assert.equal(standing(null).routingEnabled, false);
  for (const stage of STAGES) await compliance.updateLocationStatus(scope, first, stage);
  assert.equal(standing(first).routingEnabled, false);
  await applyChanges(scope);
  assert.equal(standing(first).routingEnabled, true);
  assert.deepEqual(standing(first), await compliance.readStanding(scope, first));
  assert.equal(standing(second).testCallsEnabled, false);
  assert.deepEqual(standing(second).missing, STAGES);
  assert.equal(standing(null).organizationCompleted, null);
  assert.equal(standing(newId()).routingEnabled, false);
  assert.equal(compliance.standing(newId(), null).routingEnabled, false);
});

test('opting out reaches every location at once', async () => {
  const { scope, ids } = await organizationWith(1);
  for (const stage of STAGES) await compliance.updateOrganizationStatus(scope, stage);
  await applyChanges(scope);
  const [id = ''] = ids;
  assert.equal(compliance.standing(scope.organizationId, id).routingEnabled, true);
  await compliance.updateOrganizationStatus(scope, 'OPTED_OUT');
  await applyChanges(scope);
  const standing = compliance.standing(scope.organizationId, id);
  assert.equal(standing.optedOut, true);
  assert.equal(standing.routingEnabled, false);
  assert.equal(standing.testCallsEnabled, false);
});

test('exempt locations are known to calls', async () => {
  const { scope, ids } = await organizationWith(1, 'DE');
  assert.equal(compliance.standing(scope.organizationId, ids[0] ?? '').exempt, true);
});

test('more locations than one statement or page holds move together', async () => {
  const { scope, ids } = await organizationWith(5_200);
  const status = await compliance.updateOrganizationStatus(scope, 'LOCATION_SETUP');
  assert.equal(status.locationsStatus?.count, 5_200);
  assert.equal(status.locationsStatus?.locations.length, 4);
  const list = await compliance.listLocationStatus(scope, {
    start: 5_199,
    max: 10,
    order: 'locationName',
    descending: false,
  });
  assert.equal(list.locationsStatus?.locations.length, 1);
  assert.equal(list.locationsStatus?.locations[0]?.progress.completed, 'LOCATION_SETUP');
  assert.equal((await compliance.readLocationStatus(scope, ids.at(-1) ?? '')).location.next, 'ALERTS');
});

test('changes made at the same moment happen one after the other', async () => {
  const { scope } = await organizationWith(1);
  const results = await Promise.allSettled(STAGES.map((stage) => compliance.updateOrganizationStatus(scope, stage)));
  const completed = (await compliance.readOrganizationStatus(scope)).organization.completed;
  const accepted = results.filter((result) => result.status === 'fulfilled').length;
  assert.equal(completed, STAGES[accepted - 1]);
});

test('a location that is no more leaves no stage behind, and one removed meanwhile holds up nobody for good', async () => {
  const { scope, ids } = await organizationWith(2);
  const { organizationId } = scope;
  const [kept = '', removed = ''] = ids;
  for (const id of ids) await compliance.updateLocationStatus(scope, id, 'LOCATION_SETUP');
  const stageIds = async () => {
    const stages = database.db.selectFrom('complianceLocations').where('organizationId', '=', organizationId);
    return (await stages.select('locationId').execute()).map(({ locationId }) => locationId);
  };
  await database.db.deleteFrom('locations').where('id', '=', removed).execute();
  assert.deepEqual(await stageIds(), [kept]);

  // Its row went after the facts were read.
  const locked = { kind: 'locked', retryAfterSeconds: 1 };
  await assert.rejects(compliance.updateLocationStatus(scope, removed, 'LOCATION_SETUP'), locked);
  await assert.rejects(compliance.updateOrganizationStatus(scope, 'LOCATION_SETUP'), locked);
  placed.set(
    organizationId,
    (placed.get(organizationId) ?? []).filter((one) => one.id !== removed),
  );
  await compliance.updateOrganizationStatus(scope, 'LOCATION_SETUP');
  assert.deepEqual(await stageIds(), [kept]);
  await assert.rejects(compliance.updateLocationStatus(scope, removed, 'ALERTS'), { kind: 'not-found' });
});

test('facts are kept for as long as nothing changes, and a change made elsewhere is seen', async () => {
  const { scope } = await organizationWith(1);
  await compliance.updateOrganizationStatus(scope, 'LOCATION_SETUP');
  const read = async () => (await compliance.readOrganizationStatus(scope)).organization.completed;
  assert.equal(await read(), 'LOCATION_SETUP');
  // Not announced: no node would do that. It shows that the second answer comes from memory.
  const setStage = (completed: string) =>
    database.db
      .updateTable('complianceOrganizations')
      .set({ completed })
      .where('organizationId', '=', scope.organizationId)
      .execute();
  await setStage('ALERTS');
  assert.equal(await read(), 'LOCATION_SETUP');
  await database.db.transaction().execute((tx) => announceChange(tx, 'compliance', scope.organizationId));
  assert.equal(await read(), 'ALERTS');
});

test('a location administrator changes the stages of no other location', async () => {
  const { scope, ids } = await organizationWith(2);
  const [own = '', other = ''] = ids;
  const local = { ...scope, locationIds: new Set([own]) };
  await compliance.updateLocationStatus(local, own, 'LOCATION_SETUP');
  await assert.rejects(compliance.updateLocationStatus(local, other, 'LOCATION_SETUP'), { kind: 'not-found' });
  await assert.rejects(compliance.readLocationStatus(local, other), { kind: 'not-found' });
});
