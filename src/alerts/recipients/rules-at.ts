import type { Places, ResponseLocation } from '../../places/places.ts';
import type { AlertRule } from './alert-rule.ts';
import type { RecipientBook } from './recipient-snapshot.ts';

/** Every rule that holds at a place, disabled ones too: those of the response location, its building, its location, the organization. */
export function* rulesAt(
  book: RecipientBook,
  places: Pick<Places, 'building'>,
  place: { organizationId: string; locationId: string | null; responseLocation: ResponseLocation | undefined },
): Generator<AlertRule> {
  const { locationId, organizationId, responseLocation } = place;
  const ids: (string | null)[] = [];
  // Rules that name what was merged into it mean it.
  if (responseLocation) ids.push(responseLocation.id, ...responseLocation.mergedIds, responseLocation.buildingId);
  else if (locationId !== null) ids.push(places.building(organizationId, locationId)?.id ?? locationId);
  if (locationId !== null) ids.push(locationId);
  ids.push(null);
  for (const id of new Set(ids)) yield* book.rulesByPlace.get(id) ?? [];
}
