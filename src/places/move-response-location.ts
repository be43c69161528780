import type { CivicAddress } from '../domain/civic-address.ts';
import { createFieldFaults } from '../domain/field-faults.ts';
import type { Scope } from '../domain/scope.ts';
import { changePlaces, type PlacesDeps } from './change-places.ts';
import { INDOOR, MAX_NAME, nameTaken } from './manage-response-locations.ts';
import { moveMerged } from './merged-place-records.ts';
import type { PlaceReferences, ResponseLocation } from './place.ts';
import { civicElements, nameKey, requiredText } from './place-fields.ts';
import { lockPlaces } from './places-records.ts';
import { readResponseLocation, requireBuildingOf, requireResponseLocation } from './require-response-location.ts';
import {
  type ResponseLocationRow,
  selectResponseLocationForUpdate,
  updateResponseLocationRow,
} from './response-location-records.ts';

/** Absent = stays. */
export type ResponseLocationMove = {
  /** The location in whose building it is from now on. */
  locationId?: string | undefined;
  /** `FLR` from now on. */
  floor?: string | undefined;
  /** All elements inside the building from now on; `floor` wins over its `FLR`. */
  detail?: CivicAddress | undefined;
  /** Where the building has another of its name. */
  name?: string | undefined;
};

/** What a move changes, or would change; `references` follow, and need nobody's hand. */
export type MovedResponseLocation = {
  dryRun: boolean;
  before: ResponseLocation;
  after: ResponseLocation;
  references: PlaceReferences;
};

export type DryRunOption = { dryRun?: boolean | undefined };

export const NO_REFERENCES: PlaceReferences = { wireMapElements: 0, deviceOverrides: 0 };

/** Moves an emergency response location to another floor, building or location; its id stays, so all that names it follows. */
export function createMoveResponseLocation(deps: PlacesDeps) {
  return async function moveResponseLocation(
    scope: Scope,
    id: string,
    move: ResponseLocationMove,
    { dryRun = false }: DryRunOption = {},
  ): Promise<MovedResponseLocation> {
    const { organizationId } = scope;
    return changePlaces(
      deps,
      scope,
      'places',
      nameTaken(move.name),
      async (tx, now) => {
        await lockPlaces(tx, organizationId);
        const { row, building } = await requireResponseLocation(deps, tx, scope, id, selectResponseLocationForUpdate);
        const before = await readResponseLocation(tx, row, building);
        const faults = createFieldFaults();
        const detail: Record<string, string> = {
          ...(move.detail === undefined ? before.detail : civicElements(move.detail, INDOOR, 'detail', faults)),
        };
        if (move.floor !== undefined) {
          detail.FLR =
            civicElements({ FLR: requiredText(move.floor, 'floor', 256, faults) }, INDOOR, 'floor', faults).FLR ?? '';
        }
        const name = move.name === undefined ? row.name : requiredText(move.name, 'name', MAX_NAME, faults);
        const isMove = [move.locationId, move.floor, move.detail, move.name].some((value) => value !== undefined);
        if (!isMove) faults.add('locationId', 'is required where neither floor, detail nor name is given');
        faults.throwIfAny();
        const to = move.locationId === undefined ? building : await requireBuildingOf(deps, tx, scope, move.locationId);
        const next: ResponseLocationRow = {
          ...row,
          buildingId: to.id,
          name,
          nameKey: nameKey(name),
          detail: detail,
          updatedAt: now,
        };
        await updateResponseLocationRow(tx, organizationId, row.id, next);
        await moveMerged(tx, organizationId, row.id, to.id);
        const after = await readResponseLocation(tx, next, to);
        const ids = [row.id, ...before.mergedIds];
        const references = (await deps.countReferences?.(tx, organizationId, ids)) ?? NO_REFERENCES;
        const placed = ({ locationId, buildingId, name: named, detail: inside }: ResponseLocation): object => ({
          locationId,
          buildingId,
          name: named,
          detail: inside,
        });
        return {
          result: { dryRun, before, after, references },
          touched: [row.id],
          entry: {
            action: 'response-location.moved',
            subject: `response location ${row.id}`,
            before: placed(before),
            after: placed(after),
            detail: references,
          },
        };
      },
      { dryRun },
    );
  };
}
