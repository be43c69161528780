import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { createLogger } from '../../support/logger.ts';
import { openDatabase } from '../database.ts';
import { migrations } from './index.ts';

const ORGANIZATION = '00000000-0000-4000-8000-000000000001';
const HERE = '00000000-0000-4000-8000-00000000000a';
const NOWHERE = '00000000-0000-4000-8000-00000000000b';
const ADA = '00000000-0000-4000-8000-0000000000aa';
const LOST = '00000000-0000-4000-8000-0000000000bb';

test('what stands at no location goes, what stands at one stays, and nothing new can stand nowhere', async () => {
  const database = await openDatabase({ url: undefined, embeddedDir: undefined }, createLogger('silent'));
  try {
    const { db } = database;
    const provider = { getMigrations: () => Promise.resolve(migrations) };
    const before = await new Migrator({ db, provider }).migrateTo('0009-members-resources');
    assert.equal(before.error, undefined);
    const run = (statement: string) => sql.raw(statement).execute(db);
    const addMember = (id: string, locationId: string, choice: string | null) =>
      run(`insert into members (id, organization_id, kind, location_id, first_name, last_name, display_name, ecbn_selected,
          ecbn_member_id, elin_enabled, elin_for_webex_app_enabled)
        values ('${id}', '${ORGANIZATION}', 'PEOPLE', '${locationId}', 'A', 'B', 'A B', 'LOCATION_MEMBER_NUMBER',
          ${choice === null ? 'null' : `'${choice}'`}, false, false)`);
    const addNumber = (number: string, locationId: string, memberId: string | null) =>
      run(`insert into member_numbers (number, organization_id, location_id, member_id, is_primary, active, is_main)
        values ('${number}', '${ORGANIZATION}', '${locationId}', ${memberId === null ? 'null' : `'${memberId}'`},
          ${memberId !== null}, true, false)`);
    const addSetting = (locationId: string, memberId: string) =>
      run(`insert into location_callbacks (organization_id, location_id, selected, member_id, elin_expiry_minutes)
        values ('${ORGANIZATION}', '${locationId}', 'LOCATION_MEMBER_NUMBER', '${memberId}', 60)`);
    await run(`insert into organizations (id, name) values ('${ORGANIZATION}', 'Example')`);
    await run(`insert into locations (id, organization_id, name, name_key, time_zone, preferred_language,
        announcement_language, address, calling_enabled, created_at, updated_at)
      values ('${HERE}', '${ORGANIZATION}', 'Here', 'here', 'America/Chicago', 'en_us', 'en_us', '{}', true, now(), now())`);
    await addMember(LOST, NOWHERE, null);
    await addMember(ADA, HERE, LOST);
    await addNumber('+12145550101', HERE, ADA);
    await addNumber('+12145550102', HERE, LOST);
    await addNumber('+12145550103', NOWHERE, null);
    await addSetting(HERE, LOST);
    await addSetting(NOWHERE, ADA);

    await database.migrate();

    const members = await db.selectFrom('members').select(['id', 'ecbnSelected', 'ecbnMemberId']).execute();
    assert.deepEqual(members, [{ id: ADA, ecbnSelected: 'LOCATION_MEMBER_NUMBER', ecbnMemberId: null }]);
    const numbers = await db
      .selectFrom('memberNumbers')
      .select(['number', 'memberId', 'isPrimary'])
      .orderBy('number')
      .execute();
    assert.deepEqual(numbers, [
      { number: '+12145550101', memberId: ADA, isPrimary: true },
      { number: '+12145550102', memberId: null, isPrimary: false },
    ]);
    const settings = await db.selectFrom('locationCallbacks').select(['locationId', 'memberId']).execute();
    assert.deepEqual(settings, [{ locationId: HERE, memberId: null }]);
    for (const wrong of [
      addMember(NOWHERE, NOWHERE, null),
      addNumber('+12145550104', NOWHERE, null),
      addSetting(NOWHERE, ADA),
    ]) {
      await assert.rejects(wrong, { code: '23503' });
    }
    // A setting goes with its location, once nobody else stands there.
    await run('delete from member_numbers');
    await run('delete from members');
    await run(`delete from locations where id = '${HERE}'`);
    assert.deepEqual(await db.selectFrom('locationCallbacks').select('locationId').execute(), []);
  } finally {
    await database.close();
  }
});
