import type { Scope } from '../../src/domain/scope.ts';
import type { Database } from '../../src/storage/database.ts';
import { newId } from '../../src/support/ids.ts';

/** A location row of the organization, for tests of rooms that only need it to exist; gives its id. */
export async function addLocation(
  database: Database,
  { organizationId }: Pick<Scope, 'organizationId'>,
  id: string = newId(),
): Promise<string> {
  const now = new Date('2026-01-01T00:00:00Z');
  await database.db
    .insertInto('locations')
    .values({
      id,
      organizationId,
      name: id,
      nameKey: id,
      timeZone: 'America/Chicago',
      preferredLanguage: 'en_us',
      announcementLanguage: 'en_us',
      address: JSON.stringify({
        address1: '1 Elm St',
        city: 'Dallas',
        state: 'TX',
        postalCode: '75201',
        country: 'US',
      }),
      latitude: null,
      longitude: null,
      notes: null,
      callingEnabled: true,
      routingPrefix: null,
      callingLineName: null,
      createdAt: now,
      updatedAt: now,
    })
    .execute();
  return id;
}
