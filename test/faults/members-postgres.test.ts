/** Members changed by several administrators at once on a real PostgreSQL: nobody loses a callback number unasked. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { createAddresses } from '../../src/addresses/addresses.ts';
import { createAudit } from '../../src/audit/audit.ts';
import type { Scope } from '../../src/domain/scope.ts';
import { createMembers, type Members } from '../../src/members/members.ts';
import { createPlaces } from '../../src/places/places.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { createManualClock } from '../../src/support/manual-clock.ts';
import { addLocation } from '../support/add-location.ts';
import { addOrganization, silentLogger, until } from '../support/alerts-fixture.ts';
import { skipWithout } from '../support/parts.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';

const skip = skipWithout('postgresql');
let cluster: PostgresCluster;
let database: Database;
let members: Members;
let scope: Scope;

before(async () => {
  if (skip) return;
  cluster = await startPostgresCluster();
  database = await openDatabase({ url: await cluster.createDatabase(), embeddedDir: undefined }, silentLogger);
  await database.migrate();
  scope = await addOrganization(database);
  const clock = createManualClock();
  const foundation = { database, clock, logger: silentLogger, snapshotFolder: undefined };
  const audit = createAudit({ database, clock });
  const addresses = createAddresses();
  const places = createPlaces({ ...foundation, audit, addresses });
  members = createMembers({ ...foundation, audit, addresses, places });
});

after(async () => {
  if (skip) return;
  await database.close();
  cluster.remove();
});

let extension = 100;
const addPerson = (locationId: string) =>
  members.createMember(scope, { kind: 'PEOPLE', locationId, firstName: 'Ada', extension: String(extension++) });

async function someoneWaits(): Promise<boolean> {
  const { rows } =
    await sql`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`.execute(
      database.db,
    );
  return rows.length > 0;
}

test('a member that is just moving away is chosen by nobody, neither a location nor a member', { skip }, async () => {
  const here = await addLocation(database, scope);
  const there = await addLocation(database, scope);
  const caller = await addPerson(here);
  const choices = [
    (id: string) =>
      members.updateLocationCallback(scope, here, { selected: 'LOCATION_MEMBER_NUMBER', locationMemberId: id }),
    (id: string) =>
      members.updateMemberCallback(scope, caller.id, { selected: 'LOCATION_MEMBER_NUMBER', locationMemberId: id }),
  ];
  for (const choose of choices) {
    const leaving = await addPerson(here);
    let outcome: unknown;
    let choosing: Promise<unknown> = Promise.resolve();
    await database.db.transaction().execute(async (tx) => {
      // As whoever moves it does: locked, looked at, moved.
      await tx.selectFrom('members').select('id').where('id', '=', leaving.id).forUpdate().execute();
      await tx.updateTable('members').set({ locationId: there }).where('id', '=', leaving.id).execute();
      choosing = choose(leaving.id).then(
        () => (outcome = 'chosen'),
        (error: unknown) => (outcome = error),
      );
      await until(async () => outcome !== undefined || (await someoneWaits()));
    });
    await choosing;
    assert.ok(outcome instanceof Error && /same location/.test(outcome.message), String(outcome));
  }
});

test('two members choose each other at the same moment', { skip }, async () => {
  const here = await addLocation(database, scope);
  const [one, other] = [await addPerson(here), await addPerson(here)];
  const choose = (id: string, locationMemberId: string) =>
    members.updateMemberCallback(scope, id, { selected: 'LOCATION_MEMBER_NUMBER', locationMemberId });
  for (let round = 0; round < 20; round++) await Promise.all([choose(one.id, other.id), choose(other.id, one.id)]);
  assert.equal((await members.readCallbackDependencies(scope, one.id)).dependentCount, 1);
});
