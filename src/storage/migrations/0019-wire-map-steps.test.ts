import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { createLogger } from '../../support/logger.ts';
import { openDatabase } from '../database.ts';
import { migrations } from './index.ts';

const ORGANIZATION = '00000000-0000-4000-8000-000000000001';
const LOCATION = '00000000-0000-4000-8000-000000000002';
const BUILDING = '00000000-0000-4000-8000-000000000003';
const ERL = '00000000-0000-4000-8000-000000000004';
const ELEMENT = '00000000-0000-4000-8000-000000000005';

const FILL = [
  `insert into organizations (id, name) values ('${ORGANIZATION}', 'Example')`,
  `insert into locations (id, organization_id, name, name_key, time_zone, preferred_language, announcement_language, address,
    calling_enabled, created_at, updated_at)
    values ('${LOCATION}', '${ORGANIZATION}', 'HQ', 'hq', 'America/Chicago', 'en_us', 'en_us', '{"country":"US"}', true, now(), now())`,
  `insert into buildings (id, organization_id, location_id, civic, alerting_email, created_at, updated_at)
    values ('${BUILDING}', '${ORGANIZATION}', '${LOCATION}', '{}', 'desk@example.com', now(), now())`,
  `insert into response_locations (id, organization_id, building_id, name, name_key, detail, alert_emails, created_at, updated_at)
    values ('${ERL}', '${ORGANIZATION}', '${BUILDING}', 'Lobby', 'lobby', '{"FLR":"1"}', '{}', now(), now())`,
  `insert into wire_map_elements (id, organization_id, kind, value, port, response_location_id, description, created_at,
    updated_at, revision)
    values ('${ELEMENT}', '${ORGANIZATION}', 'mac', 'cc:cc:cc:cc:cc:01', '', '${ERL}', 'desk', now(), now(), 3)`,
  `insert into wire_map_revisions (organization_id, revision, id, action, added, changed, removed, made_at)
    select '${ORGANIZATION}', revision, gen_random_uuid(), 'kept', 1, 0, 0, now() from generate_series(1, 3) as revision`,
  `insert into wire_map_history (organization_id, id, kind, value, port, response_location_id, description, created_at,
    updated_at, revision, ended_revision)
    values ('${ORGANIZATION}', '${ELEMENT}', 'mac', 'cc:cc:cc:cc:cc:01', '', '${ERL}', 'before', now(), now(), 1, 3)`,
  `insert into wire_map_imports (id, organization_id, state, percent, created_at, updated_at)
    values (gen_random_uuid(), '${ORGANIZATION}', 'reading', 10, now(), now())`,
];

test('a database in use is carried over: elements, their history and places stay, and count as in force', async () => {
  const database = await openDatabase({ url: undefined, embeddedDir: undefined }, createLogger('silent'));
  try {
    const { db } = database;
    const names = Object.keys(migrations);
    const provider = { getMigrations: () => Promise.resolve(migrations) };
    const before = names[names.indexOf('0018-held-certificates') - 1] ?? '';
    assert.equal((await new Migrator({ db, provider }).migrateTo(before)).error, undefined);
    for (const statement of FILL) await sql.raw(statement).execute(db);
    assert.equal((await new Migrator({ db, provider }).migrateToLatest()).error, undefined);

    const elements = await db.selectFrom('wireMapElements').select(['id', 'revision', 'endedRevision']).execute();
    assert.deepEqual(elements, [{ id: ELEMENT, revision: 3, endedRevision: 2_147_483_647 }]);
    assert.equal((await db.selectFrom('wireMapHistory').selectAll().execute()).length, 1);
    // What they had read stood on the disk of the node that ended.
    assert.equal((await db.selectFrom('wireMapImports').selectAll().execute()).length, 0);
    const erls = await db.selectFrom('responseLocations').select(['id', 'name', 'mergedInto']).execute();
    assert.deepEqual(erls, [{ id: ERL, name: 'Lobby', mergedInto: null }]);
    // A place that the wire map names can still not go.
    await assert.rejects(db.deleteFrom('responseLocations').execute(), /wire_map_elements_response_location/);
  } finally {
    await database.close();
  }
});
