import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { addLocation } from '../../../test/support/add-location.ts';
import { createLogger } from '../../support/logger.ts';
import { openDatabase } from '../database.ts';
import { migrations } from './index.ts';

const ORGANIZATION = '00000000-0000-4000-8000-000000000001';
const REMOVED = '00000000-0000-4000-8000-00000000000b';

test('what removed locations left behind goes, and what a location has goes with it', async () => {
  const database = await openDatabase({ url: undefined, embeddedDir: undefined }, createLogger('silent'));
  try {
    const { db } = database;
    const names = Object.keys(migrations);
    const before = names[names.indexOf('0017-settings-of-locations') - 1] ?? '';
    const provider = { getMigrations: () => Promise.resolve(migrations) };
    assert.equal((await new Migrator({ db, provider }).migrateTo(before)).error, undefined);
    await sql.raw(`insert into organizations (id, name) values ('${ORGANIZATION}', 'Example')`).execute(db);
    const here = await addLocation(database, { organizationId: ORGANIZATION });
    const settle = async (id: string) => {
      const now = new Date();
      const row = { organizationId: ORGANIZATION, locationId: id, updatedAt: now };
      await db
        .insertInto('complianceLocations')
        .values({ ...row, completed: 'ALERTS', optedOut: false })
        .execute();
      await db
        .insertInto('locationNotifications')
        .values({ ...row, enabled: true, emailAddress: 'a@b.example' })
        .execute();
    };
    const settled = async () => [
      ...(await db.selectFrom('complianceLocations').select('locationId').execute()),
      ...(await db.selectFrom('locationNotifications').select('locationId').execute()),
    ];
    await settle(here);
    await settle(REMOVED);

    await database.migrate();

    assert.deepEqual(await settled(), [{ locationId: here }, { locationId: here }]);
    await assert.rejects(settle(REMOVED), { code: '23503' });
    await db.deleteFrom('locations').where('id', '=', here).execute();
    assert.deepEqual(await settled(), []);
  } finally {
    await database.close();
  }
});
