import type { Addresses } from '../addresses/addresses.ts';
import { missing, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Queryable } from '../storage/database.ts';
import { wasRemoved } from '../storage/removed-resources.ts';
import { isUuid } from '../support/ids.ts';
import { selectBuildingOfLocation, selectBuildings } from './building-records.ts';
import { isOutOfReach } from './change-places.ts';
import {
  deriveBuilding,
  deriveLocation,
  deriveResponseLocation,
  gatherBelongings,
  type ResponseLocationBelongings,
} from './derive-places.ts';
import { selectElinsOf } from './elin-records.ts';
import type { PlaceBuilding, ResponseLocation } from './place.ts';
import { requireLocationRow } from './require-location.ts';
import { type ResponseLocationRow, selectMergedInto, selectResponseLocation } from './response-location-records.ts';

/** `gone` that names what survived: whoever kept an old id learns the one to keep from now on. */
export function mergedAway(what: string, survivorId: string): ProblemError {
  return new ProblemError('gone', `${what} was merged into ${survivorId}`, {
    fields: [{ path: 'mergedInto', message: survivorId }],
  });
}

/** The building of a location; `conflict` where it has none. */
export async function requireBuildingOf(
  deps: { addresses: Addresses },
  db: Queryable,
  scope: Scope,
  locationId: string,
): Promise<PlaceBuilding> {
  const location = await requireLocationRow(db, scope, locationId);
  const building = await selectBuildingOfLocation(db, scope.organizationId, location.id);
  if (building === undefined) {
    throw new ProblemError('conflict', `location ${location.id} has no building yet; create that first`);
  }
  return deriveBuilding(deps.addresses, building, deriveLocation(deps.addresses, location));
}

/**
 * A response location, if the scope may use it. Throws `gone` for one that was removed or, with the id of its survivor,
 * merged; `not-found` for one of another organization. `select` may lock the row.
 */
export async function requireResponseLocation<Db extends Queryable>(
  deps: { addresses: Addresses },
  db: Db,
  scope: Scope,
  id: string,
  select: (
    db: Db,
    organizationId: string,
    id: string,
  ) => Promise<ResponseLocationRow | undefined> = selectResponseLocation,
): Promise<{ row: ResponseLocationRow; building: PlaceBuilding }> {
  const { organizationId } = scope;
  const row = isUuid(id) ? await select(db, organizationId, id) : undefined;
  const buildings = row && (await selectBuildings(db, organizationId, { ids: [row.buildingId] }));
  const locationId = buildings?.rows[0]?.locationId;
  if (row === undefined || locationId === undefined) {
    const removed = await wasRemoved(db, { organizationId, kind: 'response-location', id });
    throw missing(removed, `emergency response location ${id}`);
  }
  if (isOutOfReach(scope, locationId)) throw missing(false, `emergency response location ${id}`);
  const building = await requireBuildingOf(deps, db, scope, locationId);
  if (row.mergedInto !== null) throw mergedAway(`emergency response location ${row.id}`, row.mergedInto);
  return { row, building };
}

/** What stands in rows of its own for these response locations. */
async function readBelongings(
  db: Queryable,
  organizationId: string,
  ids: readonly string[],
): Promise<(id: string) => ResponseLocationBelongings> {
  const elins = await selectElinsOf(db, organizationId, ids);
  return gatherBelongings({ elins, responseLocations: await selectMergedInto(db, organizationId, ids) });
}

export async function readResponseLocation(
  db: Queryable,
  row: ResponseLocationRow,
  building: PlaceBuilding,
): Promise<ResponseLocation> {
  return deriveResponseLocation(row, building, (await readBelongings(db, row.organizationId, [row.id]))(row.id));
}
