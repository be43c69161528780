/** Places moved, merged and changed by several administrators at once on a real PostgreSQL: nothing named is ever lost. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAddresses } from '../../src/addresses/addresses.ts';
import { createAudit } from '../../src/audit/audit.ts';
import { ProblemError } from '../../src/domain/problem.ts';
import type { Scope } from '../../src/domain/scope.ts';
import { createPlaces, type Places } from '../../src/places/places.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { createManualClock } from '../../src/support/manual-clock.ts';
import { addOrganization, silentLogger } from '../support/alerts-fixture.ts';
import { skipWithout } from '../support/parts.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';

const skip = skipWithout('postgresql');
const ROUNDS = 6;
let cluster: PostgresCluster;
let database: Database;
let places: Places;
let scope: Scope;
const sites: string[] = [];

before(async () => {
  if (skip) return;
  cluster = await startPostgresCluster();
  database = await openDatabase({ url: await cluster.createDatabase(), embeddedDir: undefined }, silentLogger);
  await database.migrate();
  scope = await addOrganization(database);
  const clock = createManualClock();
  places = createPlaces({
    database,
    clock,
    logger: silentLogger,
    snapshotFolder: undefined,
    audit: createAudit({ database, clock }),
    addresses: createAddresses(),
  });
  for (const name of ['North', 'South']) {
    const site = await places.createLocation(scope, {
      name,
      timeZone: 'America/Chicago',
      preferredLanguage: 'en_us',
      announcementLanguage: 'en_us',
      address: { address1: '1 Elm St', city: 'Dallas', state: 'TX', postalCode: '75201', country: 'US' },
    });
    await places.createBuilding(scope, site.id, { alertingEmail: `${name}@example.com` });
    sites.push(site.id);
  }
});

after(async () => {
  if (skip) return;
  await database.close();
  cluster.remove();
});

/** Whatever goes wrong has a name: no deadlock, no broken key. */
async function outcomes(works: Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(works);
  return settled.map((one) => {
    if (one.status === 'fulfilled') return 'done';
    assert.ok(one.reason instanceof ProblemError, String(one.reason));
    return one.reason.kind;
  });
}

test('merges in a circle, moves, changes and a file at once: every id leads to one place', { skip }, async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const ids: string[] = [];
    for (let at = 0; at < 6; at += 1) {
      const made = await places.createResponseLocation(scope, {
        locationId: sites[at % 2] ?? '',
        name: `Round ${round} room ${at}`,
        detail: { FLR: '1' },
        elins: [`+1214555${1_000 + round * 10 + at}`],
        alertEmails: [`r${at}@example.com`],
      });
      ids.push(made.id);
    }
    const [a = '', b = '', c = '', d = '', e = '', f = ''] = ids;
    const csv = `id,FLR\n${ids.map((id) => `${id},7`).join('\n')}\n`;
    const [building = ''] = (await places.listBuildings(scope, {})).items.map(({ id }) => id);
    const results = await outcomes([
      places.mergeResponseLocations(scope, a, b),
      places.mergeResponseLocations(scope, b, c),
      places.mergeResponseLocations(scope, c, a),
      places.moveResponseLocation(scope, a, { locationId: sites[1] }),
      places.updateResponseLocation(scope, b, { alertEmails: ['new@example.com'] }),
      places.updateResponseLocation(scope, d, { elins: [`+1214556${1_000 + round}`] }),
      places.updateResponseLocation(scope, e, { elins: [`+1214556${1_000 + round}`] }),
      places.renameFloor(scope, building, { from: '1', to: '2' }),
      places.importResponseLocations(scope, csv),
      places.mergeResponseLocations(scope, f, d),
    ]);
    assert.ok(results.slice(0, 3).includes('done'), results.join(' '));
    assert.ok(
      results.slice(0, 3).some((one) => one === 'gone'),
      'a circle is never closed',
    );
    assert.deepEqual(results.slice(5, 7).sort(), ['conflict', 'done'], 'one number, one place');
    await places.snapshots[0]?.loadFromDatabase();
    const { items } = await places.listResponseLocations(scope, { name: `Round ${round} ` });
    const live = new Set(items.map(({ id }) => id));
    for (const id of ids) {
      const found = places.responseLocation(scope.organizationId, id);
      assert.ok(found && live.has(found.id), `${id} leads to a place`);
    }
    const numbers = items.flatMap(({ elins }) => elins);
    assert.equal(new Set(numbers).size, numbers.length);
    for (const at of [0, 1, 2]) assert.ok(numbers.includes(`+1214555${1_000 + round * 10 + at}`), 'no ELIN is lost');
  }
});

test('a building that is changed while it moves keeps the house it stands in, and only it is removed', {
  skip,
}, async () => {
  const siteOf = async (name: string): Promise<string> => {
    const site = await places.createLocation(scope, {
      name,
      timeZone: 'America/Chicago',
      preferredLanguage: 'en_us',
      announcementLanguage: 'en_us',
      address: { address1: `${name.length} Oak St`, city: 'Dallas', state: 'TX', postalCode: '75201', country: 'US' },
    });
    return site.id;
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const from = await siteOf(`Round ${round}`);
    const to = await siteOf(`Round ${round}, another street`);
    const { id, postalAddress } = await places.createBuilding(scope, from, { alertingEmail: 'a@example.com' });
    const results = await outcomes([
      places.updateBuildingById(scope, id, { alertingEmail: 'b@example.com' }),
      places.moveBuilding(scope, id, to),
      places.updateBuildingById(scope, id, { alertingEmail: 'c@example.com' }),
      places.updateBuildingById(scope, id, { civic: { LMK: 'the tower' } }),
    ]);
    assert.deepEqual(results, ['done', 'done', 'done', 'done']);
    const moved = await places.getBuildingById(scope, id);
    assert.deepEqual([moved.locationId, moved.postalAddress], [to, postalAddress]);
    assert.equal(moved.address.LMK, 'the tower', 'nothing that was changed is written over');

    const other = await places.createBuilding(scope, from, { alertingEmail: 'd@example.com' });
    const ends = await outcomes([places.removeBuilding(scope, id), places.mergeBuildings(scope, other.id, id)]);
    assert.ok(ends.includes('done'), ends.join(' '));
    const left = await outcomes([places.getBuildingById(scope, id), places.getBuildingById(scope, other.id)]);
    // Removed first: there is nothing to merge into. Merged first: both are gone.
    assert.deepEqual(left, ends[1] === 'done' ? ['gone', 'gone'] : ['gone', 'done']);
  }
});
