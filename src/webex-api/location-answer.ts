import type { LocationEntry } from '../places/places.ts';
import type { Location } from '../wire/webex/operations.generated.ts';
import { encodeResourceId } from '../wire/webex/resource-id.ts';

/** Contract section 8: a location; coordinates are strings there. */
export function locationAnswer(location: LocationEntry): Location {
  const { address1, address2, city, state, postalCode, country } = location.postalAddress;
  return {
    id: encodeResourceId('LOCATION', location.id),
    name: location.name,
    orgId: encodeResourceId('ORGANIZATION', location.organizationId),
    timeZone: location.timeZone,
    preferredLanguage: location.preferredLanguage,
    address: { address1, ...(address2 !== undefined && { address2 }), city, state, postalCode, country },
    ...(location.position && {
      latitude: String(location.position.latitude),
      longitude: String(location.position.longitude),
    }),
    ...(location.notes !== undefined && { notes: location.notes }),
  };
}
