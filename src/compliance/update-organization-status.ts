import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import { noAccountYet, outOfOrder } from './compliance-conflicts.ts';
import type { ComplianceDeps } from './compliance-deps.ts';
import { lockOrganizationStage, updateOrganizationStage, upsertLocationStages } from './compliance-records.ts';
import { describeOrganization, type OrganizationStatus } from './compliance-status.ts';
import { readFacts, readLocations } from './read-facts.ts';
import { applyStage, followOrganization, type StageRequest } from './stage-machine.ts';

/**
 * Moves the organization one stage, out of the service or back into it, and the locations that follow (decision 2).
 * Throws `conflict`: no account yet, or out of order.
 */
export function createUpdateOrganizationStatus(deps: ComplianceDeps) {
  return async function updateOrganizationStatus(scope: Scope, request: StageRequest): Promise<OrganizationStatus> {
    const { organizationId } = scope;
    const places = await readLocations(deps, scope);
    return deps.database.db.transaction().execute(async (tx) => {
      const now = new Date(deps.clock.nowMs());
      const locked = await lockOrganizationStage(tx, organizationId, now);
      const facts = await readFacts(deps, tx, organizationId, places, locked);
      if (!facts.account) throw noAccountYet();
      const transition = applyStage(facts.organization, request);
      if (transition.kind === 'out-of-order') throw outOfOrder(request, transition.expected);
      if (transition.kind === 'unchanged') return describeOrganization(facts);

      const locations = facts.locations.map((location) => {
        const standing = followOrganization(location, transition);
        return standing ? { ...location, standing, moved: true } : { ...location, moved: false };
      });
      const moved = locations.filter((location) => location.moved);
      await updateOrganizationStage(tx, organizationId, transition.to, now);
      await upsertLocationStages(
        tx,
        organizationId,
        moved.map(({ id, standing }) => [id, standing]),
        now,
      );
      await deps.audit.record(tx, scope, {
        action: `compliance.organization-${transition.change}`,
        subject: `organization ${organizationId}`,
        detail: { from: facts.organization, to: transition.to, locationsMoved: moved.length },
      });
      await announceChange(tx, 'compliance', organizationId);
      return describeOrganization({ ...facts, organization: transition.to, locations });
    });
  };
}
