import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import { noAccountYet, outOfOrder } from './compliance-conflicts.ts';
import type { ComplianceDeps } from './compliance-deps.ts';
import { lockOrganizationStage, upsertLocationStages } from './compliance-records.ts';
import { describeLocation, type LocationStatus } from './compliance-status.ts';
import { readFacts, readLocations, requireLocation } from './read-facts.ts';
import { applyStage, type StageRequest } from './stage-machine.ts';

/**
 * Moves one location one stage, out of the service or back into it; the organization and the other locations stay.
 * Throws `not-found`, or `conflict`: no account yet, exempt location, organization opted out, out of order.
 */
export function createUpdateLocationStatus(deps: ComplianceDeps) {
  return async function updateLocationStatus(
    scope: Scope,
    locationId: string,
    request: StageRequest,
  ): Promise<LocationStatus> {
    const { organizationId } = scope;
    const places = await readLocations(deps, scope);
    return deps.database.db.transaction().execute(async (tx) => {
      const now = new Date(deps.clock.nowMs());
      const locked = await lockOrganizationStage(tx, organizationId, now);
      const facts = await readFacts(deps, tx, organizationId, places, locked);
      const location = requireLocation(facts, locationId);
      if (!facts.account) throw noAccountYet();
      if (location.exempt) {
        throw new ProblemError('conflict', 'the location lies outside the service area and is exempt from every stage');
      }
      if (facts.organization.optedOut && request !== 'OPTED_OUT') {
        throw new ProblemError(
          'conflict',
          'the organization opted out; its own LOCATION_SETUP is expected next (PUT telephony/config/redSky/status)',
        );
      }
      const transition = applyStage(location.standing, request);
      if (transition.kind === 'out-of-order') throw outOfOrder(request, transition.expected);
      if (transition.kind === 'unchanged') return describeLocation(facts, location);

      await upsertLocationStages(tx, organizationId, [[locationId, transition.to]], now);
      await deps.audit.record(tx, scope, {
        action: `compliance.location-${transition.change}`,
        subject: `location ${locationId}`,
        detail: { from: location.standing, to: transition.to },
      });
      await announceChange(tx, 'compliance', organizationId);
      const movedLocation = { ...location, standing: transition.to };
      return describeLocation(
        { ...facts, locations: facts.locations.map((one) => (one.id === locationId ? movedLocation : one)) },
        movedLocation,
      );
    });
  };
}
