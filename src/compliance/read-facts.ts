import { isInE911Coverage } from '../domain/e911-coverage.ts';
import { missing } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { LocationBrief } from '../places/places.ts';
import type { Queryable } from '../storage/database.ts';
import { wasRemoved } from '../storage/removed-resources.ts';
import { isUuid } from '../support/ids.ts';
import type { ComplianceDeps } from './compliance-deps.ts';
import { selectLocationStage, selectOrganizationStage, selectStageGroups } from './compliance-records.ts';
import { standingsByLocation } from './compliance-snapshot.ts';
import { byName, type ComplianceFacts } from './compliance-status.ts';
import type { LocationStage } from './stage-machine.ts';
import { NOTHING_COMPLETED, type StageStanding } from './stage-standing.ts';

type FactsDeps = Pick<ComplianceDeps, 'accounts' | 'places'>;

function toLocationStage({ id, name, country }: LocationBrief, standing: StageStanding): LocationStage {
  return { id, name, exempt: !isInE911Coverage(country), standing };
}

/** Everything the statuses of one organization are computed from, as `db` sees it: four statements, however many locations. */
export async function readFacts(deps: FactsDeps, db: Queryable, organizationId: string): Promise<ComplianceFacts> {
  const account = await deps.accounts.readAccount(organizationId, db);
  const organization = await selectOrganizationStage(db, organizationId);
  const briefs = await deps.places.readLocationBriefs(db, organizationId);
  const standings = standingsByLocation(await selectStageGroups(db, organizationId));
  const locations = briefs.map((brief) => toLocationStage(brief, standings.get(brief.id) ?? NOTHING_COMPLETED));
  // Nearly in order already, by the key that the database sorts by.
  return { account, organization, locations: locations.sort(byName) };
}

/** One location as `db` sees it; throws `not-found` or `gone`. */
export async function readLocationStage(
  deps: FactsDeps,
  db: Queryable,
  organizationId: string,
  locationId: string,
): Promise<LocationStage> {
  const [brief] = isUuid(locationId) ? await deps.places.readLocationBriefs(db, organizationId, locationId) : [];
  if (!brief) {
    throw missing(await wasRemoved(db, { organizationId, kind: 'location', id: locationId }), `location ${locationId}`);
  }
  return toLocationStage(brief, await selectLocationStage(db, organizationId, brief.id));
}

/** Throws `not-found`, as for one that nobody has, for a location that is not among those of a location administrator. */
export function requireLocationReach(scope: Scope, locationId: string): void {
  if (scope.locationIds !== undefined && !scope.locationIds.has(locationId)) {
    throw missing(false, `location ${locationId}`);
  }
}
