import { invalidField, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { type BuildingRow, selectBuildingOfLocation, updateBuildingRow } from './building-records.ts';
import { changePlaces, type PlacesDeps } from './change-places.ts';
import { deriveBuilding, deriveLocation } from './derive-places.ts';
import { selectLocationForUpdate } from './location-records.ts';
import { setBuildingLocation } from './merged-place-records.ts';
import { type DryRunOption, NO_REFERENCES } from './move-response-location.ts';
import type { PlaceBuilding, PlaceReferences } from './place.ts';
import { lockPlaces } from './places-records.ts';
import { requireBuilding } from './require-building.ts';
import { requireLocationRow } from './require-location.ts';
import { selectMergedInto, selectResponseLocations } from './response-location-records.ts';

/** What a move takes along, or would. */
export type MovedBuilding = {
  dryRun: boolean;
  before: PlaceBuilding;
  after: PlaceBuilding;
  moved: PlaceReferences & { responseLocations: number };
  /** What else becomes different, in words. */
  notes: readonly string[];
};

/** Gives a building, with all that is in it, to another location. The house stays where it stands: so does its address. */
export function createMoveBuilding(deps: PlacesDeps) {
  return async function moveBuilding(
    scope: Scope,
    id: string,
    locationId: string,
    { dryRun = false }: DryRunOption = {},
  ): Promise<MovedBuilding> {
    const { organizationId } = scope;
    const taken = { path: 'locationId', detail: `location ${locationId} has a building; merge them instead` };
    return changePlaces(
      deps,
      scope,
      'places',
      taken,
      async (tx, now) => {
        await lockPlaces(tx, organizationId);
        const { row, building } = await requireBuilding(deps, tx, scope, id);
        const target = await requireLocationRow(tx, scope, locationId, selectLocationForUpdate);
        if (target.id === row.locationId) throw invalidField('locationId', 'is where the building is already');
        if ((await selectBuildingOfLocation(tx, organizationId, target.id)) !== undefined) {
          throw new ProblemError('conflict', taken.detail, {
            fields: [{ path: 'locationId', message: 'has a building' }],
          });
        }
        // What it had from its location becomes its own: nobody carries a house to another street.
        const next: BuildingRow = {
          ...row,
          locationId: target.id,
          address: row.address ?? building.postalAddress,
          addressCheck: building.addressCheck,
          updatedAt: now,
        };
        const { locationId: _unchanged, ...values } = next;
        await setBuildingLocation(tx, organizationId, row.id, target.id);
        await updateBuildingRow(tx, organizationId, row.id, values);
        const after = deriveBuilding(deps.addresses, next, deriveLocation(deps.addresses, target));
        const inside = (await selectResponseLocations(tx, organizationId, { buildingIds: [row.id] })).rows;
        const ids = inside.map((one) => one.id);
        const mergedIds = (await selectMergedInto(tx, organizationId, ids)).map((one) => one.id);
        const references = (await deps.countReferences?.(tx, organizationId, [...ids, ...mergedIds])) ?? NO_REFERENCES;
        const moved = { ...references, responseLocations: ids.length };
        const notes = [`location ${row.locationId} has no building from now on`];
        if (building.position !== undefined && after.position === undefined) {
          notes.push('the position of the location it leaves no longer counts for it: calls are routed by its address');
        }
        return {
          result: { dryRun, before: building, after, moved, notes },
          touched: [row.id],
          entry: {
            action: 'building.moved',
            subject: `building ${row.id}`,
            before: { locationId: row.locationId, address: row.address },
            after: { locationId: target.id, address: next.address },
            detail: moved,
          },
        };
      },
      { dryRun },
    );
  };
}
