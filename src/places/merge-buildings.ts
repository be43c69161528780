import { invalidField, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { changeKeptRows } from '../storage/kept-removals.ts';
import { recordRemoval } from '../storage/removed-resources.ts';
import { deleteBuilding } from './building-records.ts';
import { changePlaces, type PlacesDeps } from './change-places.ts';
import { mergeOne } from './merge-response-locations.ts';
import { moveAllResponseLocations, redirectBuilding } from './merged-place-records.ts';
import { type DryRunOption, NO_REFERENCES } from './move-response-location.ts';
import type { PlaceBuilding, PlaceReferences } from './place.ts';
import { MAX_EMAILS } from './place-fields.ts';
import { lockPlaces } from './places-records.ts';
import { requireBuilding } from './require-building.ts';
import {
  selectMergedInto,
  selectResponseLocations,
  selectResponseLocationsForUpdate,
  updateResponseLocationRow,
} from './response-location-records.ts';

/** What a merge of buildings moves, or would move. */
export type MergedBuildings = {
  dryRun: boolean;
  /** What is no building any more, as it was. */
  merged: PlaceBuilding;
  survivor: PlaceBuilding;
  moved: PlaceReferences & {
    /** Ids of response locations that are in the survivor from now on. */
    responseLocations: readonly string[];
    /** Those that met one of their name there, and mean that from now on. */
    mergedResponseLocations: readonly { id: string; into: string }[];
  };
  notes: readonly string[];
};

export type MergeBuildingsOptions = DryRunOption & {
  /** What becomes of a response location whose name the survivor has already: `refuse` the merge, or `merge` the two. */
  sameNames?: 'refuse' | 'merge' | undefined;
};

/**
 * Merges one building into another: its response locations stand in the survivor from now on, and its id leads there. Who
 * was told of calls from it goes on being told of calls from them.
 */
export function createMergeBuildings(deps: PlacesDeps) {
  return async function mergeBuildings(
    scope: Scope,
    id: string,
    into: string,
    { dryRun = false, sameNames = 'refuse' }: MergeBuildingsOptions = {},
  ): Promise<MergedBuildings> {
    const { organizationId } = scope;
    const taken = { path: 'sameNames', detail: 'the buildings have response locations of the same name' };
    return changePlaces(
      deps,
      scope,
      'places',
      taken,
      async (tx, now) => {
        await lockPlaces(tx, organizationId);
        const from = await requireBuilding(deps, tx, scope, id);
        if (id.toLowerCase() === into.toLowerCase()) throw invalidField('into', 'is the same one');
        const to = await requireBuilding(deps, tx, scope, into);
        await selectResponseLocationsForUpdate(tx, organizationId);
        const inside = (await selectResponseLocations(tx, organizationId, { buildingIds: [from.row.id] })).rows;
        const there = (await selectResponseLocations(tx, organizationId, { buildingIds: [to.row.id] })).rows;
        const byName = new Map(there.map((row) => [row.nameKey, row.id]));
        const sameNamed = inside.filter((row) => byName.has(row.nameKey));
        if (sameNames === 'refuse' && sameNamed.length > 0) {
          const fields = sameNamed.slice(0, 100).map((row) => ({
            path: 'sameNames',
            message: `both have ${row.name}: ${row.id}, ${byName.get(row.nameKey)}`,
          }));
          throw new ProblemError('conflict', `both buildings have ${sameNamed.length} of the same name`, { fields });
        }
        const ids = inside.map((row) => row.id);
        const allIds = [...ids, ...(await selectMergedInto(tx, organizationId, ids)).map((row) => row.id)];
        const references = (await deps.countReferences?.(tx, organizationId, allIds)) ?? NO_REFERENCES;

        // Before they move: the survivor's own alert address is another one.
        const told = from.row.alertingEmail;
        const isToldAnyway = told.toLowerCase() === to.row.alertingEmail.toLowerCase();
        for (const row of inside) {
          const isTold = row.alertEmails.some((email) => email.toLowerCase() === told.toLowerCase());
          if (isToldAnyway || isTold) continue;
          if (row.alertEmails.length >= MAX_EMAILS) {
            throw new ProblemError(
              'conflict',
              `${row.name} (${row.id}) tells ${MAX_EMAILS} e-mail addresses already; ${told} would be lost`,
            );
          }
          const next = { ...row, alertEmails: [...row.alertEmails, told], updatedAt: now };
          await updateResponseLocationRow(tx, organizationId, row.id, next);
        }
        const mergedResponseLocations = sameNamed.map((row) => ({ id: row.id, into: byName.get(row.nameKey) ?? '' }));
        for (const pair of mergedResponseLocations)
          await mergeOne(deps, tx, scope, { from: pair.id, into: pair.into }, now);
        await moveAllResponseLocations(tx, organizationId, from.row.id, to.row.id, now);
        await redirectBuilding(tx, { id: from.row.id, organizationId, survivorId: to.row.id, mergedAt: now });
        // What was removed from it and comes back stands where the rest of it does.
        const [left, reached] = [{ building_id: from.row.id }, { building_id: to.row.id }];
        await changeKeptRows(tx, organizationId, 'response_locations', reached, left);
        await deps.followMergedBuilding?.(tx, organizationId, from.row.id, to.row.id);
        await deleteBuilding(tx, organizationId, from.row.id);
        await recordRemoval(tx, { organizationId, kind: 'building', id: from.row.id });
        const gone = new Set(sameNamed.map((row) => row.id));
        const moved = {
          ...references,
          responseLocations: ids.filter((one) => !gone.has(one)),
          mergedResponseLocations,
        };
        const notes = [
          `location ${from.row.locationId} has no building from now on`,
          ...(isToldAnyway ? [] : [`${told} is told of calls from the response locations that move`]),
        ];
        return {
          result: { dryRun, merged: from.building, survivor: to.building, moved, notes },
          touched: [from.row.id, to.row.id],
          entry: {
            action: 'building.merged',
            subject: `building ${from.row.id}`,
            before: {
              locationId: from.row.locationId,
              address: from.row.address,
              civic: from.row.civic,
              alertingEmail: told,
            },
            after: { mergedInto: to.row.id },
            detail: moved,
          },
          also: [
            {
              action: 'response-location.moved',
              subject: 'response locations',
              before: { buildingId: from.row.id },
              after: { buildingId: to.row.id },
              detail: { responseLocations: ids.length },
            },
          ],
        };
      },
      { dryRun },
    );
  };
}
