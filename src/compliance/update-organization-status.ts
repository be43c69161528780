import { type Scope, shownActor } from '../domain/scope.ts';
import { changeKeptRows, lockKeptRemovals } from '../storage/kept-removals.ts';
import type { ChangeStages } from './change-stages.ts';
import { outOfOrder } from './compliance-conflicts.ts';
import type { ComplianceDeps } from './compliance-deps.ts';
import { type StageGroup, updateOrganizationStage, upsertLocationStages } from './compliance-records.ts';
import { describeOrganization, type OrganizationStatus } from './compliance-status.ts';
import { readFacts } from './read-facts.ts';
import { applyStage, followOrganization, type StageRequest } from './stage-machine.ts';
import type { StageStanding } from './stage-standing.ts';

/** Who moves where: as few groups as there are places to go, whatever the number of locations. */
function createGroups(): { add(standing: StageStanding, locationId: string): void; groups: StageGroup[] } {
  const groups: StageGroup[] = [];
  return {
    groups,
    add(standing, locationId) {
      const group = groups.find(
        (one) => one.standing.completed === standing.completed && one.standing.optedOut === standing.optedOut,
      );
      if (group) group.locationIds.push(locationId);
      else groups.push({ standing, locationIds: [locationId] });
    },
  };
}

/**
 * Moves the organization one stage, out of the service or back into it, and the locations that follow (decision 2).
 * Throws `conflict`: no account yet, or out of order; `locked`: other changes take too long.
 */
export function createUpdateOrganizationStatus(deps: ComplianceDeps & { changeStages: ChangeStages }) {
  return async function updateOrganizationStatus(scope: Scope, request: StageRequest): Promise<OrganizationStatus> {
    const { organizationId } = scope;
    return deps.changeStages(organizationId, async (tx, organization, now) => {
      const transition = applyStage(organization, request);
      if (transition.kind === 'out-of-order') throw outOfOrder(request, transition.expected);
      if (transition.kind === 'moved' && transition.change === 'opted-out') {
        await lockKeptRemovals(tx, organizationId, 'location');
      }
      const facts = await readFacts(deps, tx, organizationId);
      if (transition.kind === 'unchanged') return { changed: false, result: describeOrganization(facts) };

      const moved = createGroups();
      const locations = facts.locations.map((location) => {
        const standing = followOrganization(location, transition);
        if (!standing) return location;
        moved.add(standing, location.id);
        return { ...location, standing };
      });
      await updateOrganizationStage(tx, organizationId, transition.to, now);
      for (const group of moved.groups) await upsertLocationStages(tx, organizationId, group, now);
      if (transition.change === 'opted-out') {
        await changeKeptRows(tx, organizationId, 'compliance_locations', { completed: null });
      }
      await deps.audit.record(tx, scope, {
        action: `compliance.organization-${transition.change}`,
        subject: `organization ${organizationId}`,
        before: organization,
        after: transition.to,
        detail: { locationsMoved: moved.groups.reduce((sum, group) => sum + group.locationIds.length, 0) },
      });
      await deps.onStageChanged?.(tx, {
        organizationId,
        locationId: null,
        change: transition.change,
        completed: transition.to.completed,
        by: shownActor(scope),
        at: now,
      });
      return {
        changed: true,
        result: describeOrganization({ ...facts, organization: transition.to, locations }),
      };
    });
  };
}
