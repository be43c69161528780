import { invalidField, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Transaction } from '../storage/database.ts';
import { recordRemovals } from '../storage/removed-resources.ts';
import { isUuid } from '../support/ids.ts';
import { changePlaces, type PlacesDeps } from './change-places.ts';
import { moveElins, selectElinsOf } from './elin-records.ts';
import { nameTaken, trailOf } from './manage-response-locations.ts';
import { redirectResponseLocation } from './merged-place-records.ts';
import { type DryRunOption, NO_REFERENCES } from './move-response-location.ts';
import type { PlaceReferences, ResponseLocation } from './place.ts';
import { MAX_ELINS, MAX_EMAILS } from './place-fields.ts';
import { lockPlaces } from './places-records.ts';
import { readResponseLocation, requireResponseLocation } from './require-response-location.ts';
import { selectResponseLocationsForUpdate, updateResponseLocationRow } from './response-location-records.ts';

/** What a merge moves, or would move. */
export type MergedResponseLocations = {
  dryRun: boolean;
  /** What is no place of its own any more, as it was. */
  merged: ResponseLocation;
  /** As it is from now on. */
  survivor: ResponseLocation;
  moved: PlaceReferences & {
    elins: readonly string[];
    /** Addresses that the survivor did not tell before. */
    alertEmails: readonly string[];
    /** Ids that were merged into it before, and mean the survivor from now on. */
    mergedIds: readonly string[];
  };
};

/** Merges inside a transaction; both may be used by whoever asks. */
export async function mergeOne(
  deps: PlacesDeps,
  tx: Transaction,
  scope: Scope,
  ids: { from: string; into: string },
  now: Date,
): Promise<Omit<MergedResponseLocations, 'dryRun'>> {
  const { organizationId } = scope;
  await selectResponseLocationsForUpdate(tx, organizationId, [ids.from, ids.into].filter(isUuid));
  const from = await requireResponseLocation(deps, tx, scope, ids.from);
  const into = await requireResponseLocation(deps, tx, scope, ids.into);
  const merged = await readResponseLocation(tx, from.row, from.building);
  const known = new Set(into.row.alertEmails.map((email) => email.toLowerCase()));
  const added = merged.alertEmails.filter((email) => !known.has(email.toLowerCase()));
  const alertEmails = [...into.row.alertEmails, ...added];
  if (merged.elins.length + (await selectElinsOf(tx, organizationId, [into.row.id])).length > MAX_ELINS) {
    throw new ProblemError('conflict', `together they have more than ${MAX_ELINS} ELINs`);
  }
  if (alertEmails.length > MAX_EMAILS) {
    throw new ProblemError('conflict', `together they tell more than ${MAX_EMAILS} e-mail addresses`);
  }
  const references =
    (await deps.countReferences?.(tx, organizationId, [merged.id, ...merged.mergedIds])) ?? NO_REFERENCES;
  await moveElins(tx, organizationId, merged.id, into.row.id);
  await redirectResponseLocation(tx, organizationId, merged.id, into.row, now);
  const next = { ...into.row, alertEmails, updatedAt: now };
  await updateResponseLocationRow(tx, organizationId, next.id, next);
  // For the time after the survivor itself is removed.
  await recordRemovals(tx, { organizationId, kind: 'response-location', ids: [merged.id] });
  return {
    merged,
    survivor: await readResponseLocation(tx, next, into.building),
    moved: { ...references, elins: merged.elins, alertEmails: added, mergedIds: merged.mergedIds },
  };
}

/**
 * Merges one emergency response location into another. What names it (the wire map with its versions, devices, location
 * URIs, calls) is left as it is and leads to the survivor from now on; ELINs and alert addresses become the survivor's.
 */
export function createMergeResponseLocations(deps: PlacesDeps) {
  return async function mergeResponseLocations(
    scope: Scope,
    id: string,
    into: string,
    { dryRun = false }: DryRunOption = {},
  ): Promise<MergedResponseLocations> {
    return changePlaces(
      deps,
      scope,
      'places',
      nameTaken(undefined),
      async (tx, now) => {
        await lockPlaces(tx, scope.organizationId);
        await requireResponseLocation(deps, tx, scope, id);
        if (id.toLowerCase() === into.toLowerCase()) throw invalidField('into', 'is the same one');
        const done = await mergeOne(deps, tx, scope, { from: id, into }, now);
        return {
          result: { dryRun, ...done },
          touched: [done.merged.id, done.survivor.id],
          entry: {
            action: 'response-location.merged',
            subject: `response location ${done.merged.id}`,
            before: done.merged,
            after: { mergedInto: done.survivor.id },
            detail: done.moved,
          },
          also: [
            {
              action: 'response-location.updated',
              subject: `response location ${done.survivor.id}`,
              after: trailOf(done.survivor),
              detail: { merged: done.merged.id },
            },
          ],
        };
      },
      { dryRun },
    );
  };
}
