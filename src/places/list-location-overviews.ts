import type { AddressCheck } from '../addresses/addresses.ts';
import type { Scope } from '../domain/scope.ts';
import { selectBuildings } from './building-records.ts';
import type { PlacesDeps } from './change-places.ts';
import { selectLocations } from './location-records.ts';
import type { LocationFilter } from './manage-locations.ts';
import type { LocationEntry, Page } from './place.ts';
import { countResponseLocationsByBuilding } from './response-location-records.ts';

/** A location with what is in it, as one row of a table shows it. */
export type LocationOverview = LocationEntry & {
  /** How right its address is; null = not checked since it was stored. */
  addressCheck: AddressCheck | null;
  /** null = none yet. */
  building: { id: string; alertingEmail: string } | null;
  /** How many response locations are in its building. */
  responseLocations: number;
};

/** Lists locations with what is in them: one question each for buildings, response locations and address checks of a page. */
export function createListLocationOverviews(
  deps: Pick<PlacesDeps, 'database'>,
  listLocations: (scope: Scope, filter: LocationFilter) => Promise<Page<LocationEntry>>,
) {
  return async function listLocationOverviews(scope: Scope, filter: LocationFilter): Promise<Page<LocationOverview>> {
    const { db } = deps.database;
    const { organizationId } = scope;
    const { items, total } = await listLocations(scope, filter);
    const ids = items.map(({ id }) => id);
    const buildings = (await selectBuildings(db, organizationId, { locationIds: ids })).rows;
    const counts = await countResponseLocationsByBuilding(
      db,
      organizationId,
      buildings.map(({ id }) => id),
    );
    const byLocation = new Map(buildings.map((row) => [row.locationId, row]));
    const checks = new Map((await selectLocations(db, organizationId, ids)).map((row) => [row.id, row.addressCheck]));
    return {
      items: items.map((location) => {
        const building = byLocation.get(location.id);
        return {
          ...location,
          addressCheck: (checks.get(location.id) ?? null) as AddressCheck | null,
          building: building === undefined ? null : { id: building.id, alertingEmail: building.alertingEmail },
          responseLocations: building === undefined ? 0 : (counts.get(building.id) ?? 0),
        };
      }),
      total,
    };
  };
}
