import type { LocationChanges } from '../places/places.ts';
import type { LocationUpdate } from '../wire/webex/operations.generated.ts';
import type { Nullable } from './nullable-fields.ts';

/** What bodies of locations change; null stands for a field that is left out. */
export function locationFields(body: Nullable<LocationUpdate>): LocationChanges {
  const { name, timeZone, preferredLanguage, announcementLanguage, address, latitude, longitude, notes } = body;
  const fields = { name, timeZone, preferredLanguage, announcementLanguage, address, latitude, longitude, notes };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}
