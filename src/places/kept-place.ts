import { type Scope, shownActor } from '../domain/scope.ts';
import type { KeptRemoval, RemovedRow, RestorableKind } from '../storage/kept-removals.ts';

export type RestorablePlace = Extract<RestorableKind, 'location' | 'building' | 'response-location'>;

/** What goes with a place: the database takes the rest along. */
export const REMOVED_ROWS: Readonly<Record<RestorablePlace, RemovedRow>> = {
  location: { table: 'locations', along: ['buildings_location'] },
  building: { table: 'buildings', along: ['response_locations_building'] },
  // With what was merged into it.
  'response-location': { table: 'response_locations', along: ['response_locations_survivor'] },
};

/** A place as it is kept when it is removed. */
export function keptPlace(
  scope: Scope,
  place: { kind: RestorablePlace; id: string; name: string; locationId: string; summary: object },
  removedAt: Date,
): KeptRemoval {
  return { ...place, organizationId: scope.organizationId, removedBy: shownActor(scope), removedAt, detail: {} };
}
