import { createFieldFaults } from '../domain/field-faults.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { changePlaces, type PlacesDeps } from './change-places.ts';
import { renameFloorRows, selectFloors } from './merged-place-records.ts';
import type { DryRunOption } from './move-response-location.ts';
import type { Floor } from './place.ts';
import { requiredText } from './place-fields.ts';
import { lockPlaces } from './places-records.ts';
import { requireBuilding } from './require-building.ts';
import { selectResponseLocationsForUpdate } from './response-location-records.ts';

const MAX_FLOOR = 256;

/** What renaming a floor changes, or would change. */
export type RenamedFloor = {
  dryRun: boolean;
  from: string;
  to: string;
  /** Ids of the response locations that are on `to` from now on. */
  responseLocations: readonly string[];
  /** How many were on `to` already: the floors become one. */
  alreadyThere: number;
};

const byFloor = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Floors of buildings: the values of `FLR` that response locations have (decision 47). */
export function createFloorManagement(deps: PlacesDeps) {
  return {
    /** In the order of their numbers; basements written as negative numbers or with a B come as they are spelt. */
    async listFloors(scope: Scope, buildingId: string): Promise<Floor[]> {
      const { db } = deps.database;
      const { row } = await requireBuilding(deps, db, scope, buildingId);
      const floors = await selectFloors(db, scope.organizationId, row.id);
      return floors
        .map(({ floor, count }) => ({ floor, responseLocations: count }))
        .sort((a, b) => byFloor.compare(a.floor, b.floor));
    },

    async renameFloor(
      scope: Scope,
      buildingId: string,
      names: { from: string; to: string },
      { dryRun = false }: DryRunOption = {},
    ): Promise<RenamedFloor> {
      const taken = { path: 'to', detail: 'the floor cannot be named so' };
      return changePlaces(
        deps,
        scope,
        'places',
        taken,
        async (tx, now) => {
          await lockPlaces(tx, scope.organizationId);
          const { row } = await requireBuilding(deps, tx, scope, buildingId);
          const faults = createFieldFaults();
          const from = requiredText(names.from, 'from', MAX_FLOOR, faults);
          const to = requiredText(names.to, 'to', MAX_FLOOR, faults);
          faults.throwIfAny();
          await selectResponseLocationsForUpdate(tx, scope.organizationId);
          const floors = await selectFloors(tx, scope.organizationId, row.id);
          const alreadyThere = from === to ? 0 : (floors.find(({ floor }) => floor === to)?.count ?? 0);
          const responseLocations = await renameFloorRows(tx, scope.organizationId, row.id, { from, to, now });
          if (responseLocations.length === 0) {
            const fields = [{ path: 'from', message: 'is not a floor of the building' }];
            throw new ProblemError('invalid', `building ${row.id} has no response location on floor ${from}`, {
              fields,
            });
          }
          return {
            result: { dryRun, from, to, responseLocations, alreadyThere },
            touched: [row.id],
            entry: {
              action: 'building.floor-renamed',
              subject: `building ${row.id}`,
              before: { floor: from },
              after: { floor: to },
              detail: { responseLocations, alreadyThere },
            },
            also: [
              {
                action: 'response-location.updated',
                subject: 'response locations',
                before: { floor: from },
                after: { floor: to },
                detail: { buildingId: row.id },
              },
            ],
          };
        },
        { dryRun },
      );
    },
  };
}
