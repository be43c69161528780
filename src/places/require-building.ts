import type { Addresses } from '../addresses/addresses.ts';
import { missing } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Queryable } from '../storage/database.ts';
import { wasRemoved } from '../storage/removed-resources.ts';
import { isUuid } from '../support/ids.ts';
import { type BuildingRow, selectBuildings } from './building-records.ts';
import { isOutOfReach } from './change-places.ts';
import { deriveBuilding, deriveLocation } from './derive-places.ts';
import { selectMergedBuilding } from './merged-place-records.ts';
import type { PlaceBuilding } from './place.ts';
import { requireLocationRow } from './require-location.ts';
import { mergedAway } from './require-response-location.ts';

/**
 * A building by its id, if the scope may use its location. Throws `gone` for one that was removed or, with the id of its
 * survivor, merged; `not-found` for one of another organization.
 */
export async function requireBuilding(
  deps: { addresses: Addresses },
  db: Queryable,
  scope: Scope,
  id: string,
): Promise<{ row: BuildingRow; building: PlaceBuilding }> {
  const { organizationId } = scope;
  const found = isUuid(id) ? await selectBuildings(db, organizationId, { ids: [id] }) : undefined;
  const row = found?.rows[0];
  if (row === undefined) {
    const merged = isUuid(id) ? await selectMergedBuilding(db, organizationId, id) : undefined;
    if (merged === undefined) {
      throw missing(await wasRemoved(db, { organizationId, kind: 'building', id }), `building ${id}`);
    }
    // Whoever may not use the survivor learns nothing of it.
    await requireBuilding(deps, db, scope, merged.survivorId);
    throw mergedAway(`building ${id}`, merged.survivorId);
  }
  if (isOutOfReach(scope, row.locationId)) throw missing(false, `building ${id}`);
  const location = deriveLocation(deps.addresses, await requireLocationRow(db, scope, row.locationId));
  return { row, building: deriveBuilding(deps.addresses, row, location) };
}
