import type { LocationChanges } from '../places/places.ts';
import type { LocationUpdate, NewTelephonyLocation } from '../wire/webex/operations.generated.ts';
import type { Nullable } from './nullable-fields.ts';

/** What bodies of locations change; null stands for a field that is left out. */
export function locationFields(
  body: Nullable<Partial<NewTelephonyLocation>> | Nullable<LocationUpdate>,
): LocationChanges {
  const { id: _id, ...fields } = body as Nullable<Partial<NewTelephonyLocation>>;
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}
