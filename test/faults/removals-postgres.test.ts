/** Things removed and brought back while others change them, on real PostgreSQL: what is kept is what was there, and given up is given up. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { createAccounts } from '../../src/accounts/accounts.ts';
import { createE911Accounts, type E911Accounts } from '../../src/accounts/e911-accounts.ts';
import { createSignInTrail } from '../../src/accounts/sign-in-trail.ts';
import { createAddresses } from '../../src/addresses/addresses.ts';
import { createAudit } from '../../src/audit/audit.ts';
import { type Compliance, createCompliance } from '../../src/compliance/compliance.ts';
import { ProblemError } from '../../src/domain/problem.ts';
import type { Scope } from '../../src/domain/scope.ts';
import { createPlaces, type Places } from '../../src/places/places.ts';
import { createRemovals, type Removals } from '../../src/removals/removals.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { createManualClock } from '../../src/support/manual-clock.ts';
import { createMetrics } from '../../src/support/metrics.ts';
import { addOrganization, silentLogger } from '../support/alerts-fixture.ts';
import { skipWithout } from '../support/parts.ts';
import { eventually } from '../support/platform-client.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';

const skip = skipWithout('postgresql');
const WAIT_MS = 20_000;
const operator = { organizationId: null, tokenId: 'test', trackingId: 'test' };

let cluster: PostgresCluster;
let database: Database;
let accounts: E911Accounts;
let places: Places;
let compliance: Compliance;
let removals: Removals;

before(async () => {
  if (skip) return;
  cluster = await startPostgresCluster();
  database = await openDatabase({ url: await cluster.createDatabase(), embeddedDir: undefined }, silentLogger);
  await database.migrate();
  const clock = createManualClock();
  const audit = createAudit({ database, clock });
  const deps = { database, audit, clock, logger: silentLogger, snapshotFolder: undefined };
  await createAccounts(deps).createPartner(operator, { name: 'Platform', isDefault: true });
  accounts = createE911Accounts({
    ...deps,
    trail: createSignInTrail({ ...deps, metrics: createMetrics({ processMetrics: false }) }),
    secretGraceMs: 1_000,
    invitationLink: (token) => token,
    enqueueMail: () => Promise.resolve(),
  });
  places = createPlaces({ ...deps, addresses: createAddresses() });
  compliance = createCompliance({ ...deps, accounts, places, lockWaitMs: WAIT_MS });
  const unused = (): Promise<void> => Promise.reject(new Error('only places go here'));
  const place: Parameters<typeof createRemovals>[0]['bringBack']['location'] = (tx, { organizationId, id }, putBack) =>
    places.bringBackPlace(tx, organizationId, id, putBack);
  removals = createRemovals({
    ...deps,
    bringBack: {
      location: place,
      building: place,
      'response-location': place,
      person: unused,
      workspace: unused,
      'virtual-line': unused,
      'hunt-group': unused,
      'alert-recipient': unused,
      'alert-group': unused,
      'alert-rule': unused,
      'alert-connection': unused,
      number: unused,
      trunk: unused,
    },
  });
});

after(async () => {
  if (skip) return;
  await database.close();
  cluster.remove();
});

/** A location that completed a stage by itself. */
async function makeLocation(): Promise<{ scope: Scope; id: string }> {
  const scope = await addOrganization(database);
  await accounts.createAccount(scope, { email: 'admin@removed.example' });
  const { id } = await places.createLocation(scope, {
    name: 'Office',
    timeZone: 'America/Chicago',
    preferredLanguage: 'en_us',
    announcementLanguage: 'en_us',
    address: { address1: '1 Elm St', city: 'Dallas', state: 'TX', postalCode: '75201', country: 'US' },
  });
  await compliance.updateLocationStatus(scope, id, 'LOCATION_SETUP');
  return { scope, id };
}

async function completedAt(scope: Scope, id: string): Promise<string | null> {
  const row = await database.db
    .selectFrom('complianceLocations')
    .select('completed')
    .where('organizationId', '=', scope.organizationId)
    .where('locationId', '=', id)
    .executeTakeFirst();
  return row?.completed ?? null;
}

/** Runs both, the second as soon as the first has written everything but its audit entry, and lets both go on when both wait. */
async function inTheMiddleOf(first: () => Promise<unknown>, second: () => Promise<unknown>): Promise<void> {
  const waiting = async (count: number): Promise<void> => {
    await eventually(`${count} that wait`, WAIT_MS, async () => {
      const { rows } = await sql<{ count: string }>`
        select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`.execute(
        database.db,
      );
      return Number(rows[0]?.count) === count ? true : undefined;
    });
  };
  let works: Promise<unknown>[] = [];
  await database.db.transaction().execute(async (tx) => {
    await sql`lock table audit_entries in share row exclusive mode`.execute(tx);
    works = [first()];
    await waiting(1);
    works.push(second());
    await waiting(2);
  });
  await Promise.all(works);
}

test('a location that comes back while its organization leaves brings no stage along', { skip }, async () => {
  const { scope, id } = await makeLocation();
  await places.removeLocation(scope, id);
  await inTheMiddleOf(
    () => removals.restoreRemoved(scope, id),
    () => compliance.updateOrganizationStatus(scope, 'OPTED_OUT'),
  );
  assert.equal((await places.getLocation(scope, id)).name, 'Office');
  assert.equal(await completedAt(scope, id), null);
});

test('a location that is removed while others change it is kept as they left it', { skip }, async () => {
  const { scope, id } = await makeLocation();
  await inTheMiddleOf(
    () => compliance.updateOrganizationStatus(scope, 'OPTED_OUT'),
    () => places.removeLocation(scope, id),
  );
  await removals.restoreRemoved(scope, id);
  assert.equal(await completedAt(scope, id), null);
  const { rows } = await sql`select from compliance_locations where location_id = ${id}`.execute(database.db);
  assert.equal(rows.length, 1, 'its row came back, with what was written last');
});

test('of two who bring the same thing back at once, one does', { skip }, async () => {
  const { scope, id } = await makeLocation();
  await places.removeLocation(scope, id);
  const settled = await Promise.allSettled([1, 2, 3].map(() => removals.restoreRemoved(scope, id)));
  assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const one of settled) {
    if (one.status === 'rejected') assert.ok(one.reason instanceof ProblemError && one.reason.kind === 'not-found');
  }
  assert.equal(await completedAt(scope, id), 'LOCATION_SETUP');
});
