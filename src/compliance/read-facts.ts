import { isInE911Coverage } from '../domain/e911-coverage.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { PlaceLocation } from '../places/places.ts';
import type { Queryable } from '../storage/database.ts';
import type { ComplianceDeps } from './compliance-deps.ts';
import { selectLocationStages, selectOrganizationStage } from './compliance-records.ts';
import type { ComplianceFacts } from './compliance-status.ts';
import type { LocationStage } from './stage-machine.ts';
import { NOTHING_COMPLETED, type StageStanding } from './stage-standing.ts';

const PAGE = 1_000;

/**
 * All locations of the organization as stored now. Read before a transaction, never inside one: a location that appears
 * in between has completed nothing, which is what it would have completed had it appeared a moment later.
 */
export async function readLocations(
  deps: Pick<ComplianceDeps, 'places'>,
  scope: Scope,
): Promise<readonly PlaceLocation[]> {
  // A status speaks of the whole organization, also to somebody who administers only some of its locations.
  const { locationIds: _own, ...everywhere } = scope;
  const locations: PlaceLocation[] = [];
  for (;;) {
    const page = await deps.places.listLocations(everywhere, { start: locations.length, max: PAGE });
    locations.push(...page.items);
    if (page.items.length === 0 || locations.length >= page.total) return locations;
  }
}

/** Everything the statuses of one organization are computed from, as stored now. */
export async function readFacts(
  deps: Pick<ComplianceDeps, 'accounts'>,
  db: Queryable,
  organizationId: string,
  locations: readonly PlaceLocation[],
  lockedOrganization?: StageStanding,
): Promise<ComplianceFacts> {
  const account = await deps.accounts.readAccount(organizationId, db);
  const organization = lockedOrganization ?? (await selectOrganizationStage(db, organizationId));
  const stages = await selectLocationStages(db, organizationId);
  return {
    account,
    organization,
    locations: locations.map(({ id, name, country }) => ({
      id,
      name,
      exempt: !isInE911Coverage(country),
      standing: stages.get(id) ?? NOTHING_COMPLETED,
    })),
  };
}

/** The location of that id; `not-found` when the organization has none such. */
export function requireLocation(facts: ComplianceFacts, locationId: string): LocationStage {
  const location = facts.locations.find((one) => one.id === locationId);
  if (!location) throw new ProblemError('not-found', 'the location does not exist');
  return location;
}
