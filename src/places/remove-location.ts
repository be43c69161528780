import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import { keepRemoval } from '../storage/kept-removals.ts';
import { recordRemoval } from '../storage/removed-resources.ts';
import { counted } from '../support/counted.ts';
import { deleteBuilding, selectBuildingOfLocation } from './building-records.ts';
import { changePlaces, type PlacesDeps } from './change-places.ts';
import { keptPlace, REMOVED_ROWS } from './kept-place.ts';
import { deleteLocation, selectLocationForUpdate } from './location-records.ts';
import { nameTaken, settingsOf } from './manage-locations.ts';
import { requireLocationRow } from './require-location.ts';
import { countResponseLocations } from './response-location-records.ts';

/**
 * Removes a location that nobody uses; its building goes with it, because the contract has no way to remove one. Throws
 * `conflict` that says who uses it: calling (contract section 8), members, numbers, emergency response locations.
 */
export function createRemoveLocation(deps: PlacesDeps) {
  return async function removeLocation(scope: Scope, id: string): Promise<void> {
    const { organizationId } = scope;
    await changePlaces(deps, scope, 'locations', nameTaken(undefined), async (tx, now) => {
      const row = await requireLocationRow(tx, scope, id, selectLocationForUpdate);
      if (row.callingEnabled) {
        throw new ProblemError('conflict', 'calling must be disabled before the location can be removed');
      }
      const building = await selectBuildingOfLocation(tx, organizationId, row.id);
      const responseLocations = building ? await countResponseLocations(tx, organizationId, building.id) : 0;
      const uses = [
        (await deps.describeLocationUse?.(tx, organizationId, row.id)) ?? null,
        responseLocations === 0 ? null : counted(responseLocations, 'emergency response location'),
      ].filter((use) => use !== null);
      if (uses.length > 0) throw new ProblemError('conflict', `the location is still used by ${uses.join(', ')}`);
      const place = {
        kind: 'location',
        id: row.id,
        name: row.name,
        locationId: row.id,
        summary: settingsOf(row),
      } as const;
      await keepRemoval(tx, keptPlace(scope, place, now), REMOVED_ROWS.location);
      if (building !== undefined) await deleteBuilding(tx, organizationId, building.id);
      await deleteLocation(tx, organizationId, row.id);
      await recordRemoval(tx, { organizationId, kind: 'location', id: row.id });
      // What went with it, an e-mail address among it: memory forgets it too.
      for (const kind of ['emergency-addresses', 'compliance', 'notifications'] as const) {
        await announceChange(tx, kind, organizationId);
      }
      return {
        result: undefined,
        touched: [row.id],
        entry: { action: 'location.removed', subject: `location ${row.id}`, before: settingsOf(row) },
      };
    });
  };
}
