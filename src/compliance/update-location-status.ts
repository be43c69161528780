import { ProblemError } from '../domain/problem.ts';
import { type Scope, shownActor } from '../domain/scope.ts';
import type { ChangeStages } from './change-stages.ts';
import { outOfOrder } from './compliance-conflicts.ts';
import type { ComplianceDeps } from './compliance-deps.ts';
import { upsertLocationStages } from './compliance-records.ts';
import { describeLocationAlone, type LocationAlone } from './compliance-status.ts';
import { readLocationStage, requireLocationReach } from './read-facts.ts';
import { applyStage, type StageRequest } from './stage-machine.ts';

/**
 * Moves one location one stage, out of the service or back into it; the organization and the other locations stay.
 * Throws `not-found` or `gone`; `forbidden`: another administrator's location; `conflict`: no account yet, exempt location,
 * organization opted out, out of order; `locked`: other changes take too long.
 */
export function createUpdateLocationStatus(deps: ComplianceDeps & { changeStages: ChangeStages }) {
  return async function updateLocationStatus(
    scope: Scope,
    locationId: string,
    request: StageRequest,
  ): Promise<LocationAlone> {
    const { organizationId } = scope;
    // Before anything waits: an id that is none holds up nobody.
    await readLocationStage(deps, deps.database.db, organizationId, locationId);
    return deps.changeStages(organizationId, async (tx, organization, now) => {
      const location = await readLocationStage(deps, tx, organizationId, locationId);
      requireLocationReach(scope, location.id);
      if (location.exempt) {
        throw new ProblemError('conflict', 'the location lies outside the service area and is exempt from every stage');
      }
      if (organization.optedOut && request !== 'OPTED_OUT') {
        throw new ProblemError(
          'conflict',
          'the organization opted out; its own LOCATION_SETUP is expected next (PUT telephony/config/redSky/status)',
        );
      }
      const transition = applyStage(location.standing, request);
      if (transition.kind === 'out-of-order') throw outOfOrder(request, transition.expected);
      if (transition.kind === 'unchanged') {
        return { changed: false, result: describeLocationAlone({ organization }, location) };
      }

      const standing = transition.to;
      await upsertLocationStages(tx, organizationId, { standing, locationIds: [location.id] }, now);
      await deps.audit.record(tx, scope, {
        action: `compliance.location-${transition.change}`,
        subject: `location ${location.id}`,
        before: location.standing,
        after: standing,
      });
      await deps.onStageChanged?.(tx, {
        organizationId,
        locationId: location.id,
        change: transition.change,
        completed: standing.completed,
        by: shownActor(scope),
        at: now,
      });
      return { changed: true, result: describeLocationAlone({ organization }, { ...location, standing }) };
    });
  };
}
